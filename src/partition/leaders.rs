//! First holders: a node leads as many partitions as befit what it holds.

use super::cells::{add, at, take};
use super::old_rows::PartitionsByLeaf;
use super::places;
use super::quota::Quotas;
use super::tree::NONE;
use super::work::Work;
use crate::hash::mix::{reduce, word};
use alloc::vec;
use alloc::vec::Vec;

/// Passes over the partitions of which a replica moved.
const PASSES: u64 = 4;

/// Partitions tried for each of those, over all passes, after which no pass begins.
const EFFORT: u64 = 64;

/// Partitions tried to get a first place from, for one replica in one pass.
const TRIES: u64 = 32;

/// Partitions that each leaf leads, beside what would befit it: its replicas / R.
#[derive(Debug)]
pub(super) struct Leaders {
    led: Vec<u64>,
    loads: Vec<u64>,
    /// The inverse of each leaf's replicas, so that the dearest is some 2^18.
    inverse: Vec<u64>,
    replicas: u64,
}

impl Leaders {
    /// Of rows whose first holders lead.
    pub(super) fn new(work: &Work<'_>) -> Self {
        let mut led = vec![0; work.tree.leaves()];
        for leaf in work.rows.iter().step_by(work.replicas.max(1)).filter(|leaf| **leaf != NONE) {
            add(&mut led, *leaf as usize, 1);
        }
        let loads = work.loads.clone();
        let max_load = loads.iter().copied().max().unwrap_or(1).max(1);
        let inverse = |load: &u64| (max_load * 256 / (*load).max(1)).min(1 << 18);
        Self {
            led,
            inverse: loads.iter().map(inverse).collect(),
            loads,
            replicas: work.replicas as u64,
        }
    }

    /// (led − due)² / due, in proportion, if the leaf led so many more.
    fn imbalance(&self, leaf: u32, more: i64) -> i128 {
        let leaf = leaf as usize;
        let led = i128::from(at(&self.led, leaf)) + i128::from(more);
        let imbalance = led * i128::from(self.replicas) - i128::from(at(&self.loads, leaf));
        imbalance * imbalance * i128::from(at(&self.inverse, leaf))
    }

    /// What it does to the sum of those if `from` leads one less and `to` one more.
    fn change(&self, from: u32, to: u32) -> i128 {
        if from == to {
            return 0;
        }
        self.imbalance(from, -1) + self.imbalance(to, 1)
            - self.imbalance(from, 0)
            - self.imbalance(to, 0)
    }

    fn transfer(&mut self, from: u32, to: u32) {
        take(&mut self.led, from as usize, 1);
        add(&mut self.led, to as usize, 1);
    }

    /// Takes over two changes of leaders if they make the sum no greater (`strictly`: smaller).
    pub(super) fn accept(&mut self, changes: [(u32, u32); 2], strictly: bool) -> bool {
        let [(a, b), (c, d)] = changes;
        let first = self.change(a, b);
        self.transfer(a, b);
        let sum = first + self.change(c, d);
        if sum < 0 || (sum == 0 && !strictly) {
            self.transfer(c, d);
            return true;
        }
        self.transfer(b, a);
        false
    }
}

/// The first holder of a partition.
pub(super) fn leader(work: &Work<'_>, partition: u32) -> u32 {
    work.row(partition).first().copied().unwrap_or(NONE)
}

/// Exchanges what `x` has in partition `p` with what `y` has in `q`, and orders both rows, if `pays`
/// says so of the leaders before and after; else nothing happens.
pub(super) fn exchange(
    work: &mut Work<'_>,
    (p, x): (u32, u32),
    (q, y): (u32, u32),
    pays: impl FnOnce([(u32, u32); 2]) -> bool,
) -> bool {
    let before = (work.row(p).to_vec(), work.row(q).to_vec());
    let led = (leader(work, p), leader(work, q));
    work.put(p, x, y);
    work.put(q, y, x);
    places::row(work, p);
    places::row(work, q);
    if pays([(led.0, leader(work, p)), (led.1, leader(work, q))]) {
        return true;
    }
    work.put(p, y, x);
    work.put(q, x, y);
    work.write(p, &before.0);
    work.write(q, &before.1);
    false
}

