//! The points of a node, made again from a word of its own and their numbers.

use crate::hash::mix::word;

/// The numbers of points are kept up to this many: a point whose node has more must be searched for.
pub(super) const NUMBERS: u32 = 1 << 8;

/// The beginning of an endless sequence of points: the SplitMix64 stream from a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stream {
    /// Where the stream starts.
    pub(crate) seed: u64,
    /// How many points the node has; 0 in a free slot.
    pub(crate) count: u32,
}

impl Stream {
    /// The maximum number of points of a node: of more, too many would have the same low bits of their
    /// numbers.
    pub(crate) const MAX: u32 = 16 * NUMBERS;

    #[inline]
    pub(crate) fn point(self, number: u32) -> u64 {
        word(self.seed, number.into())
    }

    #[inline]
    pub(crate) fn points(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |number| self.point(number))
    }

    /// The points whose numbers have the given low bits.
    #[inline]
    pub(super) fn numbered(self, low: u8) -> impl Iterator<Item = u64> {
        (low.into()..self.count).step_by(NUMBERS as usize).map(move |number| self.point(number))
    }

    /// How many points some nodes have together.
    pub(crate) fn total(streams: &[Self]) -> usize {
        streams.iter().map(|stream| stream.count as usize).sum()
    }
}
