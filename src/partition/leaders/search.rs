//! The steps that bring leaders into proportion.

use super::super::cells::at;
use super::super::old_rows::PartitionsByLeaf;
use super::super::quota::Quotas;
use super::super::row_kinds::{RowKinds, Seat};
use super::super::tree::NONE;
use super::super::work::Work;
use super::counts::{Leaders, exchange, leader};
use crate::hash::mix::{reduce, word};
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of passes over the partitions that moved.
const PASSES: u64 = 4;

/// Tries for each partition that moved, over all passes, after which no further pass begins.
const EFFORT: u64 = 64;

/// Maximum number of partitions tried for one replica, in one pass and one kind of step.
const TRIES: u64 = 32;

/// Brings the number of partitions that each node leads into proportion to its load, by exchanging
/// replicas that moved, or that could have moved instead. Nothing more moves, and no holder that
/// stays changes its place. Expects ordered rows. O(R²) for each replica that moved.
pub(in crate::partition) fn proportion(
    work: &mut Work<'_>,
    quotas: &Quotas,
    targets: Option<&[u64]>,
) {
    if work.before.is_empty() || work.sizes.stride() < 2 {
        return;
    }
    let moved: Vec<u32> = (0..work.partitions).filter(|p| has_new_holder(work, *p)).collect();
    if moved.is_empty() {
        return;
    }
    let mut search = Search {
        leaders: Leaders::new(work, targets),
        kept_leads: kept_leads(work),
        by_leaf: PartitionsByLeaf::before(work.tree.leaves(), &work.before),
        left_by_leaf: left_by_leaf(work, &moved),
        new_leaders: moved.iter().copied().filter(|p| has_new_leader(work, *p)).collect(),
        moved,
        draws: 0,
        kinds: RowKinds::new(work),
    };
    for _ in 0..PASSES {
        let mut better = false;
        for i in 0..search.moved.len() {
            let partition = at(&search.moved, i);
            better |= search.promote(work, quotas, partition);
            better |= search.demote(work, quotas, partition);
        }
        if !better || search.draws > EFFORT * search.moved.len() as u64 {
            return;
        }
    }
}

/// True if some holder of this partition is new.
fn has_new_holder(work: &Work<'_>, partition: u32) -> bool {
    work.row(partition).iter().any(|leaf| !work.was_on(partition, *leaf))
}

fn has_new_leader(work: &Work<'_>, partition: u32) -> bool {
    !work.was_on(partition, leader(work, partition))
}

/// For each leaf, the partitions that it led before and still leads.
fn kept_leads(work: &Work<'_>) -> Vec<Vec<u32>> {
    let mut kept_leads = vec![Vec::new(); work.tree.leaves()];
    for partition in 0..work.partitions {
        let leaf = leader(work, partition);
        if work.old_row(partition).first() == Some(&leaf) {
            if let Some(list) = kept_leads.get_mut(leaf as usize) {
                list.push(partition);
            }
        }
    }
    kept_leads
}

/// For each leaf, those of the `moved` partitions that left it.
fn left_by_leaf(work: &Work<'_>, moved: &[u32]) -> Vec<Vec<u32>> {
    let mut left_by_leaf = vec![Vec::new(); work.tree.leaves()];
    for partition in moved {
        for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
            if work.is_on(*partition, *leaf) {
                continue;
            }
            if let Some(list) = left_by_leaf.get_mut(*leaf as usize) {
                list.push(*partition);
            }
        }
    }
    left_by_leaf
}

struct Search {
    leaders: Leaders,
    /// For each leaf, partitions that it led before and led at the start.
    kept_leads: Vec<Vec<u32>>,
    /// The old partitions of each leaf.
    by_leaf: PartitionsByLeaf,
    /// For each leaf, partitions that had left it at the start.
    left_by_leaf: Vec<Vec<u32>>,
    /// Partitions that had a new holder at the start.
    moved: Vec<u32>,
    /// Partitions that had a new leader at the start.
    new_leaders: Vec<u32>,
    /// Pseudo-random numbers drawn so far, one for each try.
    draws: u64,
    /// Where there are few leaves.
    kinds: Option<RowKinds>,
}

impl Search {
    /// The next pseudo-random index into a list of this length.
    fn draw(&mut self, len: usize) -> usize {
        self.draws += 1;
        crate::steps::count(1);
        reduce(word(0x1EAD, self.draws), len as u64) as usize
    }

