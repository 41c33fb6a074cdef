//! Plans from rows that no plan led to.

use crate::{compare, proved};
use apportion_properties::plan_oracle::{Instance, Shape};
use apportion_properties::support::Draws;

/// Small ones beside the flow, larger ones beside their own certificate, which proves the least
/// movement by itself; each plan is checked row by row.
fn plans(seed: u64, count: usize, compared: usize) -> usize {
    let small = Shape { partitions: 24, nodes: 12, replicas: 4, levels: 2 };
    let large = Shape { partitions: 200, nodes: 40, replicas: 6, levels: 3 };
    let mut draws = Draws(seed);
    let mut feasible = 0;
    for i in 0..count {
        let shape = if i % 4 == 0 { large } else { small };
        let instance = shape.given(&mut draws);
        feasible += usize::from(if i % compared == 1 {
            compare(&instance)
        } else {
            proved(&instance, false).is_ok()
        });
    }
    feasible
}

#[test]
fn from_any_rows() {
    let feasible = plans(91, 3000, 16);
    assert!(feasible > 1500, "{feasible}");
}

/// In release with debug assertions: `cargo test --release --config
/// profile.release.debug-assertions=true --test planner from_any_rows -- --ignored`.
#[test]
#[ignore = "many plans"]
fn from_any_rows_at_length() {
    let count = std::env::var("PLANS").ok().and_then(|n| n.parse().ok()).unwrap_or(160_000);
    let seed = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(92);
    let feasible = plans(seed, count, 16);
    println!("{feasible} of {count} plans are legal, balanced and the least movement");
}

/// 20 partitions over 14 nodes in four zones, one of which lost a node to another zone and all of
/// which have other weights: a batch of paths whose repeats met the others made a cycle that gains,
/// and the search followed it for ever.
#[test]
fn a_node_changes_its_zone_and_all_weights_are_drawn_anew() {
    const OLD: [[u64; 3]; 20] = [
        [12, 3, 6],
        [8, 2, 102],
        [8, 2, 102],
        [8, 0, 12],
        [101, 10, 8],
        [101, 10, 8],
        [4, 10, 8],
        [3, 2, 10],
        [3, 2, 10],
        [4, 1, 6],
        [13, 2, 102],
        [13, 2, 102],
        [13, 11, 4],
        [3, 10, 2],
        [3, 10, 12],
        [3, 10, 2],
        [9, 6, 101],
        [9, 6, 101],
        [9, 6, 101],
        [9, 6, 101],
    ];
    const NOW: [(u64, u32, u64); 14] = [
        (1, 3, 1),
        (2, 2, 106),
        (102, 3, 40),
        (4, 2, 1),
        (6, 1, 7),
        (8, 2, 20),
        (9, 3, 86),
        (10, 3, 6),
        (11, 0, 12),
        (12, 2, 1),
        (13, 1, 3),
        (100, 2, 25),
        (101, 2, 50),
        (103, 2, 100),
    ];
    let place = |id: u64| {
        let gone = || NOW.len() + [0, 3].iter().position(|left| *left == id).unwrap();
        NOW.iter().position(|(there, ..)| *there == id).unwrap_or_else(gone)
    };
    let instance = Instance {
        caps: vec![Some(1)],
        nodes: NOW.map(|(_, zone, weight)| crate::spec(zone, weight)).into(),
        partitions: OLD.len(),
        replicas: 3,
        old: Some(OLD.iter().map(|row| row.map(place).into()).collect()),
        pins: Vec::new(),
        frozen: Vec::new(),
    };
    assert!(compare(&instance));
    assert_eq!(proved(&instance, false).unwrap().2, 28);
}

/// What a plan moves at least is more than its lower bound here, and the certificate proves it.
#[test]
fn a_certificate_proves_a_move_that_only_the_limits_ask_for() {
    const OLD: [[u64; 3]; 10] = [
        [5, 0, 7],
        [2, 1, 0],
        [7, 5, 6],
        [4, 3, 1],
        [7, 2, 1],
        [2, 5, 4],
        [1, 2, 4],
        [5, 3, 0],
        [7, 1, 4],
        [3, 0, 6],
    ];
    const NOW: [(u64, u32, u64); 7] =
        [(0, 0, 16), (1, 1, 100), (2, 2, 99), (3, 3, 98), (4, 0, 81), (6, 2, 89), (7, 3, 12)];
    let place = |id: u64| NOW.iter().position(|(there, ..)| *there == id).unwrap_or(NOW.len());
    let instance = Instance {
        caps: vec![Some(1)],
        nodes: NOW.map(|(_, zone, weight)| crate::spec(zone, weight)).into(),
        partitions: OLD.len(),
        replicas: 3,
        old: Some(OLD.iter().map(|row| row.map(place).into()).collect()),
        pins: Vec::new(),
        frozen: Vec::new(),
    };
    let (plan, _, least) = proved(&instance, false).unwrap();
    assert_eq!((plan.moved(), plan.lower_bound(), least), (10, 9, 10));
}
