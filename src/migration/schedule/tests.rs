//! Schedules against the rules, against a bound counted anew, and against exhaustive search.

use super::colouring::Colouring;
use super::components::Components;
use super::graph::{Graph, Limit, Numbers};
use super::limits::NodeLimits;
use super::ports::Ports;
use super::rounds::{Rounds, coloured};
use super::units::Units;
use super::{Limits, Optimality, Schedule};
use crate::ErrorKind;
use crate::hash::mix::{reduce, word};
use crate::node::NodeLabel;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use std::collections::{BTreeMap, BTreeSet};
use std::println;

/// Numbers that look random and are always the same.
pub(super) struct Random(u64, u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed, 0)
    }

    pub(super) fn below(&mut self, n: u32) -> u32 {
        self.1 += 1;
        reduce(word(self.0, self.1), u64::from(n)) as u32
    }
}

/// Transfers between random nodes, some of them without a source. Each has a unit of its own, or one
/// of as many as are given.
fn transfers(random: &mut Random, nodes: u32, count: u32, units: Option<u32>) -> Vec<Numbers> {
    let numbers = |i| {
        let to = random.below(nodes);
        let from = (to + 1 + random.below(nodes - 1)) % nodes;
        let unit = units.map_or(i, |units| random.below(units));
        (unit, (random.below(12) > 0).then_some(from), to)
    };
    (0..count).map(numbers).collect()
}

pub(super) fn schedule(transfers: &[Numbers], limits: &[Limit]) -> Schedule {
    Schedule::of(transfers, &NodeLimits(limits.to_vec()))
}

/// Which limits a transfer counts for: the node, and 0 for sends, 1 for receives, 2 for both.
fn counts(transfer: &Numbers, limits: &[Limit]) -> Vec<(u32, u32)> {
    let role = |node: u32, role| match limits[node as usize] {
        Limit::Each { .. } => (node, role),
        Limit::Joint(_) => (node, 2),
    };
    let sends = transfer.1.map(|from| role(from, 0));
    sends.into_iter().chain([role(transfer.2, 1)]).collect()
}

fn limit((node, role): (u32, u32), limits: &[Limit]) -> u32 {
    match limits[node as usize] {
        Limit::Each { send, receive } => [send, receive][role as usize],
        Limit::Joint(both) => both,
    }
}

fn bound(transfers: &[Numbers], limits: &[Limit]) -> u32 {
    let (mut loads, mut units) = (BTreeMap::new(), BTreeMap::new());
    for transfer in transfers {
        *units.entry(transfer.0).or_insert(0) += 1;
        for at in counts(transfer, limits) {
            *loads.entry(at).or_insert(0) += 1;
        }
    }
    let rounds = loads.iter().map(|(at, load): (_, &u32)| load.div_ceil(limit(*at, limits)));
    rounds.chain(units.into_values()).max().unwrap_or(0)
}

/// Fails unless the schedule keeps every rule and says the truth about itself.
pub(super) fn check(transfers: &[Numbers], limits: &[Limit], schedule: &Schedule) {
    let shown = |_| NodeLabel::from_bytes(b"n").shown();
    let checked = schedule.check(transfers, &NodeLimits(limits.to_vec()), shown);
    assert!(checked.is_ok(), "{schedule:?}");
    let mut seen = BTreeSet::new();
    for (round, members) in (0..).zip(schedule.iter()) {
        let (mut loads, mut units) = (BTreeMap::new(), BTreeSet::new());
        assert!(!members.is_empty() && members.is_sorted(), "round {round}");
        assert_eq!(members, schedule.round(round));
        for number in members {
            let transfer = &transfers[*number as usize];
            assert!(seen.insert(*number), "transfer {number} has two rounds");
            assert_eq!(schedule.round_of(*number as usize), Some(round));
            assert!(units.insert(transfer.0), "unit {} twice in round {round}", transfer.0);
            for at in counts(transfer, limits) {
                let load = loads.entry(at).or_insert(0);
                *load += 1;
                assert!(*load <= limit(at, limits), "{at:?} in round {round}: {load}");
            }
        }
    }
    assert_eq!(seen.len(), transfers.len());
    assert_eq!(schedule.round_of(transfers.len()), None);
    assert!(schedule.round(schedule.rounds()).is_empty());
    assert_eq!(schedule.bound(), bound(transfers, limits));
    assert_eq!(schedule.rounds(), schedule.bound() + schedule.extra());
    let (rounds, bound) = (schedule.rounds(), schedule.bound());
    match schedule.optimality() {
        Optimality::Optimal => {}
        Optimality::WithinThreeHalves => assert!(rounds <= bound + bound / 2),
        Optimality::OptimalButForUnits => {
            assert!(schedule.extra_unit().is_some() && rounds < 3 * bound);
        }
        Optimality::WithinThree => assert!(schedule.extra_unit().is_some() && rounds < 3 * bound),
    }
}

