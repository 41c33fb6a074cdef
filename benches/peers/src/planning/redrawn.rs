//! The hardest change of few nodes: all weights are drawn again, and most partitions have holders in
//! common with thousands of others.

use super::record::{self, Record};
use super::scenario::{Member, REPLICAS, config, topology};
use super::system::System;
use crate::peers::PlannedDispersed;
use apportion::{KeyHash, Planner, Topology};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const NODES: u32 = 12;
const ZONES: u32 = 4;
const PARTITIONS: u32 = 1 << 18;
const DRAWS: u64 = 5;

/// Planning and dispersing after the weights were drawn again: of several draws the slowest, of several
/// passes the fastest.
pub fn measure(passes: usize) -> Record {
    let (plan, dispersion) = (0..DRAWS)
        .map(|draw| fastest(draw, passes))
        .fold((Duration::ZERO, Duration::ZERO), |slowest, taken| {
            (slowest.0.max(taken.0), slowest.1.max(taken.1))
        });
    let mut record = Record {
        scenario: record::REDRAWN.to_owned(),
        system: PlannedDispersed::NAME.to_owned(),
        nodes: NODES,
        partitions: PARTITIONS,
        figures: BTreeMap::new(),
    };
    record.set(record::REDRAWN_PLAN, plan.as_secs_f64() * 1e3);
    record.set(record::DISPERSION, dispersion.as_secs_f64() * 1e3);
    record
}

fn fastest(draw: u64, passes: usize) -> (Duration, Duration) {
    let (before, after) = (drawn(draw), drawn(draw + 100));
    let config = config(PARTITIONS);
    let planner = Planner::new(before.members(), &config).expect("a planner");
    let mut old = planner.fresh().expect("a table");
    planner.disperse(&mut old).expect("a plan of this planner");
    let old = old.into_table();
    let planner = Planner::new(after.members(), &config).expect("a planner");
    let once = |_| {
        let start = Instant::now();
        let mut plan = planner.rebalance(&old, before.members()).expect("a table");
        let planned = start.elapsed();
        planner.disperse(&mut plan).expect("a plan of this planner");
        let dispersed = start.elapsed() - planned;
        let verified = planner.verify(&plan, Some((&old, before.members()))).expect("a proof");
        assert!(verified.optimal(), "draw {draw}: fewer moves are possible");
        (planned, dispersed)
    };
    let all = (0..passes.max(1)).map(once);
    all.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))).unwrap_or_default()
}

fn drawn(draw: u64) -> Topology<u32> {
    let weight = |id: u32| 1 + (KeyHash::of_id(draw << 32 | u64::from(id)).get() % 10) as u32;
    let member = |id| Member { id, zone: id % ZONES, weight: weight(id) };
    const { assert!(REPLICAS < ZONES) };
    topology(&(0..NODES).map(member).collect::<Vec<_>>())
}
