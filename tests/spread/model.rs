//! The three rules as their definitions say them, slowly, over a list of all candidates.

use crate::support::Draws;
use apportion::topology::Members;
use apportion::{Error, Node, NodeIdx, Spread, Topology};

pub(crate) const LEVELS: [&str; 3] = ["region", "zone", "rack"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Strict,
    BestEffort,
    Even,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Strict, Kind::BestEffort, Kind::Even];

/// A rule with its limits, outermost level first.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    pub(crate) limits: Vec<(&'static str, u32)>,
}

impl Rule {
    /// Any levels out of the first `depth`, with limits of 1 to 3.
    pub(crate) fn random(draws: &mut Draws, kind: Kind, depth: usize) -> Self {
        let levels = LEVELS[..depth].iter().filter(|_| draws.below(4) > 0).copied();
        let levels: Vec<_> = levels.collect();
        let limits = levels.into_iter().map(|level| (level, 1 + draws.below(3) as u32)).collect();
        Self { kind, limits }
    }

    /// Compiles it, levels in reverse: their order is that of the nodes.
    pub(crate) fn compile(&self, members: &Members, replicas: usize) -> Result<Spread, Error> {
        let limits = self.limits.iter().rev().copied();
        match self.kind {
            Kind::Strict => Spread::strict(members, replicas, limits),
            Kind::BestEffort => Spread::best_effort(members, replicas, limits),
            Kind::Even => Spread::even(members, replicas, limits.map(|(level, _)| level)),
        }
    }

    /// The replicas of a key that has these candidates.
    pub(crate) fn of(
        &self,
        paths: &Paths,
        candidates: &[NodeIdx],
        replicas: usize,
    ) -> Vec<NodeIdx> {
        let mut chosen = Vec::new();
        match self.kind {
            Kind::Strict => self.greedy(self.limits.len(), paths, candidates, &mut chosen),
            Kind::BestEffort => {
                for active in (0..=self.limits.len()).rev() {
                    self.greedy(active, paths, candidates, &mut chosen);
                }
            }
            Kind::Even => {
                let levels: Vec<&str> = self.limits.iter().map(|(level, _)| *level).collect();
                let left = |chosen: &Vec<NodeIdx>| {
                    let free = candidates.iter().copied().filter(|node| !chosen.contains(node));
                    free.min_by_key(|node| -> Vec<usize> {
                        let holds = |level| paths.holding(chosen, *node, level);
                        levels.iter().map(|level| holds(level)).collect()
                    })
                };
                while let Some(node) = left(&chosen) {
                    chosen.push(node);
                }
            }
        }
        chosen.truncate(replicas);
        chosen
    }

    fn greedy(&self, active: usize, paths: &Paths, all: &[NodeIdx], chosen: &mut Vec<NodeIdx>) {
        for node in all {
            let fits = |(level, limit): &(&str, u32)| {
                paths.holding(chosen, *node, level) < *limit as usize
            };
            if !chosen.contains(node) && self.limits[..active].iter().all(fits) {
                chosen.push(*node);
            }
        }
    }

    /// Whether these nodes keep to the first `active` limits.
    pub(crate) fn allows(&self, active: usize, paths: &Paths, nodes: &[NodeIdx]) -> bool {
        self.limits[..active].iter().all(|(level, limit)| {
            nodes.iter().all(|node| paths.holding(nodes, *node, level) <= *limit as usize)
        })
    }
}

/// The whole path of each slot down to each level, as text.
pub(crate) struct Paths(Vec<Vec<(String, String)>>);

impl Paths {
    pub(crate) fn of(members: &Members) -> Self {
        let mut paths = vec![Vec::new(); members.slots()];
        for node in members.iter() {
            let mut whole = String::new();
            for (level, name) in members.domain(node).unwrap().path() {
                whole = format!("{whole}/{level}={name}");
                paths[node.index()].push((level.to_owned(), whole.clone()));
            }
        }
        Self(paths)
    }

    pub(crate) fn at(&self, node: NodeIdx, level: &str) -> &str {
        &self.0[node.index()].iter().find(|(name, _)| name == level).unwrap().1
    }

    /// How many of `chosen` are in the node's domain of a level.
    pub(crate) fn holding(&self, chosen: &[NodeIdx], node: NodeIdx, level: &str) -> usize {
        chosen.iter().filter(|other| self.at(**other, level) == self.at(node, level)).count()
    }
}

/// Nodes `n0`, `n1`, … with these weights somewhere in a random tree; racks of two zones have the
/// same names, and some nodes may stand under a level that no rule knows.
pub(crate) fn tree(draws: &mut Draws, weights: &[u64], depth: usize) -> Vec<Node<String>> {
    let width = 1 + draws.below(4);
    let sites = draws.below(4) == 0;
    let node = |(i, weight): (usize, &u64)| {
        let mut node = Node::new(format!("n{i}")).weight(*weight);
        if sites && draws.below(2) == 0 {
            node = node.domain("site", "s");
        }
        let under = |node: Node<String>, level: &&str| {
            node.domain(level, &format!("{}", draws.below(width)))
        };
        LEVELS[..depth].iter().fold(node, under)
    };
    weights.iter().enumerate().map(node).collect()
}

pub(crate) fn topology(nodes: &[Node<String>]) -> Topology<String> {
    Topology::of(nodes.iter().cloned()).unwrap()
}
