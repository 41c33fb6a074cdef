//! Random small clusters with several tables.

use super::oracle::Joint;
use super::table::{Case, NodeAt, State};
use apportion_properties::support::Draws;
use std::collections::BTreeSet;

/// A table over these nodes, and what is pinned and frozen in it.
type Table = (Case, BTreeSet<(usize, usize)>, BTreeSet<usize>);

pub(crate) fn joint(draws: &mut Draws) -> Joint {
    let levels = draws.below(3) as usize;
    let n = 2 + draws.below(5) as usize;
    let gone = draws.below(2) as usize * draws.below(3) as usize;
    let kind = draws.below(4);
    let weight = |draws: &mut Draws| match kind {
        0 => 1,
        1 => 1 + draws.below(4),
        2 => [1, 1, 1, 20][draws.below(4) as usize],
        _ => draws.below(5),
    };
    let at = |draws: &mut Draws| {
        let path = (0..levels).map(|_| draws.below(3) as u32).collect();
        NodeAt { path, weight: weight(draws), slots: None, state: State::Open }
    };
    let nodes: Vec<NodeAt> = (0..n).map(|_| at(draws)).collect();
    let fixed = draws.below(3) == 0;
    let fresh = draws.below(8) == 0;
    let count = 1 + draws.below(4);
    let mut joint = Joint { tables: Vec::new(), pins: Vec::new(), frozen: Vec::new() };
    for _ in 0..count {
        let (case, pins, frozen) = table(&nodes, levels, gone, (fixed, fresh), draws);
        joint.tables.push(case);
        joint.pins.push(pins);
        joint.frozen.push(frozen);
    }
    joint
}

fn table(
    nodes: &[NodeAt],
    levels: usize,
    gone: usize,
    (fixed, fresh): (bool, bool),
    draws: &mut Draws,
) -> Table {
    let n = nodes.len();
    let caps: Vec<Option<u64>> =
        (0..levels).map(|_| (draws.below(3) == 0).then(|| 1 + draws.below(3))).collect();
    let partitions = 1 + draws.below(6) as usize;
    let max = 1 + draws.below(n as u64);
    let copies: Vec<usize> = match draws.below(3) {
        0 => (0..partitions).map(|_| 1 + draws.below(max) as usize).collect(),
        _ => vec![max.min(3) as usize; partitions],
    };
    let total: usize = copies.iter().sum();
    let (slots, states) = (draws.below(4) == 0, fixed && draws.below(2) == 0);
    let mut nodes = nodes.to_vec();
    for node in &mut nodes {
        let fair = (total / n) as u64;
        node.slots = (slots && draws.below(2) == 0).then(|| fair + draws.below(fair + 3));
        node.state = match draws.below(6) {
            0 if states && !fresh => State::NoNew,
            1 if states && !fresh && node.weight > 0 => State::Maintenance,
            _ => State::Open,
        };
    }
    let with_states = nodes.iter().any(|node| node.state != State::Open);
    let old = with_states || !fresh && draws.below(8) > 0;
    let near = draws.below(2) == 0;
    let row = |r: &usize, draws: &mut Draws| {
        let more = if near { 0 } else { draws.below(3) as usize };
        let size = (r + more).saturating_sub(draws.below(2) as usize).clamp(1, n + gone);
        let mut all: Vec<usize> = (0..n + gone).collect();
        draws.shuffle(&mut all);
        all.truncate(size);
        all
    };
    let old: Option<Vec<Vec<usize>>> = old.then(|| copies.iter().map(|r| row(r, draws)).collect());
    let (mut pins, mut frozen) = (BTreeSet::new(), BTreeSet::new());
    if fixed {
        for p in 0..partitions {
            match draws.below(8) {
                0 => {
                    let v = draws.below(n as u64) as usize;
                    let held = old.as_ref().is_some_and(|old| old[p].contains(&v));
                    // A pin to a node that takes nothing new contradicts itself.
                    if nodes[v].state != State::NoNew || held {
                        pins.insert((p, v));
                    }
                }
                1 if old.as_ref().is_some_and(|old| old[p].len() == copies[p]) => {
                    frozen.insert(p);
                }
                _ => {}
            }
        }
    }
    (Case { nodes, caps, copies, old }, pins, frozen)
}
