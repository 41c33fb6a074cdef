//! Small programs of two or three threads over `InFlight` and `Lease`. Model checkers run each of them in
//! many orders of its steps; what they assert must hold in all of them. Each is named in the list below,
//! from which both checkers take it.

use apportion::bounded::{InFlight, Lease, LoadFactor, LoadLimit};
use apportion::{NodeIdx, Topology};
use model::thread;

/// Calls a macro with all scenarios: those of two threads, and those of three, which have far more orders
/// of their steps.
macro_rules! each_scenario {
    ($models:ident) => {
        $models! {
            two_threads: [
                one_place
                no_node_above_its_share
                costs
                an_end_and_a_beginning
                room_that_moves
                the_node_before_the_total
                never_fewer_than_held
                a_reload_while_leases_are_held
                two_reloads
            ]
            three_threads: [three_requests]
        }
    };
}
pub(crate) use each_scenario;

/// Counters that threads share: clones have the same ones.
fn shared(names: &[&'static str], limit: LoadLimit) -> InFlight {
    let nodes = Topology::new(names.iter().copied()).unwrap();
    InFlight::of(nodes.members(), limit)
}

/// A cap for each node, and no other limit.
fn only_cap(cap: u64) -> LoadLimit {
    LoadLimit::new(LoadFactor::ONE).margin(100).cap(cap)
}

fn slots<const N: usize>() -> [NodeIdx; N] {
    core::array::from_fn(|slot| NodeIdx::new(slot as u32))
}

/// What the counters say must be what these leases are.
fn counts_are(in_flight: &InFlight, nodes: usize, leases: &[Option<Lease>]) {
    let held = || leases.iter().flatten();
    for node in (0..nodes).map(|slot| NodeIdx::new(slot as u32)) {
        let cost: u32 = held().filter(|lease| lease.node() == node).map(Lease::cost).sum();
        assert_eq!(in_flight.load(node), cost, "the load of {node:?}");
    }
    assert_eq!(in_flight.total(), held().map(Lease::cost).sum::<u32>(), "the total");
}

/// Two requests at once for the only place of a node: one gets it, and it is given back.
pub fn one_place() {
    let in_flight = shared(&["a"], only_cap(1));
    let other = in_flight.clone();
    let thread = thread::spawn(move || other.acquire(slots::<1>().into_iter()));
    let mine = in_flight.acquire(slots::<1>().into_iter());
    let leases = [mine, thread.join().unwrap()];
    assert_eq!(leases.iter().flatten().count(), 1, "one place, one lease");
    counts_are(&in_flight, 1, &leases);
    drop(leases);
    counts_are(&in_flight, 1, &[]);
}

/// Two requests at once, without a cap: the first takes one node, so the other has to take the other
/// one, because ⌈1 · 2/2⌉ is 1. Nobody is refused.
pub fn no_node_above_its_share() {
    let in_flight = shared(&["a", "b"], LoadLimit::new(LoadFactor::ONE));
    let other = in_flight.clone();
    let thread = thread::spawn(move || other.acquire(slots::<2>().into_iter()));
    let mine = in_flight.acquire(slots::<2>().into_iter());
    let leases = [mine, thread.join().unwrap()];
    counts_are(&in_flight, 2, &leases);
    assert_eq!([0, 1].map(|slot| in_flight.load(NodeIdx::new(slot))), [1, 1]);
}

/// Leases of two costs at one node with room for the larger one or twice the smaller one.
pub fn costs() {
    let in_flight = shared(&["a"], only_cap(3));
    let other = in_flight.clone();
    let thread = thread::spawn(move || other.acquire_cost(slots::<1>().into_iter(), 3));
    let mine = in_flight.acquire_cost(slots::<1>().into_iter(), 1);
    let leases = [mine, thread.join().unwrap()];
    assert_eq!(leases.iter().flatten().count(), 1, "1 and 3 exceed the cap of 3 together");
    counts_are(&in_flight, 1, &leases);
    drop(leases);
    counts_are(&in_flight, 1, &[]);
}

/// A request ends while another one of the same node begins: the place is free or it is not, and the
/// counters are right after either.
pub fn an_end_and_a_beginning() {
    let in_flight = shared(&["a"], only_cap(2));
    let held = in_flight.acquire_cost(slots::<1>().into_iter(), 2);
    assert!(held.is_some());
    let other = in_flight.clone();
    let thread = thread::spawn(move || other.acquire(slots::<1>().into_iter()));
    drop(held);
    let leases = [thread.join().unwrap()];
    counts_are(&in_flight, 1, &leases);
    drop(leases);
    counts_are(&in_flight, 1, &[]);
    assert!(in_flight.acquire_cost(slots::<1>().into_iter(), 2).is_some(), "all is given back");
}

/// There is always room on one of two nodes, though never where the thread looks: a request moves from
/// the first node to the second. If all nodes are candidates, nobody is refused.
pub fn room_that_moves() {
    let in_flight = shared(&["a", "b"], LoadLimit::new(LoadFactor::ONE));
    let [a, b] = slots::<2>();
    let on_a = in_flight.acquire([a].into_iter());
    assert!(on_a.is_some());
    let other = in_flight.clone();
    let thread = thread::spawn(move || {
        let on_b = other.acquire([b].into_iter());
        drop(on_a);
        on_b
    });
    let mine = in_flight.acquire([a, b].into_iter());
    assert!(mine.is_some(), "one of all nodes has room");
    let leases = [mine, thread.join().unwrap()];
    counts_are(&in_flight, 2, &leases);
}

/// A lease that ends leaves its node before the total: what a node counts is never missing there.
pub fn the_node_before_the_total() {
    let in_flight = shared(&["a"], only_cap(1));
    let [a] = slots::<1>();
    let lease = in_flight.acquire([a].into_iter());
    let thread = thread::spawn(move || drop(lease));
    let total = in_flight.total();
    let load = in_flight.load(a);
    assert!(load <= total, "the node counts {load}, the total {total}");
    thread.join().unwrap();
    counts_are(&in_flight, 1, &[]);
}

/// At every moment at least one lease is held, because the next one is acquired before the last one is
/// given back. The total says so, though it is made of two numbers that are read one after the other.
pub fn never_fewer_than_held() {
    let in_flight = shared(&["a", "b"], only_cap(1));
    let [a, b] = slots::<2>();
    let first = in_flight.acquire([a].into_iter());
    let other = in_flight.clone();
    let thread = thread::spawn(move || {
        let second = other.acquire([b].into_iter());
        drop(first);
        second
    });
    let total = in_flight.total();
    assert!((1..=2).contains(&total), "{total} of 1 or 2");
    counts_are(&in_flight, 2, &[thread.join().unwrap()]);
}

/// A reload while a lease is given back: the counters of the old nodes and of the new ones are the same
/// before and after it, for the node that stays, and a node that left counts in the total alone.
pub fn a_reload_while_leases_are_held() {
    let in_flight = shared(&["a", "b"], only_cap(2));
    let [a, b] = slots::<2>();
    let leaves = in_flight.acquire([a].into_iter());
    let stays = in_flight.acquire_cost([b].into_iter(), 2);
    let other = in_flight.clone();
    let thread = thread::spawn(move || {
        let nodes = Topology::new(["b", "c"]).unwrap();
        let after = other.follow(nodes.members());
        // "b" is the first of the new nodes.
        let more = after.acquire(slots::<1>().into_iter());
        (after, more)
    });
    drop(stays);
    let (after, more) = thread.join().unwrap();
    let on_b = more.as_ref().map_or(0, Lease::cost);
    assert_eq!((in_flight.load(b), after.load(a)), (on_b, on_b), "one counter for one label");
    assert_eq!((in_flight.total(), after.total()), (1 + on_b, 1 + on_b), "the total has both");
    drop((leaves, more));
    counts_are(&in_flight, 2, &[]);
    counts_are(&after, 2, &[]);
}

/// Two reloads of the same value at once: both values have one counter for the label that is new.
pub fn two_reloads() {
    let in_flight = shared(&["a"], only_cap(1));
    let other = in_flight.clone();
    let reload = |from: &InFlight| from.follow(Topology::new(["n"]).unwrap().members());
    let thread = thread::spawn(move || {
        let after = reload(&other);
        let lease = after.acquire(slots::<1>().into_iter());
        (after, lease)
    });
    let after = reload(&in_flight);
    let lease = after.acquire(slots::<1>().into_iter());
    let (theirs, their_lease) = thread.join().unwrap();
    let leases = [lease, their_lease];
    assert_eq!(leases.iter().flatten().count(), 1, "one place in both values together");
    counts_are(&after, 1, &leases);
    counts_are(&theirs, 1, &leases);
    drop(leases);
    assert_eq!((in_flight.total(), theirs.total(), after.total()), (0, 0, 0));
}

/// Three requests at once for two places.
pub fn three_requests() {
    let in_flight = shared(&["a", "b"], only_cap(1));
    let thread = |in_flight: &InFlight| {
        let other = in_flight.clone();
        thread::spawn(move || other.acquire(slots::<2>().into_iter()))
    };
    let threads = [thread(&in_flight), thread(&in_flight)];
    let mine = in_flight.acquire(slots::<2>().into_iter());
    let [first, second] = threads.map(|thread| thread.join().unwrap());
    let leases = [mine, first, second];
    assert_eq!(leases.iter().flatten().count(), 2, "two places, two leases");
    counts_are(&in_flight, 2, &leases);
    drop(leases);
    counts_are(&in_flight, 2, &[]);
}
