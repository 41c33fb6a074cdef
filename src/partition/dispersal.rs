//! The passes of dispersion: which replicas they try to exchange, and when they end.

use super::active_rows::{ActiveRows, View, any_above};
use super::cells::at;
use super::fair_shares::FairShares;
use super::leaders::{self, Leaders};
use super::pair_counts::PairCounts;
use super::partners::{AHEAD, NO_PARTNER, Partners};
use super::row_kinds::RowKinds;
use super::work::Work;

/// Maximum number of passes over all places that may change.
const PASSES: u64 = 48;

/// The first passes, which try every replica that moved; later ones only pairs above their share.
const GENERAL_PASSES: u64 = 4;

/// Consecutive later passes without an exchange after which dispersion ends.
const IDLE_PASSES: u64 = 6;

/// Consecutive failed tries, for each replica that may be exchanged, after which dispersion ends.
const FAILED_TRIES: u64 = 64;

/// Maximum number of partners tried for a place in one pass.
const TRIES: usize = 8;

/// Expected number of places tried in one pass for each partition that a pair shares above its
/// limit.
///
/// A pair that shares 78,650 partitions where 78,644 are allowed is mended by six exchanges, so a
/// pass tries some dozens of its places and not all 157,300. Where a pair shares no more than this
/// many times its excess, as in a table with many nodes, every place is tried.
const PLACES_PER_EXCESS: u64 = 64;

/// Steps after which no further pass begins: the first number for each replica that may be
/// exchanged, plus the second for each replica of the table. A step is a try or a lookup of a pair.
/// 1,000 nodes and 2^18 partitions of three replicas take 200 steps for each replica.
const EFFORT: (u64, u64) = (256, 32);

/// Dispersion of one table.
pub(super) struct Dispersal {
    pairs: PairCounts,
    fair_shares: FairShares,
    partners: Partners,
    leaders: Leaders,
    fresh: bool,
    /// Steps so far: tries and lookups of pairs.
    effort: u64,
    active: ActiveRows,
    /// In a changed table with few leaves.
    kinds: Option<RowKinds>,
}

/// What a pass did.
#[derive(Debug, Default)]
struct Tally {
    exchanged: u64,
    /// Replicas of pairs above their share.
    above_share: u64,
    tries: u64,
}

impl Dispersal {
    /// Begins with these rows, of a fresh table or of a change. `loads` are the targets of leaders.
    pub(super) fn new(
        work: &Work<'_>,
        fair_shares: FairShares,
        loads: Option<&[u64]>,
        fresh: bool,
    ) -> Self {
        Self {
            pairs: PairCounts::new(work),
            fair_shares,
            partners: Partners::new(work, fresh),
            leaders: Leaders::new(work, loads),
            fresh,
            effort: 0,
            active: ActiveRows::all(),
            kinds: if fresh { None } else { RowKinds::new(work) },
        }
    }

    fn view<'a, 'w>(&'a self, work: &'a Work<'w>) -> View<'a, 'w> {
        View { work, partners: &self.partners, fresh: self.fresh }
    }

    /// Exchanges replicas until a pass has nothing to do, or the effort is spent.
    pub(super) fn run(&mut self, work: &mut Work<'_>) {
        let moved = self.partners.moved.len() as u64;
        if moved == 0 {
            return;
        }
        let mut max_effort = EFFORT.0 * moved + EFFORT.1 * work.rows.len() as u64;
        if work.held_sizes.is_some() {
            // Few exchanges are left where sizes are even, so most tries fail.
            max_effort /= 8;
        }
        let (mut idle, mut failed) = (0, 0);
        let mut last = moved;
        for pass in 0..PASSES {
            if self.effort > max_effort {
                break;
            }
            let general = pass < GENERAL_PASSES;
            let view = View { work, partners: &self.partners, fresh: self.fresh };
            self.active.begin(view, (&self.pairs, &self.fair_shares), last);
            let mut tally = Tally::default();
            for partition in 0..work.partitions {
                match self.active.skipped(partition, general) {
                    Some(lookups) => self.effort += lookups,
                    None => self.visit(work, partition, general, &mut tally),
                }
            }
            let Tally { exchanged, above_share, tries } = tally;
            last = exchanged;
            if exchanged == 0 && self.is_over(work) {
                break;
            }
            if exchanged == 0 {
                (idle, failed) = (idle + 1, failed + tries);
            } else {
                (idle, failed) = (0, 0);
            }
            let ended = idle >= IDLE_PASSES || failed > FAILED_TRIES * moved;
            if above_share == 0 || (!general && ended) {
                break;
            }
        }
    }

