//! Small instances, solved by trying everything.
#![allow(unreachable_pub)]

use crate::support::Draws;
use apportion::partition::{Plan, TableConfig};
use apportion::topology::Members;
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};
use std::collections::{BTreeMap, HashMap};

/// A ratio of integers, in lowest terms.
#[derive(Clone, Copy, PartialEq)]
struct Ratio(i128, i128);

impl Ratio {
    fn new(num: i128, den: i128) -> Self {
        let (mut a, mut b) = (num.abs(), den);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(num / a.max(1), den / a.max(1))
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn less(self, other: Self) -> bool {
        self.0 * other.1 < other.0 * self.1
    }
}

/// A node by its label, with the names of its failure domains.
#[derive(Clone, Debug)]
pub struct Place {
    pub label: String,
    pub weight: u64,
    pub path: Vec<(&'static str, String)>,
}

pub fn topology(places: &[Place]) -> Topology<String> {
    let node = |place: &Place| {
        let node = Node::new(place.label.clone()).weight(place.weight);
        place.path.iter().fold(node, |node, (level, name)| node.domain(level, name))
    };
    Topology::of(places.iter().map(node)).unwrap()
}

/// A change of a small table under rules.
pub struct Small {
    pub places: Vec<Place>,
    pub config: TableConfig,
    pub old: Topology<String>,
    pub new: Topology<String>,
    pub table: PartitionTable,
    pub pins: Vec<(u32, String)>,
    pub frozen: Vec<u32>,
}

impl Small {
    pub fn draw(draws: &mut Draws) -> Self {
        let depth = draws.below(3) as usize;
        let nodes = 2 + draws.below(5);
        let (zones, racks) = (1 + draws.below(4), 1 + draws.below(2));
        let mut places: Vec<Place> = (0..nodes)
            .map(|i| {
                let zone = ("zone", format!("z{}", draws.below(zones)));
                let rack = ("rack", format!("r{}", draws.below(racks)));
                let path = [zone, rack].into_iter().take(depth).collect();
                Place { label: format!("n{i}"), weight: 1 + draws.below(4), path }
            })
            .collect();
        let old = topology(&places);
        let split = 1 + draws.below(2) as u32;
        let partitions = split * (1 + draws.below(4 / u64::from(split)) as u32);
        let each = 1 + draws.below(nodes.min(3)) as u32;
        let slots: Vec<NodeIdx> = old.members().iter().collect();
        let mut rows = Vec::new();
        for _ in 0..partitions / split {
            let mut row = slots.clone();
            draws.shuffle(&mut row);
            rows.extend_from_slice(&row[..each as usize]);
        }
        let rows = PartitionTable::from_rows(old.members(), partitions / split, each, &rows);
        let replicas = if draws.below(2) == 0 { each } else { 1 + draws.below(3) as u32 };
        let mut config = TableConfig::new(partitions, replicas);
        if depth > 0 && draws.below(4) > 0 {
            config = config.max_per_domain("zone", 1 + draws.below(2) as u32);
        }
        if depth > 1 && draws.below(2) > 0 {
            config = config.max_per_domain("rack", 1 + draws.below(2) as u32);
        }
        for _ in 0..=draws.below(2) {
            let at = draws.below(places.len() as u64) as usize;
            match draws.below(4) {
                0 if places.len() > 1 => drop(places.remove(at)),
                1 => places[at].weight = 0,
                2 => places[at].weight += 3,
                _ => {
                    let label = format!("n{}", places.len() + 10);
                    places.push(Place { label, ..places[at].clone() });
                }
            }
        }
        let mut frozen: Vec<u32> = Vec::new();
        let mut pins: Vec<(u32, String)> = Vec::new();
        if draws.below(3) == 0 {
            for partition in 0..partitions {
                match draws.below(6) {
                    0 => frozen.push(partition),
                    1 => {
                        let at = draws.below(places.len() as u64) as usize;
                        pins.push((partition, places[at].label.clone()));
                    }
                    _ => {}
                }
            }
        }
        let (new, table) = (topology(&places), rows.unwrap());
        Self { places, config, old, new, table, pins, frozen }
    }

    pub fn planner(&self) -> Result<Planner<'_>, Error> {
        let members = self.new.members();
        let slot = |label: &str| members.find(label.as_bytes()).unwrap();
        let pins = self.pins.iter().map(|(partition, label)| (*partition, slot(label)));
        Planner::new(members, &self.config)?.pinned(pins)?.frozen(self.frozen.clone())
    }

    pub fn before(&self) -> (&PartitionTable, &Members) {
        (&self.table, self.old.members())
    }

    pub fn plan(&self, planner: &Planner<'_>) -> Result<Plan, Error> {
        planner.rebalance(&self.table, self.old.members())
    }

