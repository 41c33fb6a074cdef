//! Steps of large plans: 100 equal nodes, 100 nodes of ten weights, and 1,000 nodes, each before and
//! after a node joins, a node leaves, a zone joins, and a weight is doubled.

use apportion::migration::{Migration, StepRules, Steps};
use apportion::partition::{Plan, TableConfig};
use apportion::{Locator, Node, PartitionTable, Planner, Topology, Xxh3};
use std::collections::BTreeMap;
use std::time::Instant;

/// The weight and zone of each node.
type Nodes = BTreeMap<u32, (u64, u32)>;

struct Scenario {
    name: &'static str,
    partitions: u32,
    nodes: Nodes,
    /// Nodes of a new zone.
    zone: u32,
    max_transfers: u32,
}

const REPLICAS: u32 = 3;

fn scenario(name: &'static str) -> Scenario {
    let nodes = |count: u32, zones, weight: fn(u32) -> u64| {
        (0..count).map(|id| (id, (weight(id / zones), id % zones))).collect()
    };
    let (small, large) = (1 << 14, 1 << 18);
    match name {
        "a" => Scenario {
            name,
            partitions: small,
            nodes: nodes(100, 5, |_| 1),
            zone: 20,
            max_transfers: 100,
        },
        // 1 to 10 twice in every zone: 110.
        "b" => Scenario {
            name,
            partitions: small,
            nodes: nodes(100, 5, |place| u64::from(place % 10) + 1),
            zone: 20,
            max_transfers: 100,
        },
        _ => Scenario {
            name,
            partitions: large,
            nodes: nodes(1000, 10, |_| 1),
            zone: 100,
            max_transfers: 1000,
        },
    }
}

