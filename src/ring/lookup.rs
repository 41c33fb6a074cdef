//! Finding a key's owner, and walking on from it.

use super::flat::{Flat, NO_START};
use super::words::{WINDOW, Word, Words, bucket_of};
use crate::node::NodeIdx;

/// Up to this many replicas are compared one by one; beyond that a bit a slot is kept.
pub(super) const FEW: usize = 32;

impl Flat {
    /// Owner of the first point at or after `hash`, around the circle.
    #[inline]
    pub(super) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        match &self.words {
            Words::Narrow(words) => self.quick(words, hash).map(|(_, word)| word.owner()),
            Words::Wide(words) => self.quick(words, hash).map(|(_, word)| word.owner()),
        }
        // One past the last point stands a copy of the first.
        .or_else(|| self.words.owner(self.exact_position(hash)))
    }

    /// Index of the first point at or after `hash`; the number of points if there is none.
    #[inline]
    pub(super) fn position(&self, hash: u64) -> usize {
        match &self.words {
            Words::Narrow(words) => self.quick(words, hash).map(|(at, _)| at),
            Words::Wide(words) => self.quick(words, hash).map(|(at, _)| at),
        }
        .unwrap_or_else(|| self.exact_position(hash))
    }

    /// Eight comparisons without branches, which vectorise: enough unless the bucket holds more
    /// points below the hash than that, or the bits of a word do not decide.
    #[inline]
    fn quick<W: Word>(&self, words: &[W], hash: u64) -> Option<(usize, W)> {
        let start = *self.index.get(bucket_of(hash, self.bits))? as usize;
        let window: &[W; WINDOW + 1] = words.get(start..)?.first_chunk()?;
        let wanted = W::of_hash(hash, self.bits);
        let first: &[W; WINDOW] = window.first_chunk()?;
        // Flags before their sum: as one loop it comes out half scalar.
        let below = first.map(|word| u32::from(word.is_below(wanted))).iter().sum::<u32>() as usize;
        let word = *window.get(below)?;
        let undecided = (below == WINDOW) | word.ties(wanted);
        (!undecided).then_some((start + below, word))
    }

    #[cold]
    #[inline(never)]
    fn exact_position(&self, hash: u64) -> usize {
        let bucket = bucket_of(hash, self.bits);
        let edge = |at: usize| self.index.get(at).filter(|s| **s != NO_START).map(|s| *s as usize);
        let (from, to) = (edge(bucket).unwrap_or(0), edge(bucket + 1).unwrap_or(self.len()));
        let points = self.points.get(from..to).unwrap_or_default();
        from + points.partition_point(|point| *point < hash)
    }

    /// Walks forward from `hash` and collects distinct owners until `out` is full. The caller
    /// asks for no more than there are.
    pub(super) fn distinct(&self, hash: u64, out: &mut [NodeIdx]) -> usize {
        let found = match out.len() {
            2 => self.neighbours::<2>(hash, out),
            3 => self.neighbours::<3>(hash, out),
            4 => self.neighbours::<4>(hash, out),
            _ => None,
        };
        found.unwrap_or_else(|| self.distinct_one_by_one(hash, out))
    }

    /// The owners of the next `K` points, if they are all different, as they mostly are.
    #[inline]
    fn neighbours<const K: usize>(&self, hash: u64, out: &mut [NodeIdx]) -> Option<usize> {
        match &self.words {
            Words::Narrow(words) => neighbours::<K, _>(words, self.quick(words, hash)?.0, out),
            Words::Wide(words) => neighbours::<K, _>(words, self.quick(words, hash)?.0, out),
        }
    }

    #[inline(never)]
    fn distinct_one_by_one(&self, hash: u64, out: &mut [NodeIdx]) -> usize {
        let start = self.position(hash);
        if out.len() <= FEW {
            return self.collect(start, out, |chosen, owner| !chosen.contains(&owner));
        }
        let mut seen = Seen::default();
        self.collect(start, out, |chosen, owner| seen.is_new(chosen, owner))
    }

    #[inline]
    fn collect(
        &self,
        start: usize,
        out: &mut [NodeIdx],
        is_new: impl FnMut(&[NodeIdx], NodeIdx) -> bool,
    ) -> usize {
        match &self.words {
            Words::Narrow(words) => self.collect_from(words, start, out, is_new),
            Words::Wide(words) => self.collect_from(words, start, out, is_new),
        }
    }

    #[inline]
    fn collect_from<W: Word>(
        &self,
        words: &[W],
        start: usize,
        out: &mut [NodeIdx],
        mut is_new: impl FnMut(&[NodeIdx], NodeIdx) -> bool,
    ) -> usize {
        let words = words.get(..self.len()).unwrap_or_default();
        let (before, from) = words.split_at_checked(start).unwrap_or_default();
        let mut found = 0;
        let _ = from.iter().chain(before).try_for_each(|word| {
            let (chosen, rest) = out.split_at_mut_checked(found)?;
            let (place, rest) = rest.split_first_mut()?;
            if is_new(chosen, word.owner()) {
                *place = word.owner();
                found += 1;
                if rest.is_empty() {
                    return None;
                }
            }
            Some(())
        });
        found
    }

    /// Every point once, from `start` around the circle.
    pub(super) fn around(&self, start: usize) -> impl Iterator<Item = usize> {
        (start..self.len()).chain(0..start.min(self.len()))
    }

    /// The walk keeps: steps taken, the index after the last point, the last point itself. On
    /// another ring the index may be wrong; the point then says where to go on.
    pub(super) fn next_candidate(&self, hash: u64, state: &mut [u64; 8]) -> Option<NodeIdx> {
        let [steps, next, last, ..] = state;
        if *steps >= self.len() as u64 {
            return None;
        }
        let mut at = if *steps == 0 {
            self.position(hash)
        } else {
            let previous = usize::try_from(*next).ok().and_then(|n| n.checked_sub(1));
            match previous.filter(|p| self.points.get(*p) == Some(last)) {
                Some(previous) => previous + 1,
                None => self.points.partition_point(|point| point <= last),
            }
        };
        if at >= self.len() {
            at = 0;
        }
        *steps += 1;
        *next = at as u64 + 1;
        *last = self.points.get(at).copied()?;
        self.words.owner(at)
    }
}

/// Which of the first 1,024 slots have been chosen.
#[derive(Default)]
pub(super) struct Seen([u64; 16]);

impl Seen {
    /// True the first time an owner is asked for; those in higher slots are looked for among
    /// the chosen ones.
    #[inline]
    pub(super) fn is_new(&mut self, chosen: &[NodeIdx], owner: NodeIdx) -> bool {
        let Some(word) = self.0.get_mut(owner.index() / 64) else {
            return !chosen.contains(&owner);
        };
        let bit = 1 << (owner.index() % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

#[inline]
fn neighbours<const K: usize, W: Word>(
    words: &[W],
    start: usize,
    out: &mut [NodeIdx],
) -> Option<usize> {
    let out: &mut [NodeIdx; K] = out.first_chunk_mut()?;
    // The words go on past the end of the circle for as long as a window.
    let words: &[W; K] = words.get(start..)?.first_chunk()?;
    *out = words.map(Word::owner);
    let mut rest = out.as_slice();
    let mut repeats = false;
    while let Some((first, others)) = rest.split_first() {
        repeats |= others.iter().fold(false, |any, other| any | (other == first));
        rest = others;
    }
    (!repeats).then_some(K)
}
