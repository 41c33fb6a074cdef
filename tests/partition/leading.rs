//! Balanced leaders: every node leads the floor or the ceiling of its quota, nothing moves for it, and
//! the fewest leaders change.

use crate::support::Draws;
use apportion::partition::{
    LeaderCertificate, LeaderReason, Plan, TableConfig, TableReport, VerifiedLeaders,
};
use apportion::{Error, Locator, Node, NodeIdx, PartitionTable, Placement, Planner, Topology};
use std::collections::BTreeMap;

type Nodes = Topology<u64>;

/// Ids, weights and zones.
type Listed = Vec<(u64, u64, u64)>;

fn topology(nodes: &[(u64, u64, u64)]) -> Nodes {
    let node = |(id, weight, zone): &(u64, u64, u64)| {
        Node::new(*id).weight(*weight).domain("zone", &format!("z{zone}"))
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

/// So many nodes of weight 1, dealt to zones.
fn equal(nodes: u64, zones: u64) -> Nodes {
    topology(&(0..nodes).map(|id| (id, 1, id % zones)).collect::<Listed>())
}

fn planner<'a>(nodes: &'a Nodes, config: &TableConfig) -> Planner<'a> {
    Planner::new(nodes.members(), config).unwrap().balance_leaders()
}

fn rows(table: &PartitionTable, nodes: &Nodes) -> Vec<Vec<u64>> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

fn sorted(mut rows: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    rows.iter_mut().for_each(|row| row.sort_unstable());
    rows
}

fn proved(
    planner: &Planner<'_>,
    plan: &Plan,
    old: Option<(&PartitionTable, &Nodes)>,
) -> VerifiedLeaders {
    let old = old.map(|(table, nodes)| (table, nodes.members()));
    let led =
        planner.verify_leaders(plan.table(), plan.leader_certificate().unwrap(), old).unwrap();
    assert!(led.optimal(), "{led:?}");
    assert_eq!((led.moved, led.lower_bound), (plan.leaders_moved(), plan.leaders_lower_bound()));
    assert!(led.lower_bound <= led.moved);
    assert_eq!(planner.report(plan.table()).leaders_outside_floor_ceil, 0);
    led
}

/// Leaders that differ, counted from the rows.
fn changed(old: &[Vec<u64>], new: &[Vec<u64>]) -> u64 {
    let ways = new.len() / old.len();
    (0..new.len()).filter(|p| old[p / ways][0] != new[*p][0]).count() as u64
}

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

/// What one node takes over at the most, over all choices of second holders.
fn lowest_takeover(led: &[&Vec<u64>]) -> usize {
    let choices = (led[0].len() - 1).pow(led.len() as u32);
    let worst = |choice: usize| {
        let (mut rest, mut counts) = (choice, BTreeMap::new());
        for row in led {
            *counts.entry(row[1 + rest % (row.len() - 1)]).or_insert(0) += 1;
            rest /= row.len() - 1;
        }
        counts.into_values().max().unwrap_or(0)
    };
    (0..choices).map(worst).min().unwrap()
}