fn topology(nodes: &Nodes) -> Topology<u32> {
    let node = |(id, (weight, zone)): (&u32, &(u64, u32))| {
        Node::new(*id).weight(*weight).domain("zone", &format!("z{zone}"))
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

impl Scenario {
    /// The nodes after each change.
    fn changes(&self) -> Vec<(&'static str, Nodes)> {
        let first = self.nodes.len() as u32;
        let mut joined = self.nodes.clone();
        joined.insert(first, (1, 0));
        let mut left = self.nodes.clone();
        left.remove(&23);
        let mut zone = self.nodes.clone();
        let zones = 1 + self.nodes.values().map(|(_, zone)| *zone).max().unwrap();
        zone.extend((0..self.zone).map(|id| {
            // As heavy as the node in the same place of another zone.
            let (weight, _) = self.nodes[&(id * zones)];
            (first + id, (weight, zones))
        }));
        let mut doubled = self.nodes.clone();
        doubled.get_mut(&7).unwrap().0 *= 2;
        vec![
            ("a node joins", joined),
            ("a node leaves", left),
            ("a zone joins", zone),
            ("a weight doubles", doubled),
        ]
    }

    fn config(&self) -> TableConfig {
        TableConfig::new(self.partitions, REPLICAS).max_per_domain("zone", 1)
    }

    /// The floor and ceiling of a share of all replicas, by weight. No zone of these scenarios is full.
    fn quota(&self, nodes: &Nodes, among: impl Fn(u32, u32) -> bool) -> (u64, u64) {
        let all: u64 = nodes.values().map(|(weight, _)| weight).sum();
        let part = nodes.iter().filter(|(id, (_, zone))| among(**id, *zone));
        let part: u64 = part.map(|(_, (weight, _))| weight).sum();
        let replicas = u64::from(self.partitions * REPLICAS) * part;
        (replicas / all, replicas.div_ceil(all))
    }
}

/// Loads of nodes and zones, and how far they are from their quotas.
struct Loads {
    nodes: BTreeMap<u32, (u64, (u64, u64))>,
    zones: BTreeMap<u32, (u64, (u64, u64))>,
}

impl Loads {
    fn add(&mut self, (id, zone): (u32, u32), by: i64) {
        for load in [self.nodes.get_mut(&id), self.zones.get_mut(&zone)].into_iter().flatten() {
            load.0 = load.0.checked_add_signed(by).unwrap();
        }
    }

    fn distance(&self) -> u64 {
        let loads = self.nodes.values().chain(self.zones.values());
        loads
            .map(|(load, (low, high))| low.saturating_sub(*load) + load.saturating_sub(*high))
            .sum()
    }
}

fn rows(table: &PartitionTable, nodes: &Topology<u32>) -> Vec<Vec<u32>> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

/// Carries the steps out, and checks what they promise. Returns the greatest peak over the quota.
fn check(
    scenario: &Scenario,
    nodes: &Nodes,
    plan: &Plan,
    old: Vec<Vec<u32>>,
    steps: &Steps<'_, u32>,
) -> f64 {
    let zone = |id: u32| nodes.get(&id).or_else(|| scenario.nodes.get(&id)).unwrap().1;
    let after = topology(nodes);
    let config = scenario.config();
    let planner = Planner::new(after.members(), &config).unwrap();
    let mut loads = Loads { nodes: BTreeMap::new(), zones: BTreeMap::new() };
    for (id, (_, zone)) in nodes.iter().chain(&scenario.nodes) {
        let quota = scenario.quota(nodes, |other, _| other == *id);
        let slot = after.find(id);
        assert!(slot.is_none_or(|slot| planner.quota(slot) == Some(quota)), "{id} {quota:?}");
        loads.nodes.insert(*id, (0, quota));
        let quota = scenario.quota(nodes, |_, other| other == *zone);
        loads.zones.insert(*zone, (0, quota));
    }
    let mut rows = old;
    rows.iter().flatten().for_each(|id| loads.add((*id, zone(*id)), 1));
    let mut peaks: BTreeMap<u32, u64> =
        loads.nodes.iter().map(|(id, load)| (*id, load.0)).collect();
    let (mut moved, mut distance) = (0, loads.distance());
    for step in steps.iter() {
        let mut copies: BTreeMap<u32, u64> = BTreeMap::new();
        let transfers: Vec<_> = step.transfers().collect();
        assert!(transfers.len() <= scenario.max_transfers as usize);
        moved += transfers.len() as u64;
        for transfer in &transfers {
            let row = &mut rows[transfer.unit];
            assert!(row.contains(transfer.from.unwrap()) && !row.contains(transfer.to));
            *copies.entry(*transfer.to).or_insert(0) += 1;
        }
        for (id, copies) in copies {
            let peak = peaks.get_mut(&id).unwrap();
            *peak = (*peak).max(loads.nodes[&id].0 + copies);
        }
        for transfer in &transfers {
            rows[transfer.unit].push(*transfer.to);
            loads.add((*transfer.to, zone(*transfer.to)), 1);
        }
        for (unit, _, node) in step.deletions() {
            let place = rows[unit].iter().position(|id| id == node).unwrap();
            rows[unit].swap_remove(place);
            loads.add((*node, zone(*node)), -1);
        }
        for transfer in &transfers {
            let row = &rows[transfer.unit];
            assert_eq!(row.len(), REPLICAS as usize);
            for (place, id) in row.iter().enumerate() {
                assert!(!row[..place].iter().any(|other| zone(*other) == zone(*id)), "{row:?}");
            }
        }
        let now = loads.distance();
        assert!(now <= distance, "{now} after {distance}");
        distance = now;
    }
    assert_eq!((moved, distance), (plan.moved(), 0));
    for (row, new) in rows.iter_mut().zip(self::rows(plan.table(), &after)) {
        row.sort_unstable();
        let mut new = new;
        new.sort_unstable();
        assert_eq!(*row, new);
    }
    for (id, peak, size) in steps.peaks() {
        assert_eq!((peak, size), (peaks[id], u128::from(peak)));
    }
    let over = nodes.keys().map(|id| peaks[id] as f64 / loads.nodes[id].1.1 as f64);
    over.fold(0.0, f64::max)
}

fn run(name: &'static str) {
    let scenario = scenario(name);
    let before = topology(&scenario.nodes);
    let config = scenario.config();
    let planner = Planner::new(before.members(), &config).unwrap();
    let mut plan = planner.fresh().unwrap();
    planner.disperse(&mut plan).unwrap();
    let table = plan.into_table();
    let old_rows = rows(&table, &before);
    let old = Locator::from_parts(before.clone(), table.clone(), Xxh3).unwrap();
    for (change, nodes) in scenario.changes() {
        let after = topology(&nodes);
        let planner = Planner::new(after.members(), &config).unwrap();
        let mut plan = planner.rebalance(&table, before.members()).unwrap();
        planner.disperse(&mut plan).unwrap();
        let new = Locator::from_parts(after.clone(), plan.table().clone(), Xxh3).unwrap();
        let migration = Migration::of(&old.diff_replicas(&new, 3).unwrap());
        assert_eq!(migration.len() as u64, plan.moved());
        let start = Instant::now();
        let rules = StepRules::new(scenario.max_transfers).within(&planner);
        let steps = migration.steps(&rules).unwrap();
        let time = start.elapsed();
        let over = check(&scenario, &nodes, &plan, old_rows.clone(), &steps);
        let (moved, name) = (plan.moved(), scenario.name);
        println!(
            "{name}, {change}: {moved} moves in {} steps, peak/quota {over:.4}, {time:?}",
            steps.len()
        );
    }
}

#[test]
fn a_hundred_equal_nodes() {
    run("a");
}

#[test]
fn a_hundred_nodes_of_ten_weights() {
    run("b");
}

#[test]
fn a_thousand_nodes() {
    run("g");
}

/// A table that has nothing in common with the one before: nearly every unit moves three times, between
/// nearly as many pairs of nodes as there are transfers.
#[test]
fn everything_moves() {
    let scenario = Scenario { partitions: 1 << 12, ..scenario("g") };
    let nodes = topology(&scenario.nodes);
    let table = |name| {
        let config = scenario.config().named(name);
        Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table()
    };
    let [old, new] =
        ["old", "new"].map(|name| Locator::from_parts(nodes.clone(), table(name), Xxh3).unwrap());
    let migration = Migration::of(&old.diff_replicas(&new, 3).unwrap());
    let start = Instant::now();
    let rules = StepRules::new(300).limits_of(&scenario.config());
    let steps = migration.steps(&rules).unwrap();
    println!("{} transfers in {} steps, {:?}", migration.len(), steps.len(), start.elapsed());
    let all: usize = steps.iter().map(|step| step.transfers().count()).sum();
    assert_eq!(all, migration.len());
    assert!(migration.len() > 12_000 && steps.len() <= migration.len() / 300 + 5);
}
