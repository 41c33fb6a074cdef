//! The documented costs, in steps: a few for each transfer in every common shape.

use super::graph::{Limit, Numbers};
use super::tests::{Random, check, schedule};
use crate::steps::{assert_growth, during};
use alloc::vec;
use alloc::vec::Vec;

const ONE: Limit = Limit::Each { send: 1, receive: 1 };

fn steps(transfers: &[Numbers], nodes: usize, limit: Limit) -> u64 {
    let limits = vec![limit; nodes];
    let (schedule, steps) = during(|| schedule(transfers, &limits));
    check(transfers, &limits, &schedule);
    steps
}

fn numbered(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<Numbers> {
    (0..).zip(pairs).map(|(unit, (from, to))| (unit, Some(from), to)).collect()
}

#[test]
fn stars_paths_and_pairs_take_linear_steps() {
    for limit in [ONE, Limit::Each { send: 3, receive: 2 }, Limit::Joint(2), Limit::Joint(1)] {
        assert_growth("star", 1_000, 2.2, |n| {
            steps(&numbered((0..n as u32).map(|i| (i + 1, 0))), n + 1, limit)
        });
        assert_growth("path", 1_000, 2.2, |n| {
            steps(&numbered((0..n as u32).map(|i| (i, i + 1))), n + 1, limit)
        });
        assert_growth("one pair", 1_000, 2.2, |n| {
            steps(&numbered((0..n as u32).map(|_| (0, 1))), 2, limit)
        });
    }
}

/// Twice as many nodes have four times as many transfers.
#[test]
fn complete_graphs_take_a_few_steps_a_transfer() {
    for limit in [ONE, Limit::Joint(2)] {
        assert_growth("complete", 40, 2.2 * 4.0, |n| {
            let pairs = (0..n as u32).flat_map(|a| (0..n as u32).map(move |b| (a, b)));
            steps(&numbered(pairs.filter(|(a, b)| a != b)), n, limit)
        });
    }
}

#[test]
fn random_transfers_take_a_few_steps_each() {
    for units in [1, 2] {
        assert_growth("random", 4_000, 2.5, |n| {
            let mut random = Random::new(11);
            let transfer = |i| {
                let to = random.below(100);
                (i / units, Some((to + 1 + random.below(99)) % 100), to)
            };
            let transfers: Vec<Numbers> = (0..n as u32).map(transfer).collect();
            steps(&transfers, 100, ONE)
        });
    }
}