    /// The replica of a partition on a leaf, if kinds of rows are known.
    fn seat(&self, partition: u32, leaf: u32) -> Option<Seat> {
        self.kinds.as_ref().map(|kinds| kinds.seat(partition, leaf))
    }

    /// False if it is known without reading rows that a replica cannot be exchanged with this one.
    fn may(&self, seat: Option<&Seat>, partner: (u32, u32)) -> bool {
        let known = self.kinds.as_ref().zip(seat);
        known.is_none_or(|(kinds, seat)| kinds.may(seat, partner))
    }

    /// The leader of a partition.
    fn leader(&self, work: &Work<'_>, partition: u32) -> u32 {
        let read = || leader(work, partition);
        self.kinds.as_ref().map_or_else(read, |kinds| kinds.leader(partition))
    }

    /// The leaves for which this change of leaders lowers the sum of imbalances, as bits; `None` if
    /// rows are not told apart by kinds.
    fn better(&self, change: impl Fn(u32) -> (u32, u32)) -> Option<u64> {
        let lowers = |leaf: &u32| {
            let (from, to) = change(*leaf);
            self.leaders.change(from, to) < 0
        };
        let leaves = (0..self.leaders.led.len() as u32).filter(lowers);
        self.kinds.as_ref().map(|_| leaves.fold(0, |set, leaf| set | 1 << leaf))
    }

    /// Draws so many numbers for tries that are known to fail.
    fn pass_over(&mut self, tries: u64) {
        self.draws += tries;
        crate::steps::count(1);
    }

    /// Makes new holders of a partition that lead too few partitions leaders, of this partition or
    /// of others. True if any step succeeded.
    fn promote(&mut self, work: &mut Work<'_>, quotas: &Quotas, partition: u32) -> bool {
        let mut better = false;
        let new = |leaf: &u32| !work.was_on(partition, *leaf);
        let newcomers: Vec<u32> = work.row(partition).iter().skip(1).copied().filter(new).collect();
        for leaf in newcomers {
            if self.leaders.imbalance(leaf, 1) >= self.leaders.imbalance(leaf, 0)
                || work.constraints.holds(partition, leaf)
                || !work.is_on(partition, leaf)
                || leader(work, partition) == leaf
            {
                continue;
            }
            better |= self.promote_within(work, partition, leaf)
                || self.promote_by_return(work, quotas, (partition, leaf))
                || self.promote_by_swap(work, (partition, leaf))
                || self.promote_by_detour(work, quotas, (partition, leaf));
        }
        better
    }

    /// Swaps places with the leader of the same partition, if that is new as well.
    fn promote_within(&mut self, work: &mut Work<'_>, partition: u32, leaf: u32) -> bool {
        let first = leader(work, partition);
        let free = has_new_leader(work, partition) && self.leaders.change(first, leaf) < 0;
        if free {
            self.leaders.transfer(first, leaf);
            work.swap(partition, first, leaf);
            self.changed(work, partition);
        }
        free
    }

