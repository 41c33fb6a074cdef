//! The figures of tables, against counting them one pair at a time.
#![cfg(feature = "alloc")]

use crate::support::Draws;
use apportion::partition::TableConfig;
use apportion::{Node, NodeIdx, PartitionTable, Planner, Topology};
use std::collections::BTreeSet;

const ZONES: u64 = 5;

#[derive(Clone, Copy)]
struct Place {
    weight: u64,
    zone: u64,
}

fn topology(places: &[Place], levels: bool) -> Topology<String> {
    let node = |(i, place): (usize, &Place)| {
        let node = Node::new(format!("n{i}")).weight(place.weight);
        if levels { node.domain("zone", &format!("z{}", place.zone)) } else { node }
    };
    Topology::of(places.iter().enumerate().map(node)).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    a == b || a.is_finite() && b.is_finite() && (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

#[test]
fn reports_of_random_tables_equal_plain_counting() {
    let mut draws = Draws(0x7AB1E);
    let (mut checked, mut broken, mut drained) = (0, 0, 0);
    for round in 0..600 {
        let nodes = 10 + draws.below(8) as usize;
        let mut places: Vec<Place> = (0..nodes)
            .map(|_| Place { weight: 1 + draws.below(3), zone: draws.below(ZONES) })
            .collect();
        let levels = draws.below(3) > 0;
        let (partitions, replicas) = (1 + draws.below(40) as u32, 1 + draws.below(3) as u32);
        let limit = 1 + draws.below(2) as u32;
        let config = TableConfig::new(partitions, replicas);
        let config = if levels { config.max_per_domain("zone", limit) } else { config };
        // A table of before one node was drained.
        let table = {
            let before = topology(&places, levels);
            let mut rows = Vec::new();
            let mut slots: Vec<NodeIdx> = before.members().iter().collect();
            for _ in 0..partitions {
                draws.shuffle(&mut slots);
                rows.extend_from_slice(&slots[..replicas as usize]);
            }
            PartitionTable::from_rows(before.members(), partitions, replicas, &rows).unwrap()
        };
        if draws.below(3) == 0 {
            places[0].weight = 0;
            drained += 1;
        }
        let new = topology(&places, levels);
        let total: u64 = places.iter().map(|place| place.weight).sum();
        let zone = |zone: u64| places.iter().filter(move |place| place.zone == zone);
        let heaviest = (0..ZONES).map(|z| zone(z).map(|p| p.weight).sum::<u64>()).max().unwrap();
        if levels && heaviest * u64::from(replicas) > u64::from(limit.min(replicas)) * total {
            continue; // the quotas are not by weight alone
        }
        let planner = Planner::new(new.members(), &config).unwrap();
        let report = planner.report(&table);
        checked += 1;

        let all = u64::from(partitions) * u64::from(replicas);
        let quota = |a: usize| (all * places[a].weight) as f64 / total as f64;
        let at = |node: NodeIdx| new.get(node).unwrap()[1..].parse::<usize>().unwrap();
        for node in new.members().iter() {
            assert!(close(planner.exact_quota(node).unwrap(), quota(at(node))), "round {round}");
        }
        assert_eq!(planner.exact_quota(NodeIdx::new(nodes as u32)), None);
        let sets: Vec<BTreeSet<usize>> =
            (0..partitions).map(|p| table.row(p).map(at).collect()).collect();
        let held = |a: usize| sets.iter().filter(|set| set.contains(&a)).count() as u64;
        let ratios = |live: bool| -> Vec<f64> {
            let counts = |a: &usize| (places[*a].weight > 0) == live && (live || held(*a) > 0);
            (0..nodes).filter(counts).map(|a| held(a) as f64 / quota(a)).collect()
        };
        let most = [ratios(true), ratios(false)].concat().into_iter().fold(0.0, f64::max);
        assert!(close(report.max_over_quota, most), "round {round}: {report:?} {most}");
        assert!(close(
            report.min_over_quota,
            ratios(true).into_iter().fold(f64::INFINITY, f64::min)
        ));
        let off = |held: u64, weight: u64| {
            let (floor, ceil) = (all * weight / total, (all * weight).div_ceil(total));
            u64::from(!(floor..=ceil).contains(&held))
        };
        let mut outside: u64 = (0..nodes).map(|a| off(held(a), places[a].weight)).sum();
        let mut violations = 0;
        for z in (0..ZONES).filter(|_| levels) {
            let within = |a: &usize| places[*a].zone == z;
            let here = (0..nodes).filter(within).map(held).sum();
            outside += off(here, zone(z).map(|place| place.weight).sum());
            let count = |set: &&BTreeSet<usize>| set.iter().filter(|a| within(a)).count();
            violations += sets.iter().filter(|set| count(set) > limit as usize).count() as u64;
        }
        assert_eq!(report.outside_floor_ceil, outside);
        assert_eq!(report.domain_violations, violations);
        broken += u32::from(violations > 0);
        assert_eq!(report.unknown_holders, 0);
        assert_eq!(report.distinct_copysets, sets.iter().collect::<BTreeSet<_>>().len() as u64);

        let (mut worst, mut shared) = (0.0, 0);
        for a in 0..nodes {
            let apart = |b: usize| if levels { places[a].zone != places[b].zone } else { a != b };
            let outside: f64 = (0..nodes).filter(|b| apart(*b)).map(quota).sum();
            for b in (0..nodes).filter(|b| apart(*b)) {
                let both = sets.iter().filter(|set| set.contains(&a) && set.contains(&b)).count();
                let fair = held(a) as f64 * f64::from(replicas - 1) * quota(b) / outside;
                let ratio = if both == 0 { 0.0 } else { both as f64 / fair };
                if ratio > worst && !close(ratio, worst) || close(ratio, worst) && both > shared {
                    (worst, shared) = (ratio, both);
                }
            }
        }
        assert!(close(report.worst_pair, worst), "round {round}: {report:?} {worst}");
        let pair = report.worst_pair_shared as usize;
        assert!(pair <= shared && (pair > 0) == (shared > 0), "round {round}");
    }
    println!("{checked} checked, {broken} broken, {drained} drained");
    assert!(checked > 300 && broken > 50 && drained > 100);
}

#[test]
fn a_planned_table_has_no_faults() {
    let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
    let nine = Topology::of((0..9).map(node)).unwrap();
    let planner =
        Planner::new(nine.members(), &TableConfig::new(300, 3).max_per_domain("zone", 1)).unwrap();
    let table = planner.fresh().unwrap().into_table();
    let report = planner.report(&table);
    assert_eq!((report.max_over_quota, report.min_over_quota), (1.0, 1.0));
    assert_eq!((report.outside_floor_ceil, report.domain_violations), (0, 0));
    assert!(report.distinct_copysets <= 27 && report.worst_pair >= 1.0);
    // 100 held, two others each, six nodes that help alike.
    let fair = 200.0 / 6.0;
    assert!(close(report.worst_pair, report.worst_pair_shared as f64 / fair));

    let one = Planner::new(nine.members(), &TableConfig::new(300, 1)).unwrap();
    let report = one.report(one.fresh().unwrap().table());
    assert_eq!((report.worst_pair, report.worst_pair_shared), (0.0, 0));
    assert_eq!(report.distinct_copysets, 9);
}

#[test]
fn holders_that_are_gone_are_counted_apart() {
    let three = Topology::new(["a", "b", "c"]).unwrap();
    let slot = |label: &str| three.members().find(label.as_bytes()).unwrap();
    let rows = ["a", "b", "a", "c", "b", "c"].map(slot);
    let table = PartitionTable::from_rows(three.members(), 3, 2, &rows).unwrap();
    let (two, _) = three.without("c").unwrap();
    let planner = Planner::new(two.members(), &TableConfig::new(3, 2)).unwrap();
    let report = planner.report(&table);
    assert_eq!((report.unknown_holders, report.distinct_copysets), (2, 3));
    // Two of three each; one partition is on both, of the two that each holds.
    assert!(close(report.max_over_quota, 2.0 / 3.0) && close(report.worst_pair, 0.5));
    assert_eq!((report.outside_floor_ceil, report.worst_pair_shared), (2, 1));
}
