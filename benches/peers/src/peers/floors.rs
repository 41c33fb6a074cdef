//! Floors: lower bounds on the cost of any placement.

use super::POINTS;
use crate::keys::Random;
use crate::peer::{Diff, Locate, Peer};
use apportion::Xxh3;
use apportion::hash::KeyHasher;
use std::cell::Cell;
use std::hint::black_box;

/// The default hasher alone.
pub struct HashOnly;

impl Peer for HashOnly {
    const NAME: &'static str = "floor: hash only";
    const FLOOR: bool = true;
    type Plan = ();

    fn plan(_: u32) {}

    fn build((): &()) -> Self {
        Self
    }
}

impl<K: ?Sized> Locate<K> for HashOnly
where
    Xxh3: KeyHasher<K>,
{
    fn locate(&self, key: &K) -> u32 {
        Xxh3.hash_key(key).get() as u32
    }
}

/// The default hasher modulo n: placement without consistency.
pub struct Modulo(u64);

impl Peer for Modulo {
    const NAME: &'static str = "floor: hash % n";
    const FLOOR: bool = true;
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self((*n).into())
    }
}

impl<K: ?Sized> Locate<K> for Modulo
where
    Xxh3: KeyHasher<K>,
{
    fn locate(&self, key: &K) -> u32 {
        (Xxh3.hash_key(key).get() % self.0) as u32
    }
}

/// A read that misses every cache and depends on the previous one. The key is not used.
pub struct CacheMiss {
    table: Vec<u32>,
    last: Cell<(u32, u32)>,
}

impl Peer for CacheMiss {
    const NAME: &'static str = "floor: one cache miss";
    const FLOOR: bool = true;
    type Plan = ();

    fn plan(_: u32) {}

    /// 64 MiB.
    fn build((): &()) -> Self {
        let mut random = Random(0xCAFE);
        let table = (0..1 << 24).map(|_| random.next() as u32).collect();
        Self { table, last: Cell::default() }
    }
}

impl<K: ?Sized> Locate<K> for CacheMiss {
    fn locate(&self, _: &K) -> u32 {
        // The count prevents the reads from entering a short cycle.
        let (last, count) = self.last.get();
        let next = self.table[(last.wrapping_add(count) & 0xFF_FFFF) as usize];
        self.last.set((next, count.wrapping_add(1)));
        next
    }
}

/// The sum of all points of two rings, one list after the other or, with `MERGED`, in their common
/// order: a diff without owners.
pub struct ReadPoints<const MERGED: bool> {
    old: Vec<u64>,
    new: Vec<u64>,
}

impl<const MERGED: bool> Peer for ReadPoints<MERGED> {
    const NAME: &'static str =
        if MERGED { "floor: merge both point lists" } else { "floor: read both point lists" };
    const FAMILY: &'static str = "ring diff";
    const FLOOR: bool = true;
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        let mut random = Random(0xD1FF);
        let mut points = || {
            let mut points: Vec<u64> = (0..n * POINTS).map(|_| random.next()).collect();
            points.sort_unstable();
            points
        };
        Self { old: points(), new: points() }
    }
}

impl<const MERGED: bool> Diff for ReadPoints<MERGED> {
    fn points(&self) -> usize {
        self.old.len() + self.new.len()
    }

    fn moved(&self) -> f64 {
        let (old, new) = (&self.old, &self.new);
        let (mut sum, mut at) = (0_u64, (0, 0));
        if MERGED {
            while let (Some(a), Some(b)) = (old.get(at.0), new.get(at.1)) {
                sum = sum.wrapping_add(*a.min(b));
                // Branchless, because the next list is unpredictable.
                at = (at.0 + usize::from(a <= b), at.1 + usize::from(b < a));
            }
        }
        let rest = old[at.0..].iter().chain(&new[at.1..]);
        rest.fold(sum, |sum, point| sum.wrapping_add(*point)) as f64
    }
}
