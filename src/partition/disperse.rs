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

use super::construct;
use super::dispersal::Dispersal;
use super::fair_shares::FairShares;
use super::leaders;
use super::places;
use super::plan::Plan;
use super::planner::Planner;
use super::problem::Problem;
use super::sizing::{self, HeldSizes, PartitionSizes};
use super::work::Work;
use crate::error::{Error, PartitionFault};

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
        let fair_shares = FairShares::new(tree, quotas, config);
        Dispersal::new(work, fair_shares, loads, fresh).run(work);
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
