//! Fewer replicas than asked for, where nodes and limits admit no more and that is allowed.

use apportion::partition::TableConfig;
use apportion::{Locator, Node, PartitionTable, Placement, Planner, Topology};

type Table = Locator<u64, PartitionTable>;

fn node(id: u64, zones: u64) -> Node<u64> {
    Node::new(id).domain("zone", &format!("z{}", id % zones))
}

fn rows(table: &Table) -> Vec<Vec<u64>> {
    let id = |node| *table.topology().get(node).unwrap();
    let placement = table.placement();
    (0..placement.partitions()).map(|p| placement.row(p).map(id).collect()).collect()
}

/// A node of three dies with R = 3, and comes back.
#[test]
fn one_of_three_nodes_dies() {
    let strict = TableConfig::new(30, 3);
    let config = strict.clone().allow_under_replicated();
    let nodes = Topology::of((0..3).map(Node::new)).unwrap();
    let error = Locator::<_, PartitionTable>::table_of(nodes.clone(), strict).unwrap();
    assert!(error.without(&1).is_err());
    let full: Table = Locator::table_of(nodes, config.clone()).unwrap();
    let two = full.without(&1).unwrap();
    let survivors = |row: &Vec<u64>| row.iter().copied().filter(|id| *id != 1).collect();
    let expected: Vec<Vec<u64>> = rows(&full).iter().map(survivors).collect();
    assert_eq!(rows(&two), expected);
    assert_eq!((two.placement().replication_factor(), two.placement().config()), (2, &config));
    assert_eq!(two.placement().guarantees().max_replicas, 2);
    let one = two.without(&0).unwrap();
    assert_eq!(rows(&one), vec![vec![2]; 30]);
    // Two come back, one after the other: nothing leaves a node that has it.
    let again = one.with_node(Node::new(5)).unwrap();
    assert!(rows(&again).iter().all(|row| row.len() == 2 && row.contains(&2)));
    let full = again.with_node(Node::new(6)).unwrap();
    assert!(rows(&full).iter().all(|row| row.len() == 3));
    for (old, new, missing) in [(&one, &again, 30), (&again, &full, 0), (&two, &one, 60)] {
        let planner = Planner::new(new.topology().members(), &config).unwrap();
        let plan = planner.rebalance(old.placement(), old.topology().members()).unwrap();
        assert_eq!((plan.moved(), plan.missing_replicas()), (0, missing));
        let report = planner.report(new.placement());
        assert_eq!((report.missing_replicas, report.outside_floor_ceil), (missing, 0));
        let old = Some((old.placement(), old.topology().members()));
        assert!(planner.verify(&plan, old).unwrap().optimal());
    }
    // The key's replicas are as many.
    assert_eq!(one.replicas::<3>("key").indices().len(), 1);
    assert_eq!(full.replicas::<3>("key").indices().len(), 3);
}

/// A zone of three is drained under "one a zone".
#[test]
fn a_zone_is_drained() {
    let config = TableConfig::new(64, 3).max_per_domain("zone", 1).allow_under_replicated();
    let nodes = Topology::of((0..9).map(|id| node(id, 3))).unwrap();
    let full: Table = Locator::table_of(nodes, config.clone()).unwrap();
    let drained = [0, 3, 6].iter().try_fold(full.clone(), |table, id| table.reweighted(id, 0));
    let drained = drained.unwrap();
    for (old, new) in rows(&full).iter().zip(rows(&drained)) {
        let survivors: Vec<u64> = old.iter().copied().filter(|id| id % 3 != 0).collect();
        assert_eq!(new, survivors);
    }
    let back = [0, 3, 6].iter().try_fold(drained.clone(), |table, id| table.reweighted(id, 1));
    let back = back.unwrap();
    for (old, new) in rows(&drained).iter().zip(rows(&back)) {
        assert_eq!(new[..2], old[..]);
        assert_eq!(new[2] % 3, 0);
    }
    let planner = Planner::new(drained.topology().members(), &config).unwrap();
    assert_eq!((planner.replication_factor(), planner.config().replicas()), (2, 3));
    let split = drained.placement().split(2).unwrap();
    assert_eq!((split.replication_factor(), split.config().replicas()), (2, 3));
}

#[test]
fn permission_alone_changes_no_plan() {
    let nodes = Topology::of((0..9).map(|id| node(id, 3))).unwrap();
    let config = TableConfig::new(64, 3).max_per_domain("zone", 1);
    let strict: Table = Locator::table_of(nodes.clone(), config.clone()).unwrap();
    let allowed: Table =
        Locator::table_of(nodes.clone(), config.clone().allow_under_replicated()).unwrap();
    assert_eq!(rows(&strict), rows(&allowed));
    assert_ne!(strict.fingerprint(), allowed.fingerprint());
    // Nothing at all is an error still.
    let none = Topology::of([node(0, 3).weight(0)]).unwrap();
    assert!(Planner::new(none.members(), &config.allow_under_replicated()).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn under_replicated_tables_are_saved_and_restored() {
    let config = TableConfig::new(8, 3).allow_under_replicated();
    let nodes = Topology::of((0..2).map(Node::new)).unwrap();
    let saved: Table = Locator::table_of(nodes, config).unwrap();
    let text = serde_json::to_string(&saved).unwrap();
    let again: Table = serde_json::from_str(&text).unwrap();
    assert_eq!((again.fingerprint(), rows(&again)), (saved.fingerprint(), rows(&saved)));
    assert_eq!(again.placement().config(), saved.placement().config());
    let third = |table: &Table| table.with_node(Node::new(2)).unwrap();
    assert_eq!(third(&again).fingerprint(), third(&saved).fingerprint());
    assert_eq!(third(&again).placement().replication_factor(), 3);
    // Without the permission that is the wrong length.
    let altered = text.replace("\"under_replicated\":true", "\"under_replicated\":false");
    let error = serde_json::from_str::<Table>(&altered).unwrap_err().to_string();
    assert!(error.contains("8 partitions of 3 replicas"), "{error}");
}
