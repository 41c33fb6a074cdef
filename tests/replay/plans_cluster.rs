//! A cluster as a plain list, and what becomes of it.

use super::input::Input;
use apportion::partition::TableConfig;
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};
use std::collections::{BTreeMap, BTreeSet};

const NODES: usize = 16;
const PARTITIONS: u32 = 32;
const REPLICAS: u32 = 5;

/// Holders by name, partition by partition.
pub type Rows = Vec<Vec<u8>>;

/// The nodes below each path, as bits, and the limit.
pub type Domains = BTreeMap<Vec<u8>, (u32, Option<u32>)>;

/// A node: its domains' names, outermost first, and its weight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    pub name: u8,
    pub path: Vec<u8>,
    pub weight: u64,
}

impl Spot {
    fn node(&self) -> Node<String> {
        let node = Node::new(label(self.name)).weight(self.weight);
        let path = self.path.iter().enumerate();
        path.fold(node, |node, (i, name)| node.domain(&level(i), &format!("d{name}")))
    }
}

pub fn label(name: u8) -> String {
    format!("n{name}")
}

pub fn level(i: usize) -> String {
    format!("l{i}")
}

/// All that a plan is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    pub limits: Vec<Option<u32>>,
    pub partitions: u32,
    pub replicas: u32,
    pub nodes: Vec<Spot>,
    pub pins: BTreeSet<(u32, u8)>,
    pub frozen: BTreeSet<u32>,
    /// Frozen if possible.
    pub soft: BTreeSet<u32>,
    pub name: Option<u8>,
    pub under_replicated: bool,
}

impl Cluster {
    pub fn read(input: &mut Input<'_>) -> Self {
        let levels = input.below(4);
        let limits = (0..levels).map(|_| limit(input)).collect();
        let partitions = 1 + input.below(PARTITIONS as u8) as u32;
        let replicas = 1 + input.below(REPLICAS as u8) as u32;
        let (pins, frozen) = (BTreeSet::new(), BTreeSet::new());
        let (nodes, soft, name) = (Vec::new(), BTreeSet::new(), None);
        let under_replicated = false;
        let mut cluster = Self {
            limits,
            partitions,
            replicas,
            nodes,
            pins,
            frozen,
            soft,
            name,
            under_replicated,
        };
        for _ in 0..input.below(NODES as u8 + 1) {
            cluster.add(input);
        }
        cluster
    }

    /// One change of any kind; `rows` are the holders before, if there are any.
    pub fn change(&mut self, rows: Option<&Rows>, input: &mut Input<'_>) {
        match input.below(16) {
            0 | 1 => self.add(input),
            2 => (0..=input.below(4)).for_each(|_| self.add(input)),
            3 => self.one(input, |nodes, at, _| drop(nodes.remove(at))),
            4 => self.one(input, |nodes, at, _| nodes[at].weight = 0),
            5 => self.one(input, |nodes, at, input| nodes[at].weight = weight(input)),
            6 => self.nodes.iter_mut().for_each(|node| node.weight = weight(input)),
            8 => {
                // Some change a domain, each to one of its own.
                let (some, depth) = (input.word(), input.below(8));
                for (i, node) in self.nodes.iter_mut().enumerate() {
                    if let Some(name) = node.path.get_mut(depth).filter(|_| some >> i & 1 == 1) {
                        *name = (some >> (16 + 3 * i) & 7) as u8 % 6;
                    }
                }
            }
            7 => self.one(input, |nodes, at, input| {
                let depth = input.below(8);
                if let Some(name) = nodes[at].path.get_mut(depth) {
                    *name = input.below(6) as u8;
                }
            }),
            9 => {
                let at = input.below(8);
                if let Some(old) = self.limits.get_mut(at) {
                    *old = limit(input);
                }
            }
            10 => self.replicas = (self.replicas + 1).min(REPLICAS),
            11 => self.replicas = (self.replicas - 1).max(1),
            12 => self.multiply(2 + input.below(2) as u32),
            13 => {
                // All of a domain of the outermost level.
                let name = input.below(6) as u8;
                self.nodes.retain(|node| node.path.first() != Some(&name));
            }
            14 => self.pin(rows, input),
            _ => self.freeze(input),
        }
        let there: BTreeSet<u8> = self.nodes.iter().map(|node| node.name).collect();
        self.pins.retain(|(_, name)| there.contains(name));
    }

