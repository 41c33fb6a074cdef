//! The costs that [`Diff`](super::Diff) documents, and the cost of adding one node.

use super::{Diff, Extent};
use crate::algorithms::{Algorithm, AnyPlacement};
use crate::analysis::MoveCounter;
use crate::anchor::AnchorConfig;
use crate::asura::AsuraConfig;
use crate::locator::Locator;
use crate::maglev::MaglevConfig;
use crate::node::Node;
use crate::partition::{PartitionTable, TableConfig};
use crate::ring::{Ring, RingConfig};
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

type Value = Locator<u32, AnyPlacement>;

fn nodes(ids: impl Iterator<Item = u32>, weight: impl Fn(u32) -> u64) -> Topology<u32> {
    Topology::of(ids.map(|id| Node::new(id).weight(weight(id)))).unwrap()
}

fn value(algorithm: Algorithm, ids: impl Iterator<Item = u32>) -> Value {
    Locator::any_of(nodes(ids, |_| 1), algorithm).unwrap()
}

/// From n nodes to 2n, built apart.
fn doubled(algorithm: &Algorithm, n: usize) -> (Value, Value) {
    let n = n as u32;
    (value(algorithm.clone(), 0..n), value(algorithm.clone(), 0..2 * n))
}

fn figures(diff: &Diff<'_, u32>) -> u64 {
    during(|| (diff.moved_fraction(), diff.minimum_fraction(), diff.ideal(), diff.excess())).1
}

/// Jump hash from n to 2n moves from every old bucket to every new one, and rendezvous hashing from
/// every old node to every new one: none of these pairs is listed before it is asked for.
#[test]
fn the_first_move_is_found_without_the_others() {
    let asura = Algorithm::Asura(AsuraConfig::default());
    let ring = Algorithm::Ring(RingConfig::default().scale(20, 1));
    let functions =
        [Algorithm::Jump, Algorithm::JumpGuava, Algorithm::JumpBack, Algorithm::Flip, asura, ring];
    let anchor = Algorithm::Anchor(AnchorConfig::default().capacity(4000));
    let others = [Algorithm::JumpBackAnchor, anchor, Algorithm::Rendezvous];
    for algorithm in functions.iter().chain(&others) {
        assert_growth(&std::format!("first move of {algorithm}"), 500, 2.5, |n| {
            let (old, new) = doubled(algorithm, n);
            let (first, steps) = during(|| old.diff(&new).unwrap().moves().next().is_some());
            assert!(first);
            steps
        });
    }
    for algorithm in [Algorithm::Jump, Algorithm::Rendezvous] {
        let (old, new) = doubled(&algorithm, 300);
        let diff = old.diff(&new).unwrap();
        let (count, steps) =
            during(|| diff.moves().filter(|m| m.extent == Extent::Scattered).count());
        assert_eq!(count, 300 * 300);
        assert!(steps < 2 * 300 * 300 + 20 * 600, "{algorithm}: {steps}");
    }
}

#[test]
fn figures_of_a_diff() {
    let ring = Algorithm::Ring(RingConfig::default().scale(20, 1));
    let algorithms = [Algorithm::Jump, Algorithm::JumpBack, Algorithm::Rendezvous, ring];
    let asura = Algorithm::Asura(AsuraConfig::default());
    let anchor = Algorithm::Anchor(AnchorConfig::default().capacity(4000));
    for algorithm in algorithms.iter().chain(&[Algorithm::JumpBackAnchor, anchor, asura]) {
        assert_growth(&std::format!("figures of {algorithm}"), 500, 2.5, |n| {
            let (old, new) = doubled(algorithm, n);
            during(|| figures(&old.diff(&new).unwrap())).1
        });
    }
    let maglev = |entries| Algorithm::Maglev(MaglevConfig::default().table_size(entries));
    assert_growth("figures of maglev", 10, 2.2, |n| {
        // Primes.
        let entries = if n == 10 { 10_007 } else { 20_011 };
        let (old, new) = doubled(&maglev(entries), 10);
        during(|| figures(&old.diff(&new).unwrap())).1
    });
}