/// The minimum number of rounds, by placing one transfer after the other in every round.
fn minimum(transfers: &[Numbers], limits: &[Limit]) -> u32 {
    fn place(transfers: &[Numbers], limits: &[Limit], rounds: &mut [Vec<Numbers>]) -> bool {
        let Some((transfer, rest)) = transfers.split_first() else { return true };
        let mut tried_empty = false;
        for round in 0..rounds.len() {
            let members = &rounds[round];
            let load =
                |at| members.iter().flat_map(|t| counts(t, limits)).filter(move |b| *b == at);
            let fits = counts(transfer, limits)
                .into_iter()
                .all(|at| load(at).count() < limit(at, limits) as usize);
            if !fits || members.iter().any(|other| other.0 == transfer.0) {
                continue;
            }
            // Empty rounds are all alike.
            let is_empty = members.is_empty();
            if is_empty && tried_empty {
                continue;
            }
            tried_empty |= is_empty;
            rounds[round].push(*transfer);
            if place(rest, limits, rounds) {
                return true;
            }
            rounds[round].pop();
        }
        false
    }
    let first = bound(transfers, limits);
    let rounds = (first..=transfers.len() as u32)
        .find(|n| place(transfers, limits, &mut vec![Vec::new(); *n as usize]));
    rounds.expect("a number of rounds")
}

/// Rounds without the exhaustive search.
fn rounds_by_exchanges(transfers: &[Numbers], limits: &[Limit]) -> u32 {
    let graph = Graph::new(transfers, limits);
    let mut units = Units::new(transfers);
    let bound = graph.bound().max(units.max_transfers);
    let components = Components::new(&graph, bound);
    let minimum = bound.max(components.min_rounds);
    let (round_of, rounds, _) = coloured(&graph, &mut units, &components, minimum);
    assert!(units.are_apart(&round_of));
    rounds
}

fn separate_limits(random: &mut Random, nodes: u32, max: u32) -> Vec<Limit> {
    let limit = |_| Limit::Each { send: 1 + random.below(max), receive: 1 + random.below(max) };
    (0..nodes).map(limit).collect()
}

fn joint_limits(random: &mut Random, nodes: u32, max: u32) -> Vec<Limit> {
    (0..nodes).map(|_| Limit::Joint(1 + random.below(max))).collect()
}

#[test]
fn the_bound_is_met_where_no_unit_has_two_transfers() {
    let mut random = Random::new(1);
    for case in 0..10_000 {
        let nodes = 2 + random.below(if case % 10 == 0 { 60 } else { 9 });
        let count = random.below(if case % 10 == 0 { 400 } else { 60 });
        let max_limit = 1 + random.below(5);
        let transfers = transfers(&mut random, nodes, count, None);
        let limits = separate_limits(&mut random, nodes, max_limit);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!((schedule.extra(), schedule.extra_unit()), (0, None), "case {case}");
        assert_eq!(schedule.optimality(), Optimality::Optimal);
    }
}

#[test]
fn units_with_several_transfers_are_kept_apart() {
    let mut random = Random::new(2);
    let (mut extra, mut cases) = (0, 0);
    for case in 0..3_000 {
        let nodes = 3 + random.below(20);
        let count = 1 + random.below(if case % 10 == 0 { 600 } else { 80 });
        let max_limit = 1 + random.below(4);
        let units = 1 + count * (1 + random.below(3)) / 3;
        let transfers = transfers(&mut random, nodes, count, Some(units));
        let limits = separate_limits(&mut random, nodes, max_limit);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!(schedule.extra() > 0, schedule.extra_unit().is_some());
        extra += schedule.extra();
        cases += 1;
    }
    println!("{extra} extra rounds in {cases} schedules");
    assert!(extra * 100 <= cases, "{extra} extra rounds in {cases} schedules");
}

/// Small migrations: the search finds the minimum, and the exchanges alone nearly always do.
#[test]
fn small_schedules_with_crowded_units_are_optimal() {
    let mut random = Random::new(3);
    let (mut more, mut needed, cases) = (0, 0, 3_000);
    for _ in 0..cases {
        let nodes = 2 + random.below(4);
        let (count, units) = (2 + random.below(8), 1 + random.below(5));
        let max_limit = 1 + random.below(2);
        let transfers = transfers(&mut random, nodes, count, Some(units));
        let limits = separate_limits(&mut random, nodes, max_limit);
        let minimum = minimum(&transfers, &limits);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!(schedule.rounds(), minimum, "{transfers:?} {limits:?}");
        assert_eq!(schedule.optimality(), Optimality::Optimal);
        assert_eq!(schedule.extra() > 0, schedule.extra_unit().is_some());
        needed += u32::from(schedule.extra() > 0);
        more += rounds_by_exchanges(&transfers, &limits) - minimum;
    }
    println!("extra needed in {needed} of {cases}; exchanges alone: {more} rounds more");
    assert!(more * 100 <= cases, "{more} rounds more in {cases} schedules");
}

