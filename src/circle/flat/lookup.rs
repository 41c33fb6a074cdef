//! Finding a key's owner, and walking on from it.

use super::layout::{Flat, NO_START};

use super::words::{WINDOW, Word, Words};
use crate::circle::distinct::{all_differ, first_distinct};
use crate::circle::rule::Rule;
use crate::circle::slotted::Slotted;
use crate::circle::sort::bucket_of;
use crate::node::NodeIdx;
use crate::steps;

impl Flat {
    /// The owner of a hash under a rule.
    #[inline]
    pub(crate) fn locate(&self, rule: Rule, hash: u64) -> Option<NodeIdx> {
        if rule.is_nearest() { self.nearest_owner(hash) } else { self.owner(rule.sought(hash)) }
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
        if rule.is_nearest() {
            return self.nearest_distinct(hash, slots, out);
        }
        self.distinct(rule.sought(hash), slots, out)
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
        if rule.is_nearest() {
            return self.next_outward(hash, state, accept);
        }
        self.next_forward(rule.sought(hash), state, accept)
    }

    /// Owner of the first point at or after `hash`, around the circle.
    #[inline]
    pub(crate) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        match self.direct.owner(hash) {
            Some(owner) => Some(owner),
            None => self.sought_owner(hash),
        }
    }

    /// A call, so that lookups of small circles are short; what it calls itself are its last steps. Without
    /// an index no window decides.
    #[inline(never)]
    fn sought_owner(&self, hash: u64) -> Option<NodeIdx> {
        let found = match &self.words {
            Words::Narrow(words) => self.window(words, hash).map(|(_, word)| word.owner()),
            Words::Wide(words) => self.window(words, hash).map(|(_, word)| word.owner()),
        };
        match found {
            Some(owner) => Some(owner),
            None => self.exact_owner(hash),
        }
    }

    #[cold]
    #[inline(never)]
    fn exact_owner(&self, hash: u64) -> Option<NodeIdx> {
        // The word after the last point is a copy of the first one.
        self.words.owner(self.exact_position(hash))
    }

    /// Index of the first point at or after `hash`; the number of points if there is none.
    #[inline]
    pub(crate) fn position(&self, hash: u64) -> usize {
        self.quick(hash).unwrap_or_else(|| self.exact_position(hash))
    }

    /// The same if one entry of the table or one window of words tells.
    #[inline]
    fn quick(&self, hash: u64) -> Option<usize> {
        if !self.direct.is_empty() {
            return self.direct.position(hash);
        }
        match &self.words {
            Words::Narrow(words) => self.window(words, hash).map(|(at, _)| at),
            Words::Wide(words) => self.window(words, hash).map(|(at, _)| at),
        }
    }

    /// Finds the point with eight branch-free comparisons, which vectorise. `None` if eight or more
    /// points of the bucket are below the hash, or if the bits of a word do not decide.
    #[inline]
    fn window<W: Word>(&self, words: &[W], hash: u64) -> Option<(usize, W)> {
        let start = *self.index.get(bucket_of(hash, self.bits))? as usize;
        let window: &[W; WINDOW + 1] = words.get(start..)?.first_chunk()?;
        let wanted = W::of_hash(hash, self.bits);
        let first: &[W; WINDOW] = window.first_chunk()?;
        // Flags first, then their sum: as one loop the compiler vectorises only half of it.
        let below = first.map(|word| u32::from(word.is_below(wanted))).iter().sum::<u32>() as usize;
        let word = *window.get(below)?;
        let undecided = (below == WINDOW) | word.ties(wanted);
        (!undecided).then_some((start + below, word))
    }

    #[cold]
    #[inline(never)]
    fn exact_position(&self, hash: u64) -> usize {
        if !self.direct.is_empty() {
            return self.direct.searched(&self.points, hash);
        }
        let bucket = bucket_of(hash, self.bits);
        let edge = |at: usize| self.index.get(at).filter(|s| **s != NO_START).map(|s| *s as usize);
        let (from, to) = (edge(bucket).unwrap_or(0), edge(bucket + 1).unwrap_or(self.len()));
        let points = self.points.get(from..to).unwrap_or_default();
        from + points.partition_point(|point| *point < hash)
    }

    /// Walks forward from `hash` and collects distinct owners until `out` is full. The caller must not
    /// ask for more owners than there are.
    fn distinct(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let found = match out.len() {
            2 => self.neighbours::<2>(hash, out),
            3 => self.neighbours::<3>(hash, out),
            4 => self.neighbours::<4>(hash, out),
            _ => None,
        };
        found.unwrap_or_else(|| self.distinct_one_by_one(hash, slots, out))
    }

    /// The owners of the next `K` points if all differ, which is the common case.
    #[inline]
    fn neighbours<const K: usize>(&self, hash: u64, out: &mut [NodeIdx]) -> Option<usize> {
        let start = self.quick(hash)?;
        match &self.words {
            Words::Narrow(words) => neighbours::<K, _>(words, start, out),
            Words::Wide(words) => neighbours::<K, _>(words, start, out),
        }
    }

    #[inline(never)]
    fn distinct_one_by_one(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let start = self.position(hash);
        match &self.words {
            Words::Narrow(words) => first_distinct(self.owners_from(words, start), slots, out),
            Words::Wide(words) => first_distinct(self.owners_from(words, start), slots, out),
        }
    }

    /// The owners of all points, from an index on and around the circle.
    #[inline]
    fn owners_from<W: Word>(&self, words: &[W], start: usize) -> impl Iterator<Item = NodeIdx> {
        let words = words.get(..self.len()).unwrap_or_default();
        let (before, from) = words.split_at_checked(start).unwrap_or_default();
        from.iter().chain(before).map(|word| word.owner())
    }

    /// The next point of a walk whose owner `accept` admits.
    ///
    /// The walk stores the number of steps, the index after the last point, and the last point itself.
    /// On another ring the index may be wrong; the walk then continues after that point.
    #[inline]
    fn next_forward(
        &self,
        hash: u64,
        state: &mut [u64; 8],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        match &self.words {
            Words::Narrow(words) => self.next_of(words, hash, state, accept),
            Words::Wide(words) => self.next_of(words, hash, state, accept),
        }
    }

    #[inline]
    fn next_of<W: Word>(
        &self,
        words: &[W],
        hash: u64,
        state: &mut [u64; 8],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let [taken, next, last, ..] = state;
        let left = (self.len() as u64).checked_sub(*taken).filter(|left| *left > 0)?;
        let mut at = if *taken == 0 {
            self.position(hash)
        } else {
            let previous = usize::try_from(*next).ok().and_then(|n| n.checked_sub(1));
            match previous.filter(|p| self.points.get(*p) == Some(last)) {
                Some(previous) => previous + 1,
                None => self.points.partition_point(|point| point <= last),
            }
        };
        for step in 1..=left {
            steps::count(1);
            if at >= self.len() {
                at = 0;
            }
            let owner = words.get(at)?.owner();
            let admitted = accept(owner);
            if admitted || step == left {
                *taken += step;
                *next = at as u64 + 1;
                *last = self.points.get(at).copied()?;
                return admitted.then_some(owner);
            }
            at += 1;
        }
        None
    }
}

#[inline]
fn neighbours<const K: usize, W: Word>(
    words: &[W],
    start: usize,
    out: &mut [NodeIdx],
) -> Option<usize> {
    let out: &mut [NodeIdx; K] = out.first_chunk_mut()?;
    // After the last point, the first words follow again, as many as a window has.
    let words: &[W; K] = words.get(start..)?.first_chunk()?;
    *out = words.map(Slotted::owner);
    all_differ(out).then_some(K)
}
