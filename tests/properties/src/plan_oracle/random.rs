//! Hard questions: a cluster with a balanced table that has no pattern, and then a change.

use super::change::Change;
use super::{Instance, NodeSpec, fresh_table, lower_bound};
use crate::support::Draws;

/// The largest a random instance may be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub partitions: u64,
    pub nodes: u64,
    pub replicas: u64,
    pub levels: u64,
}

impl Shape {
    /// For the min-cost flow.
    pub const ORDINARY: Self = Self { partitions: 60, nodes: 20, replicas: 5, levels: 3 };
    /// For the dynamic program.
    pub const TINY: Self = Self { partitions: 8, nodes: 8, replicas: 4, levels: 2 };

    /// Some have no solution.
    pub fn instance(self, draws: &mut Draws) -> Instance {
        loop {
            let mut cluster = self.cluster(draws);
            let Some(old) = fresh_table(&cluster, draws) else { continue };
            if draws.below(30) == 0 {
                return cluster;
            }
            cluster.old = Some(old);
            let mut change = Change::of(cluster, self);
            for _ in 0..[0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 8][draws.below(12) as usize] {
                change.step(draws);
            }
            let mut instance = change.done(draws);
            if draws.below(10) == 0 {
                scramble(&mut instance, draws);
            }
            if draws.below(4) == 0 {
                fix(&mut instance, draws);
            }
            // Most that need not move anything are dull, and most without quotas alike.
            let dull = lower_bound(&instance).is_none_or(|bound| bound == 0);
            if !dull || draws.below(4) == 0 {
                return instance;
            }
        }
    }

    /// A cluster without a table, often one that can just be solved.
    fn cluster(self, draws: &mut Draws) -> Instance {
        let upto = |draws: &mut Draws, most: u64| 1 + draws.below(most);
        let few = draws.below(2) == 0;
        let partitions = match draws.below(16) {
            0 => 1,
            1 | 2 => upto(draws, self.partitions.min(4)),
            _ => upto(draws, self.partitions),
        };
        let replicas = upto(draws, self.replicas.min(partitions + 2));
        let zones = match draws.below(4) {
            0 | 1 => replicas,
            _ => upto(draws, self.nodes / 2),
        };
        let depth = if draws.below(10) == 0 { 0 } else { upto(draws, self.levels) as usize };
        let heavy = WEIGHTS[draws.below(WEIGHTS.len() as u64) as usize];
        let most = self.nodes.saturating_sub(self.nodes / 8);
        let nodes = match draws.below(12) {
            0 => zones,
            _ => zones + draws.below((most + 1).saturating_sub(zones)),
        };
        let node = |v| {
            let mut path: Vec<u32> =
                (0..depth).map(|_| draws.below(2 + u64::from(few)) as u32).collect();
            if let Some(zone) = path.first_mut() {
                *zone = if v < zones { v as u32 } else { draws.below(zones) as u32 };
            }
            NodeSpec { path, weight: heavy(draws) }
        };
        let nodes = (0..nodes).map(node).collect();
        let mut caps: Vec<Option<u64>> = (0..depth).map(|_| cap(draws)).collect();
        if zones == replicas && depth > 0 && draws.below(4) > 0 {
            caps[0] = Some(1);
        }
        let (partitions, replicas) = (partitions as usize, replicas as usize);
        Instance { caps, nodes, partitions, replicas, old: None, pins: vec![], frozen: vec![] }
    }
}

const WEIGHTS: [fn(&mut Draws) -> u64; 8] = [
    |_| 1,
    |draws| 1 + draws.below(2),
    |draws| 1 + draws.below(4),
    |draws| 1 + draws.below(10),
    |draws| 30 + draws.below(60),
    |draws| [1, 100][draws.below(2) as usize],
    |draws| [0, 1, 2, 7, 100][draws.below(5) as usize],
    |draws| 1 + (draws.next() >> draws.below(64)) / 2,
];

pub(super) fn weight(draws: &mut Draws) -> u64 {
    WEIGHTS[draws.below(WEIGHTS.len() as u64) as usize](draws)
}

pub(super) fn cap(draws: &mut Draws) -> Option<u64> {
    (draws.below(3) > 0).then(|| 1 + draws.below(3))
}

