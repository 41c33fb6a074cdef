//! Counts key movement over the caller's keys.

use super::balance::Balance;
use super::report::{KeyFlow, MoveReport, Tally};
use crate::diff::{Ends, Weights, changes};
use crate::error::{CompareFault, Error};
use crate::hash::Key;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::replica::Spread;
use crate::topology::{Topology, Union};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Streams keys through two locators and counts what moves between them.
///
/// The locators may differ in nodes, algorithm and even hasher: each key is looked up in both.
/// Nodes are matched by label. Memory is O(nodes + flows); keys are not stored. To count a whole
/// iterator, use [`count_moves`].
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::MoveCounter;
///
/// let old = Locator::ring(["a", "b"])?;
/// let new = old.with("c")?;
/// let mut movement = MoveCounter::new(&old, &new, 1)?;
/// for (key, bytes) in [("x", 10), ("y", 20), ("z", 30)] {
///     movement.record(key, bytes);
/// }
/// assert_eq!(movement.report().keys(), 3);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Debug)]
pub struct MoveCounter<'a, N, P, H, Q = P, G = H> {
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    /// The rules that choose replicas; `None` if they are the first candidates.
    spreads: Option<(&'a Spread, &'a Spread)>,
    union: Union,
    before: HolderCounts,
    after: HolderCounts,
    flows: BTreeMap<Ends, Tally>,
    total: Tally,
}

/// One side of the comparison.
#[derive(Debug)]
struct HolderCounts {
    /// The replicas on each node of the union.
    loads: Vec<u64>,
    /// The holders of the current key, as slots and as places in the union.
    slots: Vec<NodeIdx>,
    current: Vec<u32>,
}

impl HolderCounts {
    fn new(nodes: usize, replicas: usize) -> Self {
        Self {
            loads: vec![0; nodes],
            slots: vec![NodeIdx::default(); replicas],
            current: Vec::with_capacity(replicas),
        }
    }