#[test]
fn even_joint_limits_are_optimal() {
    let mut random = Random::new(4);
    for case in 0..3_000 {
        let nodes = 2 + random.below(if case % 10 == 0 { 40 } else { 9 });
        let count = random.below(if case % 10 == 0 { 400 } else { 60 });
        let transfers = transfers(&mut random, nodes, count, None);
        let limits = (0..nodes).map(|_| Limit::Joint(2 + 2 * random.below(3)));
        let limits: Vec<Limit> = limits.collect();
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!(
            (schedule.extra(), schedule.optimality()),
            (0, Optimality::Optimal),
            "case {case}"
        );
    }
}

#[test]
fn odd_joint_limits_are_optimal_where_no_node_sends_and_receives() {
    let mut random = Random::new(5);
    for _ in 0..1_000 {
        let count = random.below(100);
        let transfer = |unit| (unit, Some(random.below(5)), 5 + random.below(4));
        let transfers: Vec<Numbers> = (0..count).map(transfer).collect();
        let limits = joint_limits(&mut random, 9, 3);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!((schedule.extra(), schedule.optimality()), (0, Optimality::Optimal));
    }
}

#[test]
fn odd_joint_limits_are_within_three_halves() {
    let mut random = Random::new(6);
    let (mut sum, mut bounds) = (0, 0);
    for case in 0..3_000 {
        let nodes = 3 + random.below(if case % 10 == 0 { 40 } else { 5 });
        let count = random.below(if case % 10 == 0 { 400 } else { 60 });
        let max_limit = 1 + random.below(4);
        let transfers = transfers(&mut random, nodes, count, None);
        let limits = joint_limits(&mut random, nodes, max_limit);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert!(schedule.rounds() <= schedule.bound() * 3 / 2 || schedule.bound() < 2);
        sum += schedule.rounds();
        bounds += schedule.bound();
    }
    println!("{sum} rounds, bounds {bounds}");
}

#[test]
fn small_schedules_with_odd_joint_limits_are_optimal() {
    let mut random = Random::new(7);
    let (mut more, mut needed, cases) = (0, 0, 3_000);
    for case in 0..cases {
        let nodes = 3 + random.below(3);
        let (count, max_limit) = (3 + random.below(6), 1 + random.below(3));
        let units = (case % 2 == 0).then_some(4);
        let transfers = transfers(&mut random, nodes, count, units);
        let limits = joint_limits(&mut random, nodes, max_limit);
        let minimum = minimum(&transfers, &limits);
        let schedule = schedule(&transfers, &limits);
        check(&transfers, &limits, &schedule);
        assert_eq!(schedule.rounds(), minimum, "{transfers:?} {limits:?}");
        assert_eq!(schedule.optimality(), Optimality::Optimal);
        needed += u32::from(minimum > schedule.bound());
        more += rounds_by_exchanges(&transfers, &limits) - minimum;
    }
    println!("more than the bound needed in {needed} of {cases}; exchanges alone: {more} more");
    assert!(more * 50 <= cases, "{more} rounds more in {cases} schedules");
}

/// Three nodes with 20 transfers for each pair: every round has room for one.
#[test]
fn a_triangle_with_joint_limits_of_one_is_proved_optimal() {
    let transfers: Vec<Numbers> =
        (0..60).map(|unit| (unit, Some(unit % 3), (unit + 1) % 3)).collect();
    let limits = [Limit::Joint(1); 3];
    let schedule = schedule(&transfers, &limits);
    check(&transfers, &limits, &schedule);
    assert_eq!((schedule.bound(), schedule.rounds()), (40, 60));
    assert_eq!((schedule.optimality(), schedule.extra_unit()), (Optimality::Optimal, None));
}

/// Any two of three transfers exclude each other: by their unit, their sender, their receiver.
#[test]
fn the_unit_that_forces_an_extra_round_is_named() {
    let transfers = [(7, Some(0), 3), (7, Some(1), 4), (8, Some(1), 3)];
    let limits = [Limit::Each { send: 1, receive: 1 }; 5];
    let forced = schedule(&transfers, &limits);
    check(&transfers, &limits, &forced);
    assert_eq!((forced.bound(), forced.rounds(), forced.extra()), (2, 3, 1));
    assert_eq!((forced.extra_unit(), forced.optimality()), (Some(7), Optimality::Optimal));
}