/// Weights of any size beside one another.
const EXTREME: [fn(&mut Draws) -> u64; 5] = [
    |_| 1,
    |draws| 1 << draws.below(64),
    |draws| draws.next().max(1),
    |draws| u64::MAX - draws.below(3),
    |draws| [0, 1, 1 << 32, 1 << 63][draws.below(4) as usize],
];

impl Shape {
    /// Old rows from anywhere and everything changed at once: no history of plans leads here.
    ///
    /// The rows are legal sets that nobody balanced, or any sets; then nodes leave, join and change
    /// their domains, and weights are drawn anew, often extreme ones; with pins and frozen
    /// partitions at times. Some have no solution.
    pub fn given(self, draws: &mut Draws) -> Instance {
        let mut cluster = self.cluster(draws);
        let legal = draws.below(4) > 0;
        let replicas = match draws.below(4) {
            0 => 1 + draws.below(self.replicas) as usize,
            _ => cluster.replicas,
        };
        let all: Vec<usize> = (0..cluster.nodes.len()).collect();
        let row = |draws: &mut Draws| {
            let mut order = all.clone();
            draws.shuffle(&mut order);
            let mut set: Vec<usize> = Vec::new();
            for v in order {
                set.push(v);
                let broken = cluster.domains().iter().any(|domain| {
                    let held = set.iter().filter(|v| domain.nodes.contains(v)).count() as u64;
                    domain.cap.is_some_and(|cap| held > cap)
                });
                if set.len() > replicas || (legal && broken) {
                    set.pop();
                }
            }
            set
        };
        let rows: Vec<Vec<usize>> = (0..cluster.partitions).map(|_| row(draws)).collect();
        if rows.iter().any(|set| set.len() != replicas) {
            // No such set: an old table of another size.
            return self.given(draws);
        }
        cluster.old = Some(rows);
        let heavy = EXTREME[draws.below(EXTREME.len() as u64) as usize];
        let redrawn = draws.below(3);
        for node in &mut cluster.nodes {
            match redrawn {
                0 => {}
                1 => node.weight = weight(draws),
                _ => node.weight = heavy(draws),
            }
        }
        let mut change = Change::of(cluster, self);
        for _ in 0..draws.below(5) {
            change.rehouse(draws);
        }
        for _ in 0..draws.below(4) {
            change.step(draws);
        }
        let mut instance = change.done(draws);
        if draws.below(3) == 0 {
            fix(&mut instance, draws);
        }
        instance
    }
}

/// Old sets that keep no rule but to be sets.
fn scramble(instance: &mut Instance, draws: &mut Draws) {
    let indices = instance.indices();
    for set in instance.old.iter_mut().flatten() {
        if draws.below(3) == 0 {
            let mut all: Vec<usize> = (0..indices).collect();
            draws.shuffle(&mut all);
            all.truncate(set.len());
            *set = all;
        }
    }
}

/// Pins and frozen partitions; most of them can be obeyed.
fn fix(instance: &mut Instance, draws: &mut Draws) {
    let any = |draws: &mut Draws, n: usize| draws.below(n as u64) as usize;
    for _ in 0..draws.below(4) {
        let p = any(draws, instance.partitions);
        let held = (0..instance.nodes.len()).filter(|&v| instance.held_before(p, v));
        let live = (0..instance.nodes.len()).filter(|&v| instance.nodes[v].weight > 0);
        let from: Vec<usize> = if draws.below(2) == 0 { held.collect() } else { live.collect() };
        if !from.is_empty() {
            let pin = (p, from[any(draws, from.len())]);
            if !instance.pins.contains(&pin) {
                instance.pins.push(pin);
            }
        }
    }
    let there = |v: &usize| instance.nodes.get(*v).is_some_and(|node| node.weight > 0);
    for _ in 0..draws.below(4) {
        let p = any(draws, instance.partitions);
        let stays = instance.old.as_ref().is_some_and(|old| old[p].iter().all(there));
        let same = instance.old_replicas() == instance.replicas;
        if (same && stays || draws.below(40) == 0) && !instance.frozen.contains(&p) {
            instance.frozen.push(p);
        }
    }
}

/// For the min-cost flow.
pub fn random_instance(draws: &mut Draws) -> Instance {
    Shape::ORDINARY.instance(draws)
}

/// For the dynamic program.
pub fn tiny_instance(draws: &mut Draws) -> Instance {
    Shape::TINY.instance(draws)
}