    /// True if it is certain that no exchange is left: each would be tried in vain. Only found out
    /// for fresh tables of so few kinds of rows that it takes less than a pass.
    fn is_over(&self, work: &Work<'_>) -> bool {
        if !self.fresh || work.held_sizes.is_some() {
            return false;
        }
        RowKinds::new(work).is_some_and(|kinds| {
            kinds.none_lowers(work.rows.len(), |(row, x), (other, y)| {
                self.change(row, x, y) + self.change(other, y, x) < 0
            })
        })
    }

    /// Tries to exchange the replicas of one row.
    fn visit(&mut self, work: &mut Work<'_>, partition: u32, general: bool, tally: &mut Tally) {
        let others = (work.size(partition) as u64).saturating_sub(1);
        let mut any = any_above(work.row(partition), &self.pairs, &self.fair_shares);
        for i in 0..work.size(partition) {
            let leaf = at(work.row(partition), i);
            let view = self.view(work);
            let free = view.is_free(partition, leaf);
            if !view.looks_at(leaf, free) {
                continue;
            }
            let (above, chosen) = if any {
                self.above(work, (partition, leaf))
            } else {
                self.count_effort(others);
                (false, false)
            };
            tally.above_share += u64::from(above);
            if !(chosen || (general && free)) {
                continue;
            }
            let left = if chosen { TRIES } else { 1 };
            let (tried, found) = self.try_exchanges(work, (partition, leaf), free, left);
            tally.tries += tried;
            if found {
                tally.exchanged += 1;
                any = any_above(work.row(partition), &self.pairs, &self.fair_shares);
            }
        }
        if !any {
            self.active.is_within(partition);
        }
    }

    /// Whether this replica belongs to a pair above its fair share, and whether this pass tries to
    /// exchange it. Places are chosen at random, in proportion to the pair's excess.
    fn above(&mut self, work: &Work<'_>, (partition, leaf): (u32, u32)) -> (bool, bool) {
        let mut above = false;
        for other in work.row(partition).iter().filter(|l| **l != leaf) {
            self.count_effort(1);
            let shared = self.pairs.shared(leaf, *other);
            let excess = u64::from(self.fair_shares.excess(leaf, *other, shared));
            if excess == 0 {
                continue;
            }
            above = true;
            let (shared, tried) = (u64::from(shared), excess * PLACES_PER_EXCESS);
            if tried >= shared || (self.draw(shared as usize) as u64) < tried {
                return (true, true);
            }
        }
        (above, false)
    }

    fn count_effort(&mut self, steps: u64) {
        crate::steps::count(steps);
        self.effort += steps;
    }

    fn draw(&mut self, below: usize) -> usize {
        self.count_effort(1);
        self.partners.draw(below)
    }

    /// Tries up to `tries` exchanges of a replica until one succeeds. Returns how many it tried,
    /// and true if the last one succeeded.
    fn try_exchanges(
        &mut self,
        work: &mut Work<'_>,
        (partition, leaf): (u32, u32),
        free: bool,
        tries: usize,
    ) -> (u64, bool) {
        if self.fresh {
            return self.try_any((work, tries), (partition, leaf));
        }
        let by_kind = self.kinds.is_some() && work.is_plain();
        let draws = self.partners.begin(work, partition, free);
        let mut tried = 0;
        while tried < tries {
            let (ahead, kinds) = (AHEAD.min(tries - tried), self.kinds.as_ref());
            let partners = self.partners.next(work, (partition, leaf), free, (ahead, kinds));
            for partner in partners.into_iter().take(ahead) {
                tried += 1;
                self.partners.tried(draws);
                self.count_effort(draws);
                if partner == NO_PARTNER {
                    continue;
                }
                let exchanged = if by_kind {
                    self.exchange_by_kind(work, (partition, leaf), partner)
                } else {
                    self.exchange(work, (partition, leaf), partner)
                };
                if exchanged {
                    return (tried as u64, true);
                }
            }
        }
        (tried as u64, false)
    }

