//! Requests in flight, counted by node.

use super::LoadFactor;
use super::lease::{Count, Lease, Seen};
use crate::limits::MAX_IN_FLIGHT;
use crate::node::{NodeIdx, Weight};
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Counts requests in flight and keeps every node at or below its cap: each request goes to the
/// first of its candidates that has room.
///
/// It is for load balancers, where a request has a key but nobody keeps a list of keys. The cap of
/// a node is ⌈c · requests · weight / total weight⌉ ([`LoadFactor::cap`]), where the request that
/// asks is counted with those in flight. A clone shares the counters, threads use them together, and
/// no lock is taken.
///
/// ```
/// use apportion::{InFlight, LoadFactor, Locator};
///
/// let pool = Locator::ring(["a", "b", "c"])?;
/// let in_flight = InFlight::new(pool.topology().members(), LoadFactor::new(5, 4)?);
/// let candidates = |key| pool.candidates(key).map(|(node, _)| node);
///
/// let first = in_flight.acquire(candidates("user:42")).unwrap();
/// let second = in_flight.acquire(candidates("user:42")).unwrap();
/// assert_eq!(Some(first.node()), pool.locate("user:42"));
/// assert_ne!(first.node(), second.node()); // ⌈5/4 · 2/3⌉ = 1 a node
/// drop(first);
/// assert_eq!(in_flight.total(), 1);
///
/// // A reload: nodes that stay keep their counts.
/// let smaller = pool.without("c")?;
/// let in_flight = in_flight.follow(smaller.topology().members());
/// assert_eq!(in_flight.total(), 1);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// **When threads race** — at the moment a node's count rises, it is at most the cap of the
/// requests in flight, this one included; a request is in flight from that moment until its lease
/// has been dropped. Caps fall as requests end, so a node may be above its cap until some of its own
/// do; it gets nothing meanwhile.
///
/// **Source** — Mirrokni, Thorup, Zadimoghaddam, *Consistent hashing with bounded loads*, SODA
/// 2018, arXiv:1608.01350.
#[derive(Clone)]
pub struct InFlight {
    table: Arc<Table>,
}

struct Table {
    factor: LoadFactor,
    total_weight: u128,
    total: Arc<Count>,
    places: Vec<Option<Place>>,
    /// Nodes that left while requests were on them: should one come back, it finds them.
    departed: Vec<Place>,
}

struct Place {
    label: Arc<[u8]>,
    weight: Weight,
    load: Arc<Count>,
}

impl InFlight {
    /// Nothing in flight on these nodes.
    #[must_use]
    pub fn new(members: &Members, factor: LoadFactor) -> Self {
        Self { table: Arc::new(Table::new(members, factor, Arc::default(), &BTreeMap::new())) }
    }

    /// The counters after a change of nodes, which are matched by label: a slot that is used again
    /// is another node. This value may be used on, by requests that still have the old nodes; both
    /// count together.
    ///
    /// Leases on nodes that left stay valid. They count in the total until they end, and on the
    /// node again should it come back before. O(n log n).
    #[must_use]
    pub fn follow(&self, members: &Members) -> Self {
        let Table { factor, total, places, departed, .. } = &*self.table;
        let known = places.iter().flatten().chain(departed);
        let known = known.map(|place| (&*place.label, place)).collect();
        Self { table: Arc::new(Table::new(members, *factor, total.clone(), &known)) }
    }

    /// Takes a place for a request on the first of its candidates that is below its cap; `None` if
    /// all that were given are at their caps, or [`MAX_IN_FLIGHT`] requests are in flight. With all
    /// live nodes among the candidates there is always room.
    ///
    /// Candidates are slots of the topology this value was made for, filtered as you like; a node
    /// that comes twice does no harm. They are walked again where another thread was faster, hence
    /// the `Clone`. **Time** — a division for every candidate that is looked at; `None` takes two
    /// walks.
    #[allow(clippy::needless_pass_by_value)] // the usual way to hand over an iterator
    pub fn acquire(&self, candidates: impl Iterator<Item = NodeIdx> + Clone) -> Option<Lease> {
        let table = &*self.table;
        let (mut last, mut recount) = (None, false);
        loop {
            let total = table.total.at_most();
            // Nodes count a request before the total does.
            let counted = if recount { table.sum() } else { 0 };
            let in_flight = total.load().max(counted);
            if in_flight >= MAX_IN_FLIGHT {
                return None;
            }
            let mut passed = Passed::default();
            let room = table.first_below(candidates.clone(), in_flight + 1, &mut passed);
            let Some((node, place, seen)) = room else {
                // Nothing happened on these nodes while the requests were counted in between: they
                // were all at their caps at once.
                if last == Some(passed.stamp) {
                    return None;
                }
                last = Some(passed.stamp);
                recount = passed.load > u64::from(total.load());
                continue;
            };
            if place.load.take_after(seen) {
                let lease = Lease::of(node, &place.load, &table.total);
                // Where no request ended since they were counted, there are no fewer now.
                if table.total.returned() == total.returned || table.is_within(place) {
                    return Some(lease);
                }
            }
            (last, recount) = (None, false);
        }
    }

