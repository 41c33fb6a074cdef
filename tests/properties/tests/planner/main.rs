//! The planner against the oracle.

mod given;

use apportion::partition::{Plan, TableConfig};
use apportion::{Error, NodeIdx, PartitionTable, Planner, Topology};
use apportion_properties::plan_oracle::{self, Instance, NodeSpec, Table};
use apportion_properties::request::{config, topology};
use apportion_properties::support::Draws;

/// A node of one zone.
fn spec(zone: u32, weight: u64) -> NodeSpec {
    NodeSpec { path: vec![zone], weight }
}

fn planned(instance: &Instance, disperse: bool) -> Result<(Plan, Table), Error> {
    let (plan, table, _) = proved(instance, disperse)?;
    Ok((plan, table))
}

/// A plan, its table, and the moves that its certificate proves to be needed.
fn proved(instance: &Instance, disperse: bool) -> Result<(Plan, Table, u64), Error> {
    let now = topology(instance, false);
    let slot = |v: &usize| NodeIdx::new(*v as u32);
    let planner = Planner::new(now.members(), &config(instance))?
        .pinned(instance.pins.iter().map(|(p, v)| (*p as u32, slot(v))))?
        .frozen(instance.frozen.iter().map(|p| *p as u32))?;
    let before = topology(instance, true);
    let old = instance.old.as_ref().map(|old| {
        let rows: Vec<NodeIdx> = old.iter().flatten().map(slot).collect();
        let (partitions, each) = (instance.partitions as u32, instance.old_replicas() as u32);
        PartitionTable::from_rows(before.members(), partitions, each, &rows).unwrap()
    });
    let mut plan = match &old {
        None => planner.fresh()?,
        Some(old) => planner.rebalance(old, before.members())?,
    };
    if disperse {
        planner.disperse(&mut plan)?;
    }
    let old = old.as_ref().map(|old| (old, before.members()));
    let verified = planner.verify(&plan, old).unwrap_or_else(|why| panic!("{why}: {instance:?}"));
    assert!(verified.optimal(), "{verified:?}: {instance:?}");
    let row = |p: u32| plan.table().row(p).map(NodeIdx::index).collect();
    let table = (0..instance.partitions as u32).map(row).collect();
    Ok((plan, table, verified.minimum))
}

/// Whether the planner's own check of pins and frozen sets would refuse.
fn compare(instance: &Instance) -> bool {
    let least = plan_oracle::min_moves(instance);
    let result = planned(instance, false);
    let Ok((plan, table)) = result else {
        assert_eq!(least, None, "{}: {instance:?}", result.unwrap_err());
        return false;
    };
    let report = plan_oracle::check(instance, &table);
    let report = report.unwrap_or_else(|why| panic!("{why}: {instance:?} {table:?}"));
    assert!(report.outside.is_empty(), "{report:?} {instance:?} {table:?}");
    assert!(report.violations.is_empty(), "{report:?} {instance:?} {table:?}");
    let moved = if instance.old.is_some() { report.moved } else { 0 };
    assert_eq!(plan.moved(), moved, "{instance:?}");
    assert_eq!(
        Some(moved),
        least.map(|l| if instance.old.is_some() { l } else { 0 }),
        "{instance:?}"
    );
    if instance.old.is_some() {
        assert_eq!(Some(plan.lower_bound()), plan_oracle::lower_bound(instance), "{instance:?}");
        assert_eq!(plan.partitions_moved_twice(), report.doubles, "{instance:?}");
    }
    let (dispersed, spread) = planned(instance, true).unwrap();
    let after = plan_oracle::check(instance, &spread).unwrap();
    assert!(after.outside.is_empty() && after.violations.is_empty(), "{after:?} {instance:?}");
    if instance.old.is_some() {
        assert_eq!(after.moved, report.moved, "{instance:?}");
        assert!(after.doubles <= report.doubles, "{instance:?}");
        assert_eq!(dispersed.moved(), after.moved);
    }
    true
}

#[test]
fn movement_is_the_minimum_of_an_independent_flow() {
    let mut draws = Draws(71);
    let feasible = (0..500).filter(|_| compare(&plan_oracle::random_instance(&mut draws))).count();
    assert!(feasible > 300, "{feasible}");
}

#[test]
#[ignore = "ten thousand flows"]
fn movement_is_the_minimum_at_length() {
    let mut draws = Draws(72);
    let feasible =
        (0..11_000).filter(|_| compare(&plan_oracle::random_instance(&mut draws))).count();
    println!("{feasible} feasible instances agree");
}

fn doubles(seed: u64, count: usize) -> (usize, usize) {
    let mut draws = Draws(seed);
    let (mut feasible, mut more) = (0, 0);
    for i in 0..count {
        let instance = plan_oracle::tiny_instance(&mut draws);
        if instance.old.is_none() {
            continue;
        }
        let least = plan_oracle::min_moves_and_doubles(&instance);
        let result = planned(&instance, false);
        let Ok((plan, _)) = result else {
            assert_eq!(least, None, "{}: {instance:?}", result.unwrap_err());
            continue;
        };
        feasible += 1;
        let got = (plan.moved(), plan.partitions_moved_twice());
        assert_eq!(Some(got.0), least.map(|l| l.0), "{instance:?}");
        if Some(got) != least {
            more += 1;
            if more < 4 {
                println!("{i}: {got:?} {least:?} {instance:?}");
            }
        }
    }
    (feasible, more)
}

#[test]
fn fewest_partitions_move_twice() {
    let (feasible, more) = doubles(81, 500);
    println!("{feasible} {more}");
    assert_eq!(more, 0);
}

#[test]
#[ignore = "ten thousand dynamic programs"]
fn fewest_partitions_move_twice_at_length() {
    let (feasible, more) = doubles(83, 60_000);
    println!("{feasible} {more}");
    assert_eq!(more, 0);
}

/// Where a plan needs no potentials, or a search counts all arcs as flat, there are none: no slip.
#[test]
fn potentials_that_are_not_there() {
    for (n, partitions, replicas) in [(4, 8, 2), (5, 8, 3), (6, 16, 2), (9, 16, 4), (100, 256, 1)] {
        let before = Topology::new(0..n).unwrap();
        let config = TableConfig::new(partitions, replicas);
        let planner = Planner::new(before.members(), &config).unwrap();
        let fresh = planner.fresh().unwrap();
        assert!(planner.verify(&fresh, None).is_ok());
        let old = (fresh.table(), before.members());
        let unchanged = planner.rebalance(old.0, old.1).unwrap();
        assert!(planner.verify(&unchanged, Some(old)).unwrap().optimal());
        for gone in 0..n {
            let (after, _) = before.without(&gone).unwrap();
            let planner = Planner::new(after.members(), &config).unwrap();
            let plan = planner.rebalance(old.0, old.1).unwrap();
            assert!(planner.verify(&plan, Some(old)).unwrap().optimal());
        }
    }
}
