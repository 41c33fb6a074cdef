//! Random affinities for random small clusters.

use super::oracle::{Case, NodeAt, State};
use super::question::{Question, Rule};
use apportion_properties::support::Draws;

pub(crate) fn question(draws: &mut Draws) -> Question {
    let base = base(draws);
    let (n, partitions) = (base.nodes.len(), base.copies.len());
    let leads = draws.below(3) == 0;
    let rules = (0..1 + draws.below(4)).map(|_| rule(&base, leads, draws)).collect();
    let mut pins: Vec<(usize, usize)> = Vec::new();
    let weight = |v: usize| base.nodes[v].weight;
    if draws.below(4) == 0 {
        for _ in 0..1 + draws.below(2) {
            let pin = (draws.below(partitions as u64) as usize, draws.below(n as u64) as usize);
            if !pins.contains(&pin) {
                pins.push(pin);
            }
        }
    }
    let frozen = match &base.old {
        Some(_) if draws.below(5) == 0 => vec![draws.below(partitions as u64) as usize],
        _ => Vec::new(),
    };
    let weights = draws.below(3) == 0;
    let of = |v| if weight(v) == 0 { 0 } else { [0, 1, 1, 2, 5][draws.below(5) as usize] };
    let leader_weights: Option<Vec<u64>> = weights.then(|| (0..n).map(of).collect());
    // Nodes with a state or slots may have a quota of 0, and then lead nothing.
    let plain = base.nodes.iter().all(|node| node.state == State::Open && node.slots.is_none());
    let leader_weights =
        leader_weights.filter(|weights| plain && weights.iter().any(|weight| *weight > 0));
    Question { base, rules, pins, frozen, leader_weights }
}

fn base(draws: &mut Draws) -> Case {
    let levels = draws.below(3) as usize;
    let n = 3 + draws.below(4) as usize;
    let gone = draws.below(2) as usize * draws.below(3) as usize;
    let kind = draws.below(4);
    let caps: Vec<Option<u64>> =
        (0..levels).map(|_| (draws.below(2) == 0).then(|| 1 + draws.below(2))).collect();
    let partitions = 2 + draws.below(5) as usize;
    let max = 1 + draws.below(3);
    let uniform = draws.below(2) == 0;
    let size = |draws: &mut Draws| if uniform { max } else { 1 + draws.below(max) } as usize;
    let copies: Vec<usize> = (0..partitions).map(|_| size(draws)).collect();
    let states = draws.below(5) == 0;
    let slots = draws.below(5) == 0;
    let total: usize = copies.iter().sum();
    let node = |draws: &mut Draws| {
        let path = (0..levels).map(|level| draws.below(3 - level as u64) as u32).collect();
        let weight = match kind {
            0 | 1 => 1,
            2 => 1 + draws.below(3),
            _ => draws.below(4),
        };
        let state = match draws.below(6) {
            0 if states => State::NoNew,
            1 if states && weight > 0 => State::Maintenance,
            _ => State::Open,
        };
        let slots = slots.then(|| (total / n) as u64 + 1 + draws.below(2));
        NodeAt { path, weight, slots, state }
    };
    let nodes: Vec<NodeAt> = (0..n).map(|_| node(draws)).collect();
    let states = nodes.iter().any(|node| node.state != State::Open);
    let old = (states || draws.below(6) > 0).then(|| {
        let near = draws.below(2) == 0;
        let row = |r: &usize, draws: &mut Draws| {
            let more = if near { 0 } else { draws.below(3) as usize };
            let size = (r + more).saturating_sub(draws.below(2) as usize * usize::from(!near));
            let mut all: Vec<usize> = (0..n + gone).collect();
            draws.shuffle(&mut all);
            all.truncate(size.clamp(1, n + gone));
            all
        };
        copies.iter().map(|r| row(r, draws)).collect()
    });
    Case { nodes, caps, copies, old }
}

fn rule(base: &Case, leads: bool, draws: &mut Draws) -> Rule {
    let (n, partitions) = (base.nodes.len(), base.copies.len());
    let levels = base.caps.len();
    let start = draws.below(partitions as u64) as usize;
    let few = 1 + draws.below(2 + partitions as u64 / 2) as usize;
    let partitions = match draws.below(6) {
        0 => 0..partitions,
        _ => start..(start + few).min(partitions),
    };
    let like = draws.below(n as u64) as usize;
    let path = &base.nodes[like].path;
    let level = draws.below(levels.max(1) as u64) as usize;
    let mut domains: Vec<(usize, u32)> = Vec::new();
    let mut nodes = None;
    match draws.below(5) {
        0 | 1 if levels > 0 => domains.push((level, path[level])),
        2 if levels > 1 => domains.extend([(0, path[0]), (1, path[1])]),
        // Some nodes of one domain.
        3 if levels > 0 => {
            domains.push((level, path[level]));
            nodes = Some((0..n).filter(|v| *v == like || draws.below(2) == 0).collect());
        }
        _ => {
            let many = 1 + draws.below(n as u64 - 1) as usize;
            let mut all: Vec<usize> = (0..n).collect();
            if draws.below(2) == 0 {
                draws.shuffle(&mut all);
            }
            all.truncate(many);
            nodes = Some(all);
        }
    }
    let (mut at_least, mut at_most, mut leading) = (0, None, None);
    match draws.below(if leads { 8 } else { 5 }) {
        0 => at_most = Some(draws.below(3) as usize),
        1 => (at_least, at_most) = (draws.below(2) as usize, Some(1 + draws.below(2) as usize)),
        2 => at_least = 1 + usize::from(draws.below(3) == 0),
        3 => at_most = Some(0),
        4 => at_least = 1,
        5 | 6 => leading = Some(true),
        _ => leading = Some(false),
    }
    if leads && draws.below(4) == 0 {
        leading = Some(draws.below(3) > 0);
    }
    Rule { partitions, domains, nodes, at_least, at_most, leads: leading }
}
