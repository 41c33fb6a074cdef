//! A ring whose points come from a function of the label.

use super::fit::budget_for;
use super::scheme::sealed::Scheme;
use super::scheme::{INDEPENDENT_POINTS, PointScheme};
use crate::circle::Rule;
use crate::error::{BudgetAdvice, BudgetFault, Error, RingFault};
use crate::hash::{BytesHasher, Xxh3};
use crate::limits::MAX_RING_BUDGET;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Guarantees, equal_weights};
use crate::topology::Members;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A ring whose points come from a function of the label, as in nginx, ketama or HAProxy.
///
/// The function emits all points of a node at once, so a point may depend on the previous one, and
/// one digest may give several points:
///
/// ```
/// use apportion::{Locator, Node, Topology, Weight, Xxh3};
/// use apportion::hash::BytesHasher;
/// use apportion::ring::LabelPointsConfig;
///
/// // 160 points to a unit of weight; each hashes the label and the point before.
/// let chained = |label: &[u8], weight: Weight, emit: &mut dyn FnMut(u64)| {
///     let mut point = 0_u64;
///     for _ in 0..160 * weight.get() {
///         point = Xxh3.hash_bytes(&[label, &point.to_le_bytes()].concat()).get();
///         emit(point);
///     }
/// };
/// let nodes = [Node::new("a"), Node::new("b").weight(3)];
/// let config = LabelPointsConfig::new(chained);
/// let ring = Locator::label_points_of(Topology::of(nodes)?, config)?;
/// assert_eq!(ring.placement().points(), 640);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// The function must always give the same points; the fingerprint covers the points it gave.
/// A function cannot be saved, and neither can such a ring: save the nodes, build the ring again and
/// compare fingerprints, or pass its points to [`GivenPoints`](crate::ring::GivenPoints).
#[doc(alias = "ketama")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelPoints;

/// The function of [`LabelPoints`], how many points it makes, and the rule by which keys find them.
/// It cannot be written as text or saved, because a function cannot.
#[derive(Clone)]
pub struct LabelPointsConfig {
    function: Function,
    nested: bool,
    budget: u64,
    rule: Rule,
}

type AllPoints = dyn Fn(&[u8], Weight, &mut dyn FnMut(u64)) + Send + Sync;
type OnePoint = dyn Fn(&[u8], u32) -> u64 + Send + Sync;

#[derive(Clone)]
enum Function {
    /// Emits all points of a label.
    All(Arc<AllPoints>),
    /// The point of a label and a number.
    Each(PointsPer, Option<Arc<OnePoint>>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PointsPer {
    Node(u32),
    Weight(u32),
}

/// XXH3-64 of the label and the number as four little-endian bytes, 160 points a node.
impl Default for LabelPointsConfig {
    fn default() -> Self {
        Self { nested: true, ..Self::of(Function::Each(PointsPer::Node(160), None)) }
    }
}

fn xxh3_of(label: &[u8], number: u32) -> u64 {
    let number = number.to_le_bytes();
    let hash = Xxh3.hash_parts(&mut |part| {
        part(label);
        part(&number);
    });
    hash.get()
}

/// A point of 32 bits on the circle of 64.
fn high(point: u32) -> u64 {
    u64::from(point) << 32
}

/// Two functions are the same if one is a clone of the other.
impl PartialEq for LabelPointsConfig {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.function, &other.function) {
            (Function::All(a), Function::All(b)) => Arc::ptr_eq(a, b),
            (Function::Each(count, a), Function::Each(other, b)) => {
                let same = match (a, b) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (None, None) => true,
                    _ => false,
                };
                same && count == other
            }
            _ => false,
        };
        same && (self.nested, self.budget, self.rule) == (other.nested, other.budget, other.rule)
    }
}

impl fmt::Debug for LabelPointsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = match &self.function {
            Function::All(_) => None,
            Function::Each(count, _) => Some(count),
        };
        f.debug_struct("LabelPointsConfig")
            .field("count", &count)
            .field("nested", &self.nested)
            .field("budget", &self.budget)
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

impl LabelPointsConfig {
    fn of(function: Function) -> Self {
        Self { function, nested: false, budget: 1 << 24, rule: Rule::default() }
    }

    /// Takes a function that emits all points of a live node, given its label and its weight. It must
    /// emit at least one point.
    ///
    /// Reweighting a node replaces its points. If the points of a lower weight are among those of a
    /// higher one, state it with [`nested`](Self::nested).
    #[must_use]
    pub fn new(
        points: impl Fn(&[u8], Weight, &mut dyn FnMut(u64)) + Send + Sync + 'static,
    ) -> Self {
        Self::of(Function::All(Arc::new(points)))
    }

