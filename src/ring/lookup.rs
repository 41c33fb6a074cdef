//! Finding a key's owner, and walking on from it.

use super::flat::{Entry, Flat, PADDING, bucket_of, head_of};
use crate::node::NodeIdx;
use crate::placement::Walk;

/// Up to this many replicas are compared one by one; beyond that a bit a slot is kept.
const FEW: usize = 32;

impl Flat {
    /// Owner of the first point at or after `hash`, around the circle.
    #[inline]
    pub(super) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        let at = self.position(hash);
        // One past the last point stands a copy of the first.
        self.entries.get(at).map(|entry| entry.owner)
    }

    /// Index of the first point at or after `hash`; the number of points if there is none.
    #[inline]
    pub(super) fn position(&self, hash: u64) -> usize {
        self.quick_position(hash).unwrap_or_else(|| self.exact_position(hash))
    }

    /// Four comparisons without branches: enough unless the bucket holds more than that many
    /// points below the hash, or 32 bits do not decide.
    #[inline]
    fn quick_position(&self, hash: u64) -> Option<usize> {
        let bucket = bucket_of(hash, self.bits);
        let head = head_of(hash, self.bits);
        let start = *self.index.get(bucket)? as usize;
        let end = *self.index.get(bucket + 1)? as usize;
        let window: &[Entry; PADDING] = self.entries.get(start..)?.first_chunk()?;
        let mut below = 0;
        let mut tied = false;
        for (i, entry) in window.iter().enumerate() {
            let inside = start + i < end;
            below += usize::from(inside & (entry.head < head));
            tied |= inside & (entry.head == head);
        }
        (!tied & (below < PADDING)).then_some(start + below)
    }

    #[cold]
    #[inline(never)]
    fn exact_position(&self, hash: u64) -> usize {
        let bucket = bucket_of(hash, self.bits);
        let bound = |b: usize| self.index.get(b).map_or(self.len(), |at| *at as usize);
        let (start, end) = (bound(bucket), bound(bucket + 1));
        let points = self.points.get(start..end).unwrap_or_default();
        start + points.partition_point(|point| *point < hash)
    }

    /// Walks forward from `hash` and collects distinct owners until `out` is full. The caller
    /// asks for no more than there are.
    pub(super) fn distinct(&self, hash: u64, out: &mut [NodeIdx]) -> usize {
        if out.len() <= FEW {
            return self.collect(hash, out, |chosen, owner| !chosen.contains(&owner));
        }
        let mut seen = [0_u64; 16];
        self.collect(hash, out, |chosen, owner| match seen.get_mut(owner.index() / 64) {
            Some(word) => {
                let bit = 1 << (owner.index() % 64);
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
            None => !chosen.contains(&owner),
        })
    }

    #[inline]
    fn collect(
        &self,
        hash: u64,
        out: &mut [NodeIdx],
        mut is_new: impl FnMut(&[NodeIdx], NodeIdx) -> bool,
    ) -> usize {
        let mut found = 0;
        for at in self.around(self.position(hash)) {
            let Some((chosen, [place, ..])) = out.split_at_mut_checked(found) else { break };
            let Some(owner) = self.entries.get(at).map(|entry| entry.owner) else { break };
            if is_new(chosen, owner) {
                *place = owner;
                found += 1;
            }
        }
        found
    }

    /// Every point once, from `start` around the circle.
    pub(super) fn around(&self, start: usize) -> impl Iterator<Item = usize> {
        (start..self.len()).chain(0..start.min(self.len()))
    }

    /// The walk keeps: steps taken, the index after the last point, the last point itself. On
    /// another ring the index may be wrong; the point then says where to go on.
    pub(super) fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let hash = walk.key().get();
        let [steps, next, last, ..] = walk.state();
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
        self.entries.get(at).map(|entry| entry.owner)
    }
}
