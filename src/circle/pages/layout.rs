//! The layout: points in pages by their top bits. Two circles share the pages that are equal.
//!
//! ```text
//!  hash    [ page: top `bits` bits | the next 15 bits | the other bits ]
//!               |                      |
//!               |                      × 48: one of 48 equal parts of the page
//!               |                                  |
//!  starts  ...  | 17 | 180 | 331 | ...             |     points of all pages below
//!  pages   ...  | bytes, cuts | ...                |
//!                   |      \ 0 | 4 | 6 | 11 | ... |     points of the page below each part
//!                   |                   |
//!  bytes   [ w | w | ... | w | w | w | w | w | ... | w | HIGHEST × 9 | numbers ]
//!                          +---- WINDOW ---+               a lookup compares 8 words
//!
//!  one word        [ 0 | next bits of the point | slot of the owner ]
//!  narrow, u32                   15                       16
//!  wide, u64                     31                       32
//!
//!  numbers         of the points in their nodes' streams, the low 8 bits
//! ```
//!
//! A window decides a lookup if not all of its words are below the hash, and the bits of the first
//! other one are not those of the hash. A part with more points, of a page whose points are not as good
//! as random, only leads to a binary search; a cut of more than 255 points stays at 255, which is as
//! true, but farther from the hash. Exact points are made from the streams of the owners and the
//! numbers: for nodes of up to 256 points in one step each.

use super::stream::{NUMBERS, Stream};
use super::word::{AFTER, Word};
use crate::circle::sort::split;
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// Parts of a page: as many as make a page one line of a cache.
pub(super) const PARTS: usize = 48;

/// Pages have this many points on average at least, and at most twice as many, when they are made.
const FILL: usize = 116;

/// The average of a page may fall or grow so far before all pages are made again.
const FILL_MIN: usize = 80;
const FILL_MAX: usize = 240;

/// For each part of a page, the points of the page below it.
pub(super) type Cuts = [u8; PARTS];

/// Points of streams, sorted by (point, tie key of the node), in pages.
#[derive(Debug)]
pub(crate) struct Paged<W> {
    /// Top bits that choose a page, at least 1.
    pub(super) bits: u32,
    /// 2^bits pages.
    pub(super) pages: Vec<Page>,
    /// The number of points below each page; at the end, of all.
    pub(super) starts: Vec<u32>,
    /// By slot.
    pub(super) streams: Vec<Stream>,
    pub(super) word: PhantomData<W>,
}

/// What a lookup reads of a page: one line of a cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Page {
    pub(super) bytes: Arc<[u8]>,
    pub(super) cuts: Cuts,
}

/// The words and numbers of one page.
#[derive(Debug)]
pub(super) struct Content<'a, W> {
    /// Words, without those that are not of points.
    pub(super) words: &'a [u8],
    pub(super) numbers: &'a [u8],
    word: PhantomData<W>,
}

impl<W> Clone for Content<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Content<'_, W> {}

impl<'a, W: Word> Content<'a, W> {
    pub(super) fn of(bytes: &'a [u8], len: usize) -> Self {
        let words = bytes.get(..len * W::BYTES).or_slip();
        let numbers = bytes.get((len + AFTER) * W::BYTES..).or_slip();
        Self { words, numbers, word: PhantomData }
    }

    pub(super) fn len(self) -> usize {
        self.numbers.len()
    }

    #[inline]
    pub(super) fn word(self, at: usize) -> Option<W> {
        W::read(self.words.get(at * W::BYTES..)?)
    }

    /// Three words one after the other.
    #[inline]
    pub(super) fn three(self, from: usize) -> Option<[W; 3]> {
        let words = self.words.get(from * W::BYTES..)?.get(..3 * W::BYTES)?;
        let mut three = [W::default(); 3];
        for (word, bytes) in three.iter_mut().zip(words.chunks_exact(W::BYTES)) {
            *word = W::read(bytes)?;
        }
        Some(three)
    }

    #[inline]
    pub(super) fn number(self, at: usize) -> u8 {
        self.numbers.get(at).copied().or_slip()
    }