/// Of a single change of a native ring: the points of one node and what is next to them, however many others
/// there are.
#[test]
fn a_single_change_of_a_ring() {
    let ring = |n: u32| {
        let config = RingConfig::default().scale(20, 1);
        Locator::<u32, Ring>::ring_of(nodes(0..n, |_| 1), config).unwrap()
    };
    for replicas in [1, 3, 8] {
        let steps = |n: usize| {
            let old = ring(n as u32);
            let new = old.with(u32::MAX).unwrap();
            let diff = old.diff_replicas(&new, replicas).unwrap();
            during(|| (diff.moved(), diff.matrix().unwrap().len(), diff.moves().count())).1
        };
        assert_growth(&std::format!("a node more, {replicas} replicas"), 1000, 1.1, steps);
        // For each figure a point is made, lists of owners begin at it and go on below it; one figure sums
        // all moves.
        let lists = if replicas == 1 { 1 } else { 2 * replicas as u64 + 3 };
        let most = 20 * (3 * (1 + lists) + replicas as u64);
        let steps = steps(1000);
        assert!(steps <= most, "{steps} steps for {replicas} replicas, {most} expected");
    }
    assert_growth("starting a diff", 1000, 2.2, |n| {
        let old = ring(n as u32);
        let new = old.with(u32::MAX).unwrap();
        during(|| old.diff(&new).unwrap()).1
    });
}

/// More replicas than a list in registers has, and nodes that are so light that their few points
/// are far apart: lists go on from point to point, and are not collected anew.
#[test]
fn lists_of_nodes_far_apart() {
    for replicas in [2, 3, 8] {
        assert_growth(&std::format!("{replicas} replicas, most of them light"), 2000, 2.2, |n| {
            let weight = |id: u32| if id < 2 { n as u64 } else { 1 };
            let config = RingConfig::default().scale(1, 1);
            let old = Locator::<u32, Ring>::ring_of(nodes(0..9, weight), config.clone()).unwrap();
            let new = Locator::<u32, Ring>::ring_of(nodes(1..10, weight), config).unwrap();
            let diff = old.diff_replicas(&new, replicas).unwrap();
            let (found, steps) = during(|| (diff.matrix().unwrap().len(), diff.moves().count()));
            assert!(found.0 > 0 && found.1 > 0);
            steps + figures(&diff)
        });
    }
}

#[test]
fn tables_by_their_partitions() {
    let table = |partitions: usize, ids: std::ops::Range<u32>| {
        let config = TableConfig::new(partitions as u32, 3);
        Locator::<u32, PartitionTable>::table_of(nodes(ids, |_| 1), config).unwrap()
    };
    assert_growth("figures of a table", 512, 2.2, |n| {
        let (old, new) = (table(n, 0..10), table(n, 1..11));
        let diff = old.diff_replicas(&new, 3).unwrap();
        during(|| figures(&diff) + diff.moves().count() as u64).1
    });
    let (old, new) = (table(2048, 0..10), table(4096, 0..11));
    let diff = old.diff(&new).unwrap();
    let (first, steps) = during(|| diff.moves().next().is_some());
    assert!(first && steps < 200, "{steps}");
}

#[test]
fn pairs_between_boards_and_weights() {
    // Of one node that changes, n pairs.
    let algorithms = [Algorithm::WeightedRendezvous, Algorithm::Asura(AsuraConfig::default())];
    for algorithm in algorithms {
        assert_growth(&std::format!("all moves of {algorithm}"), 500, 2.5, |n| {
            let old = value(algorithm.clone(), 0..n as u32);
            let new = old.with_node(Node::new(u32::MAX).weight(1)).unwrap();
            during(|| assert_eq!(old.diff(&new).unwrap().moves().count(), n)).1
        });
    }
}

/// Counting over keys: each key costs its lookups, whatever the number of nodes.
#[test]
fn a_report_over_keys() {
    assert_growth("report", 500, 2.6, |n| {
        let (old, new) = doubled(&Algorithm::Jump, n);
        let (_, steps) = during(|| {
            let mut movement = MoveCounter::new(&old, &new, 1).unwrap();
            for key in 0..n as u64 {
                movement.record(&key, 1);
            }
            movement.report().moved()
        });
        steps
    });
}