    /// An old holder of `p` keeps its replica, and gives up one of a partition that it leads.
    fn promote_by_return(
        &mut self,
        work: &mut Work<'_>,
        quotas: &Quotas,
        (p, y): (u32, u32),
    ) -> bool {
        let homes: Vec<u32> = work.old_row(p).to_vec();
        let seat = self.seat(p, y);
        for x in homes {
            let gone = x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x);
            if gone || !work.fits(p, y, x) || self.leaders.change(x, y) >= 0 {
                continue;
            }
            let count = self.kept_leads.get(x as usize).map_or(0, Vec::len);
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let list = self.kept_leads.get(x as usize);
                let Some(q) = list.and_then(|list| list.get(turn)).copied() else { break };
                if self.leader(work, q) == x
                    && self.may(seat.as_ref(), (q, x))
                    && self.exchange(work, (p, y), (q, x))
                {
                    return true;
                }
            }
        }
        false
    }

    /// The leader of `p` leaves it in place of an old holder that did, and that old holder leaves
    /// a partition that the leader had left.
    fn promote_by_detour(
        &mut self,
        work: &mut Work<'_>,
        quotas: &Quotas,
        (p, y): (u32, u32),
    ) -> bool {
        let first = leader(work, p);
        if self.leaders.change(first, y) >= 0 || !work.was_on(p, first) {
            return false;
        }
        let homes: Vec<u32> = work.old_row(p).to_vec();
        let seat = self.seat(p, first);
        for x in homes {
            if x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x) {
                continue;
            }
            let count = self.left_by_leaf.get(first as usize).map_or(0, Vec::len);
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let list = self.left_by_leaf.get(first as usize);
                let Some(q) = list.and_then(|list| list.get(turn)).copied() else { break };
                if self.may(seat.as_ref(), (q, x))
                    && work.is_on(q, x)
                    && !work.is_on(q, first)
                    && self.exchange(work, (p, first), (q, x))
                {
                    return true;
                }
            }
        }
        false
    }

    /// Exchanges the replica with the new leader of another partition.
    fn promote_by_swap(&mut self, work: &mut Work<'_>, (p, y): (u32, u32)) -> bool {
        let tries = TRIES.min(self.new_leaders.len() as u64);
        let seat = self.seat(p, y);
        let better = self.better(|x| (x, y));
        if better.zip(seat).is_some_and(|(better, seat)| better & seat.takes() == 0) {
            self.pass_over(tries);
            return false;
        }
        for _ in 0..tries {
            let turn = self.draw(self.new_leaders.len());
            let q = at(&self.new_leaders, turn);
            let x = self.leader(work, q);
            let new = |kinds: &RowKinds| kinds.has_new_leader(q);
            if better.is_some_and(|better| better >> x & 1 == 0)
                || !self.kinds.as_ref().is_none_or(new)
            {
                continue;
            }
            if self.may(seat.as_ref(), (q, x))
                && has_new_leader(work, q)
                && self.leaders.change(x, y) < 0
                && self.exchange(work, (p, y), (q, x))
            {
                return true;
            }
        }
        false
    }

    /// Finds another place for a new leader that leads too many partitions: an old holder of `p`
    /// stays and gives up a partition that it does not lead, or a new holder of another partition
    /// takes this place and gives its own.
    fn demote(&mut self, work: &mut Work<'_>, quotas: &Quotas, p: u32) -> bool {
        let y = leader(work, p);
        if !has_new_leader(work, p) || self.leaders.imbalance(y, -1) >= self.leaders.imbalance(y, 0)
        {
            return false;
        }
        let homes: Vec<u32> = work.old_row(p).to_vec();
        let seat = self.seat(p, y);
        for x in homes {
            let gone = x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x);
            if gone || !work.fits(p, y, x) || self.leaders.change(y, x) >= 0 {
                continue;
            }
            let count = self.by_leaf.of(x).len();
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let Some(q) = self.by_leaf.of(x).get(turn) else { break };
                if self.may(seat.as_ref(), (q, x))
                    && work.is_on(q, x)
                    && leader(work, q) != x
                    && self.exchange(work, (p, y), (q, x))
                {
                    return true;
                }
            }
        }
        let tries = TRIES.min(self.moved.len() as u64);
        let better = self.better(|x| (y, x));
        if better.zip(seat).is_some_and(|(better, seat)| better & seat.takes() == 0) {
            self.pass_over(tries);
            return false;
        }
        for _ in 0..tries {
            let turn = self.draw(self.moved.len());
            let q = at(&self.moved, turn);
            let x = if let Some((kinds, better)) = self.kinds.as_ref().zip(better) {
                kinds.new_follower(q, better)
            } else {
                let new = |x: &&u32| !work.was_on(q, **x) && self.leaders.change(y, **x) < 0;
                work.row(q).iter().skip(1).find(new).copied()
            };
            if x.is_some_and(|x| {
                self.may(seat.as_ref(), (q, x)) && self.exchange(work, (p, y), (q, x))
            }) {
                return true;
            }
        }
        false
    }

    /// Exchanges two replicas if the rules allow it, nothing more moves, no more partitions have
    /// two or more moves, and the imbalance of leaders falls. True if exchanged.
    fn exchange(&mut self, work: &mut Work<'_>, (p, y): (u32, u32), (q, x): (u32, u32)) -> bool {
        let allowed = p != q
            && x != y
            && work.fits(p, y, x)
            && work.fits(q, x, y)
            && !work.constraints.holds(p, y)
            && !work.constraints.holds(q, x)
            && work.may_exchange((p, y), (q, x));
        let exchanged =
            allowed && exchange(work, (p, y), (q, x), |led| self.leaders.accept(led, true));
        if exchanged {
            self.changed(work, p);
            self.changed(work, q);
        }
        exchanged
    }

    /// Notes that a row changed.
    fn changed(&mut self, work: &Work<'_>, partition: u32) {
        if self.kinds.as_mut().is_some_and(|kinds| !kinds.update(work, partition)) {
            self.kinds = None;
        }
    }
}
