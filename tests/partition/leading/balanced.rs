//! Leaders stay balanced in histories, with the fewest changes, and for tables of any origin.

use super::{Listed, Nodes, changed, equal, planner, proved, rows, sorted, topology};
use crate::support::Draws;
use apportion::partition::TableConfig;
use apportion::{Locator, NodeIdx, PartitionTable, Placement, Planner, Topology};

/// A cluster that changes at random.
struct Cluster {
    nodes: Listed,
    next: u64,
    partitions: u32,
    replicas: u32,
    limit: Option<u32>,
    weights: Option<u64>,
}

impl Cluster {
    fn new(draws: &mut Draws) -> Self {
        let zones = 3 + draws.below(3);
        let count = 5 + draws.below(8);
        let nodes = (0..count).map(|id| (id, 1 + draws.below(4), id % zones)).collect();
        Self {
            nodes,
            next: count,
            partitions: [4, 24, 60][draws.below(3) as usize],
            replicas: 1 + draws.below(4) as u32,
            limit: [None, Some(1), Some(2)][draws.below(3) as usize],
            weights: [None, None, Some(1), Some(4)][draws.below(4) as usize],
        }
    }

    fn change(&mut self, draws: &mut Draws) {
        let at = draws.below(self.nodes.len() as u64) as usize;
        match draws.below(8) {
            0 | 1 if self.nodes.len() > 5 => drop(self.nodes.remove(at)),
            2 | 3 => {
                self.nodes.push((self.next, 1 + draws.below(4), draws.below(5)));
                self.next += 1;
            }
            4 => self.nodes[at].1 = draws.below(6),
            5 => self.replicas = 1 + draws.below(4) as u32,
            6 if self.partitions < 200 => self.partitions *= 2,
            _ => self.weights = [None, Some(2), Some(9)][draws.below(3) as usize],
        }
        draws.shuffle(&mut self.nodes);
    }

    fn config(&self) -> TableConfig {
        let config = TableConfig::new(self.partitions, self.replicas).allow_under_replicated();
        self.limit.map_or(config.clone(), |limit| config.max_per_domain("zone", limit))
    }

    fn led<'a>(&self, planner: Planner<'a>, nodes: &Nodes) -> Planner<'a> {
        let Some(max) = self.weights else { return planner.balance_leaders() };
        let weight = |(node, id): (NodeIdx, &u64)| {
            let live = self.nodes.iter().any(|(other, weight, _)| other == id && *weight > 0);
            (node, if live { 1 + id * 7 % max } else { 0 })
        };
        planner.leader_weights(nodes.iter().map(weight)).unwrap()
    }
}

/// Random histories, with nodes that come, go and drain, other R, splits, limits and leader weights.
#[test]
fn histories_keep_leaders_balanced_with_the_fewest_changes() {
    let mut draws = Draws(1401);
    let (mut steps, mut changes) = (0, 0);
    for _ in 0..80 {
        let mut cluster = Cluster::new(&mut draws);
        let mut last: Option<(PartitionTable, Nodes)> = None;
        for _ in 0..8 {
            let (nodes, config) = (topology(&cluster.nodes), cluster.config());
            let Ok(plain) = Planner::new(nodes.members(), &config) else {
                cluster.change(&mut draws);
                continue;
            };
            let led = cluster.led(plain.clone(), &nodes);
            let old = last.as_ref().map(|(table, nodes)| (table, nodes));
            let slots = old.map(|(table, nodes)| (table, nodes.members()));
            let mut plan = match slots {
                None => led.fresh().unwrap(),
                Some((table, members)) => {
                    let plan = led.rebalance(table, members).unwrap();
                    let without = plain.rebalance(table, members).unwrap();
                    assert_eq!(plan.moved(), without.moved());
                    assert_eq!(plan.partitions_moved_twice(), without.partitions_moved_twice());
                    plan
                }
            };
            assert!(led.verify(&plan, slots).unwrap().optimal());
            proved(&led, &plan, old);
            if draws.below(2) == 0 {
                let moved = plan.moved();
                led.disperse(&mut plan).unwrap();
                assert!(led.verify(&plan, slots).unwrap().optimal());
                assert_eq!(plan.moved(), moved);
                proved(&led, &plan, old);
            }
            if let Some((table, before)) = old {
                let (from, to) = (rows(table, before), rows(plan.table(), &nodes));
                assert_eq!(plan.leaders_moved(), changed(&from, &to));
                changes += plan.leaders_moved();
            }
            // Planned again, nothing changes, not even the order of a row.
            let again = led.rebalance(plan.table(), nodes.members()).unwrap();
            assert_eq!((again.moved(), again.leaders_moved()), (0, 0));
            assert_eq!(again.table(), plan.table());
            let again = led.lead(plan.table(), nodes.members()).unwrap();
            assert_eq!(again.table(), plan.table());
            steps += 1;
            last = Some((plan.into_table(), nodes));
            cluster.change(&mut draws);
        }
    }
    assert!(steps > 500 && changes > 2_500, "{steps} steps, {changes} changes");
}

