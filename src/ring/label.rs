//! A ring whose points come from a function of the label.

use super::Rule;
use super::scheme::{self, PointScheme};
use crate::error::{Error, Kind, Label};
use crate::hash::{BytesHasher, Xxh3};
use crate::limits::MAX_RING_BUDGET;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Guarantees, equal_weights};
use crate::topology::Members;
use core::fmt;

/// A ring whose points come from a function of one's own: `point(label, replica)`, for as many
/// replicas as the configuration says. Rings of other programs are met so, whose points are
/// hashes of the node's name and a number.
///
/// ```
/// use apportion::{BytesHasher, LabelPointsConfig, Locator, Rule, Topology, Xxh3};
///
/// // 32 bits of XXH3-64 of "label#replica".
/// fn point(label: &[u8], replica: u32) -> u32 {
///     let text = [label, b"#", replica.to_string().as_bytes()].concat();
///     (Xxh3.hash_bytes(&text).get() >> 32) as u32
/// }
/// let config = LabelPointsConfig::new_32(point).per_node(100).rule(Rule::FirstAfter);
/// let ring = Locator::label_points_of(Topology::new(["a", "b"])?, config)?;
/// assert_eq!(ring.placement().points(), 200);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// The function must give the same answers for ever; the fingerprint covers the points it gave.
/// Functions cannot be saved, so neither can such a ring: save the nodes, build it again and
/// compare fingerprints, or hand its points to [`GivenPoints`](crate::GivenPoints).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelPoints;

/// The function of [`LabelPoints`], how many points it makes, and the rule by which keys find them.
#[derive(Clone, Copy)]
pub struct LabelPointsConfig {
    function: Function,
    count: Count,
    budget: u64,
    rule: Rule,
}

#[derive(Clone, Copy)]
enum Function {
    Wide(fn(&[u8], u32) -> u64),
    Narrow(fn(&[u8], u32) -> u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Count {
    PerNode(u32),
    PerWeight(u32),
}

/// XXH3-64 of the label and the replica as four little-endian bytes, 160 points a node.
impl Default for LabelPointsConfig {
    fn default() -> Self {
        Self::new(xxh3_of)
    }
}

fn xxh3_of(label: &[u8], replica: u32) -> u64 {
    let number = replica.to_le_bytes();
    let hash = Xxh3.hash_parts(&mut |part| {
        part(label);
        part(&number);
    });
    hash.get()
}

/// Functions are the same if their addresses are.
impl PartialEq for LabelPointsConfig {
    fn eq(&self, other: &Self) -> bool {
        let same = match (self.function, other.function) {
            (Function::Wide(a), Function::Wide(b)) => core::ptr::fn_addr_eq(a, b),
            (Function::Narrow(a), Function::Narrow(b)) => core::ptr::fn_addr_eq(a, b),
            _ => false,
        };
        same && (self.count, self.budget, self.rule) == (other.count, other.budget, other.rule)
    }
}

impl fmt::Debug for LabelPointsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelPointsConfig")
            .field("count", &self.count)
            .field("budget", &self.budget)
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

impl LabelPointsConfig {
    fn of(function: Function) -> Self {
        let (count, budget, rule) = (Count::PerNode(160), 1 << 24, Rule::default());
        Self { function, count, budget, rule }
    }

    /// Points of 64 bits from the label and the number of the replica, counted from 0.
    #[must_use]
    pub fn new(point: fn(&[u8], u32) -> u64) -> Self {
        Self::of(Function::Wide(point))
    }

    /// Points of 32 bits: a point p becomes p · 2^32. The hashes of keys have to be placed in the
    /// same way, as `KeyHash::from_hash(u64::from(hash) << 32)`.
    #[must_use]
    pub fn new_32(point: fn(&[u8], u32) -> u32) -> Self {
        Self::of(Function::Narrow(point))
    }

    /// As many points for every live node. Weights do not matter then and have to be equal.
    #[must_use]
    pub fn per_node(mut self, points: u32) -> Self {
        self.count = Count::PerNode(points);
        self
    }

    /// As many points for every unit of weight.
    #[must_use]
    pub fn per_weight(mut self, points: u32) -> Self {
        self.count = Count::PerWeight(points);
        self
    }

    /// The most points the ring may ever have, 2^24 unless it is set, up to [`MAX_RING_BUDGET`].
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

    fn count(&self, weight: Weight) -> u128 {
        match self.count {
            Count::PerNode(points) => points.into(),
            Count::PerWeight(points) => u128::from(points) * u128::from(weight.get()),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let (Count::PerNode(points) | Count::PerWeight(points)) = self.count;
        super::config::within("budget", self.budget, 1, MAX_RING_BUDGET)?;
        super::config::within("number of points", points.into(), 1, MAX_RING_BUDGET)
    }
}

impl scheme::sealed::Scheme for LabelPoints {}

impl PointScheme for LabelPoints {
    type Config = LabelPointsConfig;
    type Plan = ();

    const NAME: &'static str = "label-points 1";

    #[inline]
    fn rule(config: &LabelPointsConfig) -> Rule {
        config.rule
    }

    fn guarantees(config: &LabelPointsConfig) -> Guarantees {
        let weights = matches!(config.count, Count::PerWeight(_));
        Guarantees {
            minimal_owner: true,
            minimal_replicas: true,
            minimal_order: true,
            minimal_reweight: weights,
            weights,
            order_free: true,
            any_removal: true,
            ..Guarantees::none()
        }
    }

    fn plan(config: &LabelPointsConfig, _: Option<&()>, nodes: &Members) -> Result<(), Error> {
        config.check()?;
        if let Count::PerNode(_) = config.count {
            equal_weights("a ring with points per node", nodes)?;
        }
        let (mut total, budget) = (0_u128, config.budget);
        for (_, member) in nodes.live_entries() {
            let points = config.count(member.weight);
            total += points;
            if total > u128::from(budget) {
                let label = Label::new(&member.label);
                return Err(Kind::PointBudget { label, points, total, budget }.into());
            }
        }
        Ok(())
    }

    /// Within the budget, which fits 32 bits.
    fn count(config: &LabelPointsConfig, (): &(), nodes: &Members, node: NodeIdx) -> u32 {
        nodes.weight(node).map_or(0, |weight| config.count(weight) as u32)
    }

    fn points(
        config: &LabelPointsConfig,
        label: &[u8],
        _: u64,
        count: u32,
        emit: &mut dyn FnMut(u64),
    ) {
        let replicas = 0..count;
        match config.function {
            Function::Wide(point) => replicas.for_each(|i| emit(point(label, i))),
            Function::Narrow(point) => {
                replicas.for_each(|i| emit(u64::from(point(label, i)) << 32));
            }
        }
    }
}
