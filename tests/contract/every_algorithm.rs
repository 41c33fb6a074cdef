//! Every algorithm of the crate's table, chosen at run time: one that is new there has the laws
//! checked without a line here.

use crate::built::*;
use crate::laws::*;
use crate::subject::Named;
use crate::{changes, few_points};
use apportion::{Algorithm, AnyPlacement};

/// Small rings and tables, and few darts, so that long runs take minutes.
fn small(algorithm: Algorithm) -> Algorithm {
    match algorithm {
        Algorithm::Ring(_) => Algorithm::Ring(few_points()),
        Algorithm::Asura(config) => Algorithm::Asura(config.darts(3)),
        Algorithm::Maglev(config) => Algorithm::Maglev(config.table_size(251)),
        other => other,
    }
}

fn each(law: impl Fn(Algorithm, Named<AnyPlacement>)) {
    for algorithm in Algorithm::all().map(small) {
        println!("{algorithm}");
        law(algorithm.clone(), Named::new(algorithm).saved());
    }
}

#[test]
fn law_1_owners_are_live() {
    each(|_, subject| owners_are_live(&subject));
}

#[test]
fn law_2_replicas_are_distinct_prefixes() {
    each(|_, subject| replicas_are_distinct_prefixes(&subject));
}

fn promises_hold(seed: u64, count: u64) {
    each(|algorithm, subject| {
        let seen = changes::run(&subject, seed, count);
        // A board hardly ever grows.
        let moves = !matches!(algorithm, Algorithm::Asura(_));
        changes::counter_examples(&subject, &seen, moves);
    });
}

#[test]
fn law_3_promises_hold() {
    promises_hold(3, 400);
}

#[test]
#[ignore = "100,000 changes each: cargo test --release --test contract -- --ignored --nocapture"]
fn law_3_at_length() {
    promises_hold(100, 100_000);
}

#[test]
fn law_5_history_leaves_no_trace() {
    each(|algorithm, _| history_leaves_no_trace::<AnyPlacement>(&algorithm));
}

#[test]
fn law_5_fingerprints_tell_apart() {
    each(|algorithm, _| fingerprints_tell_apart::<AnyPlacement>(&algorithm));
}

#[test]
fn law_6_foreign_walks_end() {
    each(|_, subject| foreign_walks_end(&subject));
}

#[test]
fn law_7_ties_ignore_positions() {
    each(|_, subject| ties_ignore_positions(&subject));
}

#[test]
fn law_7_a_node_comes_once() {
    each(|algorithm, _| a_node_comes_once::<AnyPlacement>(&algorithm));
}

#[test]
fn forwarding_keeps_the_answers() {
    each(|algorithm, _| forwarding_keeps_answers::<AnyPlacement>(&algorithm, algorithm.clone()));
}