    /// Requests in flight, on nodes that left too.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.table.total.exactly()
    }

    /// Requests in flight on a node; 0 for a hole.
    #[must_use]
    pub fn load(&self, node: NodeIdx) -> u32 {
        self.table.place(node).map_or(0, |place| place.load.exactly())
    }

    /// The cap of a node for as many requests as are in flight now; 0 for a hole. The next request
    /// is judged by the cap of one more.
    #[must_use]
    pub fn cap(&self, node: NodeIdx) -> u64 {
        self.table.place(node).map_or(0, |place| self.table.cap(place, self.total()))
    }

    /// The load factor.
    #[must_use]
    pub fn factor(&self) -> LoadFactor {
        self.table.factor
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight")
            .field("factor", &self.table.factor)
            .field("total", &self.total())
            .finish_non_exhaustive()
    }
}

/// What a walk without success went past.
#[derive(Default)]
struct Passed {
    stamp: usize,
    load: u64,
}

impl Table {
    fn new(
        members: &Members,
        factor: LoadFactor,
        total: Arc<Count>,
        known: &BTreeMap<&[u8], &Place>,
    ) -> Self {
        let mut places = Vec::new();
        places.resize_with(members.slots(), || None);
        for (node, member) in members.entries() {
            if let Some(place) = places.get_mut(node.index()) {
                let load = known.get(&*member.label).map(|place| place.load.clone());
                let (label, weight) = (member.label.clone(), member.weight);
                *place = Some(Place { label, weight, load: load.unwrap_or_default() });
            }
        }
        let mut gone = known.clone();
        for (_, member) in members.entries() {
            gone.remove(&*member.label);
        }
        let busy = gone.into_values().filter(|place| place.load.exactly() > 0);
        let departed = busy.map(|place| Place {
            label: place.label.clone(),
            weight: Weight::DRAINED,
            load: place.load.clone(),
        });
        let departed = departed.collect();
        Self { factor, total_weight: members.total_weight(), total, places, departed }
    }

    fn place(&self, node: NodeIdx) -> Option<&Place> {
        self.places.get(node.index())?.as_ref()
    }

    fn cap(&self, place: &Place, requests: u32) -> u64 {
        self.factor.cap(requests, place.weight, self.total_weight)
    }

    fn first_below(
        &self,
        candidates: impl Iterator<Item = NodeIdx>,
        requests: u32,
        passed: &mut Passed,
    ) -> Option<(NodeIdx, &Place, Seen)> {
        for node in candidates {
            let Some(place) = self.place(node) else { continue };
            let seen = place.load.at_least();
            if u64::from(seen.load()) < self.cap(place, requests) {
                return Some((node, place, seen));
            }
            passed.stamp = passed.stamp.wrapping_add(seen.stamp());
            passed.load = passed.load.saturating_add(u64::from(seen.load()));
        }
        None
    }

    /// Requests on all nodes, each counted once.
    fn sum(&self) -> u32 {
        let loads = self.places.iter().flatten().map(|place| place.load.at_least().load());
        loads.fold(0, u32::saturating_add)
    }

    /// True if a node is at or below its cap at one moment of this call.
    fn is_within(&self, place: &Place) -> bool {
        loop {
            let total = self.total.at_most();
            let load = place.load.at_least().load();
            if self.total.returned() == total.returned {
                return u64::from(load) <= self.cap(place, total.load());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, BTreeMap, Count, InFlight, LoadFactor, MAX_IN_FLIGHT, NodeIdx, Table};
    use crate::topology::Topology;

    #[test]
    fn the_last_request() {
        let nodes = Topology::new(["a"]).unwrap();
        let total = Arc::new(Count::of(MAX_IN_FLIGHT - 1));
        let table = Table::new(nodes.members(), LoadFactor::ONE, total, &BTreeMap::new());
        let in_flight = InFlight { table: Arc::new(table) };
        let ask = || in_flight.acquire([NodeIdx::new(0)].into_iter());
        let last = ask().unwrap();
        assert_eq!((in_flight.total(), in_flight.load(last.node())), (MAX_IN_FLIGHT, 1));
        assert!(ask().is_none());
        drop(last);
        assert!(ask().is_some());
        assert_eq!((in_flight.total(), in_flight.load(NodeIdx::new(0))), (MAX_IN_FLIGHT - 1, 0));
    }
}
