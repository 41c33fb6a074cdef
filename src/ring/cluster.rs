//! A ring whose points come from a function of all nodes together.

use super::Ring;
use super::scheme::sealed::Scheme;
use super::scheme::{INDEPENDENT_POINTS, PointScheme};
use crate::circle::{Point, Rule, sorted_points, sorted_words};
use crate::error::{BudgetAdvice, BudgetFault, Error};
use crate::limits::MAX_RING_BUDGET;
use crate::node::{NodeIdx, Weight};
use crate::placement::Guarantees;
use crate::slips::OrSlip;
use crate::topology::Members;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// A ring whose points come from a function of all nodes together, as in libmemcached and Envoy, where
/// the number of a node's points depends on the weights of the others.
///
/// ```
/// use apportion::{Locator, Node, Topology};
/// use apportion::hash::BytesHasher;
/// use apportion::ring::{ClusterNode, ClusterPointsConfig};
/// use apportion::Xxh3;
///
/// // 100 points to a node of average weight, at least one.
/// let count = |nodes: &[ClusterNode<'_>], node: &ClusterNode<'_>| {
///     let all: u64 = nodes.iter().map(|node| node.weight.get()).sum();
///     (100 * nodes.len() as u64 * node.weight.get() / all).max(1)
/// };
/// let config = ClusterPointsConfig::new(count, |node, count, emit| {
///     for i in 0..count {
///         emit(Xxh3.hash_bytes(&[node.label, &i.to_le_bytes()].concat()).get());
///     }
/// });
/// let nodes = [Node::new("a"), Node::new("b").weight(3)];
/// let ring = Locator::cluster_points_of(Topology::of(nodes)?, config)?;
/// assert_eq!(ring.placement().points(), 50 + 150);
/// // A change moves keys between nodes that stay as well: it gives them other numbers of points.
/// assert!(!ring.placement().guarantees().minimal_owner);
/// # use apportion::Placement;
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// Nodes come in the order of their slots, which is that of the list from which the topology was made.
/// A point that several nodes have belongs to one of them: see [`Ties`]. A live node may have no
/// points; it then holds no key.
///
/// Every change builds the ring anew. Functions cannot be saved, and neither can such a ring: save the
/// nodes, build it again and compare fingerprints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClusterPoints;

/// A live node, as the functions of [`ClusterPoints`] see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ClusterNode<'a> {
    /// The bytes of its label.
    pub label: &'a [u8],
    /// Its weight, above 0.
    pub weight: Weight,
    /// Its slot.
    pub slot: NodeIdx,
}

/// Which node has a point that several nodes have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Ties {
    /// The node with the lowest slot: the first one in a list.
    #[default]
    First,
    /// The node with the highest slot: the last one in a list.
    Last,
}

type Count = dyn Fn(&[ClusterNode<'_>], &ClusterNode<'_>) -> u64 + Send + Sync;
type Points = dyn Fn(&ClusterNode<'_>, u64, &mut dyn FnMut(u64)) + Send + Sync;
type Counts = dyn Fn(&[ClusterNode<'_>]) -> Vec<u64> + Send + Sync;

/// The functions of [`ClusterPoints`], the rule by which keys find points, and who has equal points.
#[derive(Clone)]
pub struct ClusterPointsConfig {
    counts: Arc<Counts>,
    points: Arc<Points>,
    rule: Rule,
    ties: Ties,
    independent: bool,
    weights: bool,
}

/// Two functions are the same if one is a clone of the other.
impl PartialEq for ClusterPointsConfig {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.counts, &other.counts)
            && Arc::ptr_eq(&self.points, &other.points)
            && (self.rule, self.ties) == (other.rule, other.ties)
            && (self.independent, self.weights) == (other.independent, other.weights)
    }
}

impl fmt::Debug for ClusterPointsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterPointsConfig")
            .field("rule", &self.rule)
            .field("ties", &self.ties)
            .field("independent", &self.independent)
            .field("weights", &self.weights)
            .finish_non_exhaustive()
    }
}

/// A node of weight w has 160 · w points of [`Native`](crate::ring::Native)'s kind; for rings of your
/// own give functions.
impl Default for ClusterPointsConfig {
    fn default() -> Self {
        let count =
            |_: &[ClusterNode<'_>], node: &ClusterNode<'_>| node.weight.get().saturating_mul(160);
        let points = |node: &ClusterNode<'_>, count: u64, emit: &mut dyn FnMut(u64)| {
            let identity = Members::identity_of(node.label);
            super::native::points_of(identity, count.min(u32::MAX.into()) as u32).for_each(emit);
        };
        Self::new(count, points).independent()
    }
}