    /// Counts the holders that a lookup wrote to `slots`; `places` maps slots to the union.
    fn take(&mut self, found: usize, places: &[u32]) {
        self.current.clear();
        for slot in self.slots.iter().take(found) {
            let Some(place) = places.get(slot.index()) else { continue };
            self.current.push(*place);
            if let Some(load) = self.loads.get_mut(*place as usize) {
                *load += 1;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (load, more) in self.loads.iter_mut().zip(&other.loads) {
            *load += more;
        }
    }
}

impl<'a, N, P, H, Q, G> MoveCounter<'a, N, P, H, Q, G>
where
    P: Placement,
    Q: Placement,
{
    /// Creates a counter that compares the first `replicas` holders of each key.
    ///
    /// # Errors
    /// 0 replicas.
    pub fn new(
        old: &'a Locator<N, P, H>,
        new: &'a Locator<N, Q, G>,
        replicas: usize,
    ) -> Result<Self, Error> {
        if replicas == 0 {
            return Err(CompareFault::NoReplicas.into());
        }
        Ok(Self::of(old, new, replicas, None))
    }

    /// Creates a counter that compares the replicas chosen by a [`Spread`] on each side: `spread`
    /// for the old nodes and `new_spread` for the new ones.
    ///
    /// ```
    /// use apportion::{Locator, Node, Spread, Topology};
    /// use apportion::analysis::MoveCounter;
    ///
    /// let node = |name, zone| Node::new(name).domain("zone", zone);
    /// let nodes = [node("a1", "a"), node("a2", "a"), node("b1", "b"), node("b2", "b")];
    /// let old = Locator::rendezvous_of(Topology::of(nodes)?)?;
    /// let new = old.with_node(node("b3", "b"))?;
    /// let one_a_zone = |value: &Locator<_, _>| {
    ///     Spread::strict(value.topology().members(), 2, [("zone", 1)])
    /// };
    /// let (before, after) = (one_a_zone(&old)?, one_a_zone(&new)?);
    /// let mut movement = MoveCounter::under(&old, &before, &new, &after);
    /// for key in 0..10_000_u64 {
    ///     movement.record(&key, 1);
    /// }
    /// let report = movement.report();
    /// assert!(report.flows().iter().all(|flow| flow.to == Some(&"b3")));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn under(
        old: &'a Locator<N, P, H>,
        spread: &'a Spread,
        new: &'a Locator<N, Q, G>,
        new_spread: &'a Spread,
    ) -> Self {
        let replicas = spread.max_replicas().max(new_spread.max_replicas());
        Self::of(old, new, replicas, Some((spread, new_spread)))
    }

    fn of(
        old: &'a Locator<N, P, H>,
        new: &'a Locator<N, Q, G>,
        replicas: usize,
        spreads: Option<(&'a Spread, &'a Spread)>,
    ) -> Self {
        // No key has more holders than there are nodes.
        let replicas = replicas.min(old.placement().live().max(new.placement().live()));
        let union = Union::new(old.topology().members(), new.topology().members());
        let nodes = union.nodes.len();
        Self {
            old,
            new,
            spreads,
            union,
            before: HolderCounts::new(nodes, replicas),
            after: HolderCounts::new(nodes, replicas),
            flows: BTreeMap::new(),
            total: Tally::default(),
        }
    }

    /// Counts one key of this many bytes.
    pub fn record<K>(&mut self, key: &K, bytes: u64)
    where
        K: Key<H> + Key<G> + ?Sized,
    {
        self.count(key, bytes, |_, _| ());
    }

    /// Counts one key as [`record`](Self::record) does, and calls `moved` with the old and the new
    /// holder of each replica that moves. Use it to list or copy the keys that move.
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::analysis::MoveCounter;
    ///
    /// let old = Locator::ring(["a", "b"])?;
    /// let new = old.with("c")?;
    /// let mut movement = MoveCounter::new(&old, &new, 1)?;
    /// let mut to_copy = Vec::new();
    /// for key in ["x", "y", "z", "w"] {
    ///     movement.record_moves(key, 1, |from, to| to_copy.push((key, from, to)));
    /// }
    /// assert_eq!(to_copy.len() as u64, movement.report().moved());
    /// assert!(to_copy.iter().all(|(_, _, to)| *to == Some(&"c")));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn record_moves<K>(
        &mut self,
        key: &K,
        bytes: u64,
        mut moved: impl FnMut(Option<&'a N>, Option<&'a N>),
    ) where
        K: Key<H> + Key<G> + ?Sized,
    {
        let (old, new) = (self.old.topology(), self.new.topology());
        self.count(key, bytes, |union, (from, to)| {
            moved(union.newer(from, old, new), union.newer(to, old, new));
        });
    }

    /// Counts one key, and calls `each` for each of its moves.
    fn count<K>(&mut self, key: &K, bytes: u64, mut each: impl FnMut(&Union, Ends))
    where
        K: Key<H> + Key<G> + ?Sized,
    {
        self.look_up(key);
        self.total.add(bytes);
        let (before, after) = (&self.before.current, &self.after.current);
        if before == after {
            return;
        }
        for ends in changes(before, after) {
            self.flows.entry(ends).or_default().add(bytes);
            each(&self.union, ends);
        }
    }

