//! How many points a ring may have.

use crate::circle::Scale;
use crate::error::{Error, RingFault};
use crate::limits::MAX_RING_BUDGET;
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// How many points a ring has.
///
/// By default a node has 160 points for each unit of its weight, and the whole ring at most 2^24
/// points. The scale is a constant, so only the nodes decide: two processes with the same nodes give
/// the same answers, in whatever order they applied changes.
///
/// Weights that need more points than the budget allows are an error, both when the ring is built
/// and when it is changed. The error names a [`scale`](Self::scale) and a [`budget`](Self::budget)
/// that fit. Capacities in bytes always need an explicit scale:
///
/// ```
/// use apportion::{Locator, Node, Topology};
/// use apportion::ring::RingConfig;
///
/// let disks = || Topology::of([Node::new("a").weight(4 << 40), Node::new("b").weight(8 << 40)]);
/// let error = Locator::ring_of(disks()?, RingConfig::default()).unwrap_err().to_string();
/// assert!(error.ends_with("build the ring with `.scale(1, 34359738368)`"), "{error}");
///
/// // 40 points for each tebibyte, at most a million points in all.
/// let config = RingConfig::default().scale(40, 1 << 40).budget(1_000_000);
/// let ring = Locator::ring_of(disks()?, config)?;
/// assert_eq!(ring.placement().points(), 480);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// [`points_per_node`](Self::points_per_node) derives the scale from the weights that the ring is
/// built with; then answers also depend on the order of changes.
/// [`Locator::rescaled`](crate::Locator::rescaled) gives a ring another configuration.
///
/// # As text
/// The points, then the budget unless it is the default: `160`, `40/1099511627776` (40 points for
/// each tebibyte), `per-node=160`, `160,budget=1000000`. `Display` prints this text, `FromStr` reads
/// it, and `Serialize` and `Deserialize` (feature `serde`) use it. An empty text is the default.
///
/// ```
/// use apportion::ring::RingConfig;
///
/// let config: RingConfig = "40/1099511627776,budget=1000000".parse()?;
/// assert_eq!(config, RingConfig::default().scale(40, 1 << 40).budget(1_000_000));
/// assert_eq!(RingConfig::default().to_string(), "160");
/// # Ok::<(), apportion::Error>(())
/// ```
#[doc(alias = "virtual node")]
#[doc(alias = "vnode")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingConfig {
    pub(super) points: Points,
    pub(super) budget: u64,
}

/// What decides the number of points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Points {
    /// This many points (first) for this much weight (second), whatever the nodes are.
    Scale(u64, u64),
    /// This many points for a node of average weight when the ring is built.
    PerNode(u32),
}

impl Default for RingConfig {
    /// 160 points per unit of weight, at most 2^24 points.
    fn default() -> Self {
        Self { points: Points::Scale(160, 1), budget: 1 << 24 }
    }
}

impl RingConfig {
    /// Sets a constant scale: `points` points for every `weight` units of weight. More points make
    /// shares more even and take more memory. A live node has at least one point.
    #[must_use]
    pub fn scale(mut self, points: u64, weight: u64) -> Self {
        self.points = Points::Scale(points, weight);
        self
    }

    /// Derives the scale when the ring is built: `points` points for a node of average weight. Weights
    /// of 1, 2 and 3 and capacities of 1, 2 and 3 terabytes then give the same ring.
    ///
    /// If the points would exceed the budget, also because each light node needs one, the scale is
    /// lowered to the largest one that fits. From then on the scale is constant, and a change that
    /// exceeds the budget is an error.
    ///
    /// **Answers then depend on the order of changes**: a ring that was built from other weights keeps
    /// another scale. Two processes with the same nodes agree only if they built the ring from the same
    /// weights or share the saved form, and
    /// [`Guarantees::order_free`](crate::Guarantees::order_free) is false.
    ///
    /// ```
    /// use apportion::{Locator, Node, Placement, Topology};
    /// use apportion::ring::{RingConfig, Scale};
    ///
    /// let nodes = |c| Topology::of([Node::new("a"), Node::new("b"), Node::new("c").weight(c)]);
    /// let config = RingConfig::default().points_per_node(160);
    /// let changed = Locator::ring_of(nodes(1)?, config.clone())?.reweighted("c", 4)?;
    /// let built = Locator::ring_of(nodes(4)?, config)?;
    /// assert_eq!(changed.placement().scale(), Scale::new(160, 1));
    /// assert_eq!(built.placement().scale(), Scale::new(80, 1));
    /// assert!(!built.placement().guarantees().order_free);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[doc(alias = "virtual nodes")]
    #[doc(alias = "vnodes")]
    #[must_use]
    pub fn points_per_node(mut self, points: u32) -> Self {
        self.points = Points::PerNode(points);
        self
    }

