//! Requests in flight, counted by node.

use super::factor::LoadFactor;
use super::family::Family;
use super::lease::{CounterSnapshot, Lease, RequestCounter, Word};
use super::limit::LoadLimit;
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
/// Use it in load balancers, where each request has a key but no list of keys is kept. The cap of a
/// node is ⌈c · requests · weight / total weight⌉ ([`LoadFactor::cap`]). The number of requests
/// includes the new one. Clones share their counters, also between threads. Neither acquiring nor
/// dropping a lease takes a lock.
///
/// All values derived by [`follow`](Self::follow), directly or in several steps, share one set of
/// counters: the requests of a node are counted by its label, whichever value granted the lease.
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
/// # Costs and margins
/// [`InFlight::of`] takes a [`LoadLimit`], which has an absolute margin beside the factor, a hard cap,
/// and the share of this gateway in the traffic. [`acquire_cost`](Self::acquire_cost) takes a lease of
/// more than one unit, such as the tokens of a request. All numbers of requests are then sums of costs.
///
/// ```
/// use apportion::Locator;
/// use apportion::bounded::{InFlight, LoadFactor, LoadLimit};
///
/// let pool = Locator::ring(["a", "b", "c"])?;
/// let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(2000);
/// let tokens = InFlight::of(pool.topology().members(), limit);
/// let candidates = |key| pool.candidates(key).map(|(node, _)| node);
///
/// let first = tokens.acquire_cost(candidates("user:42"), 900).unwrap();
/// let second = tokens.acquire_cost(candidates("user:42"), 600).unwrap();
/// assert_eq!(first.node(), second.node()); // 900 is below ⌈1500/3 + 2000⌉
/// assert_eq!((tokens.total(), second.cost()), (1500, 600));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # When requests end
/// Caps fall with the number of requests. A node above its cap gets no request until enough of its
/// own have ended.
///
/// # Concurrency
/// A cap is computed from the number of requests at one moment during the call, including the new
/// one. As long as no request ends, no node rises above the cap for all requests; with costs, by less
/// than the cost of its last lease. It never rises above the [hard cap](LoadLimit::cap). If a call
/// returns no lease, all its candidates were at their caps at one moment, and the call has counted
/// nothing. No thread waits for another.
///
/// On targets without 64-bit atomics the counters are 32 bits wide: there, less than 2^32 units may be
/// leased during one call.
///
/// # Source
/// Mirrokni, Thorup, Zadimoghaddam, *Consistent hashing with bounded loads*, SODA 2018,
/// arXiv:1608.01350.
#[derive(Clone)]
pub struct InFlight {
    table: Arc<CounterTable>,
}

struct CounterTable {
    limit: LoadLimit,
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
    /// Counters for these nodes, with no requests in flight.
    #[must_use]
    pub fn new(members: &Members, factor: LoadFactor) -> Self {
        Self::of(members, LoadLimit::new(factor))
    }

    /// Counters for these nodes under a limit with a margin, a hard cap or a share of the traffic, with
    /// no requests in flight. A request is refused if all its candidates are above, whether the limit
    /// [sheds](LoadLimit::shedding) or not.
    #[must_use]
    pub fn of(members: &Members, limit: LoadLimit) -> Self {
        Self { table: Arc::new(CounterTable::new(members, limit)) }
    }

