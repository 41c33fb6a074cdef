//! Key movement over the user's own keys.

use super::balance::Balance;
use super::report::{Flow, KeyMovement, Tally};
use crate::diff::Weights;
use crate::error::{CompareFault, Error, Kind};
use crate::hash::Key;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::topology::{Topology, Union};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Streams keys through two locators and counts what moves between them.
///
/// The locators may differ in nodes, algorithm and even hasher: each key is asked of both. Nodes
/// are compared by label. Memory is O(nodes + flows); keys are not kept. For a whole iterator
/// there is [`over_keys`].
///
/// ```
/// use apportion::{Locator, Movement};
///
/// let old = Locator::ring(["a", "b"])?;
/// let new = old.with("c")?;
/// let mut movement = Movement::new(&old, &new, 1)?;
/// for (key, bytes) in [("x", 10), ("y", 20), ("z", 30)] {
///     movement.record(key, bytes);
/// }
/// assert_eq!(movement.report().keys(), 3);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Debug)]
pub struct Movement<'a, N, P, H, Q = P, G = H> {
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    union: Union,
    before: Side,
    after: Side,
    flows: BTreeMap<(Option<u32>, Option<u32>), Tally>,
    total: Tally,
}

/// One side of the comparison.
#[derive(Debug)]
struct Side {
    /// Replicas each node of the union holds.
    held: Vec<u64>,
    /// The holders of the current key, as slots and as places in the union.
    slots: Vec<NodeIdx>,
    current: Vec<u32>,
}

impl Side {
    fn new(nodes: usize, replicas: usize) -> Self {
        Self {
            held: vec![0; nodes],
            slots: vec![NodeIdx::default(); replicas],
            current: Vec::with_capacity(replicas),
        }
    }

    /// Takes over the holders that a lookup wrote to `slots`; `places` leads from slots to the
    /// union.
    fn take(&mut self, found: usize, places: &[u32]) {
        self.current.clear();
        for slot in self.slots.iter().take(found) {
            let Some(place) = places.get(slot.index()) else { continue };
            self.current.push(*place);
            if let Some(held) = self.held.get_mut(*place as usize) {
                *held += 1;
            }
        }
    }
}

