//! Dispersion: spreading the partitions that pairs of nodes share.
//!
//! ```text
//!        partition p:  x  c  d            partition p:  y  c  d
//!        partition q:  y  e  f    --->    partition q:  x  e  f
//!
//!  pair (x, y) shares s(x, y) partitions, its fair share is proportional to quota(x) * quota(y)
//!  falls with every exchange:  sum over pairs of  s(x, y)^2 * inverse(x) * inverse(y)
//!  an exchange changes 4 * (R - 1) pairs:  (x, c) (x, d) (y, e) (y, f) lose one,
//!                                          (y, c) (y, d) (x, e) (x, f) gain one
//! ```
//!
//! Both leaves keep their number of replicas, and an exchange that breaks a limit is skipped. In a
//! rebalanced table an exchange must not add a move: it involves replicas that moved, or that move
//! in place of others.

use super::cells::at;
use super::construct;
use super::fair_shares::FairShares;
use super::leaders::{self, Leaders};
use super::pair_counts::PairCounts;
use super::partners::{AHEAD, NO_PARTNER, Partners, is_free};
use super::places;
use super::plan::Plan;
use super::planner::Planner;
use super::problem::Problem;
use super::sizing::{self, HeldSizes, PartitionSizes};
use super::tree::NONE;
use super::work::Work;
use crate::error::{Error, PartitionFault};

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

impl Planner<'_> {
    /// Spreads the partitions that nodes share over as many pairs of nodes as possible: when a node
    /// fails, many others take over its work, each only a little of it.
    ///
    /// Exchanges replicas between partitions as long as the sum over all pairs of nodes of
    /// (partitions shared)² / (their fair share) falls: first anywhere, then at pairs above their
    /// fair share. In a rebalanced table only replicas that moved are exchanged, or replicas that
    /// then move in place of others, and only if partitions led stay in as good a proportion.
    /// [Promises](Planner) 1 to 3 and the places of holders that stay are kept. The result is
    /// deterministic.
    ///
    /// With [sizes](Planner::sizes) it then evens them again. If the greatest ratio of size to fair size
    /// ends up above that of the plan (and above 1 + 2^-20), it starts anew, with an eighth of the steps,
    /// and makes only exchanges after which both nodes are within it. So dispersion never makes sizes less
    /// even by more than a millionth.
    ///
    /// # Complexity
    /// O(P·R²). A pass takes no more than that, and there are at most 48. No pass begins after 32
    /// steps for each replica of the table plus 256 for each that may be exchanged. A pair above
    /// its fair share is tried in proportion to its excess. Dispersion stops early when every pair
    /// is within its share, or when six passes in a row, or 64 tries for each replica that may be
    /// exchanged, change nothing.
    ///
    /// Memory: 4·n² bytes for up to 2,048 nodes, otherwise in proportion to P·R².
    ///
    /// # Errors
    /// If the plan is from a planner for other nodes, another configuration, other pins or other
    /// frozen partitions.
    pub fn disperse(&self, plan: &mut Plan) -> Result<(), Error> {
        let other = || Error::from(PartitionFault::OtherPlanner);
        let same = plan.planner() == self.identity();
        let rows = self.problem.leaves_of(plan.table()).filter(|_| same).ok_or_else(other)?;
        let fresh = plan.before().is_empty();
        let kept = plan.kept().cloned();
        let mut work = Work::new(
            &self.problem.tree,
            kept.as_ref().unwrap_or(&self.problem.constraints),
            self.problem.config.partitions(),
            &self.problem.sizes,
            plan.before().clone(),
        );
        work.adopt(rows);
        if !fresh && self.leaders.is_some() {
            // A leader that exchanged its place returns to it, as exchanged rows do.
            places::keep(&mut work);
        }
        let targets = if fresh { None } else { self.leader_targets(&work) };
        let loads = targets.as_ref().map(|targets| &*targets.loads);
        if work.sizes.stride() < 2 {
            return Ok(());
        }
        match &self.sizes {
            None => self.spread(&mut work, loads, fresh),
            Some(sizes) => self.spread_evenly(sizes, &mut work, loads, fresh),
        }
        if let Some(targets) = &targets {
            targets.settle(&mut work);
        }
        if fresh {
            construct::assign_leaders(&mut work.rows, &self.problem.sizes, &work.loads);
        }
        let leaders = self.choose_leaders(&mut work.rows, &work.before);
        let moved_twice = if fresh { 0 } else { work.moved_twice() };
        // An exchange may have returned a soft-frozen partition to its old holders.
        let thawed = self.thawed(&work);
        let sizes = self.size_figures(&work.rows, &work.before);
        plan.replace(self.table(&work.rows), moved_twice, thawed, leaders, sizes);
        Ok(())
    }

    fn spread(&self, work: &mut Work<'_>, loads: Option<&[u64]>, fresh: bool) {
        let Problem { tree, quotas, config, .. } = &self.problem;
        let mut dispersal = Dispersal {
            pairs: PairCounts::new(work),
            fair_shares: FairShares::new(tree, quotas, config),
            partners: Partners::new(work, fresh),
            leaders: Leaders::new(work, loads),
            fresh,
            effort: 0,
        };
        dispersal.run(work);
    }

    /// Spreads pairs and evens sizes again, or minds sizes from the start if they end up less even.
    fn spread_evenly(
        &self,
        sizes: &PartitionSizes,
        work: &mut Work<'_>,
        loads: Option<&[u64]>,
        fresh: bool,
    ) {
        let planned = HeldSizes::new(&self.problem, sizes, &work.rows);
        let start = work.rows.clone();
        self.spread(work, loads, fresh);
        sizing::even(&self.problem, sizes, work);
        let even = work.held_sizes.as_ref().is_some_and(|held| held.is_within(&planned));
        if even && !fresh {
            places::keep(work);
            leaders::proportion(work, &self.problem.quotas, loads);
        }
        if !even {
            work.adopt(start);
            work.held_sizes = Some(planned);
            self.spread(work, loads, fresh);
        }
    }
}