    fn ways(&self) -> u32 {
        self.config.partitions() / self.table.partitions()
    }

    /// Where a partition was.
    fn held(&self, partition: u32) -> Vec<String> {
        let row = self.table.row(partition / self.ways());
        row.map(|node| self.old.get(node).unwrap().clone()).collect()
    }

    fn label(&self, at: usize) -> &String {
        &self.places[at].label
    }

    /// All sets of holders that the rules leave a partition, as sets of bits.
    fn sets(&self, partition: u32) -> Vec<u32> {
        let members = |set: u32| (0..self.places.len()).filter(move |at| set >> at & 1 == 1);
        let held = self.held(partition);
        let fits = |set: &u32| {
            members(*set).count() == self.config.replicas() as usize
                && members(*set).all(|at| self.places[at].weight > 0)
                && self.domains().iter().all(|(domain, within)| {
                    let level = domain.last().map(|(level, _)| *level);
                    let limit = self.config.limits().find(|(l, _)| Some(*l) == level);
                    limit.is_none_or(|(_, limit)| (set & within).count_ones() <= limit)
                })
                && self
                    .pins
                    .iter()
                    .filter(|(pinned, _)| *pinned == partition)
                    .all(|(_, pin)| members(*set).any(|at| self.label(at) == pin))
                && (!self.frozen.contains(&partition)
                    || (held.len() == self.config.replicas() as usize
                        && members(*set).all(|at| held.contains(self.label(at)))))
        };
        (0..1 << self.places.len()).filter(fits).collect()
    }

    /// Each domain with the nodes in it, as bits; the cluster is the empty path.
    fn domains(&self) -> BTreeMap<Vec<(&'static str, String)>, u32> {
        let mut domains = BTreeMap::new();
        for (at, place) in self.places.iter().enumerate() {
            for depth in 0..=place.path.len() {
                *domains.entry(place.path[..depth].to_vec()).or_insert(0) |= 1 << at;
            }
        }
        domains
    }

    /// Sets of nodes, and floor and ceiling of the quota of each: progressive filling, where what
    /// is full first is frozen first. `None` if not everything finds a place.
    fn shares(&self) -> Option<Vec<(u32, u64, u64)>> {
        let partitions = i128::from(self.config.partitions());
        let replicas = i128::from(self.config.replicas());
        let mut full: Vec<(u32, i128)> =
            (0..self.places.len()).map(|at| (1 << at, partitions)).collect();
        for (domain, within) in self.domains() {
            let level = domain.last().map(|(level, _)| *level);
            let limit = self.config.limits().find(|(l, _)| Some(*l) == level);
            let limit = limit.map_or(replicas, |(_, limit)| replicas.min(limit.into()));
            full.push((within, limit * partitions));
        }
        let within = |set: u32| (0..self.places.len()).filter(move |at| set >> at & 1 == 1);
        let mut quotas: Vec<Option<Ratio>> =
            self.places.iter().map(|p| (p.weight == 0).then_some(Ratio(0, 1))).collect();
        while quotas.contains(&None) {
            let level = |(set, cap): &(u32, i128)| {
                let done = within(*set).filter_map(|at| quotas[at]).fold(Ratio(0, 1), Ratio::plus);
                let open = within(*set).filter(|at| quotas[*at].is_none());
                let weight: i128 = open.map(|at| i128::from(self.places[at].weight)).sum();
                (weight > 0).then(|| {
                    let left = Ratio::new(*cap, 1).plus(Ratio(-done.0, done.1));
                    (Ratio::new(left.0, left.1 * weight), *set)
                })
            };
            let first =
                full.iter().filter_map(level).reduce(|a, b| if b.0.less(a.0) { b } else { a });
            let (level, set) = first.unwrap();
            for at in within(set).filter(|at| quotas[*at].is_none()).collect::<Vec<_>>() {
                quotas[at] =
                    Some(Ratio::new(level.0 * i128::from(self.places[at].weight), level.1));
            }
        }
        let sum = |set: u32| within(set).filter_map(|at| quotas[at]).fold(Ratio(0, 1), Ratio::plus);
        let all = sum((1 << self.places.len()) - 1);
        let shares = full.into_iter().map(|(set, _)| {
            let Ratio(num, den) = sum(set);
            (set, (num / den) as u64, ((num + den - 1) / den) as u64)
        });
        (all == Ratio(partitions * replicas, 1)).then(|| shares.collect())
    }

    fn kept(&self, partition: u32, set: u32) -> u64 {
        let held = self.held(partition);
        let stays = |at: &usize| set >> at & 1 == 1 && held.contains(self.label(*at));
        (0..self.places.len()).filter(stays).count() as u64
    }

