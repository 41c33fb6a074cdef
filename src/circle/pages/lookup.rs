//! Finding a key's owner, and walking on from it.

use super::layout::{Page, Paged, part_of};
use super::place::Place;
use super::stream::NUMBERS;
use super::word::{WINDOW, Word};
use crate::circle::distinct::{all_differ, first_distinct};
use crate::circle::slotted::Slotted;
use crate::node::NodeIdx;
use crate::steps;

/// What one window decides.
#[derive(Clone, Copy)]
struct Found<'a, W> {
    page: &'a Page,
    /// Its index in the page.
    at: usize,
    word: W,
}

impl<W: Word> Paged<W> {
    /// Owner of the first point at or after `hash`, around the circle.
    #[inline]
    pub(crate) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        match self.quick(hash) {
            Some(found) => Some(found.word.owner()),
            None => self.exact_owner(hash),
        }
    }

    /// Finds the point with eight branch-free comparisons, which vectorise. `None` if they do not decide.
    #[inline]
    fn quick(&self, hash: u64) -> Option<Found<'_, W>> {
        let (page, rest) = self.split(hash);
        let page = self.pages.get(page)?;
        let start = usize::from(*page.cuts.get(part_of(rest))?);
        let wanted = W::of_rest(rest);
        let (below, word) = W::search(&page.bytes, start, wanted)?;
        let undecided = (below == WINDOW) | word.ties(wanted) | (word == W::HIGHEST);
        (!undecided).then_some(Found { page, at: start + below, word })
    }

    #[cold]
    #[inline(never)]
    fn exact_owner(&self, hash: u64) -> Option<NodeIdx> {
        self.owner_at(self.exact_seek(hash))
    }

    /// The first point at or after `hash`, or past the highest.
    #[inline]
    pub(crate) fn seek(&self, hash: u64) -> Place {
        match self.quick(hash) {
            Some(found) => Place { page: self.page_of(hash), at: found.at },
            None => self.exact_seek(hash),
        }
    }

    /// The place of a point of `owner`, by its number among the owner's points; `None` if a point of
    /// another node is at the same hash and comes first.
    ///
    /// A search for the hash of a point always ends at a word with the same bits. With owner and number
    /// it is decided without the exact point.
    #[inline]
    pub(crate) fn seek_point(&self, point: u64, owner: NodeIdx, number: u32) -> Option<Place> {
        if let Some(at) = self.place_of_word(point, owner, number) {
            debug_assert_eq!(self.exact_seek(point), at, "the first point at its hash");
            return Some(at);
        }
        let place = self.exact_seek(point);
        (self.owner_at(place) == Some(owner)).then_some(place)
    }

    #[inline]
    fn place_of_word(&self, point: u64, owner: NodeIdx, number: u32) -> Option<Place> {
        let (at, rest) = self.split(point);
        let page = self.pages.get(at)?;
        let start = usize::from(*page.cuts.get(part_of(rest))?);
        let wanted = W::of_rest(rest);
        let (below, word) = W::search(&page.bytes, start, wanted)?;
        let place = Place { page: at, at: start + below };
        let found = (below < WINDOW) & (word == wanted.with_owner(owner));
        let known = found
            && self.content(at).number(place.at) == number as u8
            && self.streams.get(owner.index())?.count <= NUMBERS;
        known.then_some(place)
    }

    #[cold]
    #[inline(never)]
    fn exact_seek(&self, hash: u64) -> Place {
        let (page, rest) = self.split(hash);
        let content = self.content(page);
        let wanted = W::of_rest(rest);
        let mut at =
            self.place_by_windows(page, rest).unwrap_or_else(|| content.first_from(wanted));
        while content.word(at).is_some_and(|word| word.ties(wanted)) && self.exact(page, at) < hash
        {
            steps::count(1);
            at += 1;
        }
        self.settled(Place { page, at })
    }

    /// The first word of a page that is not below a hash, if it is in one of the next windows, which is
    /// where the first window mostly leaves it.
    fn place_by_windows(&self, page: usize, rest: u64) -> Option<usize> {
        let page = self.pages.get(page)?;
        let mut at = usize::from(*page.cuts.get(part_of(rest))?);
        for _ in 0..3 {
            let (below, _) = W::search(&page.bytes, at, W::of_rest(rest))?;
            at += below;
            if below < WINDOW {
                return Some(at);
            }
        }
        None
    }

    /// Walks forward from `hash` and collects distinct owners until `out` is full. The caller must not
    /// ask for more owners than there are.
    pub(crate) fn distinct(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let found = match out.len() {
            2 => self.neighbours::<2>(hash, out),
            3 => self.neighbours::<3>(hash, out),
            4 => self.neighbours::<4>(hash, out),
            _ => None,
        };
        found.unwrap_or_else(|| self.distinct_one_by_one(hash, slots, out))
    }

    /// The owners of the next `K` points if they are in one page and all differ, which is the common case.
    #[inline]
    fn neighbours<const K: usize>(&self, hash: u64, out: &mut [NodeIdx]) -> Option<usize> {
        let found = self.quick(hash)?;
        let out: &mut [NodeIdx; K] = out.first_chunk_mut()?;
        let words = found.page.bytes.get(found.at * W::BYTES..)?.get(..K * W::BYTES)?;
        let mut last = found.word;
        for (place, word) in out.iter_mut().zip(words.chunks_exact(W::BYTES)) {
            last = W::read(word)?;
            *place = last.owner();
        }
        (last != W::HIGHEST && all_differ(out)).then_some(K)
    }

    #[inline(never)]
    fn distinct_one_by_one(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let start = self.around(self.seek(hash));
        let first = || self.content(start.page).words();
        let others = (start.page + 1..self.pages.len()).chain(0..start.page);
        let others = others.flat_map(|page| self.content(page).words());
        let around = first().skip(start.at).chain(others).chain(first().take(start.at));
        first_distinct(around.map(Slotted::owner), slots, out)
    }

    /// The next point of a walk whose owner `accept` admits.
    ///
    /// The walk stores the number of steps, where it is, and the last point itself. On another ring the
    /// place may be wrong; the walk then continues after that point.
    pub(crate) fn next_forward(
        &self,
        hash: u64,
        state: &mut [u64; 8],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let [taken, next, last, ..] = state;
        let left = (self.len() as u64).checked_sub(*taken).filter(|left| *left > 0)?;
        let mut place = if *taken == 0 {
            self.seek(hash)
        } else {
            let known = Place::unpacked(*next).filter(|place| self.point(*place) == Some(*last));
            match known {
                Some(place) => self.above(place),
                None => last.checked_add(1).map_or(self.end(), |after| self.seek(after)),
            }
        };
        for step in 1..=left {
            steps::count(1);
            place = self.around(place);
            let owner = self.content(place.page).word(place.at)?.owner();
            let admitted = accept(owner);
            if admitted || step == left {
                *taken += step;
                *next = place.packed();
                *last = self.exact(place.page, place.at);
                return admitted.then_some(owner);
            }
            place = self.above(place);
        }
        None
    }
}
