//! Requests in flight, counted by node.

use super::factor::LoadFactor;
use super::family::Family;
use super::lease::{CounterSnapshot, Lease, RequestCounter};
use crate::limits::MAX_IN_FLIGHT;
use crate::node::{NodeIdx, Weight};
use crate::steps;
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Counts requests in flight and keeps every node at or below its cap: each request goes to the
/// first of its candidates that has room.
///
/// It is for load balancers, where a request has a key but nobody keeps a list of keys. The cap of
/// a node is ⌈c · requests · weight / total weight⌉ ([`LoadFactor::cap`]), where the request that
/// asks is counted with those in flight. A clone shares the counters, threads use them together, and
/// neither acquiring nor dropping a lease takes a lock.
///
/// Values that follow one another, directly or through others, are one family: a node is counted by
/// its label in all of them together, whichever of them granted the lease.
///
/// ```
/// use apportion::Locator;
/// use apportion::bounded::{InFlight, LoadFactor};
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
/// **When requests end** — caps fall with their number. A node above its cap gets nothing until some
/// of its own have ended.
///
/// **When threads race** — the requests that a cap is taken of are those of a moment during the
/// call, this one included, so as long as none ends no node rises above the cap of them all. A
/// thread that was refused has counted nowhere. All candidates were at their caps at one moment if
/// there is no lease, and no thread waits for another.
///
/// **Source** — Mirrokni, Thorup, Zadimoghaddam, *Consistent hashing with bounded loads*, SODA
/// 2018, arXiv:1608.01350.
#[derive(Clone)]
pub struct InFlight {
    table: Arc<CounterTable>,
}

struct CounterTable {
    factor: LoadFactor,
    total_weight: u128,
    total: Arc<RequestCounter>,
    counters: Vec<Option<NodeCounter>>,
    #[cfg(feature = "std")]
    family: Arc<Family>,
}

struct NodeCounter {
    weight: Weight,
    load: Arc<RequestCounter>,
}

impl InFlight {
    /// Nothing in flight on these nodes.
    #[must_use]
    pub fn new(members: &Members, factor: LoadFactor) -> Self {
        Self { table: Arc::new(CounterTable::new(members, factor)) }
    }

