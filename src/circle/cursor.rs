//! Reading a circle point by point.

use super::beside::Beside;
use super::circle::Circle;
use super::flat::Flat;
use super::pages::{Paged, Place, Word};
use super::sort::Point;
use crate::node::NodeIdx;

/// A position on the circle: at a point, or past the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(At<'a>);

#[derive(Clone, Copy, Debug)]
enum At<'a> {
    Flat(&'a Flat, usize),
    Narrow(&'a Paged<u32>, Place),
    Wide(&'a Paged<u64>, Place),
}

impl Circle {
    /// Past the highest point.
    #[inline]
    pub(crate) fn end(&self) -> Cursor<'_> {
        Cursor(match self {
            Self::Flat(flat) => At::Flat(flat, flat.len()),
            Self::Narrow(pages) => At::Narrow(pages, pages.end()),
            Self::Wide(pages) => At::Wide(pages, pages.end()),
        })
    }

    /// At the first point at or after a hash; past the highest if there is none.
    #[inline]
    pub(crate) fn seek(&self, hash: u64) -> Cursor<'_> {
        Cursor(match self {
            Self::Flat(flat) => At::Flat(flat, flat.position(hash)),
            Self::Narrow(pages) => At::Narrow(pages, pages.seek(hash)),
            Self::Wide(pages) => At::Wide(pages, pages.seek(hash)),
        })
    }

    /// At a point of `owner`, the one with this number in its stream; `None` if another node has a point
    /// at the same hash that comes first.
    #[inline]
    pub(crate) fn seek_point(&self, point: u64, owner: NodeIdx, number: u32) -> Option<Cursor<'_>> {
        Some(Cursor(match self {
            Self::Flat(flat) => {
                let at = flat.position(point);
                At::Flat(flat, (flat.owner_at(at) == Some(owner)).then_some(at)?)
            }
            Self::Narrow(pages) => At::Narrow(pages, pages.seek_point(point, owner, number)?),
            Self::Wide(pages) => At::Wide(pages, pages.seek_point(point, owner, number)?),
        }))
    }
}

impl Cursor<'_> {
    /// The point; `None` past the highest one.
    #[inline]
    pub(crate) fn point(&self) -> Option<u64> {
        match self.0 {
            At::Flat(flat, at) => flat.point_at(at),
            At::Narrow(pages, place) => pages.point(place),
            At::Wide(pages, place) => pages.point(place),
        }
    }

    /// The point's owner; past the highest point, where the circle closes, the owner of the lowest.
    #[inline]
    pub(crate) fn owner(&self) -> Option<NodeIdx> {
        match self.0 {
            At::Flat(flat, at) => flat.owner_at(at),
            At::Narrow(pages, place) => pages.owner_at(place),
            At::Wide(pages, place) => pages.owner_at(place),
        }
    }

    /// The point below, if there is one.
    #[inline]
    pub(crate) fn previous_point(&self) -> Option<u64> {
        match self.0 {
            At::Flat(flat, at) => flat.point_at(at.wrapping_sub(1)),
            At::Narrow(pages, place) => pages.point_below(place),
            At::Wide(pages, place) => pages.point_below(place),
        }
    }

    /// What is next to the point; `None` past the highest one.
    #[inline]
    pub(crate) fn beside(&self) -> Option<Beside> {
        match self.0 {
            At::Flat(flat, at) => {
                let below = flat.point_at(at.wrapping_sub(1));
                // Behind the highest point the owner of the lowest is given.
                Some(Beside { below, owner: flat.owner_at(at)?, next: flat.owner_at(at + 1)? })
            }
            At::Narrow(pages, place) => pages.beside(place),
            At::Wide(pages, place) => pages.beside(place),
        }
    }

    /// Moves one point up; from the highest point to the lowest.
    #[inline]
    pub(crate) fn next_around(&mut self) {
        match &mut self.0 {
            At::Flat(flat, at) => *at = if *at + 1 < flat.len() { *at + 1 } else { 0 },
            At::Narrow(pages, place) => *place = pages.around(pages.above(*place)),
            At::Wide(pages, place) => *place = pages.around(pages.above(*place)),
        }
    }

    /// Moves one point down, if there is one, and returns that point and its owner.
    #[inline]
    pub(crate) fn down(&mut self) -> Option<Point> {
        match &mut self.0 {
            At::Flat(flat, at) => {
                *at = at.checked_sub(1)?;
                flat.point_at(*at).zip(flat.owner_at(*at))
            }
            At::Narrow(pages, place) => down(pages, place),
            At::Wide(pages, place) => down(pages, place),
        }
    }
}

#[inline]
fn down<W: Word>(pages: &Paged<W>, place: &mut Place) -> Option<Point> {
    *place = pages.below(*place)?;
    pages.point(*place).zip(pages.owner_at(*place))
}

#[cfg(test)]
mod tests {
    use super::super::kinds::circles;
    use super::super::{Circle, Point};
    use alloc::vec::Vec;

    fn assert_cursor(circle: &Circle) {
        let all: Vec<Point> = circle.iter().collect();
        let owner = |at: usize| all.get(at % all.len().max(1)).map(|point| point.1);
        let mut at = circle.end();
        assert_eq!((at.point(), at.owner()), (None, owner(all.len())));
        for (rank, point) in all.iter().enumerate().rev() {
            assert_eq!(at.previous_point(), Some(point.0));
            assert_eq!(at.down(), Some(*point));
            assert_eq!((at.point(), at.owner()), (Some(point.0), Some(point.1)));
            let beside = at.beside().unwrap();
            let below = rank.checked_sub(1).map(|below| all[below].0);
            assert_eq!((beside.below, Some(beside.owner)), (below, owner(rank)));
            assert_eq!(Some(beside.next), owner(rank + 1));
            let mut next = at;
            next.next_around();
            assert_eq!(
                (next.point(), next.owner()),
                (Some(all[(rank + 1) % all.len()].0), owner(rank + 1))
            );
        }
        assert_eq!((at.previous_point(), at.down()), (None, None));
    }

    #[test]
    fn every_point_down_and_around() {
        circles().iter().for_each(assert_cursor);
    }
}
