//! What explanations print, for each reason.

use apportion::partition::{Plan, TableConfig};
use apportion::{Node, PartitionTable, Planner, Topology};

type Nodes = Topology<&'static str>;

fn nodes(nodes: &[(&'static str, u64, &str)]) -> Nodes {
    let node = |(name, weight, zone): &(&'static str, u64, &str)| {
        Node::new(*name).weight(*weight).domain("zone", zone)
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

/// A table from rows of names.
fn table(nodes: &Nodes, rows: &[&[&str]]) -> PartitionTable {
    let slots: Vec<_> = rows.concat().iter().map(|name| nodes.find(name).unwrap()).collect();
    let (partitions, replicas) = (rows.len() as u32, rows[0].len() as u32);
    PartitionTable::from_rows(nodes.members(), partitions, replicas, &slots).unwrap()
}

/// All lines of all explanations of a plan.
fn lines(plan: &Plan) -> Vec<String> {
    let all = (0..plan.table().partitions()).map(|p| plan.explain(p).unwrap().to_string());
    let lines: Vec<String> =
        all.flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>()).collect();
    lines
}

#[track_caller]
fn says(plan: &Plan, line: &str) {
    let lines = lines(plan);
    assert!(lines.iter().any(|found| found.trim() == line), "{line}\nnot in\n{}", lines.join("\n"));
}

#[test]
fn nodes_that_come_and_go() {
    let old = nodes(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y")]);
    let rows: [&[&str]; 4] = [&["a", "c"], &["b", "d"], &["a", "d"], &["b", "c"]];
    let table = table(&old, &rows);
    let config = TableConfig::new(4, 2).max_per_domain("zone", 1);
    let new = nodes(&[("a", 1, "x"), ("c", 1, "y"), ("d", 0, "y"), ("e", 1, "x")]);
    let planner = Planner::new(new.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    says(
        &plan,
        "moves from node \"b\" to node \"e\": node \"b\" was removed, and node \"e\" is new, with a \
         quota of 2",
    );
    says(
        &plan,
        "moves from node \"d\" to node \"c\": node \"d\" is drained, and node \"c\" held 2 replicas, \
         with a quota of 4",
    );
    says(&plan, "stays on node \"a\": it held 2 replicas and gives none, with a quota of 2");
    // Numbers print as numbers.
    let numbers = Topology::new([1_u64, 2, 3]).unwrap();
    let config = TableConfig::new(3, 1);
    let table = Planner::new(numbers.members(), &config).unwrap().fresh().unwrap().into_table();
    let (fewer, _) = numbers.without(&2).unwrap();
    let planner = Planner::new(fewer.members(), &config).unwrap();
    let plan = planner.rebalance(&table, numbers.members()).unwrap();
    assert!(lines(&plan).iter().any(|line| line.contains(": node 2 was removed, and node ")));
}

#[test]
fn of_two_nodes_none_is_called_it() {
    let old = nodes(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y")]);
    let (new, _) = old.without("c").unwrap();
    let config = TableConfig::new(3, 1);
    let rows: [&[&str]; 3] = [&["c"], &["a"], &["b"]];
    let planner = Planner::new(new.members(), &config).unwrap();
    let planner = planner.pinned([(0, new.find("a").unwrap())]).unwrap();
    let plan = planner.rebalance(&table(&old, &rows), old.members()).unwrap();
    says(
        &plan,
        "moves from node \"c\" to node \"a\": node \"c\" was removed, and the partition is pinned to \
         node \"a\"",
    );
    // Two partitions of the removed node could have changed places.
    let config = TableConfig::new(4, 1);
    let rows: [&[&str]; 4] = [&["c"], &["a"], &["b"], &["c"]];
    let planner = Planner::new(new.members(), &config).unwrap();
    let plan = planner.rebalance(&table(&old, &rows), old.members()).unwrap();
    let to = if plan.table().row(0).next() == new.find("a") { "a" } else { "b" };
    says(
        &plan,
        &format!(
            "moves from node \"c\" to node \"{to}\": node \"c\" was removed, and node \"{to}\" held 1 \
             replica, with a quota of 2; the replica could have changed places with a moved one of \
             partition 3, a free choice"
        ),
    );
}

#[test]
fn quotas_and_free_choices() {
    let old = nodes(&[("a", 1, "x"), ("b", 1, "y")]);
    let rows: [&[&str]; 6] = [&["a"], &["b"], &["a"], &["b"], &["a"], &["b"]];
    let table = table(&old, &rows);
    let config = TableConfig::new(6, 1);
    let new = nodes(&[("a", 1, "x"), ("b", 1, "y"), ("c", 1, "z")]);
    let planner = Planner::new(new.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let moved: Vec<u32> = (0..6).filter(|p| plan.table().row(*p).next() == new.find("c")).collect();
    assert_eq!(moved.len(), 2);
    let of_a = moved.iter().copied().find(|p| p % 2 == 0).unwrap();
    let instead = [0, 2, 4].into_iter().find(|p| *p != of_a).unwrap();
    says(
        &plan,
        &format!(
            "moves from node \"a\" to node \"c\": node \"a\" held 3 replicas, with a quota of 2, and \
             node \"c\" is new, with a quota of 2; that of partition {instead} could have moved \
             instead, a free choice"
        ),
    );
    says(
        &plan,
        &format!(
            "stays on node \"a\": it held 3 replicas and gives 1 of other partitions, with a quota of \
             2; it could have moved in place of that of partition {of_a}, a free choice"
        ),
    );
}

#[test]
fn a_domain_over_its_quota_and_one_below() {
    // Zone x held 6 of 8, and no node of it more than its quota: x has three nodes of four.
    let old = nodes(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y")]);
    let rows: [&[&str]; 6] = [&["a"], &["b"], &["a"], &["b"], &["c"], &["d"]];
    let table = table(&old, &rows);
    // Six partitions over four nodes: 1 or 2 each, and exactly 3 in each zone.
    let planner_config = TableConfig::new(6, 1);
    let planner = Planner::new(old.members(), &planner_config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    assert_eq!(plan.moved(), 1);
    let moved: Vec<String> =
        lines(&plan).into_iter().filter(|line| line.contains("moves")).collect();
    assert_eq!(moved.len(), 1);
    let says = |part: &str| assert!(moved[0].contains(part), "{}", moved[0]);
    says(": failure domain \"x\" of node ");
    says(" held 4 replicas, with a quota of 3, and failure domain \"y\" of node ");
    says(" held 2 replicas, with a quota of 3; ");
}

#[test]
fn limits_pins_and_freezes() {
    let all = nodes(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y")]);
    let rows: [&[&str]; 2] = [&["a", "b"], &["c", "d"]];
    let table = table(&all, &rows);
    let config = TableConfig::new(2, 2).max_per_domain("zone", 1);
    let planner = Planner::new(all.members(), &config).unwrap();
    let plan = planner.rebalance(&table, all.members()).unwrap();
    let text = lines(&plan).join("\n");
    for part in [
        ": failure domain \"x\" of node ",
        " had 2 replicas of the partition, where at most 1 may be, and node ",
        " gives 1 replica of other partitions in exchange, in a chain of moves that cannot be shorter",
    ] {
        assert!(text.contains(part), "{part}\nnot in\n{text}");
    }

    let rows: [&[&str]; 4] = [&["a", "c"], &["b", "d"], &["a", "d"], &["b", "c"]];
    let table = self::table(&all, &rows);
    let config = TableConfig::new(4, 2);
    let slot = |name| all.find(name).unwrap();
    let planner = Planner::new(all.members(), &config).unwrap();
    let planner = planner.pinned([(0, slot("b")), (2, slot("d"))]).unwrap();
    let planner = planner.frozen([1]).unwrap().frozen_if_possible([2]).unwrap();
    let plan = planner.rebalance(&table, all.members()).unwrap();
    let text = lines(&plan).join("\n");
    for part in [
        "to node \"b\": the partition is pinned to node \"b\" and has 2 replicas in all\n",
        "stays on node \"d\": the partition is pinned to it",
        "stays on node \"b\": the partition is frozen\n",
        "stays on node \"a\": the partition is frozen if possible, and none of its replicas has to move",
    ] {
        assert!(text.contains(part), "{part}\nnot in\n{text}");
    }

    let config = TableConfig::new(4, 2).max_per_domain("zone", 1);
    let planner = Planner::new(all.members(), &config).unwrap();
    let planner = planner.pinned([(0, slot("b"))]).unwrap();
    let plan = planner.rebalance(&table, all.members()).unwrap();
    says(
        &plan,
        "moves from node \"a\" to node \"b\": the partition is pinned to node \"b\" and may have 1 \
         replica in \"x\"",
    );
}

#[test]
fn more_and_fewer_replicas_and_a_split() {
    let all = nodes(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y")]);
    let rows: [&[&str]; 4] = [&["a", "c"], &["b", "d"], &["a", "d"], &["b", "c"]];
    let table = table(&all, &rows);
    let plan = |partitions, replicas| {
        let config = TableConfig::new(partitions, replicas);
        let planner = Planner::new(all.members(), &config).unwrap();
        planner.rebalance(&table, all.members()).unwrap()
    };
    let text = lines(&plan(4, 3)).join("\n");
    let part = ": the replicas of the partition rise from 2 to 3, and node ";
    assert!(text.contains(part) && text.contains("is placed on node "), "{text}");
    assert!(text.contains(" held 2 replicas, with a quota of 3"), "{text}");
    let text = lines(&plan(4, 1)).join("\n");
    let part = ": the replicas of the partition fall from 2 to 1, and node ";
    assert!(text.contains(part) && text.contains("is dropped from node "), "{text}");
    assert!(text.contains(" held 2 replicas, with a quota of 1"), "{text}");
    let split = plan(8, 2);
    let header = "partition 5, one of 2 into which partition 2 was split without a move";
    assert_eq!(split.explain(5).unwrap().to_string().lines().next(), Some(header));
    assert_eq!(split.moved(), 0);

    let config = TableConfig::new(4, 2);
    let planner =
        Planner::new(all.members(), &config).unwrap().pinned([(3, all.find("a").unwrap())]);
    let fresh = planner.unwrap().fresh().unwrap();
    says(&fresh, "is placed on node \"a\": the partition is pinned to it");
    says(
        &fresh,
        "is placed on node \"b\": the table is fresh, and the node holds 2 replicas, with a quota of 2",
    );
    assert_eq!(fresh.explain(0).unwrap().old_partition(), None);
}

#[test]
fn dispersion_is_named_where_it_chose() {
    let config = TableConfig::new(60, 2);
    let five = Topology::new(["a", "b", "c", "d", "e"]).unwrap();
    let old = Planner::new(five.members(), &config).unwrap().fresh().unwrap().into_table();
    let (six, _) = five.with("f").unwrap();
    let planner = Planner::new(six.members(), &config).unwrap();
    let mut plan = planner.rebalance(&old, five.members()).unwrap();
    assert!(
        lines(&plan).iter().any(|line| line.ends_with("could have moved instead, a free choice"))
    );
    planner.disperse(&mut plan).unwrap();
    let dispersed = lines(&plan);
    assert!(dispersed.iter().any(|line| line.ends_with("instead, as dispersion decided")));
    assert!(!dispersed.iter().any(|line| line.ends_with("a free choice")));
}
