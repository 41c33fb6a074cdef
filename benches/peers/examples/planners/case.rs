//! A cluster, its table and a change of its nodes, also in this crate's form.

use crate::member::{Member, REPLICAS};
use apportion::partition::TableConfig;
use apportion::{Node, NodeIdx, PartitionTable, Topology};
use std::collections::HashMap;

/// A table, as ids of holders with the leader first, and a change of its nodes.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// A description.
    pub(crate) says: String,
    pub(crate) before: Vec<Member>,
    pub(crate) after: Vec<Member>,
    pub(crate) rows: Vec<[u32; REPLICAS]>,
}

/// The nodes in this crate's form, in the same order.
pub(crate) fn topology(members: &[Member]) -> Topology<u32> {
    let node = |member: &Member| {
        Node::new(member.id).weight(member.weight).domain("zone", &member.zone.to_string())
    };
    Topology::of(members.iter().map(node)).expect("distinct ids")
}

/// Size and rules in this crate's form.
pub(crate) fn config(partitions: u32) -> TableConfig {
    TableConfig::new(partitions, REPLICAS as u32).max_per_domain("zone", 1)
}

/// Rows of ids as a table.
///
/// # Errors
/// A holder that is not among the nodes, or twice in a row.
pub(crate) fn table(
    nodes: &Topology<u32>,
    rows: &[[u32; REPLICAS]],
) -> Result<PartitionTable, String> {
    let slots: HashMap<u32, NodeIdx> = nodes.iter().map(|(slot, id)| (*id, slot)).collect();
    let slot = |id: &u32| slots.get(id).copied().ok_or_else(|| format!("node {id} is gone"));
    let holders = rows.iter().flatten().map(slot).collect::<Result<Vec<_>, _>>()?;
    PartitionTable::from_rows(nodes.members(), rows.len() as u32, REPLICAS as u32, &holders)
        .map_err(|error| error.to_string())
}

/// A table as rows of ids.
pub(crate) fn rows(table: &PartitionTable, nodes: &Topology<u32>) -> Vec<[u32; REPLICAS]> {
    let id = |slot: NodeIdx| *nodes.get(slot).expect("a node");
    let row = |partition| {
        let ids: Vec<u32> = table.row(partition).map(id).collect();
        ids.try_into().expect("three holders")
    };
    (0..table.partitions()).map(row).collect()
}