impl ClusterPointsConfig {
    /// Takes how many points a node has, given all live nodes, and a function that emits so many points
    /// of a node.
    ///
    /// # Complexity
    /// Building calls `count` once for each node.
    #[must_use]
    pub fn new(
        count: impl Fn(&[ClusterNode<'_>], &ClusterNode<'_>) -> u64 + Send + Sync + 'static,
        points: impl Fn(&ClusterNode<'_>, u64, &mut dyn FnMut(u64)) + Send + Sync + 'static,
    ) -> Self {
        let count: Box<Count> = Box::new(count);
        let counts =
            move |nodes: &[ClusterNode<'_>]| nodes.iter().map(|node| count(nodes, node)).collect();
        Self::with_counts(counts, points)
    }

    /// Takes a function that says how many points each of all live nodes has, in their order, for counts
    /// that are made one after the other. A node beyond the end of its result has none.
    #[must_use]
    pub fn with_counts(
        counts: impl Fn(&[ClusterNode<'_>]) -> Vec<u64> + Send + Sync + 'static,
        points: impl Fn(&ClusterNode<'_>, u64, &mut dyn FnMut(u64)) + Send + Sync + 'static,
    ) -> Self {
        Self {
            counts: Arc::new(counts),
            points: Arc::new(points),
            rule: Rule::default(),
            ties: Ties::default(),
            independent: false,
            weights: true,
        }
    }

    /// How keys find points; [`Rule::FirstAtOrAfter`] unless it is set.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Which node has equal points; [`Ties::First`] unless it is set.
    #[must_use]
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// States that the points of a node depend on its own label and weight alone, and that those of a
    /// lower weight are among those of a higher one. Changes then move the minimum, and
    /// [`Guarantees`] say so.
    #[must_use]
    pub fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    /// States that weights have no effect on the points.
    #[must_use]
    pub fn without_weights(mut self) -> Self {
        self.weights = false;
        self
    }

    /// How keys find points.
    #[must_use]
    pub fn get_rule(&self) -> Rule {
        self.rule
    }

    /// Which node has equal points.
    #[must_use]
    pub fn get_ties(&self) -> Ties {
        self.ties
    }
}

/// How many points each slot has.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterCounts(Arc<Vec<u64>>);

fn live_nodes(nodes: &Members) -> Vec<ClusterNode<'_>> {
    let node = |(slot, member): (NodeIdx, &crate::topology::Member)| ClusterNode {
        label: nodes.label(slot).unwrap_or_default(),
        weight: member.weight,
        slot,
    };
    nodes.live_entries().map(node).collect()
}

/// The low half of all points, if it is the same: they are hashes of 32 bits then.
fn common_half(points: &[u64]) -> Option<u32> {
    let low = *points.first()? as u32;
    points.iter().all(|point| *point as u32 == low).then_some(low)
}

/// Points and owners of sorted words, each the high half of a point and the rank of its owner. Of equal
/// points the first one counts.
fn split(mut words: Vec<u64>, low: u32, ties: Ties) -> (Vec<u64>, Vec<NodeIdx>) {
    words.dedup_by_key(|word| *word >> 32);
    let owners = words.iter().map(|word| ties.ranked(*word as u32)).collect();
    for word in &mut words {
        *word = *word >> 32 << 32 | u64::from(low);
    }
    (words, owners)
}

impl Ties {
    /// The order of nodes among equal points.
    fn rank(self, node: NodeIdx) -> u32 {
        match self {
            Self::First => node.get(),
            Self::Last => !node.get(),
        }
    }

    fn ranked(self, rank: u32) -> NodeIdx {
        NodeIdx::new(match self {
            Self::First => rank,
            Self::Last => !rank,
        })
    }
}

impl Scheme for ClusterPoints {
    const SHORT_NAME: &'static str = "cluster-points";
    const SOME_HAVE_NONE: bool = true;

    fn sorted(
        config: &ClusterPointsConfig,
        plan: &ClusterCounts,
        nodes: &Members,
    ) -> (Vec<u64>, Vec<NodeIdx>) {
        let live = live_nodes(nodes);
        let count = |node: &ClusterNode<'_>| plan.0.get(node.slot.index()).copied().unwrap_or(0);
        // The plan has checked that all points fit the budget of a ring.
        let total: u64 = live.iter().map(count).sum();
        let mut all = vec![0; total as usize];
        let mut runs: Vec<(NodeIdx, Range<usize>)> = Vec::with_capacity(live.len());
        let mut end = 0;
        for node in &live {
            let counted = count(node);
            let start = end;
            let mut places = all.get_mut(start..start + counted as usize).or_slip().iter_mut();
            (config.points)(node, counted, &mut |point| {
                // Never more points than were counted.
                if let Some(place) = places.next() {
                    *place = config.rule.stored(point);
                }
            });
            // Fewer are overwritten from their end on by the next node's.
            end += counted as usize - places.len();
            runs.push((node.slot, start..end));
        }
        all.truncate(end);
        if let Some(low) = common_half(&all) {
            for (slot, run) in runs {
                let owner = config.ties.rank(slot);
                for point in all.get_mut(run).or_slip() {
                    *point = *point >> 32 << 32 | u64::from(owner);
                }
            }
            return split(sorted_words(&all), low, config.ties);
        }
        let points = || {
            runs.iter().flat_map(|(slot, run)| {
                all.get(run.clone()).or_slip().iter().map(|point| (*point, *slot))
            })
        };
        let ties = config.ties;
        let order =
            |a: Point, b: Point| a.0.cmp(&b.0).then_with(|| ties.rank(a.1).cmp(&ties.rank(b.1)));
        let (points, owners) = sorted_points(all.len(), points, order);
        if points.is_sorted_by(|a, b| a < b) {
            return (points, owners);
        }
        let mut all: Vec<Point> = points.into_iter().zip(owners).collect();
        all.dedup_by_key(|(point, _)| *point);
        all.into_iter().unzip()
    }

    fn builds_anew(_: &ClusterPointsConfig) -> bool {
        true
    }

    fn words(config: &ClusterPointsConfig) -> [u64; 3] {
        [u64::from(config.ties == Ties::Last), config.independent.into(), config.weights.into()]
    }
}

impl PointScheme for ClusterPoints {
    type Config = ClusterPointsConfig;
    type Plan = ClusterCounts;

    const NAME: &'static str = "cluster-points 1";

    #[inline]
    fn rule(config: &ClusterPointsConfig) -> Rule {
        config.rule
    }

    /// The order of the list decides equal points.
    fn guarantees(config: &ClusterPointsConfig) -> Guarantees {
        let all = Guarantees { order_free: false, weights: config.weights, ..INDEPENDENT_POINTS };
        if config.independent {
            return all;
        }
        Guarantees { weights: config.weights, any_removal: true, ..Guarantees::none() }
    }

    fn plan(
        config: &ClusterPointsConfig,
        _: Option<&ClusterCounts>,
        nodes: &Members,
    ) -> Result<ClusterCounts, Error> {
        let live = live_nodes(nodes);
        let mut counts = vec![0; nodes.slots()];
        let (mut total, mut longest) = (0_u128, None);
        for (node, count) in live.iter().zip((config.counts)(&live)) {
            total += u128::from(count);
            if longest.is_none_or(|(_, max)| count > max) {
                longest = Some((node.slot, count));
            }
            if let Some(place) = counts.get_mut(node.slot.index()) {
                *place = count;
            }
        }
        match longest {
            Some((slot, points)) if total > u128::from(MAX_RING_BUDGET) => {
                let fault = BudgetFault {
                    nodes: nodes.live(),
                    total,
                    budget: MAX_RING_BUDGET,
                    label: nodes.shown(slot),
                    points: points.into(),
                    scale: None,
                    advice: BudgetAdvice::Either(None, None),
                };
                Err(crate::error::RingFault::Budget(Box::new(fault)).into())
            }
            _ => Ok(ClusterCounts(Arc::new(counts))),
        }
    }

    /// Within the budget, which fits 32 bits.
    fn count(_: &ClusterPointsConfig, plan: &ClusterCounts, _: &Members, node: NodeIdx) -> u32 {
        plan.0.get(node.index()).map_or(0, |count| *count as u32)
    }

    /// Rings of this scheme are always built anew, from all nodes.
    fn points(
        _: &ClusterPointsConfig,
        _: &[u8],
        _: Weight,
        _: u64,
        _: u32,
        _: &mut dyn FnMut(u64),
    ) {
    }
}

impl Ring<ClusterPoints> {
    /// How many points the functions gave a node, equal ones included.
    #[must_use]
    pub fn points_of(&self, node: NodeIdx) -> u64 {
        self.plan.0.get(node.index()).copied().unwrap_or(0)
    }
}