#[test]
fn mixed_and_unlimited_limits() {
    let mut random = Random::new(8);
    for _ in 0..1_000 {
        let nodes = 3 + random.below(8);
        let count = random.below(80);
        let transfers = transfers(&mut random, nodes, count, None);
        let limit = |random: &mut Random| [1, 2, 3, u32::MAX][random.below(4) as usize];
        let limits: Vec<Limit> = (0..nodes)
            .map(|_| match random.below(2) {
                0 => Limit::Joint(limit(&mut random)),
                _ => Limit::Each { send: limit(&mut random), receive: limit(&mut random) },
            })
            .collect();
        check(&transfers, &limits, &schedule(&transfers, &limits));
    }
}

#[test]
fn nothing_takes_no_round() {
    let empty = schedule(&[], &[Limit::Joint(1); 3]);
    assert_eq!((empty.rounds(), empty.bound(), empty.iter().len()), (0, 0, 0));
    assert_eq!((empty.optimality(), empty.round_of(0)), (Optimality::Optimal, None));
}

#[test]
fn a_limit_of_0_names_the_node() {
    let find = |label: &crate::node::NodeLabel| (&**label == b"a").then_some(0);
    let message = |limits: Limits| {
        let error = limits.resolve(1, find).expect_err("a limit of 0");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        error.to_string()
    };
    assert_eq!(
        message(Limits::each(1, 1).node("a", 2, 0)),
        "the limit of receives of node \"a\" is 0, so its transfers would never run; give it at \
         least 1"
    );
    assert_eq!(
        message(Limits::joint(0)),
        "the limit of transfers of every node is 0, so its transfers would never run; give it at \
         least 1"
    );
    assert!(message(Limits::each(0, 1)).starts_with("the limit of sends of every node is 0"));
    assert!(message(Limits::each(1, 1).node_joint("a", 0)).contains("node \"a\""));
    let unknown = Limits::joint(2).node("b", 1, 1).resolve(1, find).expect_err("an unknown node");
    assert_eq!(unknown.kind(), ErrorKind::UnknownNode);
    let limits = Limits::each(1, 2).node("a", 3, 3).node_joint("a", 4).resolve(1, find);
    assert_eq!(limits.expect("limits").0, [Limit::Joint(4)]);
}

/// 16 cells of 4 bytes at most for each end of a transfer, and a few words besides.
#[test]
fn memory_follows_the_transfers() {
    let star = |count: u32| -> Vec<Numbers> { (0..count).map(|i| (i, Some(i + 1), 0)).collect() };
    let pair = |count: u32| -> Vec<Numbers> { (0..count).map(|i| (i, Some(1), 0)).collect() };
    let mut random = Random::new(9);
    let crowd = transfers(&mut random, 1_000, 80_000, None);
    for (transfers, nodes) in [(star(80_000), 80_001), (pair(80_000), 2), (crowd, 1_000)] {
        for limit in [Limit::Each { send: 1, receive: 1 }, Limit::Joint(2), Limit::Joint(1)] {
            let graph = Graph::new(&transfers, &vec![limit; nodes]);
            let components = Components::new(&graph, graph.bound());
            let ports = Ports::new(&graph, &components);
            let bytes = Colouring::new(&ports, graph.bound(), graph.bound() / 2).bytes();
            assert!(bytes <= 256 * transfers.len(), "{bytes} bytes, {nodes} nodes");
        }
    }
}

/// Prints how long large schedules take; run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn time_of_80_000_transfers_over_1_000_nodes() {
    let mut random = Random::new(10);
    for (name, limit, units) in [
        ("each 1, 1", Limit::Each { send: 1, receive: 1 }, None),
        ("each 2, 2", Limit::Each { send: 2, receive: 2 }, None),
        ("each 8, 4", Limit::Each { send: 8, receive: 4 }, None),
        ("each 1, 1, units of about 2", Limit::Each { send: 1, receive: 1 }, Some(40_000)),
        ("each 8, 4, units of about 2", Limit::Each { send: 8, receive: 4 }, Some(40_000)),
        ("joint 2", Limit::Joint(2), None),
        ("joint 1", Limit::Joint(1), None),
        ("joint 3, units of about 2", Limit::Joint(3), Some(40_000)),
    ] {
        let transfers = transfers(&mut random, 1_000, 80_000, units);
        let limits = vec![limit; 1_000];
        let begin = std::time::Instant::now();
        let rounds = Rounds::new(&transfers, &limits);
        let time = begin.elapsed();
        println!(
            "{name}: {:.1} ms, {} rounds, bound {}, {}",
            time.as_secs_f64() * 1e3,
            rounds.number,
            rounds.bound,
            rounds.guarantee
        );
    }
}
