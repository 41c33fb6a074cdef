//! Counts key movement over the caller's keys.

use super::balance::Balance;
use super::move_counts::{HolderCounts, MoveCounts};
use super::report::{KeyFlow, MoveReport, Tally};
use crate::diff::{Ends, Weights};
use crate::error::{CompareFault, Error};
use crate::hash::Key;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::replica::Spread;
use crate::topology::{Topology, Union};
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
    pub(super) compared: Compared<'a, N, P, H, Q, G>,
    pub(super) counts: MoveCounts,
}

/// What is compared. Threads share it, each with counts of its own.
#[derive(Debug)]
pub(super) struct Compared<'a, N, P, H, Q, G> {
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    /// The rules that choose replicas; `None` if they are the first candidates.
    spreads: Option<(&'a Spread, &'a Spread)>,
    replicas: usize,
    union: Union,
}

impl<N, P: Placement, H, Q: Placement, G> Compared<'_, N, P, H, Q, G> {
    /// Counts of no keys.
    pub(super) fn no_counts(&self) -> MoveCounts {
        MoveCounts::new(self.union.nodes.len(), self.replicas)
    }

    /// Counts one key, and calls `each` for each of its moves.
    pub(super) fn count<K>(
        &self,
        counts: &mut MoveCounts,
        key: &K,
        bytes: u64,
        mut each: impl FnMut(&Union, Ends),
    ) where
        K: Key<H> + Key<G> + ?Sized,
    {
        let (old, new) = (self.old, self.new);
        let (before, after) = (&mut counts.before.slots, &mut counts.after.slots);
        let found = match self.spreads {
            None => (old.replicas_into(key, before), new.replicas_into(key, after)),
            Some((a, b)) => (
                a.replicas(old.placement(), old.hash(key), before),
                b.replicas(new.placement(), new.hash(key), after),
            ),
        };
        counts.before.take(found.0, &self.union.old);
        counts.after.take(found.1, &self.union.new);
        counts.add(bytes, |ends| each(&self.union, ends));
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
        let compared = Compared { old, new, spreads, replicas, union };
        Self { counts: compared.no_counts(), compared }
    }

    /// Counts one key of this many bytes.
    pub fn record<K>(&mut self, key: &K, bytes: u64)
    where
        K: Key<H> + Key<G> + ?Sized,
    {
        self.compared.count(&mut self.counts, key, bytes, |_, _| ());
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
        let (old, new) = (self.compared.old.topology(), self.compared.new.topology());
        self.compared.count(&mut self.counts, key, bytes, |union, (from, to)| {
            moved(union.newer(from, old, new), union.newer(to, old, new));
        });
    }

    /// Adds the counts of another counter of the same two locators, so several threads can count.
    ///
    /// # Errors
    /// A counter of other locators, another number of replicas or other spreads. Nothing is added
    /// then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let (a, b) = (&self.compared, &other.compared);
        let same_spreads = match (a.spreads, b.spreads) {
            (None, None) => true,
            (Some(a), Some(b)) => core::ptr::eq(a.0, b.0) && core::ptr::eq(a.1, b.1),
            _ => false,
        };
        let same = core::ptr::eq(a.old, b.old) && core::ptr::eq(a.new, b.new);
        if !same || !same_spreads || a.replicas != b.replicas {
            return Err(CompareFault::OtherCounter.into());
        }
        self.counts.merge(&other.counts);
        Ok(())
    }

    /// The report of all keys counted so far.
    #[must_use]
    pub fn report(&self) -> MoveReport<'a, N> {
        let Self { compared: Compared { old, new, union, .. }, counts } = self;
        let (old, new) = (old.topology(), new.topology());
        let unchanged =
            |place: Option<u32>| place.and_then(|p| union.get(p)).is_some_and(|i| i.unchanged);
        let mut moved = Tally::default();
        let mut between_unchanged = 0;
        let (before, after) = (old.members(), new.members());
        let label = |place: Option<u32>| {
            let identity = union.get(place?)?;
            identity.old.and_then(|at| before.label(at)).or(after.label(identity.new?))
        };
        let mut sorted: Vec<_> = counts.flows.iter().collect();
        sorted.sort_unstable_by_key(|((from, to), _)| (label(*from), label(*to)));
        let mut flows = Vec::with_capacity(sorted.len());
        for ((from, to), tally) in sorted {
            moved.keys += tally.keys;
            moved.bytes = moved.bytes.saturating_add(tally.bytes);
            if unchanged(*from) && unchanged(*to) {
                between_unchanged += tally.keys;
            }
            let (keys, bytes) = (tally.keys, tally.bytes);
            let node = |place| union.newer(place, old, new);
            flows.push(KeyFlow { from: node(*from), to: node(*to), keys, bytes });
        }
        MoveReport {
            total: counts.total,
            moved,
            between_unchanged,
            flows,
            placed: counts.placed(),
            minimum: counts.minimum(),
            ideal: Weights::new(union, old.members(), new.members()).gained(),
            before: balance(old, counts.total.keys, &counts.before, &union.old),
            after: balance(new, counts.total.keys, &counts.after, &union.new),
        }
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
/// the same key by key, and `par_count_moves` (feature `rayon`) in parallel.
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
