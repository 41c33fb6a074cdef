//! Amounts for each pair of nodes, in memory proportional to the number of pairs that occur.

use super::ends::Ends;
use crate::steps;
use alloc::vec::Vec;

/// Sums of hashes for each (from, to). Entries are appended; each time their number has doubled, they
/// are sorted and equal pairs are joined. So there are at most twice as many entries as pairs, and an
/// entry takes a sixth of the memory of a tree's.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    /// The packed pair, and the number of its hashes minus 1, because a whole circle has 2^64.
    entries: Vec<(u64, u64)>,
    /// The number of entries that are already joined.
    joined: usize,
}

/// The number of entries below which none are joined.
const JOIN_MIN: usize = 4096;

impl Pairs {
    /// Adds an amount of 1 to 2^64.
    #[inline]
    pub(super) fn add(&mut self, ends: Ends, hashes: u128) {
        steps::count(1);
        self.entries.push((pack(ends), (hashes - 1) as u64));
        if self.entries.len() >= JOIN_MIN.max(2 * self.joined) {
            self.join();
        }
    }

    /// Each pair once with its sum, in order of the places.
    pub(super) fn into_sums(mut self) -> Sums {
        // The lowest pair comes last, so that taking it shortens the list.
        self.join();
        self.entries.reverse();
        self.entries.shrink_to_fit();
        let alike = self.entries.windows(2).filter(|pair| match pair {
            [(a, _), (b, _)] => a == b,
            _ => false,
        });
        let left = self.entries.len() - alike.count();
        Sums { entries: self.entries, left }
    }

    /// Joins entries of the same pair as long as their sum fits into one entry. It fits up to 2^64, so
    /// it only fails if many replicas move between two nodes.
    fn join(&mut self) {
        self.entries.sort_unstable();
        let mut kept: usize = 0;
        for at in 0..self.entries.len() {
            let Some((pair, amount)) = self.entries.get(at).copied() else { break };
            let last = kept.checked_sub(1).and_then(|last| self.entries.get_mut(last));
            let joined = last.filter(|last| last.0 == pair).and_then(|last| {
                last.1 = last.1.checked_add(amount)?.checked_add(1)?;
                Some(())
            });
            if joined.is_none() {
                self.entries.swap(kept, at);
                kept += 1;
            }
        }
        self.entries.truncate(kept);
        self.joined = kept;
    }
}

/// The pairs in order, each with its sum. The list shrinks as pairs are taken from it.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    entries: Vec<(u64, u64)>,
    /// The number of pairs left.
    left: usize,
}

impl Iterator for Sums {
    type Item = (Ends, u128);

    fn next(&mut self) -> Option<Self::Item> {
        let (pair, amount) = self.entries.pop()?;
        let mut sum = u128::from(amount) + 1;
        while let Some((_, amount)) = self.entries.last().filter(|(next, _)| *next == pair) {
            sum += u128::from(*amount) + 1;
            self.entries.pop();
        }
        self.left = self.left.saturating_sub(1);
        if self.entries.len() < self.entries.capacity() / 2 {
            self.entries.shrink_to(JOIN_MIN);
        }
        Some((unpack(pair), sum))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Sums {}

/// Places are below 2^21, so a place plus 1 fits 32 bits; 0 stands for none.
fn pack((from, to): Ends) -> u64 {
    let half = |place: Option<u32>| place.map_or(0, |place| u64::from(place) + 1);
    half(from) << 32 | half(to)
}

fn unpack(pair: u64) -> Ends {
    let place = |half: u64| (half as u32).checked_sub(1);
    (place(pair >> 32), place(pair))
}

#[cfg(test)]
mod tests {
    use super::{JOIN_MIN, Pairs, pack, unpack};
    use crate::hash::mix::word;
    use alloc::collections::BTreeMap;

    #[test]
    fn sums_are_those_of_a_map() {
        for pairs in [1, 7, 100, 20_000] {
            let (mut all, mut map) = (Pairs::default(), BTreeMap::new());
            for i in 0..50_000_u64 {
                let draw = word(i, pairs) % pairs;
                let ends = ((draw % 3 > 0).then_some(draw as u32), Some((draw * 7 % pairs) as u32));
                let hashes = if i % 1000 == 0 { 1 << 64 } else { 1 + u128::from(word(i, 1) >> 20) };
                all.add(ends, hashes);
                *map.entry(ends).or_insert(0) += hashes;
                assert!(all.entries.len() <= JOIN_MIN.max(2 * (pairs as usize + 60)));
            }
            let sums = all.into_sums();
            assert_eq!(sums.len(), map.len());
            assert!(sums.eq(map));
        }
        for ends in [(None, None), (None, Some(0)), (Some(u32::MAX - 1), Some(1 << 20))] {
            assert_eq!(unpack(pack(ends)), ends);
        }
    }
}
