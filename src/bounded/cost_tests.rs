//! The costs that are documented.

use super::{BoundedLoads, InFlight, LoadFactor, LoadLimit, Mode, NodeLoads, Picked};
use crate::algorithms::{Algorithm, AnyPlacement};
use crate::hash::KeyHash;
use crate::hash::mix::mix;
use crate::locator::Locator;
use crate::node::{Node, NodeIdx};
use crate::ring::RingConfig;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

type Loads = BoundedLoads<u32, AnyPlacement>;

fn start(nodes: u32, mode: Mode, factor: (u32, u32)) -> Loads {
    let algorithm = Algorithm::Ring(RingConfig::default().scale(40, 1));
    let nodes = Topology::of((0..nodes).map(|id| Node::new(id).weight(1 + u64::from(id % 3))));
    let pool = Locator::any_of(nodes.unwrap(), algorithm).unwrap();
    let factor = LoadFactor::new(factor.0, factor.1).unwrap();
    match mode {
        Mode::Canonical => BoundedLoads::canonical(pool, factor),
        Mode::Online => BoundedLoads::online(pool, factor),
    }
}

fn key(i: usize) -> KeyHash {
    KeyHash::from_hash(mix(i as u64))
}

/// One key after the other, in any order of the hashes: the steps are those of the keys that move.
#[test]
fn keys_one_by_one() {
    for (mode, name) in [(Mode::Canonical, "canonical"), (Mode::Online, "online")] {
        for factor in [(5, 4), (2, 1)] {
            assert_growth(&std::format!("{name} {factor:?}: n keys come"), 1000, 2.5, |n| {
                let mut loads = start(20, mode, factor);
                during(|| (0..n).for_each(|i| drop(loads.insert_hash(key(i)).unwrap()))).1
            });
            assert_growth(&std::format!("{name} {factor:?}: n keys go"), 1000, 2.5, |n| {
                let mut loads = start(20, mode, factor);
                loads.extend_hashes((0..n).map(key)).unwrap();
                during(|| (0..n).for_each(|i| drop(loads.remove_hash(key(i)).unwrap()))).1
            });
        }
    }
}

/// One key more among n costs what moves because of it, not a look at all keys or at all nodes.
#[test]
fn one_key_among_many() {
    let one = |loads: &mut Loads| {
        let steps = (0..50).map(|i| {
            let (_, come) = during(|| loads.insert_hash(key(1 << 40 | i)).unwrap());
            let (_, go) = during(|| loads.remove_hash(key(1 << 40 | i)).unwrap());
            come + go
        });
        steps.sum()
    };
    assert_growth("a key among n", 2000, 1.5, |n| {
        let mut loads = start(20, Mode::Canonical, (5, 4));
        loads.extend_hashes((0..n).map(key)).unwrap();
        one(&mut loads)
    });
    assert_growth("a key on one of n nodes", 200, 1.5, |n| {
        let mut loads = start(n as u32, Mode::Canonical, (5, 4));
        // Between two rises of the caps.
        loads.extend_hashes((0..20 * n + n / 2).map(key)).unwrap();
        one(&mut loads)
    });
}

#[test]
fn all_keys_at_once() {
    for mode in [Mode::Canonical, Mode::Online] {
        assert_growth("n keys at once, and a change of nodes", 2000, 2.4, |n| {
            let mut loads = start(20, mode, (5, 4));
            let smaller = loads.locator().without(&3).unwrap();
            during(|| {
                loads.extend_hashes((0..n).map(key)).unwrap();
                loads.change(smaller).unwrap();
            })
            .1
        });
    }
}

/// A value that follows another costs its own nodes, however long the history is.
#[cfg(feature = "std")]
#[test]
fn values_that_follow() {
    assert_growth("n nodes", 500, 2.2, |n| {
        let nodes = Topology::new(0..n as u32).unwrap();
        let first = InFlight::new(nodes.members(), LoadFactor::ONE);
        during(|| first.follow(nodes.members())).1
    });
    assert_growth("n reloads, each with another node", 500, 2.2, |n| {
        let mut nodes = Topology::new(0..8).unwrap();
        let mut in_flight = InFlight::new(nodes.members(), LoadFactor::ONE);
        let ((), steps) = during(|| {
            for id in 8..8 + n as u32 {
                (nodes, _) = nodes.without(&(id - 8)).unwrap();
                (nodes, _) = nodes.with_node(Node::new(id)).unwrap();
                in_flight = in_flight.follow(nodes.members());
            }
        });
        steps
    });
}

/// A request looks at the candidates that are full and at one more.
#[test]
fn requests() {
    assert_growth("a request past n full nodes", 500, 2.2, |n| {
        let nodes = Topology::new(0..2 * n as u32).unwrap();
        let in_flight = InFlight::new(nodes.members(), LoadFactor::ONE);
        let slots = || nodes.members().iter_live();
        let held: std::vec::Vec<_> =
            slots().take(n).map(|slot| in_flight.acquire([slot].into_iter()).unwrap()).collect();
        let slots: std::vec::Vec<_> = slots().collect();
        let (lease, steps) = during(|| in_flight.acquire(slots.iter().copied()));
        assert_eq!(lease.unwrap().node(), slots[n]);
        drop(held);
        steps
    });
}

/// A pick looks at the candidates that are above and at one more. Only the form that sums the loads
/// looks at all nodes.
#[test]
fn picks() {
    let limit = LoadLimit::new(LoadFactor::ONE).margin(3);
    let pick = |above: u32, nodes: u32| {
        let slots = (0..nodes).map(NodeIdx::new);
        let load = |node: NodeIdx| if node.get() < above { 100 } else { 0 };
        let loads = NodeLoads::equal(nodes, load, 100 * u64::from(above));
        during(|| limit.pick(slots, 1, loads).unwrap())
    };
    for above in [0, 1, 7, 300] {
        let (picked, steps) = pick(above, 1000);
        assert_eq!((picked.past(), steps), (above, u64::from(above) + 1));
    }
    // None is below, which only a total that is too low can cause: all are looked at, once.
    let loads = NodeLoads::equal(50, |_| 9, 0);
    let slots = || (0..50).map(NodeIdx::new);
    let (picked, steps) = during(|| limit.pick(slots(), 1, loads).unwrap());
    assert_eq!((picked, steps), (Picked::AllAbove { node: NodeIdx::new(0), past: 0 }, 50));
    // A claim that always loses: twice.
    let (lost, steps) = during(|| limit.claim(slots(), 1, loads, |_, _| false));
    assert_eq!((lost.is_err(), steps), (true, 100));

    assert_growth("the sum over n nodes", 500, 2.2, |n| {
        let nodes = Topology::new(0..n as u32).unwrap();
        during(|| NodeLoads::of(nodes.members(), |_| 1).total_load()).1
    });
}