impl<'a, N, P, H, Q, G> Movement<'a, N, P, H, Q, G>
where
    P: Placement,
    Q: Placement,
{
    /// Compares the holders of `replicas` replicas.
    ///
    /// # Errors
    /// 0 replicas.
    pub fn new(
        old: &'a Locator<N, P, H>,
        new: &'a Locator<N, Q, G>,
        replicas: usize,
    ) -> Result<Self, Error> {
        if replicas == 0 {
            return Err(Kind::Compare(CompareFault::NoReplicas).into());
        }
        // No key has more holders than there are nodes.
        let replicas = replicas.min(old.placement().live().max(new.placement().live()));
        let union = Union::new(old.topology().members(), new.topology().members());
        let nodes = union.nodes.len();
        Ok(Self {
            old,
            new,
            union,
            before: Side::new(nodes, replicas),
            after: Side::new(nodes, replicas),
            flows: BTreeMap::new(),
            total: Tally::default(),
        })
    }

    /// Counts one key of this many bytes.
    pub fn record<K>(&mut self, key: &K, bytes: u64)
    where
        K: Key<H> + Key<G> + ?Sized,
    {
        let found = self.old.replicas_into(key, &mut self.before.slots);
        self.before.take(found, &self.union.old);
        let found = self.new.replicas_into(key, &mut self.after.slots);
        self.after.take(found, &self.union.new);
        self.total.add(bytes);

        let (before, after) = (&self.before.current, &self.after.current);
        if before == after {
            return;
        }
        // A replica that changes its place in the list only is no move.
        let mut gone = before.iter().filter(|node| !after.contains(node)).copied();
        let mut came = after.iter().filter(|node| !before.contains(node)).copied();
        loop {
            let ends = (gone.next(), came.next());
            if ends == (None, None) {
                break;
            }
            self.flows.entry(ends).or_default().add(bytes);
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn report(&self) -> KeyMovement<'a, N> {
        let (old, new) = (self.old.topology(), self.new.topology());
        let node = |place: Option<u32>| {
            let identity = self.union.get(place?)?;
            // The newer value, where a node has two.
            let newer = identity.new.and_then(|at| new.get(at));
            newer.or_else(|| identity.old.and_then(|at| old.get(at)))
        };
        let unchanged =
            |place: Option<u32>| place.and_then(|p| self.union.get(p)).is_some_and(|i| i.unchanged);
        let mut moved = Tally::default();
        let mut between_unchanged = 0;
        let (before, after) = (old.members(), new.members());
        let label = |place: Option<u32>| {
            let identity = self.union.get(place?)?;
            identity.old.and_then(|at| before.label(at)).or(after.label(identity.new?))
        };
        let mut sorted: Vec<_> = self.flows.iter().collect();
        sorted.sort_unstable_by_key(|((from, to), _)| (label(*from), label(*to)));
        let mut flows = Vec::with_capacity(sorted.len());
        for ((from, to), tally) in sorted {
            moved.keys += tally.keys;
            moved.bytes = moved.bytes.saturating_add(tally.bytes);
            if unchanged(*from) && unchanged(*to) {
                between_unchanged += tally.keys;
            }
            let (keys, bytes) = (tally.keys, tally.bytes);
            flows.push(Flow { from: node(*from), to: node(*to), keys, bytes });
        }
        KeyMovement {
            total: self.total,
            moved,
            between_unchanged,
            flows,
            placed: (self.before.held.iter().sum(), self.after.held.iter().sum()),
            least: self.least(),
            ideal: Weights::new(&self.union, old.members(), new.members()).gained(),
            before: balance(old, self.total.keys, &self.before, &self.union.old),
            after: balance(new, self.total.keys, &self.after, &self.union.new),
        }
    }

    /// Σ max(0, share after − share before) over the shares that were counted, as a fraction; where
    /// nobody is left, all that was held.
    fn least(&self) -> (u128, u128) {
        let sum = |held: &[u64]| held.iter().map(|h| u128::from(*h)).sum::<u128>();
        let (a, b) = (sum(&self.before.held), sum(&self.after.held));
        if a == 0 || b == 0 {
            return (a.max(b), a.max(b));
        }
        let pairs = self.before.held.iter().zip(&self.after.held);
        if a == b {
            return (pairs.map(|(x, y)| u128::from(y.saturating_sub(*x))).sum(), a);
        }
        // The totals differ where fewer nodes than replicas are live on one side.
        let gained = |(x, y): (&u64, &u64)| (u128::from(*y) * a).saturating_sub(u128::from(*x) * b);
        (pairs.map(gained).fold(0, u128::saturating_add), a.saturating_mul(b))
    }
}

/// What one side holds, by slot, against the weights.
fn balance<'a, N>(
    topology: &'a Topology<N>,
    keys: u64,
    side: &Side,
    places: &[u32],
) -> Balance<'a, N> {
    let held = |at: NodeIdx| side.held.get(*places.get(at.index())? as usize).copied();
    Balance::by_weight(topology, keys, |at| held(at).unwrap_or_default())
}

/// Streams keys with their sizes through two locators and reports what moves. See [`Movement`],
/// which takes them one by one, and [`KeyMovement`].
///
/// ```
/// use apportion::{Locator, over_keys};
///
/// let ten = Locator::rendezvous(0..10)?;
/// let eleven = ten.with(10)?;
/// let keys = (0..100_000_u64).map(|key| (key, 1024));
/// let movement = over_keys(&ten, &eleven, 3, keys)?;
/// assert!((movement.moved_fraction() - 1.0 / 11.0).abs() < 0.002);
/// assert_eq!(movement.moved_between_unchanged(), 0);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas.
pub fn over_keys<'a, N, P, H, Q, G, K>(
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    replicas: usize,
    keys: impl IntoIterator<Item = (K, u64)>,
) -> Result<KeyMovement<'a, N>, Error>
where
    P: Placement,
    Q: Placement,
    K: Key<H> + Key<G>,
{
    let mut movement = Movement::new(old, new, replicas)?;
    for (key, bytes) in keys {
        movement.record(&key, bytes);
    }
    Ok(movement.report())
}
