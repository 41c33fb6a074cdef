//! The share of all keys that each node holds.

use super::balance::Balance;
use super::successive;
use crate::circle::Rule;
use crate::diff::{Ratio, in_entries, in_rows, on_circle};
use crate::error::{CompareFault, Error};
use crate::locator::Locator;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Board, Exact, OnCircle, Scores, Structure};
use crate::slips::OrSlip;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// The share of all keys that a node holds.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub struct Share<'a, N> {
    /// The node.
    pub node: &'a N,
    /// Its slot.
    pub slot: NodeIdx,
    /// The share of all keys of which it is a holder.
    pub probability: f64,
    /// The same share as a ratio of integers, where it is one. Not in lowest terms: the denominator
    /// is 2^64 for a ring, the number of entries for a Maglev table, otherwise the sum of the
    /// weights or the number of nodes.
    pub exact: Option<Ratio>,
    /// The share by weight: its weight, times the holders of a key, over the total weight. Above 1
    /// if no placement can reach it.
    pub quota: f64,
}

// Derived impls would require `N: Clone` and `N: Copy`, though `N` is only referenced.
impl<N> Clone for Share<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Share<'_, N> {}

/// The share of all keys that each live node holds.
#[derive(PartialEq, Debug)]
pub struct Shares<'a, N> {
    nodes: Vec<Share<'a, N>>,
    holders: usize,
}

impl<N> Clone for Shares<'_, N> {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), holders: self.holders }
    }
}

impl<'a, N> Shares<'a, N> {
    /// The live nodes, in the order of their slots.
    #[must_use]
    pub fn nodes(&self) -> &[Share<'a, N>] {
        &self.nodes
    }

    /// The number of holders of a key, which is the sum of the probabilities: the requested
    /// replicas, or all live nodes if there are fewer.
    #[must_use]
    pub fn holders(&self) -> usize {
        self.holders
    }

    /// The maximum of probability over quota. `None` if there is no node.
    #[must_use]
    pub fn max_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::max)
    }

    /// The minimum of probability over quota. `None` if there is no node.
    #[must_use]
    pub fn min_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::min)
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.nodes.iter().map(|node| node.probability / node.quota)
    }
}

/// The share of all keys that each live node owns, computed as an exact ratio without enumerating
/// keys.
///
/// | | share of a node | cost |
/// |---|---|---|
/// | ring of any scheme and rule | hashes in its intervals / 2^64 | O(points) |
/// | partition table | hashes of its partitions / 2^64 | O(partitions) |
/// | Maglev | its entries / all entries | O(entries) |
/// | numbered buckets, rendezvous | 1/n | O(n) |
/// | weighted rendezvous | its weight / total weight | O(n) |
/// | Asura | weight of its slots / weight of all slots | O(slots) |
///
/// The last three assume uniform scores or darts. Hashes are finite, so the true shares differ, but
/// not in a digit that counting could show. A Maglev entry is reached by 2^64/M hashes, rounded up
/// or down.
///
/// ```
/// use apportion::{Locator, analysis};
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let shares = analysis::shares(&ring);
/// let (hashes, of) = shares.nodes()[0].exact.ok_or("a ratio")?;
/// assert_eq!(of, 1 << 64);
/// assert_eq!(hashes, ring.placement().share(shares.nodes()[0].slot));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shares<N, P: Exact, H>(locator: &Locator<N, P, H>) -> Shares<'_, N> {
    compute(locator, 1)
}

/// The share of all keys of which each live node holds one of `replicas` replicas: its *inclusion
/// probability*.
///
/// | | probability | cost |
/// |---|---|---|
/// | ring, except nearest points | exact, of 2^64 hashes | O(points) |
/// | partition table | exact, of 2^64 hashes, up to its number of replicas | O(P · R) |
/// | Maglev | exact, of all entries | O(entries) |
/// | numbered buckets, rendezvous | k/n | O(n) |
/// | weighted rendezvous, Asura | by *successive sampling*, see below | O(n · k · log n) per step |
///
/// With weights, each further holder is chosen in proportion to weight among the remaining nodes.
/// This is the order in which exponential variables with rate w arrive. The probability of being
/// one of the first k is not in proportion to weight: it is an integral over the time of arrival.
/// It is computed with a relative error below (n + 100) · 2·10^-15, in some hundred steps for a few
/// replicas and in proportion to √k for many. It is exact, a ratio of integers, for one replica,
/// for equal weights, and if every node is a holder.
///
/// ```
/// use apportion::{Locator, Node, Topology, analysis};
///
/// let weights = [("a", 1), ("b", 3), ("c", 2)];
/// let nodes = weights.map(|(name, weight)| Node::new(name).weight(weight));
/// let store = Locator::weighted_rendezvous_of(Topology::of(nodes)?)?;
/// let two = analysis::inclusion(&store, 2)?;
/// // b is first with 3/6, or second: after a with 1/6 · 3/5, or after c with 2/6 · 3/4.
/// assert!((two.nodes()[1].probability - 0.85).abs() < 1e-12);
/// assert_eq!(two.nodes()[1].quota, 1.0); // every key, which is out of reach
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas, and more than 1 for a ring by nearest points.
///
/// # Source
/// R. Duncan Luce, *Individual Choice Behavior*, Wiley, 1959; Robin L. Plackett, *The analysis of
/// permutations*, Applied Statistics 24(2), 1975, DOI 10.2307/2346567.
pub fn inclusion<N, P: Exact, H>(
    locator: &Locator<N, P, H>,
    replicas: usize,
) -> Result<Shares<'_, N>, Error> {
    if replicas == 0 {
        return Err(CompareFault::NoReplicas.into());
    }
    let name = locator.placement().view().structure.owners_only_name();
    if let Some(algorithm) = name.filter(|_| replicas > 1) {
        return Err(CompareFault::OneReplicaOnly { algorithm, replicas }.into());
    }
    Ok(compute(locator, replicas))
}

