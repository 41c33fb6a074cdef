//! What the chapter on placing replicas shows and says beside its programs.
#![cfg(feature = "std")]

use crate::support::Draws;
use apportion::partition::TableConfig;
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};

/// One node joins; gives the replicas that moved, the bound, and those that moved between others.
fn joins(draws: &mut Draws) -> Option<[u64; 3]> {
    let nodes = 6 + draws.below(20);
    let zones = 3 + draws.below(4);
    let replicas = 1 + draws.below(3) as u32;
    let partitions = [16, 64, 100][draws.below(3) as usize];
    let config = TableConfig::new(partitions, replicas);
    let config = if draws.below(2) == 1 { config.max_per_domain("zone", 1) } else { config };
    let mut node = |id: u64| {
        Node::new(id).weight(1 + draws.below(5)).domain("zone", &format!("z{}", id % zones))
    };
    let before = Topology::of((0..nodes).map(&mut node)).unwrap();
    let (after, _) = before.with_node(node(nodes)).unwrap();
    let moved = || -> Result<_, Error> {
        let fresh = Planner::new(before.members(), &config)?.fresh()?;
        let planner = Planner::new(after.members(), &config)?;
        let mut plan = planner.rebalance(fresh.table(), before.members())?;
        planner.disperse(&mut plan)?;
        let joined = after.iter().find(|(_, id)| **id == nodes).unwrap().0;
        let others = arrived(fresh.table(), plan.table()).filter(|node| *node != joined).count();
        Ok([plan.moved(), plan.lower_bound(), others as u64])
    };
    moved().ok()
}

/// Where replicas are that were not there before.
fn arrived<'a>(
    old: &'a PartitionTable,
    new: &'a PartitionTable,
) -> impl Iterator<Item = NodeIdx> + 'a {
    (0..new.partitions())
        .flat_map(move |p| new.row(p).filter(move |node| !old.row(p).any(|held| held == *node)))
}

/// "Not promised": how often a node that joins is not the only one to receive.
#[test]
fn replicas_that_move_between_others_when_a_node_joins() {
    let mut draws = Draws(1);
    let (mut changes, mut moved, mut with, mut at_the_bound, mut replicas) = (0, 0, 0, 0, 0);
    while changes < 1000 {
        let Some([moves, bound, others]) = joins(&mut draws) else { continue };
        changes += 1;
        moved += moves;
        with += u64::from(others > 0);
        at_the_bound += u64::from(others > 0 && moves == bound);
        replicas += others;
    }
    assert_eq!([moved, with, at_the_bound, replicas], [7489, 63, 61, 64]);
}