    /// Like [`new`](Self::new), for points of 32 bits: a point p becomes p · 2^32. Convert the hashes of
    /// keys in the same way: `KeyHash::from_hash(u64::from(hash) << 32)`.
    #[must_use]
    pub fn new_32(
        points: impl Fn(&[u8], Weight, &mut dyn FnMut(u32)) + Send + Sync + 'static,
    ) -> Self {
        Self::new(move |label, weight, emit| {
            points(label, weight, &mut |point| emit(high(point)));
        })
    }

    /// Gives every live node the same number of points: `point(label, i)` for i from 0 to
    /// `points` − 1. Weights must be equal.
    ///
    /// Use this to reproduce rings whose points are hashes of the node name and a counter.
    ///
    /// ```
    /// use apportion::{Locator, Topology, Xxh3};
    /// use apportion::hash::BytesHasher;
    /// use apportion::ring::{LabelPointsConfig, Rule};
    ///
    /// // 64 bits of XXH3-64 of "label#number".
    /// let config = LabelPointsConfig::per_node(100, |label, number| {
    ///     let text = [label, b"#", number.to_string().as_bytes()].concat();
    ///     Xxh3.hash_bytes(&text).get()
    /// });
    /// let topology = Topology::new(["a", "b"])?;
    /// let ring = Locator::label_points_of(topology, config.rule(Rule::FirstAfter))?;
    /// assert_eq!(ring.placement().points(), 200);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn per_node(
        points: u32,
        point: impl Fn(&[u8], u32) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let function = Function::Each(PointsPer::Node(points), Some(Arc::new(point)));
        Self { nested: true, ..Self::of(function) }
    }

    /// Like [`per_node`](Self::per_node), for points of 32 bits, converted as in
    /// [`new_32`](Self::new_32).
    #[must_use]
    pub fn per_node_32(
        points: u32,
        point: impl Fn(&[u8], u32) -> u32 + Send + Sync + 'static,
    ) -> Self {
        Self::per_node(points, move |label, number| high(point(label, number)))
    }

    /// Gives a node `points` points for every unit of its weight: `point(label, i)` for i from 0.
    #[must_use]
    pub fn per_weight(
        points: u32,
        point: impl Fn(&[u8], u32) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let function = Function::Each(PointsPer::Weight(points), Some(Arc::new(point)));
        Self { nested: true, ..Self::of(function) }
    }

    /// Like [`per_weight`](Self::per_weight), for points of 32 bits, converted as in
    /// [`new_32`](Self::new_32).
    #[must_use]
    pub fn per_weight_32(
        points: u32,
        point: impl Fn(&[u8], u32) -> u32 + Send + Sync + 'static,
    ) -> Self {
        Self::per_weight(points, move |label, number| high(point(label, number)))
    }

    /// States that the points of a lower weight are among those of a higher one, so that raising a
    /// weight moves keys only to that node. [`Guarantees::minimal_reweight`] is then true.
    #[must_use]
    pub fn nested(mut self) -> Self {
        self.nested = true;
        self
    }

    /// The maximum number of points the ring may ever have, 2^24 unless it is set, up to
    /// [`MAX_RING_BUDGET`].
    #[must_use]
    pub fn budget(mut self, points: u64) -> Self {
        self.budget = points;
        self
    }

    /// How keys find points; [`Rule::FirstAtOrAfter`] unless it is set.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Points per live node, if the number is the same for each; `None` otherwise.
    #[must_use]
    pub fn get_points_per_node(&self) -> Option<u32> {
        match self.function {
            Function::Each(PointsPer::Node(points), _) => Some(points),
            _ => None,
        }
    }

    /// Points per unit of weight, if the number is constant; `None` otherwise.
    #[must_use]
    pub fn get_points_per_weight(&self) -> Option<u32> {
        match self.function {
            Function::Each(PointsPer::Weight(points), _) => Some(points),
            _ => None,
        }
    }

    /// True if the points of a lower weight are among those of a higher one: either stated with
    /// [`nested`](Self::nested), or known because points are numbered.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.nested
    }

    /// The maximum number of points.
    #[must_use]
    pub fn get_budget(&self) -> u64 {
        self.budget
    }

    /// How keys find points.
    #[must_use]
    pub fn get_rule(&self) -> Rule {
        self.rule
    }

    fn check(&self) -> Result<(), Error> {
        super::config::within("budget", self.budget, 1, MAX_RING_BUDGET)?;
        match self.function {
            Function::All(_) => Ok(()),
            Function::Each(PointsPer::Node(points) | PointsPer::Weight(points), _) => {
                super::config::within("number of points", points.into(), 1, MAX_RING_BUDGET)
            }
        }
    }

    /// The number of points of a node. A function that emits all points has to run for it.
    fn count(&self, label: &[u8], weight: Weight) -> u128 {
        match &self.function {
            Function::All(all) => {
                let mut points = 0;
                all(label, weight, &mut |_| points += 1);
                points
            }
            Function::Each(PointsPer::Node(points), _) => (*points).into(),
            Function::Each(PointsPer::Weight(points), _) => {
                u128::from(*points) * u128::from(weight.get())
            }
        }
    }

    /// What to suggest if `total` points are too many.
    fn advice(&self, total: u128, nodes: &Members) -> BudgetAdvice {
        let units = |method, units: u128| {
            let points =
                u128::from(self.budget / 2).checked_div(units).filter(|points| *points > 0);
            let points = points.and_then(|points| u32::try_from(points).ok());
            BudgetAdvice::Fewer(method, points, budget_for(total))
        };
        match self.function {
            Function::All(_) => BudgetAdvice::Fewer("new", None, budget_for(total)),
            Function::Each(PointsPer::Node(_), _) => units("per_node", nodes.live() as u128),
            Function::Each(PointsPer::Weight(_), _) => units("per_weight", nodes.total_weight()),
        }
    }
}

