//! What a dry run prints.

use super::count::{Counts, NodeCount};
use super::{DryRun, checks};
use crate::error::Count;
use crate::partition::Planner;
use core::cmp::Reverse;
use core::fmt::{self, Display, Formatter};

/// One line for each check, then what moves, then the node that is worst off.
impl Display for DryRun<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let counts = Counts::new(self);
        for check in checks::all(self, &counts) {
            writeln!(f, "{:4}  {:9} {}", check.verdict, check.name, check.finding)?;
        }
        let plan = self.plan;
        let (moved, bound) = (Count(plan.moved(), "replica"), plan.lower_bound());
        let twice = Count(plan.partitions_moved_twice(), "partition");
        writeln!(f, "moved: {moved}, at least {bound} by loads alone; 2 or more in {twice}")?;
        let (copies, deletions) = (counts.copies, counts.deletions);
        write!(f, "copied: {}", Count(copies.replicas, "replica"))?;
        if self.sizes.is_some() {
            write!(f, " of size {}", copies.size)?;
        }
        write!(f, "; deleted: {}", Count(deletions.replicas, "replica"))?;
        if self.sizes.is_some() {
            write!(f, " of size {}", deletions.size)?;
        }
        if counts.gone.replicas > 0 {
            write!(f, "; lost: {}", Count(counts.gone.replicas, "replica"))?;
            if self.sizes.is_some() {
                write!(f, " of size {}", counts.gone.size)?;
            }
        }
        let Some(node) = self.worst_node(&counts) else { return Ok(()) };
        write!(f, "\nworst node: {}, {} before", node.label.shown(), node.before.replicas)?;
        write!(f, ", {} at the peak, {} after", node.peak.replicas, node.after.replicas)?;
        if self.sizes.is_some() {
            let [before, peak, after] = [node.before, node.peak, node.after].map(|load| load.size);
            write!(f, "; sizes {before}, {peak}, {after}")?;
        }
        Ok(())
    }
}

impl DryRun<'_> {
    /// The node whose peak is the greatest part of its capacity, or of its quota if none has a
    /// capacity; the first by label of several.
    fn worst_node<'c>(&self, counts: &'c Counts) -> Option<&'c NodeCount> {
        let planner = Planner::of_plan(self.plan).ok()?;
        let capacities = self.capacity.is_some() || !self.capacities.is_empty();
        let allowed = |node: &NodeCount| {
            if capacities {
                return self.capacity_of(&node.label).map(u128::from);
            }
            let (_, ceil) = planner.quota(node.new?)?;
            (ceil > 0).then_some(u128::from(ceil))
        };
        let by_size = self.by_size && capacities;
        let ratio = |node: &NodeCount| {
            let (peak, allowed) = (node.peak.counted(by_size), allowed(node)?);
            // In millionths: these are only compared.
            Some(peak.saturating_mul(1_000_000) / allowed.max(1))
        };
        let nodes = counts.nodes.iter().enumerate();
        let rated = nodes.filter_map(|(place, node)| Some((ratio(node)?, Reverse(place), node)));
        rated.max_by_key(|(ratio, place, _)| (*ratio, *place)).map(|(.., node)| node)
    }
}
