//! Places of points.

use super::layout::Paged;
use super::word::Word;
use crate::circle::beside::Beside;
use crate::node::NodeIdx;

/// A point by its page and its index there; past the highest point, the page after the last one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(super) page: usize,
    pub(super) at: usize,
}

impl Place {
    /// As one word, for the state of a walk.
    pub(super) fn packed(self) -> u64 {
        (self.page as u64) << 32 | self.at as u64
    }

    /// Of any word, which may be no place of a circle.
    pub(super) fn unpacked(word: u64) -> Option<Self> {
        let half = |half: u64| usize::try_from(half & 0xFFFF_FFFF).ok();
        Some(Self { page: half(word >> 32)?, at: half(word)? })
    }
}

impl<W: Word> Paged<W> {
    /// The place of a point, for a place that may be past the last one of its page.
    #[inline]
    pub(super) fn settled(&self, place: Place) -> Place {
        let rank = self.start(place.page) + place.at;
        if rank < self.start(place.page + 1) {
            return place;
        }
        // Pages without points are rare, but there may be many in a row.
        let page = place.page + 1;
        if self.starts.get(page + 1).is_some_and(|end| rank < *end as usize) {
            return Place { page, at: 0 };
        }
        let pages = self.starts.partition_point(|start| *start as usize <= rank);
        Place { page: pages - 1, at: 0 }
    }

    /// The place of a point: past the highest point, of the lowest.
    pub(crate) fn around(&self, place: Place) -> Place {
        if place.page < self.pages.len() { place } else { self.first() }
    }

    /// The exact point at a place; `None` if there is none.
    #[inline]
    pub(crate) fn point(&self, place: Place) -> Option<u64> {
        let here = self.pages.get(place.page).is_some()
            && place.at < self.start(place.page + 1) - self.start(place.page);
        here.then(|| self.exact(place.page, place.at))
    }

    /// The lowest point.
    pub(crate) fn first(&self) -> Place {
        self.settled(Place { page: 0, at: 0 })
    }

    /// Past the highest point.
    pub(crate) fn end(&self) -> Place {
        Place { page: self.pages.len(), at: 0 }
    }

    /// The owner of a point; past the highest point, of the lowest.
    #[inline]
    pub(crate) fn owner_at(&self, place: Place) -> Option<NodeIdx> {
        let place = self.around(place);
        Some(self.content(place.page).word(place.at)?.owner())
    }

    /// The next point upward, or past the highest. The place must be that of a point or past the highest.
    #[inline]
    pub(crate) fn above(&self, place: Place) -> Place {
        if place.page < self.pages.len() {
            return self.settled(Place { at: place.at + 1, ..place });
        }
        place
    }

    /// The next point downward, if there is one.
    #[inline]
    pub(crate) fn below(&self, place: Place) -> Option<Place> {
        if place.at > 0 {
            return Some(Place { at: place.at - 1, ..place });
        }
        let rank = self.start(place.page).checked_sub(1)?;
        let page = self.starts.partition_point(|start| *start as usize <= rank) - 1;
        Some(Place { page, at: rank - self.start(page) })
    }

    /// The exact point below, if there is one.
    #[inline]
    pub(crate) fn point_below(&self, place: Place) -> Option<u64> {
        let Place { page, at } = self.below(place)?;
        Some(self.exact(page, at))
    }

    /// What is next to a point, which must be there.
    #[inline]
    pub(crate) fn beside(&self, place: Place) -> Option<Beside> {
        let Place { page, at } = place;
        let content = self.content(page);
        // Mostly all three are in one page.
        let three = at.checked_sub(1).and_then(|from| content.three(from));
        if let Some([below, here, next]) = three {
            let below = Some(self.made_again(page, at - 1, below, content.number(at - 1)));
            return Some(Beside { below, owner: here.owner(), next: next.owner() });
        }
        Some(Beside {
            below: self.point_below(place),
            owner: self.owner_at(place)?,
            next: self.owner_at(self.above(place))?,
        })
    }
}
