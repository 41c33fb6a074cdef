//! Chooses which replicas move so that fewer leaders have to change afterwards.
//!
//! ```text
//!  the leader of a partition is its first holder; a leads too many, b too few; y is new in p
//!
//!  give      p: [.. y ..] -> [.. a ..]   q: [a ..] -> [y ..]       a gives a partition it leads
//!                                                                  instead: a -1, y +1
//!  keep      p: [y ..]    -> [b ..]      q: [.. b ..] -> [.. y ..] b keeps a partition it leads
//!                                                                  instead: y -1, b +1
//!  swap      p: [a ..]    -> [b ..]      q: [.. b ..] -> [.. a ..] both new: a -1, b +1
//! ```
//!
//! A node that gives too few of the partitions it leads leads too many of the rest, and then leaders
//! would have to change without a replica that moves. Every step keeps the number of moves, as those
//! of [`leaders`](super::super::leaders) do; that file's search brings the nodes that grow into
//! proportion, this one those that shrink.

use super::super::cells::{add, at, put, take};
use super::super::leaders::{exchange, leader};
use super::super::old_rows::PartitionsByLeaf;
use super::super::tree::NONE;
use super::super::work::Work;
use super::quotas::LeaderQuotas;
use crate::hash::mix::{reduce, word};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of partitions tried for one replica.
const TRIES: usize = 64;

/// Maximum number of partitions looked at to find one whose leader may be another.
const LOOKS: usize = 1024;

/// Moves other replicas instead, as long as fewer nodes lead more than their ceiling or fewer than
/// their floor. Expects ordered rows. For each replica that moved, O(R²) for each of 64 tries, and
/// 1,024 looks with as many tries each at most.
pub(super) fn settle(work: &mut Work<'_>, quotas: &LeaderQuotas) {
    if work.before.is_empty() || work.sizes.stride() < 2 {
        return;
    }
    let moved = (0..work.partitions).filter(|p| work.may_return(*p) || has_new(work, *p));
    let moved: Vec<u32> = moved.collect();
    if moved.is_empty() {
        return;
    }
    let mut settling = Settling::new(work, quotas, moved);
    for leaf in 0..work.tree.leaves() as u32 {
        settling.lower(work, leaf);
    }
    for leaf in 0..work.tree.leaves() as u32 {
        settling.raise(work, leaf);
    }
}

fn has_new(work: &Work<'_>, partition: u32) -> bool {
    work.row(partition).iter().any(|leaf| !work.was_on(partition, *leaf))
}

struct Settling<'a> {
    quotas: &'a LeaderQuotas,
    led: Vec<u64>,
    /// Partitions that moved.
    moved: Vec<u32>,
    /// For each leaf, partitions that left it, and those that came; some may have returned since.
    left: Vec<Vec<u32>>,
    came: Vec<Vec<u32>>,
    /// For each leaf, partitions that it led before and still leads; some may have gone since.
    kept_leads: Vec<Vec<u32>>,
    /// The old partitions of each leaf.
    by_leaf: PartitionsByLeaf,
    /// Leaves at their ceilings for which no other leader was found, and leaves at their floors that
    /// found no other partition: they are not tried again.
    full: Vec<bool>,
    empty: Vec<bool>,
    draws: u64,
}

