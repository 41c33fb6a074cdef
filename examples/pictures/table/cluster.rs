//! The cluster to draw: the chapter's example with fewer partitions.

use super::picture::{Cell, Panel, Picture, Row};
use apportion::partition::TableConfig;
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};

type Cluster = Topology<&'static str>;

/// Zone a has weights 4, 2, 1, 1, zone b 3, 2, 2, 1, zone c 2, 2, 1, 1.
const TWELVE: [(&str, u64); 12] = [
    ("a1", 4),
    ("a2", 2),
    ("a3", 1),
    ("a4", 1),
    ("b1", 3),
    ("b2", 2),
    ("b3", 2),
    ("b4", 1),
    ("c1", 2),
    ("c2", 2),
    ("c3", 1),
    ("c4", 1),
];

const NEW: (&str, u64) = ("c5", 2);

/// A node whose zone is the first letter of its name.
fn node((name, weight): (&'static str, u64)) -> Node<&'static str> {
    Node::new(name).weight(weight).domain("zone", &name[..1])
}

/// A table of 48 partitions, and the table after a node joined.
pub(crate) fn change() -> Result<Picture, Error> {
    let config = TableConfig::new(48, 3).max_per_domain("zone", 1);
    let twelve = Topology::of(TWELVE.map(node))?;
    let planner = Planner::new(twelve.members(), &config)?;
    let mut fresh = planner.fresh()?;
    planner.disperse(&mut fresh)?;

    let (thirteen, _) = twelve.with_node(node(NEW))?;
    let planner = Planner::new(thirteen.members(), &config)?;
    let mut next = planner.rebalance(fresh.table(), twelve.members())?;
    planner.disperse(&mut next)?;

    // `thirteen` comes from `twelve`: a slot is the same node in both.
    let (old, new) = (fresh.table(), next.table());
    let mut after = panel(&thirteen, new, old, Cell::Arrived);
    for ((at, _), row) in thirteen.iter().zip(&mut after) {
        row.had = Some((0..old.partitions()).filter(|p| holds(old, at, *p)).count());
    }
    let (all, moved) = (config.partitions() * config.replicas(), next.moved());
    Ok(Picture {
        before: Panel {
            title: format!(
                "{} nodes; a column is one of {} partitions, with a replica in each zone",
                twelve.members().live(),
                config.partitions()
            ),
            rows: panel(&twelve, old, new, Cell::Leaves),
        },
        after: Panel {
            title: format!("{} joins: {moved} of {all} replicas move, the fewest that can", NEW.0),
            rows: after,
        },
        partitions: config.partitions(),
    })
}

fn holds(table: &PartitionTable, at: NodeIdx, partition: u32) -> bool {
    table.row(partition).any(|node| node == at)
}

/// The rows of a table; replicas that the other table does not have are marked.
fn panel(nodes: &Cluster, table: &PartitionTable, other: &PartitionTable, mark: Cell) -> Vec<Row> {
    let row = |(at, name): (NodeIdx, &&'static str)| {
        let cell = |p| match (holds(table, at, p), holds(other, at, p)) {
            (true, true) => Cell::Stays,
            (true, false) => mark,
            (false, _) => Cell::Empty,
        };
        let weight = nodes.members().weight(at).map_or(0, apportion::Weight::get);
        Row { name, weight, had: None, cells: (0..table.partitions()).map(cell).collect() }
    };
    nodes.iter().map(row).collect()
}