impl<N> Balance<'_, N> {
    /// The same loads against the algorithm's expected loads instead of the weights:
    /// `balance.against(&analysis::inclusion(&locator, 3)?)`.
    ///
    /// Compared with the weights, a balance shows how even a placement is; compared with its own
    /// shares, it shows whether the rest is random.
    ///
    /// # Errors
    /// Shares for another number of replicas, or for nodes in other slots.
    pub fn against(&self, shares: &Shares<'_, N>) -> Result<Self, Error> {
        let (balance, other) = (self.nodes(), shares.nodes());
        let slots = |i: usize| (balance.get(i).map(|n| n.slot), other.get(i).map(|n| n.slot));
        let differ = (0..balance.len().max(other.len())).map(slots).find(|(a, b)| a != b);
        if let Some((a, b)) = differ {
            // Slots are ascending, so the lower one is missing on the other side.
            let (slot, only) = match (a, b) {
                (Some(a), None) => (a, "balance"),
                (Some(a), Some(b)) if a < b => (a, "balance"),
                (_, b) => (b.unwrap_or_default(), "shares"),
            };
            return Err(CompareFault::OtherNodes { slot: slot.get(), only }.into());
        }
        let keys = self.keys();
        if self.sum() != keys.saturating_mul(shares.holders as u64) {
            let old = (self.sum() / keys.max(1)) as usize;
            return Err(CompareFault::OtherReplicas { old, new: shares.holders }.into());
        }
        Ok(self.with_quotas(other.iter().map(|share| share.probability * keys as f64)))
    }
}

/// A node's probability, and the exact ratio if there is one.
type NodeShare = (f64, Option<Ratio>);

fn exactly(part: u128, whole: u128) -> NodeShare {
    (part as f64 / whole as f64, Some((part, whole)))
}

fn compute<N, P: Exact, H>(locator: &Locator<N, P, H>, replicas: usize) -> Shares<'_, N> {
    let topology = locator.topology();
    let members = topology.members();
    let live = members.live();
    let holders = replicas.min(live).min(locator.placement().guarantees().max_replicas);
    let slots = locator.placement().slots();
    let by_slot = |sums: Vec<u128>, whole: u128| {
        let part = |at: NodeIdx| sums.get(at.index()).copied().or_slip();
        members.iter_live().map(|at| exactly(part(at), whole)).collect()
    };
    let by_list = |of: &dyn Fn(NodeIdx) -> u64| {
        by_weight(&members.iter_live().map(of).collect::<Vec<_>>(), holders)
    };
    let parts: Vec<NodeShare> = match locator.placement().view().structure {
        Structure::Circle(on) if on.rule == Rule::Nearest => by_slot(in_arcs(on, slots), 1 << 64),
        Structure::Circle(on) => by_slot(on_circle(&on, slots, holders), 1 << 64),
        Structure::Rows(rows) => by_slot(in_rows(&rows, slots, holders), 1 << 64),
        Structure::Entries(entries) => {
            by_slot(in_entries(entries, slots, holders), entries.owners.len() as u128)
        }
        Structure::Numbering(_) | Structure::Scores(Scores::Equal) => {
            vec![exactly(holders as u128, live as u128); live]
        }
        Structure::Scores(Scores::Weighted) => {
            by_list(&|at| members.weight(at).map_or(0, Weight::get))
        }
        Structure::Scores(Scores::Given(nodes)) => {
            by_list(&|at| nodes.get(at.index()).map_or(0, |(_, weight)| *weight))
        }
        Structure::Board(board) => {
            let weights = on_board(&board, slots);
            by_list(&|at| weights.get(at.index()).copied().or_slip())
        }
    };
    let total = members.total_weight() as f64;
    let node = |((slot, member), (probability, exact)): (
        (NodeIdx, &crate::topology::Member),
        NodeShare,
    )| {
        steps::count(1);
        let quota = holders as f64 * (member.weight.get() as f64 / total);
        Some(Share { node: topology.get(slot)?, slot, probability, exact, quota })
    };
    Shares { nodes: members.live_entries().zip(parts).filter_map(node).collect(), holders }
}

/// The number of hashes that each slot owns, under any rule.
fn in_arcs(on: OnCircle<'_>, slots: usize) -> Vec<u128> {
    let mut hashes = vec![0; slots];
    for arc in on.circle.arcs(on.rule) {
        if let Some(owned) = hashes.get_mut(arc.owner.index()) {
            *owned += arc.len();
        }
    }
    hashes
}

/// The weight of each node's slots on an Asura board.
fn on_board(board: &Board<'_>, slots: usize) -> Vec<u64> {
    let mut weights = vec![0; slots];
    for slot in 0..board.weights.len() {
        if let Some(weight) = board.node(slot).and_then(|node| weights.get_mut(node.index())) {
            *weight += u64::from(board.weight(slot));
        }
    }
    weights
}

fn by_weight(weights: &[u64], holders: usize) -> Vec<NodeShare> {
    let live = weights.len();
    let equal = weights.windows(2).all(|pair| pair.first() == pair.last());
    if equal || holders == live {
        return vec![exactly(holders as u128, live as u128); live];
    }
    if holders == 1 {
        let total = weights.iter().map(|weight| u128::from(*weight)).sum();
        return weights.iter().map(|weight| exactly((*weight).into(), total)).collect();
    }
    successive::inclusion(weights, holders).into_iter().map(|p| (p, None)).collect()
}
