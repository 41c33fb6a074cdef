//! What a plan says of sizes.

use super::super::old_rows::OldRows;
use super::super::plan::Plan;
use super::super::planner::Planner;
use super::super::table::PartitionTable;
use super::super::tree::NONE;
use super::bound;
use super::given::PartitionSizes;
use super::held::HeldSizes;
use super::ratio::Ratio;
use crate::error::{Error, VerifyFault};
use crate::topology::Members;

/// How evenly a plan spreads the [sizes](Planner::sizes) of partitions, and how much of them moves.
///
/// The fair size of a node is its share of the size of all replicas by its exact quota, which counts in
/// units of 2^-34 replicas here. Ratios are compared in integers; they are returned in floating point
/// for people to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SizeFigures {
    greatest: Ratio,
    bound: Ratio,
    /// The ratio of a node that holds its fair size.
    fair: Ratio,
    moved: u64,
}

impl SizeFigures {
    /// The greatest ratio of a node's size to its fair size; infinite if a node with a quota of 0 holds
    /// a partition, as it may in a table that only [changes leaders](Planner::lead).
    #[must_use]
    pub fn max_over_fair(&self) -> f64 {
        self.greatest.over(self.fair)
    }

    /// A lower bound on [`max_over_fair`](Self::max_over_fair) of every balanced table that moves no
    /// more replicas than the plan; of every balanced table for a fresh plan. It follows from
    ///
    /// - the old replicas that each node has to keep, at best the smallest, and the new ones that it has
    ///   to get
    /// - the nodes that hold a partition, the largest one: R of them do
    /// - the size that the nodes of the cluster, or of a failure domain that the limits fill, have to
    ///   hold together, of which each node can hold only so much
    ///
    /// No table may reach it. After [`Planner::lead`] it is the ratio itself, because all holders stay.
    #[must_use]
    pub fn lower_bound(&self) -> f64 {
        self.bound.over(self.fair)
    }

    /// How much lower the greatest ratio could be at most: [`max_over_fair`](Self::max_over_fair) −
    /// [`lower_bound`](Self::lower_bound). 0 proves that no such table is more even.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if !self.greatest.exceeds(self.bound) {
            return 0.0;
        }
        (self.max_over_fair() - self.lower_bound()).max(0.0)
    }

    /// The size of all replicas that move from one node to another, in the unit of the sizes.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// The size of all replicas, in the unit of the sizes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.fair.size
    }

    /// For a table whose holders all stay.
    pub(in super::super) fn without_choice(self) -> Self {
        Self { bound: self.greatest, ..self }
    }

    /// The first figure that other ones contradict.
    fn differs(&self, found: &Self) -> Option<VerifyFault> {
        let claims = [
            ("units of size moved", self.moved, found.moved),
            ("units of size in all replicas", self.fair.size, found.fair.size),
            ("units of size on the fullest node", self.greatest.size, found.greatest.size),
            (
                "2^-34 replicas as the quota of the fullest node",
                self.greatest.quota,
                found.greatest.quota,
            ),
        ];
        let bounds = [
            ("units of size as the lower bound", self.bound.size, found.bound.size),
            ("2^-34 replicas as the quota of the bound", self.bound.quota, found.bound.quota),
        ];
        let same = self.bound.cmp(found.bound).is_eq();
        let bounds = bounds.into_iter().filter(|_| !same);
        let wrong = claims.into_iter().chain(bounds).find(|(_, claimed, found)| claimed != found);
        wrong.map(|(what, claimed, found)| VerifyFault::Claim { what, claimed, found })
    }
}

impl Planner<'_> {
    /// The figures of planned rows; `None` without sizes.
    pub(in super::super) fn size_figures(
        &self,
        rows: &[u32],
        before: &OldRows,
    ) -> Option<SizeFigures> {
        self.sizes.as_ref().map(|sizes| self.figures_of(sizes, rows, before))
    }

    fn figures_of(&self, sizes: &PartitionSizes, rows: &[u32], before: &OldRows) -> SizeFigures {
        let problem = &self.problem;
        let held = HeldSizes::new(problem, sizes, rows);
        let (mut moved, mut kept_replicas) = (0, 0);
        for partition in (0..problem.config.partitions()).filter(|_| !before.is_empty()) {
            let (size, old) = (problem.sizes.of_partition(partition), before.row(partition));
            let row = rows.get(problem.sizes.places(partition)).unwrap_or_default();
            let stays = |leaf: &&u32| **leaf != NONE && old.contains(leaf);
            let kept = row.iter().filter(stays).count();
            kept_replicas += kept as u64;
            let max_kept = size.min(before.size(partition));
            moved += sizes.of(partition) * max_kept.saturating_sub(kept) as u64;
        }
        let bound = bound::lower_bound(problem, sizes, before, kept_replicas);
        SizeFigures { greatest: held.greatest(), bound, fair: held.fair, moved }
    }

    /// The greatest ratio of a node's [size](Self::sizes) to its fair size in a table of any origin with
    /// this planner's number of partitions. Replicas on unknown nodes do not count. `None` without
    /// sizes. O(P·R + n).
    #[must_use]
    pub fn max_size_over_fair(&self, table: &PartitionTable) -> Option<f64> {
        let sizes = self.sizes.as_ref()?;
        let held = HeldSizes::new(&self.problem, sizes, &[]);
        Some(held.over_fair(table, |node| self.problem.tree.leaf_at(node)))
    }

    /// Checks what a verified plan says of sizes.
    pub(in super::super) fn verify_sizes(
        &self,
        plan: &Plan,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<(), Error> {
        let own = self.sizes.as_ref().or(plan.inputs().sizes.as_ref());
        let Some((claimed, sizes)) = plan.sizes().zip(own) else { return Ok(()) };
        let before = match old {
            Some((table, members)) => self.problem.rows_of(table, members)?,
            None => OldRows::default(),
        };
        let rows = self.problem.leaves_of(plan.table()).unwrap_or_default();
        let found = self.figures_of(sizes, &rows, &before);
        claimed.differs(&found).map_or(Ok(()), |fault| Err(fault.into()))
    }
}
