//! Checks that fail: no planner makes such plans.

use super::{Check, Verdict};
use crate::partition::{Plan, TableConfig};
use crate::{Node, NodeIdx, PartitionTable, Planner, Topology};
use std::string::String;
use std::vec::Vec;

fn nodes(count: u32) -> Topology<u32> {
    let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
    Topology::of((0..count).map(node)).unwrap()
}

fn rows(plan: &Plan) -> Vec<NodeIdx> {
    (0..plan.table().partitions()).flat_map(|p| plan.table().row(p).collect::<Vec<_>>()).collect()
}

/// The plan with other rows, under its own rules.
fn with_rows(plan: Plan, topology: &Topology<u32>, rows: &[NodeIdx]) -> Plan {
    let config = plan.table().config().clone();
    let (replicas, slots) = (plan.table().replication_factor(), rows.iter().copied());
    let table = PartitionTable::of_slots(topology.members(), config, replicas, slots);
    plan.with_table(table)
}

fn check(plan: &Plan, name: &str) -> (Verdict, String) {
    let checks = plan.dry_run().checks();
    let found: Vec<&Check> = checks.iter().filter(|check| check.name == name).collect();
    assert_eq!(found.len(), 1);
    (found[0].verdict, found[0].finding.clone())
}

#[test]
fn a_table_that_breaks_a_rule_fails() {
    let (old, new) = (nodes(6), nodes(7));
    let config = TableConfig::new(12, 2).max_per_domain("zone", 1);
    let table = Planner::new(old.members(), &config).unwrap().fresh().unwrap().into_table();
    let holder = |p: u32| table.row(p).next().unwrap();
    let slot = |node: NodeIdx| new.find(old.get(node).unwrap()).unwrap();
    let planner = Planner::new(new.members(), &config).unwrap();
    let planner = planner.pinned([(3, slot(holder(3)))]).unwrap().frozen([5]).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    assert!(plan.dry_run().checks().iter().all(|check| check.verdict == Verdict::Pass), "{plan}");

    // Both replicas in a zone, then on one node.
    let mut broken = rows(&plan);
    let zone = |node: NodeIdx| *new.get(node).unwrap() % 3;
    let other = new.members().iter().find(|n| *n != broken[0] && zone(*n) == zone(broken[0]));
    broken[1] = other.unwrap();
    let (verdict, finding) = check(&with_rows(plan.clone(), &new, &broken), "limits");
    let name = ["x", "y", "z"][zone(broken[0]) as usize];
    let wanted = std::format!("partition 0 has 2 replicas in {name:?}, where at most 1 may be");
    assert_eq!((verdict, finding), (Verdict::Fail, wanted));
    broken[1] = broken[0];
    let (verdict, finding) = check(&with_rows(plan.clone(), &new, &broken), "limits");
    let wanted =
        "partition 0 has 2 replicas in one node, where at most 1 may be (and 1 more like it)";
    assert_eq!((verdict, finding.as_str()), (Verdict::Fail, wanted));

    // A node takes the place of another one.
    let mut broken = rows(&plan);
    let (from, to) = (broken[0], (0..7).map(NodeIdx::new).find(|n| !broken[..2].contains(n)));
    broken[0] = to.unwrap();
    let plan_of = with_rows(plan.clone(), &new, &broken);
    let held = rows(&plan).iter().filter(|node| **node == from).count() - 1;
    let (verdict, finding) = check(&plan_of, "quotas");
    assert_eq!(verdict, Verdict::Fail, "{finding} {held}");
    assert!(finding.contains("replicas, and its quota is"), "{finding}");
    assert_eq!(check(&plan_of, "movement").0, Verdict::Fail);

    // Another node than the pinned one, and another holder of the frozen partition.
    let mut broken = rows(&plan);
    for partition in [3, 5] {
        let row = [broken[2 * partition], broken[2 * partition + 1]];
        let free = |n: &NodeIdx| !row.contains(n);
        let kept = slot(holder(3));
        let place = row.iter().position(|n| partition == 5 || *n == kept).unwrap();
        broken[2 * partition + place] = new.members().iter().find(free).unwrap();
    }
    let broken = with_rows(plan, &new, &broken);
    let pins = (Verdict::Fail, "pins are not kept by partition 3".into());
    assert_eq!(check(&broken, "pins"), pins);
    let frozen = (Verdict::Fail, "the holders change of frozen partition 5".into());
    assert_eq!(check(&broken, "frozen"), frozen);
}
