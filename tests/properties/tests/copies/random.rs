//! Random small clusters with copies, slots and an old table.

use super::oracle::{Case, NodeAt, State};
use apportion_properties::support::Draws;

fn weight(draws: &mut Draws, kind: u64) -> u64 {
    match kind {
        0 => 1,
        1 => 1 + draws.below(4),
        2 => [1, 1, 1, 20][draws.below(4) as usize],
        _ => draws.below(6),
    }
}

pub(crate) fn case(draws: &mut Draws) -> Case {
    let levels = draws.below(3) as usize;
    let n = 2 + draws.below(6) as usize;
    let gone = draws.below(2) as usize * draws.below(3) as usize;
    let kind = draws.below(4);
    let caps: Vec<Option<u64>> =
        (0..levels).map(|_| (draws.below(3) > 0).then(|| 1 + draws.below(3))).collect();
    let with_slots = draws.below(3);
    let partitions = 1 + draws.below(9) as usize;
    let max = 1 + draws.below(n as u64 + 1);
    let copies: Vec<usize> = (0..partitions).map(|_| 1 + draws.below(max) as usize).collect();
    let states = draws.below(3) == 0;
    let total: usize = copies.iter().sum();
    let nodes: Vec<NodeAt> = (0..n)
        .map(|_| {
            let path = (0..levels).map(|_| draws.below(3) as u32).collect();
            let weight = weight(draws, kind);
            let fair = (total / n) as u64;
            let slots = match with_slots {
                0 => None,
                1 => Some(fair + 1 + draws.below(3)),
                _ => (draws.below(2) == 0).then(|| draws.below(2 * fair + 3)),
            };
            let state = match draws.below(6) {
                0 if states => State::NoNew,
                1 if states && weight > 0 => State::Maintenance,
                _ => State::Open,
            };
            NodeAt { path, weight, slots, state }
        })
        .collect();
    let states = nodes.iter().any(|node| node.state != State::Open);
    let old = (states || draws.below(6) > 0).then(|| {
        let near = draws.below(2) == 0;
        let row = |r: &usize, draws: &mut Draws| {
            let more = if near { 0 } else { draws.below(3) as usize };
            let size = (r + more).saturating_sub(draws.below(2) as usize).clamp(1, n + gone);
            let mut all: Vec<usize> = (0..n + gone).collect();
            draws.shuffle(&mut all);
            all.truncate(size);
            all
        };
        copies.iter().map(|r| row(r, draws)).collect()
    });
    Case { nodes, caps, copies, old }
}