/// Slots and the order in which nodes are given do not matter.
#[test]
fn the_order_of_nodes_does_not_matter() {
    let mut draws = Draws(77);
    for _ in 0..40 {
        let mut cluster = Cluster::new(&mut draws);
        cluster.replicas = cluster.replicas.min(3);
        let plans = |order: u64| {
            let (mut nodes, mut draws) = (cluster.nodes.clone(), Draws(order));
            draws.shuffle(&mut nodes);
            let before = topology(&nodes);
            let config = cluster.config();
            let planner = Planner::new(before.members(), &config).unwrap();
            let old = cluster.led(planner, &before).fresh().unwrap().into_table();
            nodes.retain(|(id, ..)| *id != 1);
            nodes.push((99, 2, 0));
            draws.shuffle(&mut nodes);
            let after = topology(&nodes);
            let planner = cluster.led(Planner::new(after.members(), &config).unwrap(), &after);
            let plan = planner.rebalance(&old, before.members()).unwrap();
            (rows(&old, &before), rows(plan.table(), &after))
        };
        if Planner::new(topology(&cluster.nodes).members(), &cluster.config()).is_ok() {
            assert_eq!(plans(1), plans(2));
        }
    }
}

/// 10,000 partitions on 24 brokers in 3 racks, and one broker is added.
#[test]
fn a_broker_that_joins_takes_its_leaders_and_no_more() {
    let (before, after) = (equal(24, 3), equal(25, 3));
    let config = TableConfig::new(10_000, 3).max_per_domain("zone", 1);
    let old = planner(&before, &config).fresh().unwrap().into_table();
    let planner = planner(&after, &config);
    let plan = planner.rebalance(&old, before.members()).unwrap();
    assert_eq!((plan.moved(), plan.lower_bound()), (1111, 1111));
    assert_eq!(plan.leaders_moved(), plan.leaders_lower_bound());
    // Its quota is 10,000 / 27.
    assert!((370..=371).contains(&plan.leaders_moved()), "{}", plan.leaders_moved());
    proved(&planner, &plan, Some((&old, &before)));
    let report = planner.report(plan.table());
    assert!(report.max_leaders_over_quota < 1.01 && report.worst_takeover < 1.1, "{report:?}");
}

/// 2^18 partitions on 1000 nodes in 10 zones: leaders move nothing, and stay where they can.
#[test]
fn large_tables_are_led_evenly() {
    let (before, after) = (equal(1000, 10), equal(1001, 10));
    let config = TableConfig::new(1 << 18, 3).max_per_domain("zone", 1);
    let plain = Planner::new(before.members(), &config).unwrap().fresh().unwrap().into_table();
    let first = planner(&before, &config);
    let led = first.lead(&plain, before.members()).unwrap();
    proved(&first, &led, Some((&plain, &before)));
    assert_eq!(sorted(rows(led.table(), &before)), sorted(rows(&plain, &before)));
    let second = planner(&after, &config);
    let plan = second.rebalance(led.table(), before.members()).unwrap();
    assert_eq!((plan.moved(), plan.lower_bound()), (785, 785));
    proved(&second, &plan, Some((led.table(), &before)));
    assert!(plan.leaders_moved() <= 300, "{}", plan.leaders_moved());
}