struct Dispersal {
    pairs: PairCounts,
    fair_shares: FairShares,
    partners: Partners,
    leaders: Leaders,
    fresh: bool,
    /// Steps so far: tries and lookups of pairs.
    effort: u64,
}

impl Dispersal {
    fn run(&mut self, work: &mut Work<'_>) {
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
        for pass in 0..PASSES {
            if self.effort > max_effort {
                break;
            }
            let general = pass < GENERAL_PASSES;
            let (mut exchanged, mut above_share, mut tries) = (0_u64, 0_u64, 0_u64);
            for place in 0..work.rows.len() {
                if at(&work.rows, place) == NONE {
                    continue;
                }
                let free = is_free(work, place as u32, self.fresh);
                if !free && self.partners.has_none_left(at(&work.rows, place)) {
                    continue;
                }
                let (above, chosen) = self.above(work, place);
                above_share += u64::from(above);
                if !(chosen || (general && free)) {
                    continue;
                }
                let left = if chosen { TRIES } else { 1 };
                let (tried, found) = self.try_exchanges(work, place, free, left);
                tries += tried;
                exchanged += u64::from(found);
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

    /// Whether this replica belongs to a pair above its fair share, and whether this pass tries to
    /// exchange it. Places are chosen at random, in proportion to the pair's excess.
    fn above(&mut self, work: &Work<'_>, place: usize) -> (bool, bool) {
        let leaf = at(&work.rows, place);
        let mut above = false;
        for other in work.row(work.partition_at(place)).iter().filter(|l| **l != leaf) {
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
        place: usize,
        free: bool,
        tries: usize,
    ) -> (u64, bool) {
        let (partition, leaf) = (work.partition_at(place), at(&work.rows, place));
        let draws = self.partners.begin(work, partition, free);
        let mut tried = 0;
        while tried < tries {
            let ahead = AHEAD.min(tries - tried);
            let partners = self.partners.next(work, (partition, leaf), free, ahead);
            for partner in partners.into_iter().take(ahead) {
                tried += 1;
                self.partners.tried(draws);
                self.count_effort(draws);
                if partner != NO_PARTNER && self.exchange(work, (partition, leaf), partner) {
                    return (tried as u64, true);
                }
            }
        }
        (tried as u64, false)
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
        if self.change(work.row(p), x, y) + self.change(work.row(q), y, x) >= 0 {
            return false;
        }
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
        for (partition, from, to) in [(p, x, y), (q, y, x)] {
            for other in work.row(partition).iter().filter(|leaf| **leaf != to) {
                self.pairs.take(from, *other);
                self.pairs.add(to, *other);
            }
            self.partners.leaves(work, partition, from);
        }
        true
    }

    /// The change of the sum if `to` replaces `from` in a row.
    #[inline]
    fn change(&self, row: &[u32], from: u32, to: u32) -> i64 {
        self.pairs.change(row, from, to, &self.fair_shares.inverse)
    }
}
