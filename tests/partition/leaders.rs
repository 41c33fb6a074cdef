//! First holders of partitions: nodes lead as much as befits what they hold, whatever happened before.

use crate::support::Draws;
use apportion::partition::{TableConfig, TableReport};
use apportion::{Locator, Node, PartitionTable, Planner, Topology, Xxh3};

type Table = Locator<String, PartitionTable>;

fn node(i: usize) -> Node<String> {
    Node::new(format!("n{i}"))
}

fn zoned(i: usize, zone: &str) -> Node<String> {
    Node::new(format!("{zone}{i}")).domain("zone", zone)
}

fn fresh(nodes: impl IntoIterator<Item = Node<String>>, config: TableConfig) -> Table {
    Locator::table_of(Topology::of(nodes).unwrap(), config).unwrap()
}

fn report(table: &Table) -> TableReport {
    let placement = table.placement();
    let planner = Planner::new(table.topology().members(), placement.config()).unwrap();
    planner.report(placement)
}

/// Partitions led by a node, and replicas of it.
fn led(table: &Table, name: &str) -> [u32; 2] {
    let at = table.topology().members().find(name.as_bytes()).unwrap();
    let placement = table.placement();
    let rows = || (0..placement.partitions()).map(|p| placement.row(p));
    let held = rows().flatten().filter(|node| *node == at).count();
    let led = rows().filter_map(|mut row| row.next()).filter(|node| *node == at).count();
    [led as u32, held as u32]
}

/// No node leads less than `minimum` or more than `most` of its part.
fn within(what: &str, table: &Table, least: f64, most: f64) {
    let report = report(table);
    let found = (report.min_led_over_quota, report.max_led_over_quota);
    assert!(found.0 >= least && found.1 <= most, "{what}: {found:?}");
}

#[test]
fn a_fresh_table_is_led_evenly() {
    for (nodes, partitions, replicas) in [(6, 256, 3), (10, 1000, 2), (12, 500, 5), (40, 4096, 3)] {
        let table = fresh((0..nodes).map(|i| node(i).weight(1 + i as u64 % 3)), {
            TableConfig::new(partitions, replicas)
        });
        within(&format!("{nodes} nodes"), &table, 0.94, 1.06);
    }
}

/// A node that joins leads m / R of the m replicas that it gets, rounded either way.
#[test]
fn a_node_that_joins_leads_its_share() {
    let mut draws = Draws(4);
    for _ in 0..60 {
        let nodes = 4 + draws.below(20) as usize;
        let replicas = 2 + draws.below(3) as u32;
        let mut table = fresh((0..nodes).map(node), TableConfig::new(512, replicas));
        for joins in 0..4 {
            let name = format!("n{}", nodes + joins);
            table = table.with_node(node(nodes + joins).weight(1 + draws.below(3))).unwrap();
            let [led, held] = led(&table, &name);
            let part = f64::from(held) / f64::from(replicas);
            let off = (f64::from(led) - part).abs();
            assert!(off <= 1.0 + part / 20.0, "{name} leads {led} of {held}, {nodes} nodes");
        }
    }
}

#[test]
fn leaders_stay_even_while_nodes_come_and_go() {
    let mut table = fresh((0..3).map(node), TableConfig::new(12, 3));
    for i in 3..6 {
        table = table.with_node(node(i)).unwrap();
        assert!(led(&table, &format!("n{i}"))[0] > 0, "n{i} leads nothing");
    }
    within("3 to 6 nodes, 12 partitions", &table, 0.5, 1.5);
    let mut table = fresh((0..3).map(node), TableConfig::new(192, 3));
    for i in 3..12 {
        table = table.with_node(node(i)).unwrap();
        within(&format!("n{i} joined"), &table, 0.8, 1.2);
    }
    for i in 0..8 {
        table = table.without(&format!("n{i}")).unwrap();
        within(&format!("n{i} left"), &table, 0.8, 1.25);
    }
}

#[test]
fn leaders_stay_even_while_all_nodes_are_replaced() {
    let mut table = fresh((0..6).map(node), TableConfig::new(256, 3));
    for i in 0..60 {
        table = table.with_node(node(i + 6)).unwrap();
        table = table.without(&format!("n{i}")).unwrap();
        within(&format!("{i} replaced"), &table, 0.9, 1.1);
    }
}

#[test]
fn leaders_stay_even_through_a_drain_and_back() {
    let mut table = fresh((0..6).map(node), TableConfig::new(256, 3));
    for _ in 0..10 {
        table = table.reweighted("n0", 0).unwrap();
        assert_eq!(led(&table, "n0"), [0, 0]);
        table = table.reweighted("n0", 1).unwrap();
        within("filled", &table, 0.9, 1.1);
    }
}

#[test]
fn leaders_stay_even_when_the_number_of_replicas_changes() {
    let nodes = Topology::of((0..6).map(node)).unwrap();
    let sized = |table: &Table, replicas| {
        let members = table.topology().members();
        let planner = Planner::new(members, &TableConfig::new(240, replicas)).unwrap();
        let mut plan = planner.rebalance(table.placement(), members).unwrap();
        planner.disperse(&mut plan).unwrap();
        Locator::from_parts(table.topology().clone(), plan.into_table(), Xxh3).unwrap()
    };
    let one = Locator::table_of(nodes, TableConfig::new(240, 1)).unwrap();
    let mut table = sized(&one, 3);
    within("3 replicas", &table, 0.95, 1.05);
    for i in 6..12 {
        table = table.with_node(node(i)).unwrap();
    }
    within("12 nodes", &table, 0.85, 1.15);
    within("1 replica", &sized(&table, 1), 0.95, 1.05);
}

#[test]
fn leaders_stay_even_while_zones_are_replaced_node_by_node() {
    let zone = |i: usize| ["x", "y", "z"][i % 3];
    let config = TableConfig::new(256, 3).max_per_domain("zone", 1);
    let mut table = fresh((0..12).map(|i| zoned(i, zone(i))), config);
    for i in 0..40 {
        table = table.with_node(zoned(200 + i, zone(i))).unwrap();
        if i >= 12 {
            let left = i - 12;
            table = table.without(&format!("{}{}", zone(left), 200 + left)).unwrap();
        }
        within(&format!("join {i}"), &table, 0.8, 1.2);
    }
}