    /// The same for a fresh table.
    fn try_any(
        &mut self,
        (work, tries): (&mut Work<'_>, usize),
        (partition, leaf): (u32, u32),
    ) -> (u64, bool) {
        for tried in 1..=tries as u64 {
            let (other, to) = self.partners.any(work, &self.pairs);
            self.partners.tried(1);
            self.count_effort(1);
            if other != partition
                && work.fits(partition, leaf, to)
                && self.exchange(work, (partition, leaf), (other, to))
            {
                return (tried, true);
            }
        }
        (tries as u64, false)
    }

    /// Exchanges two replicas if it is allowed and lowers the sum. The caller has checked that `p`
    /// may have `y` for `x`.
    fn exchange(&mut self, work: &mut Work<'_>, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        if !work.is_on(q, y)
            || !work.fits(q, y, x)
            || work.constraints.holds(p, x)
            || work.constraints.holds(q, y)
        {
            return false;
        }
        let allowed = if self.fresh {
            work.keeps_sizes((p, x), (q, y))
        } else {
            work.may_exchange((p, x), (q, y))
        };
        if !allowed {
            return false;
        }
        self.count_effort(4 * work.size(p) as u64);
        self.change(work.row(p), x, y) + self.change(work.row(q), y, x) < 0
            && self.apply(work, (p, x), (q, y))
    }

    /// The same if kinds of rows have decided that it is allowed.
    fn exchange_by_kind(
        &mut self,
        work: &mut Work<'_>,
        (p, x): (u32, u32),
        (q, y): (u32, u32),
    ) -> bool {
        self.count_effort(4 * work.size(p) as u64);
        let other = self.kinds.as_ref().map_or(&[][..], |kinds| kinds.row(q));
        self.change(work.row(p), x, y) + self.change(other, y, x) < 0
            && self.apply(work, (p, x), (q, y))
    }

    /// Exchanges two replicas if leaders stay in as good a proportion.
    fn apply(&mut self, work: &mut Work<'_>, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        if self.fresh {
            work.put(p, x, y);
            work.put(q, y, x);
        } else {
            let leaders = &mut self.leaders;
            let accepts = |changes| leaders.accept(changes, false);
            if !leaders::exchange(work, (p, x), (q, y), accepts) {
                return false;
            }
        }
        let mut first_left = [None; 2];
        for ((partition, from, to), first) in
            [(p, x, y), (q, y, x)].into_iter().zip(&mut first_left)
        {
            for other in work.row(partition).iter().copied().filter(|leaf| *leaf != to) {
                self.pairs.take(from, other);
                self.pairs.add(to, other);
                let shared = self.pairs.shared(to, other);
                if self.fair_shares.excess(to, other, shared) == 1 {
                    self.active.rises_above(work, to, other);
                }
            }
            *first = self.partners.leaves(work, partition, from).then_some(from);
        }
        let view = View { work, partners: &self.partners, fresh: self.fresh };
        for ((partition, to), first) in [(p, y), (q, x)].into_iter().zip(first_left) {
            self.active.changed(view, (partition, to), first);
            if self.kinds.as_mut().is_some_and(|kinds| !kinds.update(work, partition)) {
                self.kinds = None;
            }
        }
        true
    }

    /// The change of the sum if `to` replaces `from` in a row.
    #[inline]
    fn change(&self, row: &[u32], from: u32, to: u32) -> i64 {
        self.pairs.change(row, from, to, &self.fair_shares.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::{ActiveRows, Dispersal};
    use crate::hash::mix::word;
    use crate::partition::fair_shares::FairShares;
    use crate::partition::places;
    use crate::partition::work::Work;
    use crate::partition::{Planner, TableConfig};
    use crate::{Node, Topology};
    use alloc::format;
    use alloc::vec::Vec;

    /// The rows after dispersion, with and without knowing which rows are active and of which kind.
    fn both(seed: u64, nodes: u64, partitions: u32, replicas: u32) -> [Vec<u32>; 2] {
        let topology = |stream: u64| {
            let node = |id: u64| {
                let weight = 1 + word(seed + stream, id) % 4;
                Node::new(id).weight(weight).domain("zone", &format!("z{}", id % 5))
            };
            Topology::of((0..nodes).map(node)).unwrap()
        };
        let (a, b) = (topology(1000), topology(2000));
        let config =
            TableConfig::new(partitions, replicas).max_per_domain("zone", 1 + replicas / 4);
        let old = Planner::new(a.members(), &config).unwrap().fresh().unwrap().into_table();
        let planner = Planner::new(b.members(), &config).unwrap();
        let plan = planner.rebalance(&old, a.members()).unwrap();
        let problem = &planner.problem;
        [true, false].map(|quick| {
            let before = problem.rows_of(&old, a.members()).unwrap();
            let (tree, constraints) = (&problem.tree, &problem.constraints);
            let mut work = Work::new(tree, constraints, partitions, &problem.sizes, before);
            work.adopt(problem.leaves_of(plan.table()).unwrap());
            places::keep(&mut work);
            let fair_shares = FairShares::new(tree, &problem.quotas, &config);
            let mut dispersal = Dispersal::new(&work, fair_shares, None, false);
            if !quick {
                dispersal.active = ActiveRows::always_all();
                dispersal.kinds = None;
            }
            dispersal.run(&mut work);
            work.rows
        })
    }

    #[test]
    fn what_is_left_out_changes_nothing() {
        for seed in 0..20 {
            for (nodes, partitions, replicas) in
                [(12, 300, 3), (40, 500, 2), (70, 700, 3), (100, 2000, 3), (30, 200, 6)]
            {
                let [quick, plain] = both(seed, nodes, partitions, replicas);
                assert!(quick == plain, "{seed}: {nodes} nodes");
            }
        }
    }
}