    /// The counters after a change of nodes, which are matched by label: a slot that is used again
    /// is another node. This value can be used further, by requests that still have the old nodes;
    /// all values that follow one another count together, however they branch.
    ///
    /// Leases on nodes that left stay valid. They count in the total until they end, and on the
    /// node again in every value that has it. Counters of labels that no value and no lease uses
    /// are dropped.
    ///
    /// Needs the feature `std`: a lock guards the list of the family's counters during this call.
    ///
    /// # Complexity
    /// O(slots + n log n), amortised.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn follow(&self, members: &Members) -> Self {
        let CounterTable { factor, total, family, .. } = &*self.table;
        Self { table: Arc::new(CounterTable::of(members, *factor, total.clone(), family.clone())) }
    }

    /// Takes a place for a request on the first of its candidates that is below its cap; `None` if
    /// all that were given are at their caps, or [`MAX_IN_FLIGHT`] requests are in flight. With all
    /// live nodes among the candidates there is always room.
    ///
    /// Candidates are slots of the topology this value was made for, filtered as you like; a node
    /// that comes twice does no harm. They are walked again where another thread was faster, hence
    /// the `Clone`. **Time** — a division for every candidate that is looked at, all of them in
    /// O(n log n) for those of [`Locator::candidates`](crate::Locator::candidates); `None` takes two
    /// walks, and a look at all nodes if nearly all requests are on those that were given.
    #[allow(clippy::needless_pass_by_value)] // the usual way to hand over an iterator
    pub fn acquire(&self, candidates: impl Iterator<Item = NodeIdx> + Clone) -> Option<Lease> {
        let table = &*self.table;
        let (mut last, mut recount) = (None, false);
        loop {
            let total = table.total.exactly();
            // Nodes count a request before the total does.
            let counted = if recount { table.sum() } else { 0 };
            let in_flight = total.load().max(counted);
            if in_flight >= MAX_IN_FLIGHT {
                return None;
            }
            let mut passed = Passed::default();
            let room = table.first_below(candidates.clone(), in_flight + 1, &mut passed);
            let Some((node, counter, seen)) = room else {
                // Nothing happened on these nodes while the requests were counted in between: they
                // were all at their caps at once.
                if last == Some(passed.stamp) {
                    return None;
                }
                last = Some(passed.stamp);
                recount = passed.load > u64::from(total.load());
                continue;
            };
            // Where requests ended since they were counted, caps may have fallen.
            let now = table.total.exactly();
            let has_room = now.returned == total.returned
                || u64::from(seen.load()) < table.cap(counter, now.load().saturating_add(1));
            if has_room && counter.load.take_after(seen) {
                return Some(Lease::of(node, &counter.load, &table.total));
            }
        }
    }

    /// Requests in flight, on nodes that left too.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.table.total.exactly().load()
    }

    /// Requests in flight on a node; 0 for a hole.
    #[must_use]
    pub fn load(&self, node: NodeIdx) -> u32 {
        self.table.counter(node).map_or(0, |counter| counter.load.exactly().load())
    }

    /// The cap of a node for as many requests as are in flight now; 0 for a hole. The next request
    /// is judged by the cap of one more.
    #[must_use]
    pub fn cap(&self, node: NodeIdx) -> u64 {
        self.table.counter(node).map_or(0, |counter| self.table.cap(counter, self.total()))
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

impl CounterTable {
    fn new(members: &Members, factor: LoadFactor) -> Self {
        Self::of(members, factor, Arc::default(), Arc::default())
    }

    #[allow(clippy::needless_pass_by_value)] // kept with `std`
    fn of(
        members: &Members,
        factor: LoadFactor,
        total: Arc<RequestCounter>,
        family: Arc<Family>,
    ) -> Self {
        let mut counters = Vec::new();
        counters.resize_with(members.slots(), || None);
        let mut nodes = members.entries();
        let labels = members.entries().map(|(_, member)| &member.label);
        family.counters(labels, |load| {
            let Some((node, member)) = nodes.next() else { return };
            if let Some(counter) = counters.get_mut(node.index()) {
                *counter = Some(NodeCounter { weight: member.weight, load });
            }
        });
        Self {
            factor,
            total_weight: members.total_weight(),
            total,
            counters,
            #[cfg(feature = "std")]
            family,
        }
    }

    fn counter(&self, node: NodeIdx) -> Option<&NodeCounter> {
        self.counters.get(node.index())?.as_ref()
    }

    fn cap(&self, counter: &NodeCounter, requests: u32) -> u64 {
        self.factor.cap(requests, counter.weight, self.total_weight)
    }

    fn first_below(
        &self,
        candidates: impl Iterator<Item = NodeIdx>,
        requests: u32,
        passed: &mut Passed,
    ) -> Option<(NodeIdx, &NodeCounter, CounterSnapshot)> {
        for node in candidates {
            let Some(counter) = self.counter(node) else { continue };
            steps::count(1);
            let seen = counter.load.at_least();
            if u64::from(seen.load()) < self.cap(counter, requests) {
                return Some((node, counter, seen));
            }
            passed.stamp = passed.stamp.wrapping_add(seen.stamp());
            passed.load = passed.load.saturating_add(u64::from(seen.load()));
        }
        None
    }

    /// Requests on all nodes, each counted once.
    fn sum(&self) -> u32 {
        let loads = self.counters.iter().flatten().map(|counter| counter.load.at_least().load());
        loads.fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Arc, CounterTable, InFlight, Lease, LoadFactor, MAX_IN_FLIGHT, NodeIdx, RequestCounter,
    };
    use crate::node::Node;
    use crate::topology::Topology;
    use core::cell::{Cell, RefCell};
    extern crate std;
    use std::vec::Vec;

    fn nodes(names: &[&'static str]) -> Topology<&'static str> {
        Topology::new(names.iter().copied()).unwrap()
    }

    fn slot(slot: u32) -> NodeIdx {
        NodeIdx::new(slot)
    }

    #[test]
    fn the_last_request() {
        let nodes = nodes(&["a"]);
        let mut table = CounterTable::new(nodes.members(), LoadFactor::ONE);
        table.total = Arc::new(RequestCounter::of(MAX_IN_FLIGHT - 1));
        let in_flight = InFlight { table: Arc::new(table) };
        let ask = || in_flight.acquire([slot(0)].into_iter());
        let last = ask().unwrap();
        assert_eq!((in_flight.total(), in_flight.load(last.node())), (MAX_IN_FLIGHT, 1));
        assert!(ask().is_none());
        drop(last);
        assert!(ask().is_some());
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (MAX_IN_FLIGHT - 1, 0));
    }

    /// Another thread has taken the only place there is for one request, and stopped before the
    /// total knew.
    #[test]
    fn a_request_that_the_total_does_not_know_yet() {
        let in_flight = InFlight::new(nodes(&["a"]).members(), LoadFactor::ONE);
        let counter = in_flight.table.counter(slot(0)).unwrap();
        assert!(counter.load.take_after(counter.load.at_least()));
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (0, 1));
        let lease = in_flight.acquire([slot(0)].into_iter()).unwrap();
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (1, 2));
        drop(Lease::of(slot(0), &counter.load, &in_flight.table.total));
        drop(lease);
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (0, 0));
    }

    /// Requests that end while candidates are looked at: the caps that were read hold no more.
    #[test]
    fn requests_that_end_in_between() {
        let in_flight = InFlight::new(nodes(&["a", "b"]).members(), LoadFactor::ONE);
        let [a, b] = [0, 1].map(slot);
        let on = |node| in_flight.acquire([node].into_iter()).unwrap();
        let _stays = on(a);
        let end = RefCell::new(Vec::from([on(b), on(b)]));
        let asked = Cell::new(0);
        let ending = [a].into_iter().inspect(|_| {
            asked.set(asked.get() + 1);
            end.borrow_mut().clear();
        });
        // Of four requests a might have two, of the two that are left it has one.
        assert!(in_flight.acquire(ending).is_none());
        assert_eq!((in_flight.total(), in_flight.load(a), in_flight.load(b)), (1, 1, 0));
        assert_eq!(asked.get(), 3, "once by caps that fell, then twice to be sure");

        // Where the caps of fewer requests allow it too, the place is kept.
        end.borrow_mut().push(on(b));
        asked.set(0);
        let kept = in_flight.acquire([b].into_iter().inspect(|_| {
            asked.set(asked.get() + 1);
            end.borrow_mut().clear();
        }));
        assert_eq!((asked.get(), kept.map(|lease| lease.node())), (1, Some(b)));
    }

    /// Each node is full whenever it is looked at, and there is always room on the other.
    #[test]
    fn room_that_is_never_where_one_looks() {
        let in_flight = InFlight::new(nodes(&["a", "b"]).members(), LoadFactor::ONE);
        let [a, b] = [0, 1].map(slot);
        let on = |node| in_flight.acquire([node].into_iter()).unwrap();
        let others = RefCell::new(Vec::from([on(a)]));
        let asked = Cell::new(0);
        let crossing = [a, b].into_iter().inspect(|node| {
            asked.set(asked.get() + 1);
            if (2..=4).contains(&asked.get()) {
                others.borrow_mut().push(on(*node));
            }
        });
        let lease = in_flight.acquire(crossing).unwrap();
        assert_eq!((lease.node(), asked.get(), others.borrow().len()), (a, 5, 4));
    }

    /// Labels that come and go for ever leave nothing behind.
    #[cfg(feature = "std")]
    #[test]
    fn counters_that_nobody_uses_are_dropped() {
        let (mut nodes, _) = nodes(&["stays"]).with_node(Node::new("0")).unwrap();
        let mut in_flight = InFlight::new(nodes.members(), LoadFactor::ONE);
        let stays = in_flight.acquire([slot(0)].into_iter()).unwrap();
        for name in 1..2000_u32 {
            let name: &'static str = std::boxed::Box::leak(std::format!("{name}").into());
            (nodes, _) = nodes.replaced_by([Node::new("stays"), Node::new(name)]).unwrap();
            in_flight = in_flight.follow(nodes.members());
            assert!(in_flight.table.family.len() <= 16);
        }
        // A lease alone keeps its counter.
        let (other, _) = nodes.replaced_by([Node::new("z")]).unwrap();
        for _ in 0..100 {
            in_flight = in_flight.follow(other.members());
        }
        let returned = in_flight.follow(nodes.members());
        assert_eq!(returned.load(slot(0)), 1);
        drop(stays);
        assert_eq!((returned.load(slot(0)), returned.total()), (0, 0));
    }
}