    /// Adds the counts of another counter of the same two locators, so several threads can count.
    ///
    /// # Errors
    /// A counter of other locators, another number of replicas or other spreads. Nothing is added
    /// then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let same_spreads = match (self.spreads, other.spreads) {
            (None, None) => true,
            (Some(a), Some(b)) => core::ptr::eq(a.0, b.0) && core::ptr::eq(a.1, b.1),
            _ => false,
        };
        let replicas = (self.before.slots.len(), other.before.slots.len());
        let same = core::ptr::eq(self.old, other.old) && core::ptr::eq(self.new, other.new);
        if !same || !same_spreads || replicas.0 != replicas.1 {
            return Err(CompareFault::OtherCounter.into());
        }
        for (ends, tally) in &other.flows {
            self.flows.entry(*ends).or_default().merge(*tally);
        }
        self.total.merge(other.total);
        self.before.merge(&other.before);
        self.after.merge(&other.after);
        Ok(())
    }

    /// Looks up the holders of a key on both sides.
    fn look_up<K>(&mut self, key: &K)
    where
        K: Key<H> + Key<G> + ?Sized,
    {
        let (old, new) = (self.old, self.new);
        let (before, after) = (&mut self.before.slots, &mut self.after.slots);
        let found = match self.spreads {
            None => (old.replicas_into(key, before), new.replicas_into(key, after)),
            Some((a, b)) => (
                a.replicas(old.placement(), old.hash(key), before),
                b.replicas(new.placement(), new.hash(key), after),
            ),
        };
        self.before.take(found.0, &self.union.old);
        self.after.take(found.1, &self.union.new);
    }

    /// The report of all keys counted so far.
    #[must_use]
    pub fn report(&self) -> MoveReport<'a, N> {
        let (old, new) = (self.old.topology(), self.new.topology());
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
            let node = |place| self.union.newer(place, old, new);
            flows.push(KeyFlow { from: node(*from), to: node(*to), keys, bytes });
        }
        MoveReport {
            total: self.total,
            moved,
            between_unchanged,
            flows,
            placed: (self.before.loads.iter().sum(), self.after.loads.iter().sum()),
            minimum: self.minimum(),
            ideal: Weights::new(&self.union, old.members(), new.members()).gained(),
            before: balance(old, self.total.keys, &self.before, &self.union.old),
            after: balance(new, self.total.keys, &self.after, &self.union.new),
        }
    }

    /// Σ max(0, share after − share before) over the counted shares, as a ratio; 1 if one side has
    /// no holders.
    fn minimum(&self) -> (u128, u128) {
        let sum = |loads: &[u64]| loads.iter().map(|load| u128::from(*load)).sum::<u128>();
        let (a, b) = (sum(&self.before.loads), sum(&self.after.loads));
        if a == 0 || b == 0 {
            return (a.max(b), a.max(b));
        }
        let pairs = self.before.loads.iter().zip(&self.after.loads);
        if a == b {
            return (pairs.map(|(x, y)| u128::from(y.saturating_sub(*x))).sum(), a);
        }
        // The totals differ if one side has fewer live nodes than replicas.
        let gained = |(x, y): (&u64, &u64)| (u128::from(*y) * a).saturating_sub(u128::from(*x) * b);
        (pairs.map(gained).fold(0, u128::saturating_add), a.saturating_mul(b))
    }
}

/// The loads of one side, by slot, against the weights.
fn balance<'a, N>(
    topology: &'a Topology<N>,
    keys: u64,
    side: &HolderCounts,
    places: &[u32],
) -> Balance<'a, N> {
    let load = |at: NodeIdx| side.loads.get(*places.get(at.index())? as usize).copied();
    Balance::by_weight(topology, keys, |at| load(at).unwrap_or_default())
}

/// Streams keys with their sizes through two locators and reports what moves. [`MoveCounter`] does
/// the same key by key.
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::count_moves;
///
/// let ten = Locator::rendezvous(0..10)?;
/// let eleven = ten.with(10)?;
/// let keys = (0..100_000_u64).map(|key| (key, 1024));
/// let movement = count_moves(&ten, &eleven, 3, keys)?;
/// assert!((movement.moved_fraction() - 1.0 / 11.0).abs() < 0.002);
/// assert_eq!(movement.moved_between_unchanged(), 0);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas.
pub fn count_moves<'a, N, P, H, Q, G, K>(
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    replicas: usize,
    keys: impl IntoIterator<Item = (K, u64)>,
) -> Result<MoveReport<'a, N>, Error>
where
    P: Placement,
    Q: Placement,
    K: Key<H> + Key<G>,
{
    let mut movement = MoveCounter::new(old, new, replicas)?;
    for (key, bytes) in keys {
        movement.record(&key, bytes);
    }
    Ok(movement.report())
}
