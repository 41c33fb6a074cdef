//! Lookups of many replicas: from a list of the key's candidates, with a count for each domain.
//!
//! Comparing each candidate with all replicas chosen before it is cheapest for a few of them, and
//! needs no memory. For k replicas it takes O(k) for each candidate, and an even spread walks once for
//! each round in which it fills all domains. Here each candidate is listed once, and a domain
//! knows how many replicas it holds.

use super::levels::{Counts, Levels};
use super::{SpreadRule, Stage};
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Writes the replicas of a key to `out`, as many as the rule and the filter leave, and returns how
/// many: the same as by walks.
///
/// Candidates are listed only as far as they are needed: O(c log n) for c of n nodes, all of them at
/// worst.
pub(super) fn replicas<P: Placement + ?Sized>(
    rule: &SpreadRule,
    levels: &Levels,
    candidates: Candidates<'_, P>,
    accept: impl FnMut(NodeIdx) -> bool,
    out: &mut [NodeIdx],
) -> usize {
    let mut accept = accept;
    let admitted = candidates.filter(|node| levels.row(*node).is_some() && accept(*node));
    match rule {
        SpreadRule::Limits(stages) => under_limits(stages, levels, admitted, out),
        SpreadRule::Even(profile) => evenly(profile, levels, admitted, out),
    }
}

/// The number of replicas that each domain holds.
struct Holds<'a> {
    levels: &'a Levels,
    /// By domain and level.
    counts: Vec<u32>,
}

impl<'a> Holds<'a> {
    fn new(levels: &'a Levels) -> Self {
        Self { levels, counts: vec![0; levels.domain_places()] }
    }

    fn of(&mut self, level: usize, domain: u32) -> Option<&mut u32> {
        self.counts.get_mut(self.levels.domain_place(level, domain))
    }

    /// Whether each of the first `active` domains of a row can hold another replica.
    fn have_room(&mut self, row: &[u32], active: usize) -> bool {
        let levels = self.levels.iter().zip(row).take(active).enumerate();
        let mut room = true;
        for (at, (level, domain)) in levels {
            room &= self.of(at, *domain).is_some_and(|holds| *holds < level.limit);
        }
        room
    }

    fn add(&mut self, row: &[u32]) {
        for (at, domain) in row.iter().enumerate() {
            if let Some(holds) = self.of(at, *domain) {
                *holds += 1;
            }
        }
    }
}

/// One stage after the other, each over the candidates that were refused so far and then over the
/// next ones.
fn under_limits(
    stages: &[Stage],
    levels: &Levels,
    mut candidates: impl Iterator<Item = NodeIdx>,
    out: &mut [NodeIdx],
) -> usize {
    let mut holds = Holds::new(levels);
    let mut refused: Vec<NodeIdx> = Vec::new();
    let mut found = 0;
    for Stage { active, room } in stages {
        let upto = out.len().min(*room);
        let mut again = core::mem::take(&mut refused).into_iter();
        while found < upto {
            let Some(node) = again.next().or_else(|| candidates.next()) else { break };
            steps::count(1);
            let (Some(row), Some(place)) = (levels.row(node), out.get_mut(found)) else { continue };
            if holds.have_room(row, *active) {
                holds.add(row);
                *place = node;
                found += 1;
            } else {
                refused.push(node);
            }
        }
        refused.extend(again);
    }
    found
}

/// The candidates in the order of their numbers, see [`number`]. `profile` has the numbers that the
/// first replicas have without a filter.
///
/// A list of the first candidates is enough if its first replicas have the numbers of the profile.
/// One candidate more can only lower the numbers of a replica, and where it becomes a replica itself
/// it does lower them, because its own place is behind all others. The chapter on replicas has the
/// proof, under *Even*, (a) and (b). Without a filter the numbers of the profile are the lowest.
fn evenly(
    profile: &[Counts],
    levels: &Levels,
    mut candidates: impl Iterator<Item = NodeIdx>,
    out: &mut [NodeIdx],
) -> usize {
    let mut listed: Vec<NodeIdx> = Vec::new();
    let mut size = out.len();
    loop {
        size = size.saturating_mul(2);
        listed.extend(candidates.by_ref().take(size - listed.len()));
        let numbered = number(levels, &listed);
        let mut replicas = numbered.iter().zip(profile).take(out.len());
        if listed.len() < size || replicas.all(|((numbers, _), lowest)| numbers == lowest) {
            let mut found = 0;
            for (place, (_, node)) in out.iter_mut().zip(&numbered) {
                *place = *node;
                found += 1;
            }
            return found;
        }
    }
}