    /// All words in order.
    #[inline]
    pub(super) fn words(self) -> impl DoubleEndedIterator<Item = W> + Clone + 'a {
        self.words.chunks_exact(W::BYTES).filter_map(W::read)
    }

    /// The index of the first word that is not below another.
    pub(super) fn first_from(self, wanted: W) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.word(middle).is_some_and(|word| word < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The number of top bits for a number of points.
pub(super) fn bits_for(points: usize) -> u32 {
    (points / FILL).checked_ilog2().unwrap_or_default().max(1)
}

/// True if pages of so many top bits suit a number of points.
pub(super) fn suits(bits: u32, points: usize) -> bool {
    let fill = points >> bits;
    (FILL_MIN..=FILL_MAX).contains(&fill)
}

/// Which part of a page a hash is in, by the 15 bits after those of its page.
#[inline]
pub(super) fn part_of(rest: u64) -> usize {
    ((rest >> 49) as usize * PARTS) >> 15
}

impl<W: Word> Paged<W> {
    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.starts.last().copied().or_slip() as usize
    }

    /// The streams, by slot.
    pub(crate) fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The page of a hash, and the bits after those of the page: by a product, because one multiplication
    /// takes less than two shifts by a number that the compiler does not know.
    #[inline]
    pub(super) fn split(&self, hash: u64) -> (usize, u64) {
        split(hash, self.pages.len())
    }

    /// The page of a hash.
    #[inline]
    pub(super) fn page_of(&self, hash: u64) -> usize {
        self.split(hash).0
    }

    /// The number of points below a page.
    #[inline]
    pub(super) fn start(&self, page: usize) -> usize {
        self.starts.get(page).copied().or_slip() as usize
    }

    #[inline]
    pub(super) fn content(&self, page: usize) -> Content<'_, W> {
        let bytes = self.pages.get(page).map(|page| &*page.bytes).or_slip();
        Content::of(bytes, self.start(page + 1) - self.start(page))
    }

    /// The exact point at an index of a page.
    #[inline]
    pub(super) fn exact(&self, page: usize, at: usize) -> u64 {
        let content = self.content(page);
        let Some(word) = content.word(at) else { return 0 };
        self.made_again(page, at, word, content.number(at))
    }

    /// The exact point of this word and this number.
    #[inline]
    pub(super) fn made_again(&self, page: usize, at: usize, word: W, number: u8) -> u64 {
        let stream = self.streams.get(word.owner().index()).copied().or_slip();
        if stream.count <= NUMBERS {
            return stream.point(number.into());
        }
        self.exact_of_many(page, at, word, stream)
    }

    /// Of a node with several points for one low byte of a number. Where two of them have the same word,
    /// they are in ascending order.
    #[cold]
    fn exact_of_many(&self, page: usize, at: usize, word: W, stream: Stream) -> u64 {
        let content = self.content(page);
        let number = content.number(at);
        let here = |point: &u64| {
            self.page_of(*point) == page && W::of_rest(*point << self.bits).ties(word)
        };
        let mut same = stream.numbered(number).filter(here);
        let (first, second) = (same.next().or_slip(), same.next());
        if second.is_none() {
            return first;
        }
        let mut all: Vec<u64> = stream.numbered(number).filter(here).collect();
        all.sort_unstable();
        let run = content.first_from(W::of_rest(first << self.bits));
        let equal = |at: &usize| content.word(*at) == Some(word) && content.number(*at) == number;
        all.get((run..at).filter(equal).count()).copied().or_slip()
    }

    /// All points with their owners, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, NodeIdx)> + Clone {
        (0..self.pages.len()).flat_map(move |page| self.points_of(page))
    }

    /// The points of a page with their owners, in order.
    fn points_of(&self, page: usize) -> impl Iterator<Item = (u64, NodeIdx)> + Clone {
        let content = self.content(page);
        let numbered = content.words().zip(content.numbers).enumerate();
        numbered.map(move |(at, (word, number))| {
            (self.made_again(page, at, word, *number), word.owner())
        })
    }

    /// The number of pages.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Adds the points of a page and their owners, in order.
    pub(crate) fn read(&self, page: usize, points: &mut Vec<u64>, owners: &mut Vec<NodeIdx>) {
        for (point, owner) in self.points_of(page) {
            points.push(point);
            owners.push(owner);
        }
    }
}
