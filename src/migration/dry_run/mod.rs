//! What a plan would do, checked before anything moves.

mod checks;
mod count;
mod domains;
mod print;
#[cfg(test)]
mod tests;

use super::steps::Steps;
use crate::hash::StableHash;
use crate::node::NodeLabel;
use crate::partition::Plan;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A plan tried on paper: checks that pass, warn or fail, then what moves and which node is worst off.
/// Made by [`Plan::dry_run`]; a plan prints as its dry run.
///
/// Sizes, capacities, lost nodes and steps are told to it where they are known. Steps are those of a
/// migration with the same sizes and lost nodes:
///
/// ```
/// use apportion::{Planner, Topology};
/// use apportion::migration::{Migration, StepRules, Verdict};
/// use apportion::partition::TableConfig;
///
/// let three = Topology::new(["a", "b", "c"])?;
/// let config = TableConfig::new(64, 2);
/// let old = Planner::new(three.members(), &config)?.fresh()?.into_table();
/// let (four, _) = three.with("d")?;
/// let plan = Planner::new(four.members(), &config)?.rebalance(&old, three.members())?;
///
/// // Every partition has 10 GB, and a node holds up to 500 GB.
/// let migration = Migration::of_plan(&plan, Some(&three), &four)?.sized(|_| 10);
/// let steps = migration.steps(&StepRules::new(8))?;
/// let dry_run = plan.dry_run().sized(|_| 10).capacity(500).by_size().steps(&steps);
/// println!("{dry_run}");
/// assert_eq!(dry_run.verdict(), Verdict::Pass);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// | check | passes if | warns if | fails if |
/// |---|---|---|---|
/// | `limits` | no failure domain has more replicas of a partition than its limit | | one has |
/// | `quotas` | every node and failure domain holds the floor or the ceiling of its quota | | one does not |
/// | `replicas` | every partition has R replicas | there are fewer, as [allowed](crate::partition::TableConfig::allow_under_replicated) | |
/// | `pins` | every pin is kept | | one is not |
/// | `frozen` | frozen partitions keep their holders | one that is frozen if possible does not | a frozen one does not |
/// | `nodes` | no node with replicas leaves or is lost | one does | every holder of a partition is [lost](Self::lost), or a lost node is unknown |
/// | `capacity`, if one is given | every node ends within its capacity | | one does not, or a node is unknown |
/// | `peak` | no node exceeds its capacity on the way | one would if all copies came before the first deletion, or exceeds it from the start | a step does, or the steps are not those of the plan |
/// | `movement` | the certificate proves that no fewer replicas can move | it does not | the plan's figures are wrong |
#[derive(Clone, Debug)]
pub struct DryRun<'p> {
    plan: &'p Plan,
    /// The size of each partition of the new table.
    sizes: Option<Vec<u64>>,
    capacity: Option<u64>,
    capacities: Vec<(NodeLabel, u64)>,
    by_size: bool,
    lost: Vec<NodeLabel>,
    /// Peaks during steps, ascending by label.
    peaks: Option<Vec<(Vec<u8>, u64, u128)>>,
}

/// A check of a [`DryRun`]: its name, its verdict, and what was found.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Check {
    /// Its name: see [`DryRun`].
    pub name: &'static str,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub finding: String,
}

/// The verdict of a [`Check`], from the best to the worst. It prints in capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing speaks against the plan.
    Pass,
    /// Read the finding before carrying out the plan.
    Warn,
    /// Do not carry out the plan as it is.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        })
    }
}

impl Plan {
    /// Tries the plan on paper: checks of everything that could speak against it, what moves, and the
    /// node that is worst off. Without sizes and capacities unless they are told to the result.
    ///
    /// # Complexity
    /// Printing it or listing its checks takes O(P·R² + n log n) each time.
    #[must_use]
    pub fn dry_run(&self) -> DryRun<'_> {
        DryRun {
            plan: self,
            sizes: None,
            capacity: None,
            capacities: Vec::new(),
            by_size: false,
            lost: Vec::new(),
            peaks: None,
        }
    }
}

/// A plan prints as its [dry run](Plan::dry_run), without sizes and capacities.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dry_run().fmt(f)
    }
}

impl DryRun<'_> {
    /// The size of each partition of the new table: bytes, keys, or what else counts. 1 if not given.
    #[must_use]
    pub fn sized(mut self, size: impl FnMut(u32) -> u64) -> Self {
        self.sizes = Some((0..self.plan.table().partitions()).map(size).collect());
        self
    }

    /// What each node can hold, in replicas.
    #[must_use]
    pub fn capacity(mut self, capacity: u64) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// What one node can hold, instead.
    #[must_use]
    pub fn node_capacity(mut self, id: &(impl StableHash + ?Sized), capacity: u64) -> Self {
        let label = NodeLabel::of(id);
        self.capacities.retain(|(other, _)| *other != label);
        self.capacities.push((label, capacity));
        self
    }

    /// Capacities count the sizes of partitions instead of replicas.
    #[must_use]
    pub fn by_size(mut self) -> Self {
        self.by_size = true;
        self
    }

    /// Nodes that have crashed and lost what they held: nothing can be copied from them, nothing is
    /// deleted on them, and replicas that the plan leaves on them are copied to them again.
    #[must_use]
    pub fn lost(mut self, ids: impl IntoIterator<Item = impl StableHash>) -> Self {
        self.lost.extend(ids.into_iter().map(|id| NodeLabel::of(&id)));
        self
    }

    /// The steps in which the plan is carried out: peaks are those of the steps. Without them the peak
    /// of a node is what it holds if all copies come before the first deletion.
    ///
    /// They must come from a migration with the [sizes](Self::sized) and the [lost nodes](Self::lost) of
    /// this dry run: `peak` fails if the peak of a node cannot follow from these.
    #[must_use]
    pub fn steps<N>(mut self, steps: &Steps<'_, N>) -> Self {
        let peaks = steps.peaks_by_label();
        let mut peaks: Vec<(Vec<u8>, u64, u128)> =
            peaks.map(|(label, replicas, size)| (label.to_vec(), replicas, size)).collect();
        peaks.sort_unstable();
        self.peaks = Some(peaks);
        self
    }

    /// All checks, in the order of the table above.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        checks::all(self, &count::Counts::new(self))
    }

    /// The worst verdict of all checks.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.checks().iter().map(|check| check.verdict).max().unwrap_or(Verdict::Pass)
    }

    fn size(&self, partition: u32) -> u64 {
        let sizes = self.sizes.as_deref();
        sizes.map_or(1, |sizes| sizes.get(partition as usize).copied().unwrap_or_default())
    }

    /// A capacity that was given for a node, if any.
    fn capacity_of(&self, label: &[u8]) -> Option<u64> {
        let own = self.capacities.iter().find(|(known, _)| **known == *label);
        own.map(|(_, capacity)| *capacity).or(self.capacity)
    }

    /// A number of replicas, or a size.
    fn amount(&self, load: u128) -> String {
        if self.by_size {
            alloc::format!("a size of {load}")
        } else {
            alloc::format!("{}", crate::error::Count(load, "replica"))
        }
    }
}