    /// The maximum number of points the ring may ever have, up to [`MAX_RING_BUDGET`].
    #[must_use]
    pub fn budget(mut self, points: u64) -> Self {
        self.budget = points;
        self
    }

    /// The constant [`scale`](Self::scale); `None` if the scale is derived, or if one of its numbers
    /// is 0.
    #[must_use]
    pub fn get_scale(&self) -> Option<Scale> {
        match self.points {
            Points::Scale(points, weight) => Scale::new(points, weight),
            Points::PerNode(_) => None,
        }
    }

    /// Points of a node of average weight; `None` if the scale is a constant.
    #[must_use]
    pub fn get_points_per_node(&self) -> Option<u32> {
        match self.points {
            Points::Scale(..) => None,
            Points::PerNode(points) => Some(points),
        }
    }

    /// The maximum number of points.
    #[must_use]
    pub fn get_budget(&self) -> u64 {
        self.budget
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("budget", self.budget, 1, MAX_RING_BUDGET)?;
        match self.points {
            Points::Scale(points, weight) => {
                within("points in the scale", points, 1, u64::MAX)?;
                within("weight in the scale", weight, 1, u64::MAX)
            }
            Points::PerNode(points) => within("points per node", points.into(), 1, MAX_RING_BUDGET),
        }
    }

    /// The configuration as numbers, for fingerprints.
    pub(super) fn words(&self) -> [u64; 4] {
        match self.points {
            Points::Scale(points, weight) => [0, points, weight, self.budget],
            Points::PerNode(points) => [1, points.into(), 0, self.budget],
        }
    }
}

/// The points, then the budget unless it is the default.
impl fmt::Display for RingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.points {
            Points::Scale(points, 1) => write!(f, "{points}")?,
            Points::Scale(points, weight) => write!(f, "{points}/{weight}")?,
            Points::PerNode(points) => write!(f, "per-node={points}")?,
        }
        if self.budget == Self::default().budget {
            return Ok(());
        }
        write!(f, ",budget={}", self.budget)
    }
}

impl FromStr for RingConfig {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const SCALE: &str = "scale";
        const PER_NODE: &str = "per-node";
        let (mut config, mut points) = (Self::default(), None);
        parameters::each("ring parameter", text, &[SCALE, PER_NODE, "budget"], |name, value| {
            match name {
                SCALE | PER_NODE if points.is_some() => {
                    let either = "given once: either points for a weight or `per-node`";
                    return Err(parameters::wrong("the number of a ring's points", value, either));
                }
                SCALE => {
                    let (points, weight) = parameters::ratio("a ring's scale", value)?;
                    config.points = Points::Scale(points, weight);
                }
                PER_NODE => {
                    config.points = Points::PerNode(parameters::number("per-node", value)?);
                }
                _ => config.budget = parameters::number("a ring's budget", value)?,
            }
            if name != "budget" {
                points = Some(name);
            }
            Ok(())
        })?;
        config.check()?;
        Ok(config)
    }
}

parameters::serde_as_text!(RingConfig);

/// Rejects a number that is out of range.
pub(super) fn within(what: &'static str, value: u64, min: u64, max: u64) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(RingFault::Config { what, value, min, max }.into())
}
