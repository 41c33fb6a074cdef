//! The order in which nodes occupy the entries of a table.
//!
//! ```text
//!  M = 7 entries      offset  skip   preference list (offset + i * skip mod M)
//!  node a                3      4    3 0 4 1 5 2 6
//!  node b                0      2    0 2 4 6 1 3 5
//!
//!  turn   1  a takes 3        entries  . . . a . . .
//!         2  b takes 0                 b . . a . . .
//!         3  a: 0 is occupied, 4       b . . a a . .
//!         4  b takes 2                 b . b a a . .
//! ```
//!
//! M is prime, so every preference list visits all entries. Finding a free entry takes longer as the
//! table fills up. So the last sqrt(M) / 2 entries are found from a list of the free ones: the inverse
//! of a node's skip tells how many steps away each of them is, and the nearest one wins.

use super::entrant::Entrant;
use crate::hash::mix::mix;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Separate the two hashes of a node from each other and from every other word of its identity.
const OFFSET_DOMAIN: u64 = 0x6D61_676C_6576_6F66;
const SKIP_DOMAIN: u64 = 0x6D61_676C_6576_736B;

/// A table that is being filled.
pub(super) struct Filling {
    entries: u32,
    preferences: Vec<PreferenceList>,
    occupied: Occupied,
    /// The number of free entries.
    free: u32,
    /// The free entries, listed once there are at most `scan_max`.
    free_entries: Vec<u32>,
    /// With this many free entries, a scan of all of them costs as much as walking to one.
    scan_max: u32,
}

impl Filling {
    pub(super) fn new(entries: u32, nodes: &[Entrant]) -> Self {
        Self {
            entries,
            preferences: nodes.iter().map(|node| PreferenceList::new(node, entries)).collect(),
            occupied: Occupied::new(entries),
            free: entries,
            free_entries: Vec::new(),
            scan_max: entries.isqrt() / 2,
        }
    }

    /// Occupies and returns the first free entry of a node's preference list.
    #[inline]
    pub(super) fn next_free(&mut self, node: usize) -> u32 {
        if self.free <= self.scan_max {
            return self.nearest(node);
        }
        self.free -= 1;
        let Some(preference) = self.preferences.get_mut(node) else { return 0 };
        preference.next_free(&mut self.occupied, self.entries)
    }

    /// Occupies and returns the free entry that comes first in a node's preference list. The inverse of
    /// the skip gives the number of steps to each free entry.
    #[cold]
    fn nearest(&mut self, node: usize) -> u32 {
        if self.free_entries.is_empty() {
            self.free_entries = (0..self.entries).filter(|at| self.occupied.is_free(*at)).collect();
        }
        let Some(preference) = self.preferences.get_mut(node) else { return 0 };
        let modulus = u64::from(self.entries);
        let inverse = preference.inverse(self.entries);
        let steps = |at: &u32| {
            let ahead = u64::from(*at) + modulus - u64::from(preference.at);
            ahead % modulus * inverse % modulus
        };
        steps::count(self.free_entries.len() as u64);
        let nearest = self.free_entries.iter().enumerate().min_by_key(|(_, at)| steps(at));
        let Some((place, at)) = nearest.map(|(place, at)| (place, *at)) else { return 0 };
        preference.at = at;
        self.free_entries.swap_remove(place);
        self.free = self.free.saturating_sub(1);
        at
    }
}

/// A node's own permutation of the entries: every skip-th entry, starting at its offset.
struct PreferenceList {
    /// The next entry to check; during the final scan, the entry occupied last.
    at: u32,
    skip: u32,
}

impl PreferenceList {
    fn new(node: &Entrant, entries: u32) -> Self {
        let hash = |domain, n: u32| (mix(node.identity ^ domain) % u64::from(n)) as u32;
        Self { at: hash(OFFSET_DOMAIN, entries), skip: hash(SKIP_DOMAIN, entries - 1) + 1 }
    }

    /// Occupies and returns the first free entry from `at` on. Checks four entries at once, because the
    /// branch that ends a walk cannot be predicted.
    #[inline]
    fn next_free(&mut self, occupied: &mut Occupied, entries: u32) -> u32 {
        let step = |at: u32, by: u32| {
            let next = at + by;
            next.min(next.wrapping_sub(entries))
        };
        loop {
            steps::count(1);
            let a = self.at;
            let b = step(a, self.skip);
            let two = step(self.skip, self.skip);
            let c = step(a, two);
            let d = step(b, two);
            let ahead = [a, b, c, d];
            let free = (0..)
                .zip(ahead)
                .fold(0_u32, |free, (i, at)| free | u32::from(occupied.is_free(at)) << i);
            let found = ahead.get(free.trailing_zeros() as usize).copied();
            self.at = step(found.unwrap_or(d), self.skip);
            if let Some(at) = found {
                occupied.take(at);
                return at;
            }
        }
    }

    /// The inverse of the skip modulo a prime, by Euclid's algorithm.
    fn inverse(&self, prime: u32) -> u64 {
        let (mut r, mut next_r) = (i64::from(prime), i64::from(self.skip));
        let (mut t, mut next_t) = (0, 1);
        while next_r != 0 {
            let quotient = r / next_r;
            (t, next_t) = (next_t, t - quotient * next_t);
            (r, next_r) = (next_r, r - quotient * next_r);
        }
        t.rem_euclid(i64::from(prime)) as u64
    }
}

/// One bit per entry: the table itself would not fit the nearest cache.
struct Occupied(Vec<u64>);

impl Occupied {
    fn new(entries: u32) -> Self {
        Self(vec![0; entries as usize / 64 + 1])
    }

    #[inline]
    fn take(&mut self, at: u32) {
        if let Some(word) = self.0.get_mut(at as usize / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Out-of-range entries count as free, so the search always ends.
    #[inline]
    fn is_free(&self, at: u32) -> bool {
        self.0.get(at as usize / 64).is_none_or(|word| word >> (at % 64) & 1 == 0)
    }
}