/// How many points each node has, by slot.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, PartialEq, Debug)]
pub struct PointCounts(Arc<Vec<Option<Counted>>>);

/// A node and its points.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Counted {
    identity: u64,
    weight: Weight,
    points: u128,
}

impl PointCounts {
    fn at(&self, node: NodeIdx) -> Option<&Counted> {
        self.0.get(node.index())?.as_ref()
    }
}

impl Scheme for LabelPoints {
    const SHORT_NAME: &'static str = "label-points";

    /// The points, and what counts those of nodes to come.
    fn words(config: &LabelPointsConfig) -> [u64; 3] {
        let (kind, points) = match config.function {
            Function::All(_) => (0, u64::from(config.nested)),
            Function::Each(PointsPer::Node(points), _) => (1, points.into()),
            Function::Each(PointsPer::Weight(points), _) => (2, points.into()),
        };
        [kind, points, config.budget]
    }
}

impl PointScheme for LabelPoints {
    type Config = LabelPointsConfig;
    type Plan = PointCounts;

    const NAME: &'static str = "label-points 1";

    #[inline]
    fn rule(config: &LabelPointsConfig) -> Rule {
        config.rule
    }

    fn guarantees(config: &LabelPointsConfig) -> Guarantees {
        let weights = !matches!(config.function, Function::Each(PointsPer::Node(_), _));
        Guarantees { weights, minimal_reweight: weights && config.nested, ..INDEPENDENT_POINTS }
    }

    /// Reuses the counts of unchanged nodes, which avoids running the function for them.
    fn plan(
        config: &LabelPointsConfig,
        kept: Option<&PointCounts>,
        nodes: &Members,
    ) -> Result<PointCounts, Error> {
        config.check()?;
        if let Function::Each(PointsPer::Node(_), _) = config.function {
            equal_weights("a ring with points per node", nodes)?;
        }
        let mut counts = alloc::vec![None; nodes.slots()];
        let (mut total, mut longest) = (0_u128, None);
        for (node, member) in nodes.live_entries() {
            let (identity, weight) = (member.identity, member.weight);
            let same = |known: &&Counted| (known.identity, known.weight) == (identity, weight);
            let known = kept.and_then(|kept| kept.at(node)).filter(same);
            let points = known.map_or_else(|| config.count(&member.label, weight), |k| k.points);
            if points == 0 {
                return Err(RingFault::NoPoints { label: member.label.shown() }.into());
            }
            total += points;
            if let Some(count) = counts.get_mut(node.index()) {
                *count = Some(Counted { identity, weight, points });
            }
            if longest.is_none_or(|(_, max)| points > max) {
                longest = Some((member, points));
            }
        }
        match longest {
            Some((member, points)) if total > u128::from(config.budget) => {
                let fault = BudgetFault {
                    nodes: nodes.live(),
                    total,
                    budget: config.budget,
                    label: member.label.shown(),
                    points,
                    scale: None,
                    advice: config.advice(total, nodes),
                };
                Err(RingFault::Budget(Box::new(fault)).into())
            }
            _ => Ok(PointCounts(Arc::new(counts))),
        }
    }

    /// Within the budget, which fits 32 bits.
    fn count(_: &LabelPointsConfig, plan: &PointCounts, _: &Members, node: NodeIdx) -> u32 {
        plan.at(node).map_or(0, |counted| counted.points as u32)
    }

    fn points(
        config: &LabelPointsConfig,
        label: &[u8],
        weight: Weight,
        _: u64,
        count: u32,
        emit: &mut dyn FnMut(u64),
    ) {
        match &config.function {
            // Never more points than were counted, even if the function emits more the second time.
            Function::All(all) => {
                let mut left = count;
                all(label, weight, &mut |point| {
                    if left > 0 {
                        left -= 1;
                        emit(point);
                    }
                });
            }
            Function::Each(_, Some(point)) => (0..count).for_each(|i| emit(point(label, i))),
            Function::Each(_, None) => (0..count).for_each(|i| emit(xxh3_of(label, i))),
        }
    }
}