    /// The counters after a change of nodes. Nodes are matched by label: a reused slot is a different
    /// node. Requests that still use the old nodes can go on using this value; all values derived
    /// from one another share their counters, even if several are derived from the same one.
    ///
    /// Leases on nodes that left stay valid. They count in the total until they are dropped, and on
    /// their node in every value that has it. A counter is dropped when no value and no lease uses
    /// its label.
    ///
    /// Needs the feature `std`: a lock guards the shared list of counters during this call.
    ///
    /// # Complexity
    /// O(slots + n log n), amortised.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn follow(&self, members: &Members) -> Self {
        let CounterTable { limit, total, family, .. } = &*self.table;
        Self { table: Arc::new(CounterTable::of(members, *limit, total.clone(), family.clone())) }
    }

    /// Acquires a place for a request on the first candidate that is below its cap. `None` if all
    /// candidates are at their caps, or if [`MAX_IN_FLIGHT`] requests are in flight. If all live
    /// nodes are candidates, one of them always has room.
    ///
    /// Candidates are slots of the topology this value was made for, and you may filter them. A
    /// repeated candidate is harmless. The iterator is cloned because the candidates are visited
    /// again if another thread was faster.
    ///
    /// # Complexity
    /// One division per candidate visited. Visiting all of
    /// [`Locator::candidates`](crate::Locator::candidates) takes O(n log n). Returning `None` takes
    /// two walks, and one pass over all nodes if nearly all requests are on the candidates.
    pub fn acquire(&self, candidates: impl Iterator<Item = NodeIdx> + Clone) -> Option<Lease> {
        self.acquire_cost(candidates, 1)
    }

    /// Acquires a place for a request that counts as `cost` units, on the first candidate that is below
    /// its cap. The request may exceed that cap by less than its cost, so that a large one finds a node;
    /// it never exceeds the [hard cap](LoadLimit::cap). A cost of 0 counts as 1.
    ///
    /// `None` as for [`acquire`](Self::acquire), or if the total would exceed [`MAX_IN_FLIGHT`]. If all
    /// live nodes are candidates and there is no hard cap, one of them always has room.
    ///
    /// # Complexity
    /// As for `acquire`, with up to three divisions per candidate if there is a margin.
    #[allow(clippy::needless_pass_by_value)] // the usual way to hand over an iterator
    pub fn acquire_cost(
        &self,
        candidates: impl Iterator<Item = NodeIdx> + Clone,
        cost: u32,
    ) -> Option<Lease> {
        let cost = cost.max(1);
        let table = &*self.table;
        let (mut last, mut recount) = (None, false);
        loop {
            let total = table.total.exactly();
            // Nodes count a request before the total does.
            let counted = if recount { table.sum() } else { 0 };
            let in_flight = total.load().max(counted);
            let with = in_flight.checked_add(cost).filter(|with| *with <= MAX_IN_FLIGHT)?;
            let mut passed = Passed::default();
            let room = table.first_below(candidates.clone(), (with, cost), &mut passed);
            let Some((node, counter, seen)) = room else {
                // These nodes did not change between the two walks, and the requests were counted
                // in between: the nodes were all at their caps at the same moment.
                if last == Some(passed.stamp) {
                    return None;
                }
                last = Some(passed.stamp);
                recount = passed.load > u64::from(total.load());
                continue;
            };
            // If requests have ended since the count, caps may have fallen.
            let now = table.total.exactly();
            let has_room = now.returned == total.returned
                || u64::from(seen.load()) < table.limit(counter, now.load().saturating_add(cost));
            if has_room && counter.load.take_after(seen, cost) {
                return Some(Lease::of(node, cost, &counter.load, &table.total));
            }
        }
    }

    /// The number of requests in flight, including those on nodes that left.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.table.total.exactly().load()
    }

    /// The number of requests in flight on a node; 0 for a hole.
    #[must_use]
    pub fn load(&self, node: NodeIdx) -> u32 {
        self.table.counter(node).map_or(0, |counter| counter.load.exactly().load())
    }

    /// The cap of a node for the requests now in flight, at most the hard cap; 0 for a hole. The next
    /// request is checked against the cap for one request more.
    #[must_use]
    pub fn cap(&self, node: NodeIdx) -> u64 {
        let table = &*self.table;
        let cap = |counter| table.limit(counter, self.total()).min(table.limit.share_of_cap());
        table.counter(node).map_or(0, cap)
    }

    /// The load factor.
    #[must_use]
    pub fn factor(&self) -> LoadFactor {
        self.table.limit.factor()
    }

    /// The limit: the factor with margin, hard cap and share.
    #[must_use]
    pub fn limit(&self) -> LoadLimit {
        self.table.limit
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight")
            .field("factor", &self.factor())
            .field("total", &self.total())
            .finish_non_exhaustive()
    }
}

