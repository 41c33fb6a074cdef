//! How a step is carried out: the replicas that are copied and deleted, the bounded steps, the rounds,
//! and what each node holds meanwhile.

use super::start::is_missing;
use apportion::diff::Extent;
use apportion::migration::{Limits, Migration, Schedule, StepRules, Steps, Transfer};
use apportion::partition::{JointPlan, Plan};
use apportion::{Error, PartitionTable, Planner, Topology};
use std::collections::HashMap;

/// A table and its nodes.
#[derive(Clone, Copy)]
pub(crate) struct TableOf<'a> {
    pub(crate) table: &'a PartitionTable,
    pub(crate) nodes: &'a Topology<String>,
}

/// Copies and deletions of replicas.
pub(crate) struct Change {
    migration: Migration<String>,
}

/// What a node holds before and at the most while its table changes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Held {
    pub(crate) before: u64,
    pub(crate) copied: u64,
    pub(crate) peak: u64,
}

impl Held {
    /// A node that gets nothing and gives nothing.
    pub(crate) fn unchanged(load: u64) -> Self {
        Self { before: load, copied: 0, peak: load }
    }
}

impl<'a> TableOf<'a> {
    /// The ids of a partition's holders, the owner first; none for a replica that is missing.
    pub(crate) fn row(self, partition: u32) -> Vec<&'a str> {
        let Self { table, nodes } = self;
        let ids = table.row(partition).filter_map(|node| nodes.get(node)).map(String::as_str);
        ids.filter(|id| !is_missing(id)).collect()
    }

    pub(crate) fn rows(self) -> impl Iterator<Item = Vec<&'a str>> {
        (0..self.table.partitions()).map(move |partition| self.row(partition))
    }

    /// How many replicas each node holds, after each partition was split.
    pub(crate) fn loads(self, ways: u32) -> HashMap<&'a str, u64> {
        let mut by_slot = vec![0; self.nodes.members().slots()];
        for node in (0..self.table.partitions()).flat_map(|partition| self.table.row(partition)) {
            by_slot[node.index()] += u64::from(ways);
        }
        let loads = self.nodes.iter().map(|(node, id)| (id.as_str(), by_slot[node.index()]));
        loads.filter(|(id, _)| !is_missing(id)).collect()
    }

    /// How many replicas are missing: see `start`.
    pub(crate) fn missing(self) -> u64 {
        let Self { table, nodes } = self;
        if !nodes.nodes().any(|id| is_missing(id)) {
            return 0;
        }
        let places = (0..table.partitions()).flat_map(|partition| table.row(partition));
        places.filter_map(|node| nodes.get(node)).filter(|id| is_missing(id)).count() as u64
    }

    /// How many partitions each node leads.
    pub(crate) fn led(self) -> HashMap<&'a str, u64> {
        let mut led = HashMap::new();
        for partition in 0..self.table.partitions() {
            let first = self.table.row(partition).next().and_then(|node| self.nodes.get(node));
            if let Some(id) = first {
                *led.entry(id.as_str()).or_default() += 1;
            }
        }
        led
    }
}

impl Change {
    /// From a table to a planned one. A node of the table before that is no longer among the nodes is
    /// lost: it gives no copies.
    pub(crate) fn new(
        plan: &Plan,
        before: &Topology<String>,
        after: &Topology<String>,
    ) -> Result<Self, Error> {
        Self::without_lost(Migration::of_plan(plan, Some(before), after)?, before, after)
    }

    /// The same of tables that are planned together: their partitions are numbered one table after
    /// the other.
    pub(crate) fn joint(
        plan: &JointPlan,
        before: &Topology<String>,
        after: &Topology<String>,
    ) -> Result<Self, Error> {
        Self::without_lost(Migration::of_joint_plan(plan, Some(before), after)?, before, after)
    }

    fn without_lost(
        migration: Migration<String>,
        before: &Topology<String>,
        after: &Topology<String>,
    ) -> Result<Self, Error> {
        let mut lost = lost(before, after).peekable();
        let migration = if lost.peek().is_some() { migration.lost(lost)? } else { migration };
        Ok(Self { migration })
    }

    pub(crate) fn transfers(&self) -> impl Iterator<Item = (u32, Option<&str>, &str)> {
        self.migration.transfers().map(|transfer| {
            let Transfer { extent, from, to, .. } = transfer;
            (partition(extent), from.map(String::as_str), to.as_str())
        })
    }

    /// The replicas that are deleted; those on lost nodes are gone anyway.
    pub(crate) fn deletions(&self) -> impl Iterator<Item = (u32, &str)> {
        let deletions = self.migration.deletions();
        deletions.map(|deletion| (partition(deletion.extent), deletion.node.as_str()))
    }

    /// The partition of a unit.
    pub(crate) fn partition(&self, unit: usize) -> Option<u32> {
        self.migration
            .transfers()
            .find(|transfer| transfer.unit == unit)
            .map(|t| partition(t.extent))
    }

    pub(crate) fn schedule(&self, (send, receive): (u32, u32)) -> Result<Schedule, Error> {
        self.migration.schedule(&Limits::each(send, receive))
    }

    pub(crate) fn steps(
        &self,
        max: u32,
        planner: &Planner<'_>,
    ) -> Result<Steps<'_, String>, Error> {
        self.migration.steps(&StepRules::new(max).within(planner))
    }

    /// What each node holds meanwhile, by id: with all copies at once, or in bounded steps.
    pub(crate) fn held<'a>(
        &'a self,
        before: HashMap<&'a str, u64>,
        steps: Option<&Steps<'a, String>>,
    ) -> HashMap<&'a str, Held> {
        let held = |(id, load)| (id, Held::unchanged(load));
        let mut nodes: HashMap<&str, Held> = before.into_iter().map(held).collect();
        for (_, _, to) in self.transfers() {
            let node = nodes.entry(to).or_default();
            (node.copied, node.peak) = (node.copied + 1, node.peak + 1);
        }
        for (id, peak, _) in steps.into_iter().flat_map(Steps::peaks) {
            if let Some(node) = nodes.get_mut(id.as_str()) {
                node.peak = peak;
            }
        }
        nodes
    }
}

/// The nodes that are no longer there.
pub(crate) fn lost<'a>(
    before: &'a Topology<String>,
    after: &Topology<String>,
) -> impl Iterator<Item = &'a String> {
    before.nodes().filter(|id| !after.contains(id.as_str()))
}

/// The rows after some bounded steps. Replicas that were missing to begin with have no id.
pub(crate) fn rows_after<'s>(
    steps: &'s Steps<'_, String>,
    count: usize,
) -> impl Iterator<Item = Vec<&'s str>> {
    let rows: Vec<_> = steps.after(count).rows().map(|(_, row)| row).collect();
    rows.into_iter()
        .map(|row| row.into_iter().map(String::as_str).filter(|id| !is_missing(id)).collect())
}

/// The units of a planned table's migration are its partitions.
fn partition(extent: Extent) -> u32 {
    match extent {
        Extent::Partition(partition) => partition,
        _ => unreachable!("a plan moves partitions"),
    }
}
