//! The rules as their definitions say them, slowly, over a list of all nodes in a tenant's order.

use apportion::topology::Members;
use apportion::{NodeIdx, Spread};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// The first k nodes.
    Plain,
    /// Always a node of a zone that has the fewest members.
    Even,
    /// At most so many members in a zone.
    Strict(u32),
    /// The same, then without the limit until there are enough.
    BestEffort(u32),
}

pub(crate) const RULES: [Rule; 6] = [
    Rule::Plain,
    Rule::Even,
    Rule::Strict(1),
    Rule::Strict(2),
    Rule::BestEffort(1),
    Rule::BestEffort(2),
];

impl Rule {
    /// `None` for the rule without zones, and if strict limits have no room for `k`.
    pub(crate) fn compile(self, members: &Members, k: usize) -> Option<Spread> {
        match self {
            Self::Plain => None,
            Self::Even => Some(Spread::even(members, k, ["zone"]).unwrap()),
            Self::Strict(limit) => Spread::strict(members, k, [("zone", limit)]).ok(),
            Self::BestEffort(limit) => {
                Some(Spread::best_effort(members, k, [("zone", limit)]).unwrap())
            }
        }
    }

    /// The subset of a tenant that prefers the nodes in this order.
    pub(crate) fn of(self, members: &Members, order: &[NodeIdx], k: usize) -> Vec<NodeIdx> {
        let zone = |node: &NodeIdx| members.domain(*node).unwrap().path().next().unwrap().1;
        let mut chosen: Vec<NodeIdx> = Vec::new();
        let in_zone = |chosen: &[NodeIdx], node: &NodeIdx| {
            chosen.iter().filter(|other| zone(other) == zone(node)).count() as u32
        };
        let greedy = |chosen: &mut Vec<NodeIdx>, limit: u32| {
            for node in order {
                let new = !chosen.contains(node);
                if new && chosen.len() < k && in_zone(chosen, node) < limit {
                    chosen.push(*node);
                }
            }
        };
        match self {
            Self::Plain => greedy(&mut chosen, u32::MAX),
            Self::Strict(limit) => greedy(&mut chosen, limit),
            Self::BestEffort(limit) => {
                greedy(&mut chosen, limit);
                greedy(&mut chosen, u32::MAX);
            }
            Self::Even => {
                while chosen.len() < k.min(order.len()) {
                    let left = order.iter().filter(|node| !chosen.contains(node));
                    // The first one of the minima: `min_by_key` keeps the order.
                    let next = left.min_by_key(|node| in_zone(&chosen, node)).unwrap();
                    chosen.push(*next);
                }
            }
        }
        chosen
    }
}

/// Whether only the nodes that `gone` names went out, each for at most one that comes in, and the
/// others stay: for every k.
pub(crate) fn others_stay(
    before: &[NodeIdx],
    after: &[NodeIdx],
    gone: impl Fn(NodeIdx) -> bool,
) -> bool {
    (0..=before.len()).all(|k| {
        let [a, b] = [before, after].map(|list| &list[..k.min(list.len())]);
        a.iter().all(|node| gone(*node) != b.contains(node)) && b.len() <= a.len()
    })
}