    fn stay(&self) -> u64 {
        self.config.replicas().min(self.table.replication_factor()).into()
    }

    /// After each number of partitions: loads that can be, and the most replicas kept then.
    fn layers(&self) -> Vec<HashMap<Vec<u64>, u64>> {
        let mut layers = vec![HashMap::from([(vec![0; self.places.len()], 0)])];
        for partition in 0..self.config.partitions() {
            let mut next: HashMap<Vec<u64>, u64> = HashMap::new();
            for set in self.sets(partition) {
                let kept = self.kept(partition, set);
                for (loads, best) in layers.last().unwrap() {
                    let loads = with(loads, set);
                    let entry = next.entry(loads).or_default();
                    *entry = (*entry).max(best + kept);
                }
            }
            layers.push(next);
        }
        layers
    }

    /// The least movement, and some tables that keep every rule, drawn at random as rows of labels.
    /// `None` if there is no such table.
    pub fn solve(&self, draws: &mut Draws, tables: usize) -> Option<(u64, Vec<PartitionTable>)> {
        let shares = self.shares()?;
        let layers = self.layers();
        let mut ends: Vec<(&Vec<u64>, &u64)> =
            layers.last().unwrap().iter().filter(|(loads, _)| balanced(&shares, loads)).collect();
        ends.sort();
        let most = ends.iter().map(|(_, kept)| **kept).max()?;
        let found = (0..tables).map(|_| {
            let mut loads = ends[draws.below(ends.len() as u64) as usize].0.clone();
            let mut sets = Vec::new();
            for partition in (0..self.config.partitions()).rev() {
                let mut choice = self.sets(partition);
                draws.shuffle(&mut choice);
                let layer = &layers[partition as usize];
                let (set, before) = choice
                    .iter()
                    .filter_map(|set| Some((*set, without(&loads, *set)?)))
                    .find(|(_, before)| layer.contains_key(before))
                    .unwrap();
                loads = before;
                sets.push(set);
            }
            sets.reverse();
            self.rows(&sets)
        });
        let stay = self.stay() * u64::from(self.config.partitions());
        Some((stay - most, found.collect()))
    }

    /// True if a table keeps every rule.
    pub fn legal(&self, table: &PartitionTable) -> bool {
        let place = |label: &String| self.places.iter().position(|p| p.label == *label).unwrap();
        let mut loads = vec![0; self.places.len()];
        for partition in 0..table.partitions() {
            let labels = table.row(partition).map(|node| self.new.get(node).unwrap());
            let set = labels.fold(0, |set, label| set | 1 << place(label));
            if !self.sets(partition).contains(&set) {
                return false;
            }
            loads = with(&loads, set);
        }
        self.shares().is_some_and(|shares| balanced(&shares, &loads))
    }

    fn rows(&self, sets: &[u32]) -> PartitionTable {
        let members = self.new.members();
        let slot = |at: usize| members.find(self.label(at).as_bytes()).unwrap();
        let row = |set: &u32| {
            let set = *set;
            (0..self.places.len()).filter(move |at| set >> at & 1 == 1).map(slot)
        };
        let rows: Vec<NodeIdx> = sets.iter().flat_map(row).collect();
        let (partitions, replicas) = (self.config.partitions(), self.config.replicas());
        PartitionTable::from_rows(members, partitions, replicas, &rows).unwrap()
    }

    /// Replicas moved by a table, and partitions moved twice, counted by label.
    pub fn moved(&self, table: &PartitionTable) -> (u64, u64) {
        let (mut moved, mut twice) = (0, 0);
        for partition in 0..table.partitions() {
            let held = self.held(partition);
            let row = table.row(partition).map(|node| self.new.get(node).unwrap());
            let by = self.stay() - row.filter(|label| held.contains(label)).count().min(99) as u64;
            moved += by;
            twice += u64::from(by >= 2);
        }
        (moved, twice)
    }
}

/// True if each set of nodes holds its floor or its ceiling.
fn balanced(shares: &[(u32, u64, u64)], loads: &[u64]) -> bool {
    shares.iter().all(|(set, floor, ceil)| {
        let within = loads.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        (*floor..=*ceil).contains(&within.map(|(_, load)| load).sum())
    })
}

fn with(loads: &[u64], set: u32) -> Vec<u64> {
    loads.iter().enumerate().map(|(at, load)| load + u64::from(set >> at & 1)).collect()
}

fn without(loads: &[u64], set: u32) -> Option<Vec<u64>> {
    let less = |(at, load): (usize, &u64)| load.checked_sub(u64::from(set >> at & 1));
    loads.iter().enumerate().map(less).collect()
}
