//! A ring whose points are given as lists.

use super::Ring;
use super::scheme::sealed::Scheme;
use super::scheme::{INDEPENDENT_POINTS, PointScheme};
use crate::circle::Rule;
use crate::error::{BudgetAdvice, BudgetFault, Error, RingFault};
use crate::hash::StableHash;
use crate::limits::MAX_RING_BUDGET;
use crate::node::{NodeIdx, Weight, label_of};
use crate::placement::{FingerprintOf, Guarantees};
use crate::topology::{Member, Members};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A ring whose points are given as one list per node: the tokens of a Cassandra cluster, the points
/// of another program's ring, or points chosen for their balance.
///
/// Only the lists decide. A live node needs a list; otherwise building and changing fail with an error
/// that names the node. A list may be there before its node. A node of weight 0 has no points. Other
/// weights do not move keys: they state the shares for which the lists were made, and a
/// [`Balance`](crate::analysis::Balance) takes its quotas from them. Adding and removing nodes move the
/// minimum, because the points of a node do not depend on other nodes.
///
/// ```
/// use apportion::{KeyHash, Locator, Placement, Topology};
/// use apportion::ring::{GivenPointsConfig, Rule};
///
/// let points = GivenPointsConfig::default()
///     .rule(Rule::FirstAtOrAfter)
///     .points("a", [100, 400])
///     .points("b", [200])
///     .points("c", [300]);
/// let ring = Locator::given_points_of(Topology::new(["a", "b"])?, points)?;
/// let owner = |ring: &Locator<&'static str, _>, hash| {
///     let slot = Placement::locate(ring.placement(), KeyHash::from_hash(hash));
///     slot.and_then(|slot| ring.topology().get(slot).copied())
/// };
/// assert_eq!(owner(&ring, 101), Some("b"));
/// assert_eq!(owner(&ring, 250), Some("a"));
/// assert_eq!(owner(&ring.with("c")?, 250), Some("c"));
/// assert!(ring.with("d").is_err()); // it has no list
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// To give points to a node that had no list, build a ring over the same nodes with an extended
/// configuration: `Locator::given_points_of(ring.topology().clone(), longer)`.
#[doc(alias = "token")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GivenPoints;

/// The lists of [`GivenPoints`], and the rule by which keys find them.
///
/// With feature `serde` it is a map of two fields: `rule`, the name of the rule, and `lists`, pairs of
/// a label (`text`, or `hex` if it is not text) and its points as 16 hexadecimal digits each. Labels
/// and points are ascending.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GivenPointsConfig {
    pub(super) rule: Rule,
    /// By label. Shared by all rings that are derived from one.
    pub(super) lists: Arc<BTreeMap<Vec<u8>, BTreeSet<u64>>>,
}

impl GivenPointsConfig {
    /// How keys find points; [`Rule::FirstAtOrAfter`] unless it is set.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Adds points to the list of a node. The node is named by the value that is its label, as in
    /// [`Locator::without`]. A repeated point counts once.
    ///
    /// [`Locator::without`]: crate::Locator::without
    #[doc(alias = "tokens")]
    #[must_use]
    pub fn points(
        mut self,
        id: &(impl StableHash + ?Sized),
        points: impl IntoIterator<Item = u64>,
    ) -> Self {
        Arc::make_mut(&mut self.lists).entry(label_of(id)).or_default().extend(points);
        self
    }

    /// Like [`points`](Self::points), for a circle of 2^32: a point p becomes p · 2^32. Convert the
    /// hashes of keys in the same way: `KeyHash::from_hash(u64::from(hash) << 32)`.
    #[must_use]
    pub fn points_32(
        self,
        id: &(impl StableHash + ?Sized),
        points: impl IntoIterator<Item = u32>,
    ) -> Self {
        self.points(id, points.into_iter().map(|point| u64::from(point) << 32))
    }

    /// How keys find points.
    #[must_use]
    pub fn get_rule(&self) -> Rule {
        self.rule
    }

    /// Every label that has a list, with its list, both ascending.
    pub fn lists(&self) -> impl Iterator<Item = (&[u8], impl Iterator<Item = u64> + '_)> {
        self.lists.iter().map(|(label, points)| (label.as_slice(), points.iter().copied()))
    }

    /// The list of a node, ascending; empty if there is none.
    pub fn points_of(&self, id: &(impl StableHash + ?Sized)) -> Vec<u64> {
        self.list(&label_of(id)).collect()
    }

    fn list(&self, label: &[u8]) -> impl Iterator<Item = u64> + use<'_> {
        self.lists.get(label).into_iter().flatten().copied()
    }

    fn len_of(&self, label: &[u8]) -> usize {
        self.lists.get(label).map_or(0, BTreeSet::len)
    }
}

impl Scheme for GivenPoints {
    const SHORT_NAME: &'static str = "given-points";

    /// All lists, those that wait for their nodes included: they decide what comes.
    fn fingerprint(ring: &Ring<Self>, members: &Members) -> u64 {
        let lists = ring.config.lists.iter().flat_map(|(label, points)| {
            let head = [Members::identity_of(label), points.len() as u64];
            head.into_iter().chain(points.iter().copied())
        });
        let rule = ring.config.rule.id();
        FingerprintOf { algorithm: Self::NAME, members }.with(core::iter::once(rule).chain(lists))
    }
}

impl PointScheme for GivenPoints {
    type Config = GivenPointsConfig;
    type Plan = ();

    const NAME: &'static str = "given-points 1";

    #[inline]
    fn rule(config: &GivenPointsConfig) -> Rule {
        config.rule
    }

    /// Weights above 0 do not move keys, so reweighting moves the minimum.
    fn guarantees(_: &GivenPointsConfig) -> Guarantees {
        INDEPENDENT_POINTS
    }

    fn plan(config: &GivenPointsConfig, _: Option<&()>, nodes: &Members) -> Result<(), Error> {
        let count = |member: &Member| config.len_of(&member.label) as u128;
        let live = || nodes.live_entries().map(|(_, member)| member);
        if let Some(without) = live().find(|member| count(member) == 0) {
            return Err(RingFault::NoPoints { label: without.label.shown() }.into());
        }
        let total = live().map(count).sum();
        match live().max_by_key(|member| (count(member), !member.identity)) {
            Some(longest) if total > u128::from(MAX_RING_BUDGET) => {
                let fault = BudgetFault {
                    nodes: nodes.live(),
                    total,
                    budget: MAX_RING_BUDGET,
                    label: longest.label.shown(),
                    points: count(longest),
                    scale: None,
                    advice: BudgetAdvice::Lists,
                };
                Err(RingFault::Budget(Box::new(fault)).into())
            }
            _ => Ok(()),
        }
    }

    /// Within the budget, which fits 32 bits.
    fn count(config: &GivenPointsConfig, (): &(), nodes: &Members, node: NodeIdx) -> u32 {
        nodes.label(node).map_or(0, |label| config.len_of(label) as u32)
    }

    fn points(
        config: &GivenPointsConfig,
        label: &[u8],
        _: Weight,
        _: u64,
        count: u32,
        emit: &mut dyn FnMut(u64),
    ) {
        config.list(label).take(count as usize).for_each(emit);
    }
}