/// Tables of other origin, out of balance and with limits broken, keep their holders.
#[test]
fn tables_of_any_origin_are_led() {
    let nodes = equal(20, 4);
    let ranking = Locator::rendezvous_of(nodes.clone()).unwrap();
    let derived = PartitionTable::derived(nodes.members(), 500, 3, |key, out| {
        ranking.placement().replicas(key, out)
    });
    let table = derived.unwrap();
    let config = TableConfig::new(500, 3).max_per_domain("zone", 1);
    let planner = planner(&nodes, &config);
    let report = planner.report(&table);
    assert!(report.domain_violations > 0 && report.leaders_outside_floor_ceil > 5, "{report:?}");
    let plan = planner.lead(&table, nodes.members()).unwrap();
    proved(&planner, &plan, Some((&table, &nodes)));
    assert_eq!(plan.moved(), 0);
    assert!(plan.leaders_moved() > 20);
    assert_eq!(sorted(rows(plan.table(), &nodes)), sorted(rows(&table, &nodes)));
    // Old and new leaders exchange their places; the last place changes only for them.
    for (old, new) in rows(&table, &nodes).iter().zip(rows(plan.table(), &nodes)) {
        assert!(old[0] == new[0] || new[1..].contains(&old[0]));
    }
    let led = planner.report(plan.table());
    assert!(led.max_leaders_over_quota < report.max_leaders_over_quota);
    assert!(led.worst_takeover < report.worst_takeover, "{led:?}, {report:?}");
}

/// A node that holds little leads all of it, and the others share the rest.
#[test]
fn holders_bind() {
    let nodes = Topology::new(0..4_u64).unwrap();
    // Nodes 0 and 1 hold two partitions, nodes 2 and 3 the other six.
    let pairs = [[0, 2], [0, 1], [2, 3], [2, 3], [3, 2], [3, 2], [2, 3], [3, 2]];
    let slots: Vec<NodeIdx> = pairs.as_flattened().iter().map(|slot| NodeIdx::new(*slot)).collect();
    let table = PartitionTable::from_rows(nodes.members(), 8, 2, &slots).unwrap();
    let config = TableConfig::new(8, 2);
    let planner = planner(&nodes, &config);
    let plan = planner.lead(&table, nodes.members()).unwrap();
    let mut led = [0; 4];
    rows(plan.table(), &nodes).iter().for_each(|row| led[row[0] as usize] += 1);
    assert_eq!(led, [1, 1, 3, 3]);
    assert_eq!(plan.leader_certificate().unwrap().blocks(), [0, 0, 1, 1]);
    assert_eq!(planner.report(plan.table()).max_leaders_over_quota, 1.0);
}

#[test]
fn a_drained_node_leads_only_what_no_other_holds() {
    let nodes = topology(&[(0, 1, 0), (1, 1, 1), (2, 1, 2)]);
    let slots: Vec<NodeIdx> = [0, 1, 0, 2, 0, 1, 1, 2].map(NodeIdx::new).to_vec();
    let table = PartitionTable::from_rows(nodes.members(), 4, 2, &slots).unwrap();
    let drained = topology(&[(0, 0, 0), (1, 1, 1), (2, 1, 2)]);
    let config = TableConfig::new(4, 2);
    let plan = planner(&drained, &config).lead(&table, nodes.members()).unwrap();
    let leaders: Vec<u64> = rows(plan.table(), &drained).iter().map(|row| row[0]).collect();
    assert_eq!(leaders, [1, 2, 1, 2]);
    // By weights of leaders alone, the node keeps its replicas and leads nothing.
    let planner = Planner::new(nodes.members(), &config).unwrap();
    let planner = planner.leader_weights([(NodeIdx::new(0), 0)]).unwrap();
    let plan = planner.lead(&table, nodes.members()).unwrap();
    let leaders: Vec<u64> = rows(plan.table(), &nodes).iter().map(|row| row[0]).collect();
    assert_eq!(leaders, [1, 2, 1, 2]);
}