impl<'a> Settling<'a> {
    fn new(work: &Work<'_>, quotas: &'a LeaderQuotas, moved: Vec<u32>) -> Self {
        let leaves = work.tree.leaves();
        let mut settling = Self {
            quotas,
            led: vec![0; leaves],
            left: vec![Vec::new(); leaves],
            came: vec![Vec::new(); leaves],
            kept_leads: vec![Vec::new(); leaves],
            by_leaf: PartitionsByLeaf::before(leaves, &work.before),
            moved,
            full: vec![false; leaves],
            empty: vec![false; leaves],
            draws: 0,
        };
        for partition in 0..work.partitions {
            let first = leader(work, partition);
            add(&mut settling.led, first as usize, 1);
            if work.old_row(partition).first() == Some(&first) {
                push(&mut settling.kept_leads, first, partition);
            }
        }
        for partition in &settling.moved {
            for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
                if !work.is_on(*partition, *leaf) {
                    push(&mut settling.left, *leaf, *partition);
                }
            }
            for leaf in work.row(*partition) {
                if !work.was_on(*partition, *leaf) {
                    push(&mut settling.came, *leaf, *partition);
                }
            }
        }
        settling
    }

    fn led(&self, leaf: u32) -> u64 {
        at(&self.led, leaf as usize)
    }

    fn ceil(&self, leaf: u32) -> u64 {
        at(&self.quotas.ceils, leaf as usize)
    }

    fn floor(&self, leaf: u32) -> u64 {
        at(&self.quotas.floors, leaf as usize)
    }

    /// Places of a list to try, at most this many, from a pseudo-random one on.
    fn places(&mut self, len: usize, max: usize) -> impl Iterator<Item = usize> + use<> {
        self.draws += 1;
        let start = reduce(word(0x5E77, self.draws), len.max(1) as u64) as usize;
        (0..len.min(max)).map(move |i| (start + i) % len.max(1))
    }

    /// Lowers the number of partitions that a leaf leads to its ceiling.
    fn lower(&mut self, work: &mut Work<'_>, a: u32) {
        // Not those that are added on the way: a step that is taken back would be tried for ever.
        for p in self.left.get(a as usize).cloned().unwrap_or_default() {
            if self.led(a) <= self.ceil(a) {
                return;
            }
            let new: Vec<u32> = newcomers(work, p).filter(|y| leader(work, p) != *y).collect();
            for y in new {
                if self.led(y) >= self.ceil(y) && at(&self.full, y as usize) {
                    continue;
                }
                if let Some(q) = self.give(work, (p, y), a) {
                    if self.led(y) > self.ceil(y) && !self.relieve(work, y) {
                        put(&mut self.full, y as usize, true);
                        self.apply(work, (p, a), (q, y), (y, a));
                    }
                    break;
                }
            }
        }
        for p in self.came.get(a as usize).cloned().unwrap_or_default() {
            if self.led(a) <= self.ceil(a) {
                return;
            }
            if leader(work, p) == a && !work.was_on(p, a) {
                self.swap(work, p, a);
            }
        }
    }

    /// Raises the number of partitions that a leaf leads to its floor.
    fn raise(&mut self, work: &mut Work<'_>, b: u32) {
        for p in self.left.get(b as usize).cloned().unwrap_or_default() {
            if self.led(b) >= self.floor(b) {
                return;
            }
            let y = leader(work, p);
            let stuck = self.led(y) <= self.floor(y) && at(&self.empty, y as usize);
            if work.was_on(p, y) || stuck {
                continue;
            }
            if let Some(q) = self.keep(work, (p, y), b) {
                if self.led(y) < self.floor(y) && !self.replenish(work, y) {
                    put(&mut self.empty, y as usize, true);
                    self.apply(work, (p, b), (q, y), (b, y));
                }
            }
        }
    }

    /// Finds a partition that `a` leads and gives instead of `p`, which moved from it to `y`. Returns
    /// the partition.
    fn give(&mut self, work: &mut Work<'_>, (p, y): (u32, u32), a: u32) -> Option<u32> {
        if work.is_on(p, a) || !work.was_on(p, a) {
            return None;
        }
        let len = self.kept_leads.get(a as usize).map_or(0, Vec::len);
        for place in self.places(len, TRIES) {
            let q = self.kept_leads.get(a as usize).and_then(|list| list.get(place)).copied()?;
            if leader(work, q) == a && self.apply(work, (p, y), (q, a), (a, y)) {
                return Some(q);
            }
        }
        None
    }

    /// Finds a partition that `b` holds, does not lead and gives instead of `p`, which it led and
    /// which moved from it to `y`. Returns the partition.
    fn keep(&mut self, work: &mut Work<'_>, (p, y): (u32, u32), b: u32) -> Option<u32> {
        if work.is_on(p, b) || work.old_row(p).first() != Some(&b) {
            return None;
        }
        let len = self.by_leaf.of(b).len();
        for place in self.places(len, TRIES) {
            let q = self.by_leaf.of(b).get(place)?;
            let held = work.is_on(q, b) && leader(work, q) != b;
            if held && self.apply(work, (p, y), (q, b), (y, b)) {
                return Some(q);
            }
        }
        None
    }

    /// Lowers the number of partitions that `y` leads by one: its old leader keeps one of them.
    fn relieve(&mut self, work: &mut Work<'_>, y: u32) -> bool {
        for below_floor in [true, false] {
            let len = self.came.get(y as usize).map_or(0, Vec::len);
            for place in self.places(len, LOOKS) {
                steps::count(1);
                let list = self.came.get(y as usize);
                let Some(p) = list.and_then(|list| list.get(place)).copied() else { break };
                let Some(b) = work.old_row(p).first().copied().filter(|b| *b != NONE) else {
                    continue;
                };
                let max = if below_floor { self.floor(b) } else { self.ceil(b) };
                let lacks = leader(work, p) == y && b != y && self.led(b) < max;
                if lacks && self.keep(work, (p, y), b).is_some() {
                    return true;
                }
            }
        }
        false
    }

    /// Raises the number of partitions that `y` leads by one: an old leader gives it one.
    fn replenish(&mut self, work: &mut Work<'_>, y: u32) -> bool {
        for above_ceil in [true, false] {
            let len = self.came.get(y as usize).map_or(0, Vec::len);
            for place in self.places(len, LOOKS) {
                steps::count(1);
                let list = self.came.get(y as usize);
                let Some(p) = list.and_then(|list| list.get(place)).copied() else { break };
                if leader(work, p) == y || !work.is_on(p, y) || work.was_on(p, y) {
                    continue;
                }
                let old: Vec<u32> = work.old_row(p).to_vec();
                for a in old.into_iter().filter(|a| *a != NONE) {
                    let min = if above_ceil { self.ceil(a) } else { self.floor(a) };
                    if self.led(a) > min && self.give(work, (p, y), a).is_some() {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// A new leader `a` of `p` exchanges its replica with a new holder of another partition that
    /// leads fewer than its ceiling.
    fn swap(&mut self, work: &mut Work<'_>, p: u32, a: u32) -> bool {
        for place in self.places(self.moved.len(), TRIES) {
            let q = at(&self.moved, place);
            let lacks = |b: &u32| self.led(*b) < self.ceil(*b) && leader(work, q) != *b && *b != a;
            let Some(b) = newcomers(work, q).find(lacks) else { continue };
            if self.apply(work, (p, a), (q, b), (a, b)) {
                return true;
            }
        }
        false
    }

    /// Exchanges the replica of `p` on `x` with that of `q` on `y` if all rules allow it, nothing
    /// more moves, and the effect on leaders is that the second node of `effect` leads a partition in
    /// place of the first.
    fn apply(
        &mut self,
        work: &mut Work<'_>,
        (p, x): (u32, u32),
        (q, y): (u32, u32),
        effect: (u32, u32),
    ) -> bool {
        steps::count(1);
        let allowed = p != q
            && x != y
            && work.is_on(p, x)
            && work.is_on(q, y)
            && at(&work.tree.weights, x as usize) > 0
            && at(&work.tree.weights, y as usize) > 0
            && work.fits(p, x, y)
            && work.fits(q, y, x)
            && !work.constraints.holds(p, x)
            && !work.constraints.holds(q, y)
            && work.may_exchange((p, x), (q, y));
        let wanted = |changes: [(u32, u32); 2]| {
            let mut changes = changes.into_iter().filter(|(from, to)| from != to);
            changes.next() == Some(effect) && changes.next().is_none()
        };
        if !allowed || !exchange(work, (p, x), (q, y), wanted) {
            return false;
        }
        take(&mut self.led, effect.0 as usize, 1);
        add(&mut self.led, effect.1 as usize, 1);
        for (partition, from, to) in [(p, x, y), (q, y, x)] {
            if work.was_on(partition, from) {
                push(&mut self.left, from, partition);
            }
            if !work.was_on(partition, to) {
                push(&mut self.came, to, partition);
            }
            if work.old_row(partition).first() == Some(&to) {
                push(&mut self.kept_leads, to, partition);
            }
        }
        true
    }
}

fn newcomers<'w>(work: &'w Work<'_>, partition: u32) -> impl Iterator<Item = u32> + use<'w> {
    let row = work.row(partition).iter().copied();
    row.filter(move |leaf| !work.was_on(partition, *leaf))
}

fn push(lists: &mut [Vec<u32>], leaf: u32, partition: u32) {
    if let Some(list) = lists.get_mut(leaf as usize) {
        list.push(partition);
    }
}
