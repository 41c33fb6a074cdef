//! Which entry a node takes next.
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
//! M is prime, so every preference list visits all entries. Finding a free one takes longer as the
//! table fills up: the last sqrt(M) / 2 entries are found the other way round, from the list of free
//! entries and the inverse of the skip, which tells how far each of them is.

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
    /// Entries nobody has.
    free: u32,
    /// All of them, once they are few.
    free_entries: Vec<u32>,
    /// With as many left as this, it costs as much to look at all of them as to walk on to one.
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

    /// The first entry that nobody has on a node's walk, which takes it.
    #[inline]
    pub(super) fn next_free(&mut self, node: usize) -> u32 {
        if self.free <= self.scan_max {
            return self.nearest(node);
        }
        self.free -= 1;
        let Some(preference) = self.preferences.get_mut(node) else { return 0 };
        preference.next_free(&mut self.occupied, self.entries)
    }

    /// Of the few entries that are left, the one a node's walk comes to first: with the inverse of
    /// its skip, each tells how many steps away it is.
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

/// A node's own permutation of the entries: every skip-th one from its offset on.
struct PreferenceList {
    /// Where it looks next; what it took last once few are left.
    at: u32,
    skip: u32,
}

impl PreferenceList {
    fn new(node: &Entrant, entries: u32) -> Self {
        let hash = |domain, n: u32| (mix(node.identity ^ domain) % u64::from(n)) as u32;
        Self { at: hash(OFFSET_DOMAIN, entries), skip: hash(SKIP_DOMAIN, entries - 1) + 1 }
    }

    /// Takes the first entry of the rest that nobody has: four at a glance, because where a walk
    /// ends cannot be foreseen.
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

/// A bit an entry: the table itself would leave the near cache.
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

    /// An entry there is not counts as free, so that nothing loops on it.
    #[inline]
    fn is_free(&self, at: u32) -> bool {
        self.0.get(at as usize / 64).is_none_or(|word| word >> (at % 64) & 1 == 0)
    }
}