#[test]
fn take_over_is_as_even_as_holders_allow() {
    let mut draws = Draws(5);
    let mut checked = 0;
    for _ in 0..60 {
        let count = 4 + draws.below(6);
        let nodes = equal(count, count);
        let config = TableConfig::new(10 + draws.below(30) as u32, 3);
        let fresh = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap();
        let led = planner(&nodes, &config).lead(fresh.table(), nodes.members()).unwrap();
        let rows = rows(led.table(), &nodes);
        for node in 0..count {
            let own: Vec<&Vec<u64>> = rows.iter().filter(|row| row[0] == node).collect();
            if own.is_empty() || own.len() > 12 {
                continue;
            }
            let mut counts = BTreeMap::new();
            own.iter().for_each(|row| *counts.entry(row[1]).or_insert(0_usize) += 1);
            assert_eq!(counts.into_values().max(), Some(lowest_takeover(&own)), "{own:?}");
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn wrong_certificates_are_refused_or_prove_less() {
    let nodes = equal(8, 4);
    let config = TableConfig::new(100, 3);
    let planner = planner(&nodes, &config);
    let table = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    let rotated: Vec<NodeIdx> = (0..100).flat_map(|p| table.row(p).collect::<Vec<_>>()).collect();
    let rotated: Vec<NodeIdx> = rotated
        .chunks(3)
        .map(
            |row| {
                if row[2].get() < 4 { [row[2], row[0], row[1]] } else { [row[0], row[1], row[2]] }
            },
        )
        .collect::<Vec<_>>()
        .concat();
    let table = PartitionTable::from_rows(nodes.members(), 100, 3, &rotated).unwrap();
    let plan = planner.lead(&table, nodes.members()).unwrap();
    let old = Some((&table, nodes.members()));
    let right = plan.leader_certificate().unwrap();
    let verify = |potentials: &[i64], blocks: &[u32]| {
        let parts = LeaderCertificate::from_parts(potentials.to_vec(), blocks.to_vec());
        planner.verify_leaders(plan.table(), &parts, old)
    };
    let led = verify(right.potentials(), right.blocks()).unwrap();
    assert!(led.optimal() && led.moved > 10, "{led:?}");
    let mut draws = Draws(9);
    for _ in 0..200 {
        let potentials: Vec<i64> = (0..8).map(|_| draws.below(7) as i64 - 3).collect();
        assert!(verify(&potentials, right.blocks()).unwrap().minimum <= led.moved);
    }
    assert_eq!(verify(&[0; 8], right.blocks()).unwrap().minimum, 0);
    let message = |result: Result<VerifiedLeaders, Error>| result.unwrap_err().to_string();
    assert!(message(verify(&[0; 7], right.blocks())).contains("got 7"));
    assert!(message(verify(&[0; 8], &[0; 9])).contains("got 9"));
    assert!(message(verify(&[0; 8], &[0, 0, 0, 0, 0, 0, 0, 50])).contains("in block 50"));
    // Blocks that would give nodes other quotas.
    let split = verify(&[0; 8], &[0, 0, 0, 0, 1, 1, 1, 1]);
    assert!(split.is_err());
    let unled = planner.verify_leaders(&table, right, None);
    assert!(message(unled).contains("its leader quota is"));
}

#[test]
fn errors_name_what_is_wrong() {
    let nodes = topology(&[(0, 1, 0), (1, 0, 1), (2, 1, 2)]);
    let config = TableConfig::new(10, 2);
    let planner = Planner::new(nodes.members(), &config).unwrap();
    let refused = |weights: &[(u32, u64)]| {
        let weights = weights.iter().map(|(slot, weight)| (NodeIdx::new(*slot), *weight));
        planner.clone().leader_weights(weights).unwrap_err().to_string()
    };
    assert_eq!(refused(&[(7, 1)]), "a leader weight: there is no node in slot 7");
    assert!(refused(&[(1, 2)]).starts_with("node 1 has weight 0 and a leader weight of 2"));
    assert_eq!(refused(&[(0, 1), (0, 2)]), "node 0 has two leader weights; give it one");
    assert!(refused(&[(0, 0), (2, 0)]).starts_with("the leader weights leave no node to lead"));
    assert!(planner.clone().leader_weights([(NodeIdx::new(1), 0)]).is_ok());

    let other = Topology::new([0_u64, 2, 5]).unwrap();
    let lead = |partitions, replicas| {
        let config = TableConfig::new(partitions, replicas);
        let planned = Planner::new(other.members(), &config).unwrap().fresh().unwrap();
        planner.lead(planned.table(), other.members()).unwrap_err().to_string()
    };
    let size = "the table has 20 partitions of 2 replicas, and the planner is for 10 partitions of 2 \
                replicas; rebalance the table to change its size";
    assert_eq!(lead(20, 2), size);
    assert!(lead(10, 2).contains("is on node 5, which is not among the planner's nodes"));
    // A plan knows whether its planner balances leaders.
    let mut plan = planner.clone().balance_leaders().fresh().unwrap();
    assert!(planner.disperse(&mut plan).is_err());
    assert!(!planner.balances_leaders() && plan.leader_certificate().is_some());
    assert!(planner.fresh().unwrap().leader_certificate().is_none());
}

/// Without balanced leaders the figures are counted all the same.
#[test]
fn figures_of_plans_without_balanced_leaders() {
    let (before, after) = (equal(10, 5), equal(11, 5));
    let config = TableConfig::new(300, 3);
    let old = Planner::new(before.members(), &config).unwrap().fresh().unwrap();
    assert_eq!((old.leaders_moved(), old.leaders_lower_bound()), (0, 0));
    let old = old.into_table();
    let planner = Planner::new(after.members(), &config).unwrap();
    let plan = planner.rebalance(&old, before.members()).unwrap();
    let moved = changed(&rows(&old, &before), &rows(plan.table(), &after));
    assert!(moved > 10);
    // Only leaders that gave their replicas up change.
    assert_eq!((plan.leaders_moved(), plan.leaders_lower_bound()), (moved, moved));
    let TableReport { leaders_outside_floor_ceil, max_leaders_over_quota, .. } =
        planner.report(plan.table());
    assert!(leaders_outside_floor_ceil <= 11 && max_leaders_over_quota >= 1.0);
}

#[test]
fn explanations_say_why_a_node_leads() {
    let (before, after) = (equal(8, 4), equal(9, 4));
    let config = TableConfig::new(160, 3);
    let old = planner(&before, &config).fresh().unwrap();
    let fresh = old.explain(0).unwrap();
    assert!(matches!(fresh.leader().unwrap().reason(), LeaderReason::Fresh { leads: 20, .. }));
    let text = fresh.to_string();
    assert!(
        text.ends_with("the table is fresh, and it leads 20 partitions, with a leader quota of 20")
    );
    let led = planner(&after, &config);
    let weights: Vec<(NodeIdx, u64)> = after.iter().map(|(node, id)| (node, 1 + id % 3)).collect();
    let weighted = Planner::new(after.members(), &config).unwrap().leader_weights(weights).unwrap();
    let mut seen = BTreeMap::new();
    for planner in [led, weighted] {
        let plan = planner.rebalance(old.table(), before.members()).unwrap();
        for partition in 0..160 {
            let explanation = plan.explain(partition).unwrap();
            let leader = explanation.leader().unwrap();
            assert_eq!(Some(leader.to()), plan.table().row(partition).next());
            let (name, text) = match leader.reason() {
                LeaderReason::Stays { .. } => ("stays", "as before: it leads "),
                LeaderReason::Left { .. } => {
                    ("left", "the old leader, has no replica of it any more")
                }
                LeaderReason::OverQuota { .. } => ("over", " led "),
                LeaderReason::BelowQuota { .. } => ("below", " led "),
                LeaderReason::InExchange => ("chain", "in a chain of changes"),
                _ => ("other", "?"),
            };
            let sentence = leader.to_string();
            assert!(sentence.contains(text), "{sentence}");
            assert!(explanation.to_string().ends_with(&sentence));
            *seen.entry(name).or_insert(0) += 1;
        }
    }
    assert!(["stays", "left", "over"].iter().all(|name| seen.contains_key(name)), "{seen:?}");
    let plain = Planner::new(after.members(), &config).unwrap();
    let plan = plain.rebalance(old.table(), before.members()).unwrap();
    assert!(plan.explain(0).unwrap().leader().is_none());
}

#[cfg(feature = "serde")]
#[test]
fn saved_plans_keep_their_leaders() {
    use apportion::partition::SavedPlan;

    let (before, after) = (equal(8, 4), equal(9, 4));
    let config = TableConfig::new(160, 3);
    let old = planner(&before, &config).fresh().unwrap().into_table();
    let led = planner(&after, &config);
    let from = Some((&old, before.members()));
    let plan = led.rebalance(&old, before.members()).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    let saved = |text: &str| serde_json::from_str::<SavedPlan>(text).unwrap();
    assert_eq!(saved(&text).restore(&led, from).unwrap(), plan);
    let plain = Planner::new(after.members(), &config).unwrap();
    assert!(saved(&text).restore(&plain, from).is_err(), "another planner");
    let other = text.replacen("\"leaders\":{\"lower_bound\":", "\"leaders\":{\"lower_bound\":9", 1);
    let error = saved(&other).restore(&led, from).unwrap_err().to_string();
    assert!(error.contains("leaders that have to change"), "{error}");
    let start = text.find("\"leaders\":").unwrap();
    let without = format!("{}\"leaders\":null}}", &text[..start]);
    let error = saved(&without).restore(&led, from).unwrap_err().to_string();
    assert!(error.contains("balanced leaders"), "{error}");
    // Older files have no such field.
    let plan = plain.rebalance(&old, before.members()).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    let older = text.replacen(",\"leaders\":null", "", 1);
    assert!(older.len() < text.len());
    assert_eq!(saved(&older).restore(&plain, from).unwrap(), plan);
}