/// The candidates with their numbers in their domains, the outermost first, sorted by these and then
/// by their places among the candidates.
///
/// The candidates of each innermost domain are numbered in their order, those of the domain around it
/// in the order of these numbers, and so on outwards.
fn number(levels: &Levels, candidates: &[NodeIdx]) -> Vec<(Counts, NodeIdx)> {
    let mut holds = Holds::new(levels);
    let unnumbered = candidates.iter().map(|node| (Counts::default(), *node));
    let mut all: Vec<(Counts, NodeIdx)> = unnumbered.collect();
    for level in (0..levels.len()).rev() {
        for (numbers, node) in &mut all {
            steps::count(1);
            let domain = levels.row(*node).and_then(|row| row.get(level));
            let holds = domain.and_then(|domain| holds.of(level, *domain));
            if let (Some(holds), Some(number)) = (holds, numbers.get_mut(level)) {
                *number = *holds;
                *holds += 1;
            }
        }
        // Stable: equal numbers stay in the order of the inner ones.
        all.sort_by_key(|(numbers, _)| {
            steps::count(1);
            numbers.get(level).copied()
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::Spread;
    use crate::hash::KeyHash;
    use crate::hash::mix::mix;
    use crate::limits::INLINE_CANDIDATES;
    use crate::node::{Node, NodeIdx};
    use crate::placement::{Build, Placement};
    use crate::topology::Topology;
    use crate::{Asura, JumpBack, Maglev, Rendezvous, Ring};
    use std::boxed::Box;
    use std::format;
    use std::string::{String, ToString};
    use std::vec;
    use std::vec::Vec;

    fn placements(nodes: &Topology<String>) -> Vec<Box<dyn Placement>> {
        let nodes = nodes.members();
        vec![
            Box::new(Ring::build(&crate::ring::RingConfig::default(), nodes).unwrap()),
            Box::new(Rendezvous::build(&(), nodes).unwrap()),
            Box::new(crate::bucket::Numbered::<JumpBack>::build(&(), nodes).unwrap()),
            Box::new(Asura::build(&crate::asura::AsuraConfig::default(), nodes).unwrap()),
            Box::new(Maglev::build(&crate::maglev::MaglevConfig::default(), nodes).unwrap()),
        ]
    }

    /// A number in `0..below` that leans to 0, so that domains have different sizes.
    fn skewed(random: u64, below: u64) -> u64 {
        (random % below).min(mix(random) % below)
    }

    /// Lists and walks choose the same replicas, by every rule, for any number of them, with and
    /// without filters.
    #[test]
    fn lists_and_walks_agree() {
        for round in 0..60_u64 {
            let n = 1 + (mix(round) % 110) as usize;
            let domains = [1 + mix(round + 1) % 7, 1 + mix(round + 2) % 5, 1 + mix(round + 3) % 3];
            let node = |i: usize| {
                let of = |level: u64, at: usize| {
                    skewed(mix((i as u64) << 8 | level), domains[at]).to_string()
                };
                Node::new(format!("n{i}"))
                    .domain("region", &of(0, 0))
                    .domain("zone", &of(1, 1))
                    .domain("rack", &of(2, 2))
            };
            let nodes = Topology::of((0..n).map(node)).unwrap();
            let members = nodes.members();
            let limit = |level: u64| 1 + (mix(round ^ level << 9) % 6) as u32;
            let limits = [("region", limit(1)), ("zone", limit(2)), ("rack", limit(3))];
            let levels = ["region", "zone", "rack"].into_iter().take(1 + round as usize % 3);
            let mut spreads = vec![
                Spread::even(members, n, levels).unwrap(),
                Spread::even(members, n, []).unwrap(),
                Spread::best_effort(members, n, limits).unwrap(),
                Spread::best_effort(members, n, limits.into_iter().take(1)).unwrap(),
            ];
            // The most that these limits have room for.
            let room = (1..=n).rev().find_map(|k| Spread::strict(members, k, limits).ok());
            spreads.extend(room);
            for placement in placements(&nodes) {
                for spread in &spreads {
                    let key = KeyHash::of_id(round);
                    for refused in 0..4 {
                        // Nobody, few nodes, half of them, a whole region.
                        let accept = |node: NodeIdx| match refused {
                            0 => true,
                            1 => mix(u64::from(node.get()) ^ round) % 10 > 0,
                            2 => mix(u64::from(node.get()) ^ round) % 2 > 0,
                            _ => skewed(mix((node.index() as u64) << 8), domains[0]) > 0,
                        };
                        for k in [1, 2, 3, n / 4, n / 2, n] {
                            let (mut walked, mut listed) =
                                (vec![NodeIdx::new(7); k], vec![NodeIdx::new(8); k]);
                            let found = spread.by_walks(&*placement, key, &mut walked, accept);
                            let same = spread.by_list(&*placement, key, &mut listed, accept);
                            assert_eq!(found, same, "{k} of {n}, {refused}: {spread:?}");
                            assert_eq!(walked[..found], listed[..found], "{k} of {n}, {refused}");
                        }
                    }
                }
            }
        }
    }

    /// On both sides of the number from which lists are used, beginnings of one another.
    #[test]
    fn fewer_are_the_beginning() {
        let node = |i: usize| Node::new(i.to_string()).domain("zone", &(i % 7).to_string());
        let nodes = Topology::of((0..400).map(node)).unwrap();
        let spread = Spread::even(nodes.members(), 300, ["zone"]).unwrap();
        for placement in placements(&nodes) {
            let mut all = [NodeIdx::default(); 300];
            assert_eq!(spread.replicas(&*placement, KeyHash::of_id(1), &mut all), 300);
            for k in [3, INLINE_CANDIDATES, INLINE_CANDIDATES + 1, 200] {
                let mut out = vec![NodeIdx::default(); k];
                assert_eq!(spread.replicas(&*placement, KeyHash::of_id(1), &mut out), k);
                assert_eq!(out, all[..k]);
            }
        }
    }
}
