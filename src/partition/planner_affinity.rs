//! Rules of a planner about where replicas and leaders are.

use super::affinity::Affinity;
use super::planner::Planner;
use crate::error::Error;

impl Planner<'_> {
    /// Adds rules about where replicas and leaders of some partitions are. They hold in every plan, as
    /// limits do: quotas stay as they are, and the movement is the minimum among the tables that keep
    /// the rules. A replica moves from where a rule no longer allows it.
    ///
    /// Rules of several calls hold together, and their order does not matter. Each call checks all of
    /// them: give those that cross without another one in the same call as that one.
    ///
    /// # What can be combined
    /// For one partition, the nodes of two rules must be nested or have none in common, and so must the
    /// nodes of a rule and each failure domain with a limit below R. Otherwise the planner could not
    /// prove what is possible (deciding it is as hard as three-dimensional matching), and refuses. What
    /// excludes nodes, as `at_most(0)` and `at_least(R)` do, combines with everything, and so do bounds
    /// that the limits leave no choice about. Of several rules about leaders, the nodes that all of them
    /// allow count.
    ///
    /// The steps of a [migration](crate::migration) keep the limits, but not these rules, before they
    /// are finished.
    ///
    /// # Complexity
    /// O(P + k log k) for k rules, and O(n·a²·log n) for each group of partitions with the same a rules,
    /// of which there are at most 2·k.
    ///
    /// # Errors
    /// - a partition out of range, an empty range, and a rule that asks for nothing
    /// - a slot number without a node, a failure domain that no node is in, and replicas or leaders
    ///   asked for on no node
    /// - nodes that cross those of another rule or a domain with a limit; the error names both
    /// - more than 32 rules and domains around them for one partition
    /// - [infeasible](crate::error::Infeasible) rules: more replicas than the nodes of a rule can hold,
    ///   than the partition has, or than its pins leave, and no node that may lead. Rules that
    ///   contradict quotas are found by planning, and so are rules about leaders without
    ///   [balanced leaders](Self::balance_leaders).
    pub fn affinity(mut self, rules: impl IntoIterator<Item = Affinity>) -> Result<Self, Error> {
        self.problem.add_affinities(rules)?;
        Ok(self)
    }
}