/// The candidates that a walk found at their caps: the sums of their stamps and of their loads.
#[derive(Default)]
struct Passed {
    stamp: Word,
    load: u64,
}

impl CounterTable {
    fn new(members: &Members, limit: LoadLimit) -> Self {
        Self::of(members, limit, Arc::default(), Arc::default())
    }

    #[allow(clippy::needless_pass_by_value)] // kept with `std`
    fn of(
        members: &Members,
        limit: LoadLimit,
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
            limit,
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

    fn limit(&self, counter: &NodeCounter, requests: u32) -> u64 {
        self.limit.limit_of(counter.weight, requests.into(), self.total_weight)
    }

    fn first_below(
        &self,
        candidates: impl Iterator<Item = NodeIdx>,
        (requests, cost): (u32, u32),
        passed: &mut Passed,
    ) -> Option<(NodeIdx, &NodeCounter, CounterSnapshot)> {
        for node in candidates {
            let Some(counter) = self.counter(node) else { continue };
            steps::count(1);
            let seen = counter.load.at_least();
            let load = u64::from(seen.load());
            let fits = load + u64::from(cost) <= self.limit.share_of_cap();
            if fits && load < self.limit(counter, requests) {
                return Some((node, counter, seen));
            }
            passed.stamp = passed.stamp.wrapping_add(seen.stamp());
            passed.load = passed.load.saturating_add(load);
        }
        None
    }

    /// The number of requests on all nodes.
    fn sum(&self) -> u32 {
        let loads = self.counters.iter().flatten().map(|counter| counter.load.at_least().load());
        loads.fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Arc, CounterTable, InFlight, Lease, LoadFactor, LoadLimit, MAX_IN_FLIGHT, NodeIdx,
        RequestCounter,
    };
    #[cfg(feature = "std")]
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
        let mut table = CounterTable::new(nodes.members(), LoadLimit::new(LoadFactor::ONE));
        table.total = Arc::new(RequestCounter::of(MAX_IN_FLIGHT - 1));
        let in_flight = InFlight { table: Arc::new(table) };
        let ask = || in_flight.acquire([slot(0)].into_iter());
        let last = ask().unwrap();
        assert_eq!((in_flight.total(), in_flight.load(last.node())), (MAX_IN_FLIGHT, 1));
        assert!(ask().is_none());
        drop(last);
        let dear = |cost| in_flight.acquire_cost([slot(0)].into_iter(), cost);
        assert!(dear(2).is_none() && dear(u32::MAX).is_none());
        assert!(ask().is_some() && dear(0).is_some());
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (MAX_IN_FLIGHT - 1, 0));
    }

    /// Another thread has taken the only place for one request, and has not counted it in the total
    /// yet.
    #[test]
    fn a_request_that_the_total_does_not_know_yet() {
        let in_flight = InFlight::new(nodes(&["a"]).members(), LoadFactor::ONE);
        let counter = in_flight.table.counter(slot(0)).unwrap();
        assert!(counter.load.take_after(counter.load.at_least(), 1));
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (0, 1));
        let lease = in_flight.acquire([slot(0)].into_iter()).unwrap();
        assert_eq!((in_flight.total(), in_flight.load(slot(0))), (1, 2));
        drop(Lease::of(slot(0), 1, &counter.load, &in_flight.table.total));
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

        // The caps that are left include the request's own cost: b has 3 of ⌈(4 + 5)/2⌉, and would be
        // full with ⌈(4 + 1)/2⌉.
        let _stays = on(b);
        let held = in_flight.acquire_cost([b].into_iter(), 2).unwrap();
        let ends = RefCell::new(in_flight.acquire_cost([a].into_iter(), 9));
        assert_eq!((in_flight.load(a), in_flight.load(b)), (10, 3));
        asked.set(0);
        let kept = in_flight.acquire_cost(
            [b].into_iter().inspect(|_| {
                asked.set(asked.get() + 1);
                ends.borrow_mut().take();
            }),
            5,
        );
        assert_eq!((asked.get(), kept.map(|lease| lease.cost()), held.cost()), (1, Some(5), 2));
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
