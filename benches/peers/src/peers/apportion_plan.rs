//! apportion's planner of partition tables, with and without dispersion.

use crate::pass::middle;
use crate::planning::{Member, System, config, topology};
use apportion::partition::Plan;
use apportion::{Planner, Topology};
use std::time::Instant;

/// A plan and its nodes.
pub struct Planned<const DISPERSE: bool> {
    plan: Plan,
    /// The time of dispersing it, in milliseconds.
    dispersal: f64,
}

/// Without dispersion.
pub type PlannedAlone = Planned<false>;
/// Dispersed after every step, as in a `Locator`.
pub type PlannedDispersed = Planned<true>;

impl<const DISPERSE: bool> Planned<DISPERSE> {
    fn disperse(planner: &Planner<'_>, plan: &mut Plan) -> f64 {
        let start = Instant::now();
        if DISPERSE {
            planner.disperse(plan).expect("a plan of this planner");
        }
        start.elapsed().as_secs_f64() * 1e3
    }
}

impl<const DISPERSE: bool> System for Planned<DISPERSE> {
    const NAME: &'static str =
        if DISPERSE { "apportion planner, dispersed" } else { "apportion planner" };
    type Nodes = Topology<u32>;

    fn nodes(members: &[Member]) -> Topology<u32> {
        topology(members)
    }

    fn fresh(nodes: &Topology<u32>, partitions: u32) -> Self {
        let planner = Planner::new(nodes.members(), &config(partitions)).expect("a planner");
        let mut plan = planner.fresh().expect("a table");
        let dispersal = Self::disperse(&planner, &mut plan);
        Self { plan, dispersal }
    }

    fn change(&self, before: &Topology<u32>, after: &Topology<u32>) -> Self {
        let old = self.plan.table();
        let planner = Planner::new(after.members(), old.config()).expect("a planner");
        let mut plan = planner.rebalance(old, before.members()).expect("a table");
        let dispersal = Self::disperse(&planner, &mut plan);
        Self { plan, dispersal }
    }

    fn holders(&self, nodes: &Topology<u32>) -> Vec<u32> {
        let table = self.plan.table();
        let rows = (0..table.partitions()).flat_map(|partition| table.row(partition));
        rows.map(|node| *nodes.get(node).expect("a node")).collect()
    }

    fn details(
        &self,
        changed: &Self,
        before: &Topology<u32>,
        after: &Topology<u32>,
    ) -> Vec<(&'static str, f64)> {
        let old = self.plan.table();
        let planner = Planner::new(after.members(), old.config()).expect("a planner");
        let old = Some((old, before.members()));
        let check = |_| {
            let start = Instant::now();
            let verified = planner.verify(&changed.plan, old).expect("a proof");
            let took = start.elapsed();
            assert!(verified.optimal(), "{}: fewer moves are possible", Self::NAME);
            took.as_secs_f64() * 1e3
        };
        let mut figures = vec![("check, ms", middle(&mut (0..5).map(check).collect::<Vec<_>>()))];
        if DISPERSE {
            figures.push(("dispersion, ms", self.dispersal));
        }
        figures
    }
}
