//! Reading a circle point by point.

use super::circle::Circle;
use super::flat::Flat;
use super::pages::{Paged, Place, Word};
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
    /// At the lowest point.
    #[inline]
    pub(crate) fn first(&self) -> Cursor<'_> {
        Cursor(match self {
            Self::Flat(flat) => At::Flat(flat, 0),
            Self::Narrow(pages) => At::Narrow(pages, pages.first()),
            Self::Wide(pages) => At::Wide(pages, pages.first()),
        })
    }

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

    /// How many points are below.
    #[inline]
    pub(crate) fn rank(&self) -> usize {
        match self.0 {
            At::Flat(_, at) => at,
            At::Narrow(pages, place) => pages.rank(place),
            At::Wide(pages, place) => pages.rank(place),
        }
    }

    /// Moves one point up if there is one and `go` is true.
    #[inline]
    pub(crate) fn next_if(&mut self, go: bool) {
        match &mut self.0 {
            // Without a branch.
            At::Flat(flat, at) => *at += usize::from(go & (*at < flat.len())),
            At::Narrow(pages, place) => next_if(pages, place, go),
            At::Wide(pages, place) => next_if(pages, place, go),
        }
    }

    /// Moves one point up; from the highest point to the lowest.
    #[inline]
    pub(crate) fn next_around(&mut self) {
        self.next_if(true);
        match &mut self.0 {
            At::Flat(flat, at) if *at >= flat.len() => *at = 0,
            At::Narrow(pages, place) => *place = pages.around(*place),
            At::Wide(pages, place) => *place = pages.around(*place),
            At::Flat(..) => {}
        }
    }

    /// Moves one point down if there is one and `go` is true, and returns whether it moved.
    #[inline]
    pub(crate) fn previous_if(&mut self, go: bool) -> bool {
        match &mut self.0 {
            // Without a branch.
            At::Flat(_, at) => {
                let go = go & (*at > 0);
                *at -= usize::from(go);
                go
            }
            At::Narrow(pages, place) => previous_if(pages, place, go),
            At::Wide(pages, place) => previous_if(pages, place, go),
        }
    }
}

#[inline]
fn next_if<W: Word>(pages: &Paged<W>, place: &mut Place, go: bool) {
    if go {
        *place = pages.above(*place);
    }
}

#[inline]
fn previous_if<W: Word>(pages: &Paged<W>, place: &mut Place, go: bool) -> bool {
    let below = go.then(|| pages.below(*place)).flatten();
    *place = below.unwrap_or(*place);
    below.is_some()
}
