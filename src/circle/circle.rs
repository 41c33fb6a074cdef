//! A circle, whatever its storage.

use super::flat::{Flat, Merge};
use super::pages::{Paged, Stream, Word};
use super::rule::Rule;
use super::sort::Point;
use crate::node::NodeIdx;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Circles of streams with more points than this are kept in pages; smaller ones are faster in one piece.
const PAGED_MIN: usize = 4096;

/// Circles in pages stay in pages while they have more points than this, so that one that grows and
/// shrinks by a few nodes does not change its storage each time.
const UNPAGED_MAX: usize = PAGED_MIN / 2;

/// The points of all nodes, sorted by (point, tie key of the node).
///
/// The tag is a byte of its own: read from a field of a variant, it takes three instructions more.
#[derive(Debug)]
#[repr(u8)]
pub(crate) enum Circle {
    /// In one piece, under any rule.
    Flat(Flat),
    /// In pages, under the rule of the first point at or after a hash.
    Narrow(Paged<u32>),
    /// The same for slots beyond 16 bits.
    Wide(Paged<u64>),
}

impl Circle {
    /// The circle of points in their order, with their owners.
    pub(crate) fn from_sorted(points: Vec<u64>, owners: &[NodeIdx]) -> Self {
        Self::Flat(Flat::from_sorted(points, owners))
    }

    /// The circle of streams, by slot, in pages; `None` if it is better kept in one piece. `order`
    /// compares two points, of which equal ones are compared by their owners.
    pub(crate) fn paged(
        streams: Vec<Stream>,
        order: impl Fn(Point, Point) -> Ordering,
    ) -> Option<Self> {
        if !suit_pages(&streams) {
            return None;
        }
        Some(if streams.len() <= u32::SLOTS {
            Self::Narrow(Paged::new(streams, order))
        } else {
            Self::Wide(Paged::new(streams, order))
        })
    }

    /// The streams, by slot, if the circle is in pages.
    pub(crate) fn streams(&self) -> Option<&[Stream]> {
        match self {
            Self::Flat(_) => None,
            Self::Narrow(pages) => Some(pages.streams()),
            Self::Wide(pages) => Some(pages.streams()),
        }
    }

    /// This circle after a change: one pass over the old points and the new ones.
    ///
    /// The owners of old points that stay must have the same slot and tie key as before.
    pub(crate) fn merged(&self, merge: Merge, order: impl Fn(Point, Point) -> Ordering) -> Self {
        Self::Flat(match self {
            Self::Flat(flat) => flat.merged(merge, order),
            Self::Narrow(pages) => flattened(pages).merged(merge, order),
            Self::Wide(pages) => flattened(pages).merged(merge, order),
        })
    }

    /// This circle with other streams in the slots `touched`, which come in ascending order: only the
    /// pages of points that come or go are written. `None` if it is better kept in one piece.
    pub(crate) fn repaged(
        &self,
        streams: Vec<Stream>,
        touched: &[usize],
        order: impl Fn(Point, Point) -> Ordering,
    ) -> Option<Self> {
        let narrow = streams.len() <= u32::SLOTS;
        match self {
            Self::Narrow(pages) if narrow => {
                renewed(pages, streams, touched, order).map(Self::Narrow)
            }
            Self::Wide(pages) if !narrow => renewed(pages, streams, touched, order).map(Self::Wide),
            _ => Self::paged(streams, order),
        }
    }

    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Flat(flat) => flat.len(),
            Self::Narrow(pages) => pages.len(),
            Self::Wide(pages) => pages.len(),
        }
    }

    /// All points with their owners, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Point> + Clone {
        let (flat, narrow, wide) = match self {
            Self::Flat(flat) => (Some(flat.iter()), None, None),
            Self::Narrow(pages) => (None, Some(pages.iter()), None),
            Self::Wide(pages) => (None, None, Some(pages.iter())),
        };
        let pages = narrow.into_iter().flatten().chain(wide.into_iter().flatten());
        flat.into_iter().flatten().chain(pages)
    }

    /// The owner of a hash under a rule.
    #[inline]
    pub(crate) fn locate(&self, rule: Rule, hash: u64) -> Option<NodeIdx> {
        match self {
            Self::Flat(flat) => flat.locate(rule, hash),
            Self::Narrow(pages) => pages.owner(hash),
            Self::Wide(pages) => wide_owner(pages, hash),
        }
    }

    /// The owner of the first point at or after `hash`, around the circle.
    pub(crate) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        self.locate(Rule::FirstAtOrAfter, hash)
    }

    /// Writes the first distinct owners from a hash on, until `out` is full. The caller must not ask
    /// for more owners than there are. Slots are below `slots`.
    #[inline]
    pub(crate) fn replicas(
        &self,
        rule: Rule,
        hash: u64,
        slots: usize,
        out: &mut [NodeIdx],
    ) -> usize {
        match self {
            Self::Flat(flat) => flat.replicas(rule, hash, slots, out),
            Self::Narrow(pages) => pages.distinct(hash, slots, out),
            Self::Wide(pages) => wide_distinct(pages, hash, slots, out),
        }
    }

    /// The next owner of a walk that `accept` admits. A node appears once for each of its points.
    #[inline]
    pub(crate) fn next_candidate(
        &self,
        rule: Rule,
        hash: u64,
        state: &mut [u64; 8],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        match self {
            Self::Flat(flat) => flat.next_candidate(rule, hash, state, accept),
            Self::Narrow(pages) => pages.next_forward(hash, state, accept),
            Self::Wide(pages) => pages.next_forward(hash, state, accept),
        }
    }
}

// Lookups among very many nodes are a call, so that all others are short enough to be compiled into the
// loop that asks them.
#[inline(never)]
fn wide_owner(pages: &Paged<u64>, hash: u64) -> Option<NodeIdx> {
    pages.owner(hash)
}

#[inline(never)]
fn wide_distinct(pages: &Paged<u64>, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
    pages.distinct(hash, slots, out)
}

/// Pages with other streams, unless these are better kept in one piece.
fn renewed<W: Word>(
    pages: &Paged<W>,
    streams: Vec<Stream>,
    touched: &[usize],
    order: impl Fn(Point, Point) -> Ordering,
) -> Option<Paged<W>> {
    let renewal = pages.renewal(streams, touched);
    renewal.suits(UNPAGED_MAX).then(|| pages.changed(renewal, order))
}

/// True if the streams have enough points for pages, and none has too many for its points to be found
/// by their numbers.
fn suit_pages(streams: &[Stream]) -> bool {
    Stream::total(streams) > PAGED_MIN && streams.iter().all(|stream| stream.count <= Stream::MAX)
}

/// The same circle in one piece.
fn flattened<W: Word>(pages: &Paged<W>) -> Flat {
    let (points, owners): (Vec<u64>, Vec<NodeIdx>) = pages.iter().unzip();
    Flat::from_sorted(points, &owners)
}
