//! Moves and doubles together, exactly: a dynamic program over the partitions whose state is how
//! many replicas each node has so far.

use super::{Bounds, Group, Instance, bounds, lower_bound};
use std::collections::HashMap;

/// Nodes that a state can count.
const NODES: usize = 16;

type Counts = [u8; NODES];

/// What a table may cost at most.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub moves: u64,
    pub doubles: u64,
}

/// The fewest moves of a balanced legal table, and the fewest partitions with two or more moves
/// among the tables that have so few. None if there is no such table.
pub fn min_moves_and_doubles(instance: &Instance) -> Option<(u64, u64)> {
    let least = lower_bound(instance)?;
    let tried = (least..least + 4).chain([u64::MAX]);
    let mut limits = tried.map(|moves| Limit { moves, doubles: u64::MAX });
    limits.find_map(|limit| search(instance, limit, |moves, doubles| (moves, doubles)))
}

/// The fewest partitions with two or more moves, and the fewest moves with so few of them.
pub fn min_doubles_and_moves(instance: &Instance) -> Option<(u64, u64)> {
    let tried = (0..4).chain([u64::MAX]);
    let mut limits = tried.map(|doubles| Limit { moves: u64::MAX, doubles });
    limits.find_map(|limit| search(instance, limit, |moves, doubles| (doubles, moves)))
}

/// The least cost of a balanced legal table within the limit, in this order of importance. A limit
/// on what is most important changes nothing, unless it is below the optimum: then there is none.
pub fn search(
    instance: &Instance,
    limit: Limit,
    order: impl Fn(u64, u64) -> (u64, u64),
) -> Option<(u64, u64)> {
    assert!(instance.nodes.len() <= NODES && instance.partitions < 256, "too large");
    let bounds = bounds(instance).ok()?;
    let legal = legal_sets(instance);
    let mut goal = Goal::new(instance, &bounds);
    let mut states = HashMap::from([([0; NODES], (0, 0))]);
    for p in 0..instance.partitions {
        goal.pass(p);
        let choices = choices(instance, p, &legal, limit);
        let mut next: HashMap<Counts, (u64, u64)> = HashMap::new();
        for (counts, (moves, doubles)) in states {
            for (set, more, double) in &choices {
                let mut counts = counts;
                for &v in *set {
                    counts[v] += 1;
                }
                let (moves, doubles) = (moves + more, doubles + double);
                let within = |future| moves + future <= limit.moves && doubles <= limit.doubles;
                if goal.least_moves_from(&counts).is_some_and(within) {
                    let best = next.entry(counts).or_insert((moves, doubles));
                    if order(moves, doubles) < order(best.0, best.1) {
                        *best = (moves, doubles);
                    }
                }
            }
        }
        states = next;
    }
    states.into_values().map(|(moves, doubles)| order(moves, doubles)).min()
}

/// All sets of R nodes within the caps.
pub fn legal_sets(instance: &Instance) -> Vec<Vec<usize>> {
    let domains = instance.domains();
    let within = |set: &[usize], d: &Group| {
        let held = set.iter().filter(|&v| d.nodes.contains(v)).count() as u64;
        d.cap.is_none_or(|cap| held <= cap)
    };
    let mut sets = vec![Vec::new()];
    for _ in 0..instance.replicas {
        let longer = |set: &Vec<usize>| {
            let next = set.last().map_or(0, |v| v + 1);
            let longer = |v| set.iter().copied().chain([v]).collect::<Vec<usize>>();
            (next..instance.nodes.len()).map(longer).collect::<Vec<_>>()
        };
        sets = sets.iter().flat_map(longer).collect();
        sets.retain(|set| domains.iter().all(|d| within(set, d)));
    }
    sets
}

/// The sets that a partition may have, with their moves, and 1 for two or more.
fn choices<'a>(
    instance: &Instance,
    p: usize,
    legal: &'a [Vec<usize>],
    limit: Limit,
) -> Vec<(&'a [usize], u64, u64)> {
    let pinned: Vec<usize> =
        instance.pins.iter().filter(|(q, _)| *q == p).map(|(_, v)| *v).collect();
    let may = legal.iter().filter(|set| {
        pinned.iter().all(|v| set.contains(v)) && set.iter().all(|&v| instance.may_have(p, v))
    });
    let cost = |set: &'a Vec<usize>| {
        let moves = instance.moves(p, set);
        (&set[..], moves, u64::from(moves >= 2))
    };
    let within =
        |(_, moves, double): &(_, u64, u64)| *moves <= limit.moves && *double <= limit.doubles;
    may.map(cost).filter(within).collect()
}

/// What the partitions that are left can still do.
struct Goal<'a> {
    instance: &'a Instance,
    bounds: &'a Bounds,
    domains: Vec<Group>,
    left: u64,
    /// Old replicas of the partitions that are left.
    held: Vec<u64>,
}

impl<'a> Goal<'a> {
    fn new(instance: &'a Instance, bounds: &'a Bounds) -> Self {
        let (domains, held) = (instance.domains(), instance.held());
        Self { instance, bounds, domains, left: instance.partitions as u64, held }
    }

    /// The partition is placed now.
    fn pass(&mut self, p: usize) {
        self.left -= 1;
        for (v, held) in self.held.iter_mut().enumerate() {
            *held -= u64::from(self.instance.held_before(p, v));
        }
    }

    /// A bound on the moves to come; none if some bound is broken or out of reach.
    fn least_moves_from(&self, counts: &Counts) -> Option<u64> {
        let mut kept = 0;
        for (v, &(floor, ceil)) in self.bounds.nodes.iter().enumerate() {
            let count = u64::from(counts[v]);
            if count + self.left < floor {
                return None;
            }
            kept += ceil.checked_sub(count)?.min(self.held[v]);
        }
        for (domain, &(floor, ceil)) in self.domains.iter().zip(&self.bounds.domains) {
            let count: u64 = domain.nodes.iter().map(|&v| u64::from(counts[v])).sum();
            let most = domain.cap.unwrap_or(u64::MAX).min(self.instance.replicas as u64);
            if count > ceil || count + self.left * most < floor {
                return None;
            }
        }
        Some((self.left * self.instance.keepable()).saturating_sub(kept))
    }
}