/// Gives first places to nodes that lead less than befits them, among the replicas that moved and
/// those that could have moved in their stead: nothing more moves, and nobody who stays changes
/// place. The rows are in order. O(R²) for each replica that moved.
pub(super) fn proportion(work: &mut Work<'_>, quotas: &Quotas) {
    if work.before.is_empty() || work.replicas < 2 {
        return;
    }
    let moved: Vec<u32> = (0..work.partitions).filter(|p| is_new(work, *p)).collect();
    if moved.is_empty() {
        return;
    }
    let mut search = Search {
        leaders: Leaders::new(work),
        firsts: firsts(work),
        by_leaf: PartitionsByLeaf::before(work.tree.leaves(), &work.before),
        left: left(work, &moved),
        new_firsts: moved.iter().copied().filter(|p| is_first_new(work, *p)).collect(),
        moved,
        draws: 0,
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

/// True if some holder is new.
fn is_new(work: &Work<'_>, partition: u32) -> bool {
    work.row(partition).iter().any(|leaf| !work.was_on(partition, *leaf))
}

fn is_first_new(work: &Work<'_>, partition: u32) -> bool {
    !work.was_on(partition, leader(work, partition))
}

/// The partitions that each leaf led before and leads now.
fn firsts(work: &Work<'_>) -> Vec<Vec<u32>> {
    let mut firsts = vec![Vec::new(); work.tree.leaves()];
    for partition in 0..work.partitions {
        let leaf = leader(work, partition);
        if work.old_row(partition).first() == Some(&leaf) {
            if let Some(list) = firsts.get_mut(leaf as usize) {
                list.push(partition);
            }
        }
    }
    firsts
}

/// Those of some partitions that each leaf left.
fn left(work: &Work<'_>, moved: &[u32]) -> Vec<Vec<u32>> {
    let mut left = vec![Vec::new(); work.tree.leaves()];
    for partition in moved {
        for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
            if let Some(list) =
                left.get_mut(*leaf as usize).filter(|_| !work.is_on(*partition, *leaf))
            {
                list.push(*partition);
            }
        }
    }
    left
}

struct Search {
    leaders: Leaders,
    firsts: Vec<Vec<u32>>,
    /// Who held what before.
    by_leaf: PartitionsByLeaf,
    /// Partitions that each leaf had left in the beginning.
    left: Vec<Vec<u32>>,
    /// Partitions with a new holder in the beginning, and those with a new first one.
    moved: Vec<u32>,
    new_firsts: Vec<u32>,
    draws: u64,
}

impl Search {
    fn draw(&mut self, list: usize) -> usize {
        self.draws += 1;
        crate::steps::count(1);
        reduce(word(0x1EAD, self.draws), list as u64) as usize
    }

    /// Looks for a first place for each new holder of a partition that has another one there.
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

    /// From another new holder of the same partition.
    fn promote_within(&mut self, work: &mut Work<'_>, partition: u32, leaf: u32) -> bool {
        let first = leader(work, partition);
        let free = is_first_new(work, partition) && self.leaders.change(first, leaf) < 0;
        if free {
            self.leaders.transfer(first, leaf);
            work.swap(partition, first, leaf);
        }
        free
    }

    /// The leaf whose replica moved here keeps it, and gives one of a partition that it leads.
    fn promote_by_return(
        &mut self,
        work: &mut Work<'_>,
        quotas: &Quotas,
        (p, y): (u32, u32),
    ) -> bool {
        let homes: Vec<u32> = work.old_row(p).to_vec();
        for x in homes {
            let gone = x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x);
            if gone || !work.fits(p, y, x) || self.leaders.change(x, y) >= 0 {
                continue;
            }
            let count = self.firsts.get(x as usize).map_or(0, Vec::len);
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let Some(q) = self.firsts.get(x as usize).and_then(|list| list.get(turn)).copied()
                else {
                    break;
                };
                if leader(work, q) == x && self.exchange(work, (p, y), (q, x)) {
                    return true;
                }
            }
        }
        false
    }

    /// The first holder leaves this partition in place of the leaf that did, and that leaf leaves one
    /// that the first holder left.
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
        for x in homes {
            if x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x) {
                continue;
            }
            let count = self.left.get(first as usize).map_or(0, Vec::len);
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let list = self.left.get(first as usize);
                let Some(q) = list.and_then(|list| list.get(turn)).copied() else { break };
                if work.is_on(q, x)
                    && !work.is_on(q, first)
                    && self.exchange(work, (p, first), (q, x))
                {
                    return true;
                }
            }
        }
        false
    }

    /// Another new holder, of another partition, takes this place and gives its own.
    fn promote_by_swap(&mut self, work: &mut Work<'_>, (p, y): (u32, u32)) -> bool {
        for _ in 0..TRIES.min(self.new_firsts.len() as u64) {
            let turn = self.draw(self.new_firsts.len());
            let q = at(&self.new_firsts, turn);
            let x = leader(work, q);
            if is_first_new(work, q)
                && self.leaders.change(x, y) < 0
                && self.exchange(work, (p, y), (q, x))
            {
                return true;
            }
        }
        false
    }

    /// Looks for another place for a new first holder that leads more than befits it: the leaf whose
    /// replica moved here leads again and gives one of a partition in which it follows; or another
    /// new holder takes this place and gives its own.
    fn demote(&mut self, work: &mut Work<'_>, quotas: &Quotas, p: u32) -> bool {
        let y = leader(work, p);
        if !is_first_new(work, p) || self.leaders.imbalance(y, -1) >= self.leaders.imbalance(y, 0) {
            return false;
        }
        let homes: Vec<u32> = work.old_row(p).to_vec();
        for x in homes {
            let gone = x == NONE || work.is_on(p, x) || quotas.is_empty(work.tree, x);
            if gone || !work.fits(p, y, x) || self.leaders.change(y, x) >= 0 {
                continue;
            }
            let count = self.by_leaf.of(x).len();
            for _ in 0..TRIES.min(count as u64) {
                let turn = self.draw(count);
                let Some(q) = self.by_leaf.of(x).get(turn) else { break };
                if work.is_on(q, x) && leader(work, q) != x && self.exchange(work, (p, y), (q, x)) {
                    return true;
                }
            }
        }
        for _ in 0..TRIES.min(self.moved.len() as u64) {
            let turn = self.draw(self.moved.len());
            let q = at(&self.moved, turn);
            let new = |leaf: &&u32| !work.was_on(q, **leaf) && self.leaders.change(y, **leaf) < 0;
            let x = work.row(q).iter().skip(1).find(new).copied();
            if x.is_some_and(|x| self.exchange(work, (p, y), (q, x))) {
                return true;
            }
        }
        false
    }

    /// Exchanges two replicas if the rules let them, nothing more moves, no more partitions have two
    /// moved, and leaders are in better proportion then.
    fn exchange(&mut self, work: &mut Work<'_>, (p, y): (u32, u32), (q, x): (u32, u32)) -> bool {
        let allowed = p != q
            && x != y
            && work.fits(p, y, x)
            && work.fits(q, x, y)
            && !work.constraints.holds(p, y)
            && !work.constraints.holds(q, x)
            && work.may_exchange((p, y), (q, x));
        allowed && exchange(work, (p, y), (q, x), |led| self.leaders.accept(led, true))
    }
}