    fn one(
        &mut self,
        input: &mut Input<'_>,
        change: impl Fn(&mut Vec<Spot>, usize, &mut Input<'_>),
    ) {
        let at = input.below(NODES as u8) % self.nodes.len().max(1);
        if at < self.nodes.len() {
            change(&mut self.nodes, at, input);
        }
    }

    fn add(&mut self, input: &mut Input<'_>) {
        let name = input.below(24) as u8;
        let path = self.limits.iter().map(|_| input.below(5) as u8).collect();
        let weight = weight(input);
        if self.nodes.len() < NODES && self.nodes.iter().all(|node| node.name != name) {
            self.nodes.push(Spot { name, path, weight });
        }
    }

    /// Each partition becomes so many that follow one another.
    pub fn multiply(&mut self, ways: u32) {
        if self.partitions * ways > PARTITIONS {
            return;
        }
        let parts = |p: u32| p * ways..(p + 1) * ways;
        self.partitions *= ways;
        self.pins = self.pins.iter().flat_map(|(p, n)| parts(*p).map(|p| (p, *n))).collect();
        self.frozen = self.frozen.iter().flat_map(|p| parts(*p)).collect();
        self.soft = self.soft.iter().flat_map(|p| parts(*p)).collect();
    }

    /// Pins a partition to any node or to one that holds it, or unpins all.
    fn pin(&mut self, rows: Option<&Rows>, input: &mut Input<'_>) {
        let partition = u32::from(input.byte()) % self.partitions;
        let turn = input.below(64);
        let held = rows.and_then(|rows| rows.get(partition as usize)).filter(|_| turn % 4 == 1);
        let name = match held {
            Some(row) => row.get(turn / 4 % row.len()).copied(),
            None => self.nodes.get(turn / 4 % self.nodes.len().max(1)).map(|node| node.name),
        };
        match name {
            Some(name) if turn % 4 > 0 => drop(self.pins.insert((partition, name))),
            _ => self.pins.clear(),
        }
    }

    /// Freezes a partition and some after it, for good or if possible, or thaws all; or changes the
    /// name and whether fewer replicas are allowed.
    fn freeze(&mut self, input: &mut Input<'_>) {
        let byte = input.byte();
        let (first, partitions) = (u32::from(byte) % self.partitions, self.partitions);
        let some = |count| (first..first + count).filter(move |p| *p < partitions);
        match input.below(8) as u32 {
            0 | 1 => {
                self.frozen.clear();
                self.soft.clear();
            }
            more @ 2..=4 => self.frozen.extend(some(more - 1)),
            5 => self.soft.extend(some(3)),
            6 => self.soft.extend(some(partitions)),
            _ => {
                self.under_replicated = byte % 4 > 0;
                self.name = (byte % 8 > 3).then_some(byte);
            }
        }
    }

    /// With as many replicas as are planned: no more than nodes and limits admit, if fewer are
    /// allowed.
    pub fn admitted(&self) -> Self {
        let mut holders: Vec<u8> = Vec::new();
        for node in self.nodes.iter().filter(|node| node.weight > 0) {
            holders.push(node.name);
            if self.breaks(&holders) {
                holders.pop();
            }
        }
        let fewer = self.under_replicated && !holders.is_empty();
        let most = if fewer { holders.len() as u32 } else { REPLICAS };
        Self { replicas: self.replicas.min(most), ..self.clone() }
    }

    /// The nodes in a list that begins anywhere, either way round.
    pub fn topology(&self, turn: u8) -> Topology<String> {
        Topology::of(self.turned(turn)).unwrap()
    }

    pub fn turned(&self, turn: u8) -> Vec<Node<String>> {
        let mut nodes: Vec<Node<String>> = self.nodes.iter().map(Spot::node).collect();
        let by = usize::from(turn / 2) % nodes.len().max(1);
        nodes.rotate_left(by);
        if turn % 2 == 1 {
            nodes.reverse();
        }
        nodes
    }

    pub fn config(&self) -> TableConfig {
        let limits = self.limits.iter().enumerate().filter_map(|(i, limit)| Some((i, (*limit)?)));
        let mut config = TableConfig::new(self.partitions, self.replicas);
        if let Some(name) = self.name {
            config = config.named(&format!("table {name}"));
        }
        if self.under_replicated {
            config = config.allow_under_replicated();
        }
        limits.fold(config, |config, (i, limit)| config.max_per_domain(&level(i), limit))
    }

    /// A planner with all that is bound.
    pub fn planner<'a>(&self, nodes: &'a Topology<String>) -> Result<Planner<'a>, Error> {
        let slot = |name: u8| nodes.members().find(label(name).as_bytes()).unwrap();
        Planner::new(nodes.members(), &self.config())?
            .pinned(self.pins.iter().map(|(p, name)| (*p, slot(*name))))?
            .frozen(self.frozen.iter().copied())?
            .frozen_if_possible(self.soft.iter().copied())
    }

    /// Every domain by its path, with the nodes in it as bits and its limit.
    pub fn domains(&self) -> Domains {
        let mut found = Domains::new();
        for (at, node) in self.nodes.iter().enumerate() {
            for depth in 1..=node.path.len() {
                let domain = found.entry(node.path[..depth].to_vec()).or_default();
                *domain = (domain.0 | 1 << at, self.limits[depth - 1]);
            }
        }
        found
    }

    /// Which nodes these are, as bits; those that are not there left out.
    pub fn bits(&self, names: &[u8]) -> u32 {
        let there = |node: &Spot| names.contains(&node.name);
        (0..).zip(&self.nodes).filter(|(_, node)| there(node)).map(|(at, _)| 1_u32 << at).sum()
    }

    /// True if some domain has more of these nodes than its limit.
    pub fn breaks(&self, names: &[u8]) -> bool {
        self.over(&self.domains(), names)
    }

    /// The same, of these domains.
    pub fn over(&self, domains: &Domains, names: &[u8]) -> bool {
        let bits = self.bits(names);
        let over = |(within, limit): &(u32, Option<u32>)| {
            limit.is_some_and(|limit| (within & bits).count_ones() > limit)
        };
        domains.values().any(over)
    }

    pub fn pins_of(&self, partition: u32) -> Vec<u8> {
        self.pins.iter().filter(|(p, _)| *p == partition).map(|(_, name)| *name).collect()
    }
}

fn limit(input: &mut Input<'_>) -> Option<u32> {
    *input.pick(&[None, Some(1), Some(2), Some(3), Some(1), Some(2), Some(4), Some(u32::MAX)])
}

fn weight(input: &mut Input<'_>) -> u64 {
    match input.below(8) {
        0..3 => 1,
        3 | 4 => 1 + input.below(10) as u64,
        5 | 6 => input.number(),
        _ => *input.pick(&[u64::MAX, u64::MAX - 1, 1 << 63, 1 << 32, 1]),
    }
}

/// The holders by name.
pub fn rows(table: &PartitionTable, nodes: &Topology<String>) -> Rows {
    let name = |slot: NodeIdx| nodes.get(slot).unwrap()[1..].parse().unwrap();
    (0..table.partitions()).map(|p| table.row(p).map(name).collect()).collect()
}
