//! Tables of holders for partitions: how long they take, how even they are and what a change moves.
//! Beside them, how the planner's costs grow.

mod aims;
mod judge;
mod measure;
mod plots;
mod record;
mod scenario;
mod system;
mod table;

use crate::peers::{DerivedRendezvous, DerivedRing, KeyspaceCrate, PlannedAlone, PlannedDispersed};
use measure::{Contestant, Effort, Times, compete, growth};
use record::{OVER_NODES, OVER_PARTITIONS};
use scenario::{A, B, G, H, Scenario};
use std::time::Duration;

pub use aims::table as aims;
pub use plots::draw;
pub use record::Record;
pub use scenario::{Change, Member, REPLICAS, config, node, topology};
pub use system::System;
pub use table::{markdown, readme};

/// What `--only` has to be part of for these questions.
pub const FAMILY: &str = "plan";

/// Short enough that all of it ends within three minutes.
const FULL: Effort = Effort { passes: 9, budget: Duration::from_secs(2) };
const QUICK: Effort = Effort { passes: 1, budget: Duration::from_secs(1) };

/// Goes through all scenarios, or with `quick` through the small ones.
pub fn measure(quick: bool) -> Vec<Record> {
    let effort = if quick { QUICK } else { FULL };
    let mut records = Vec::new();
    for scenario in [A, B] {
        let all = [everybody(scenario), vec![contestant::<KeyspaceCrate>(scenario)]];
        records.extend(compete(all.into_iter().flatten().collect(), effort));
    }
    if !quick {
        records.extend(compete(everybody(G), effort));
        records.extend(compete(vec![contestant::<PlannedAlone>(H)], effort));
    }
    let largest = if quick { 1 << 14 } else { 1 << 20 };
    let partitions = (10..=20).map(|log| 1_u32 << log);
    for partitions in partitions.take_while(|partitions| *partitions <= largest) {
        let scenario = Scenario { name: OVER_PARTITIONS, partitions, ..G };
        records.push(growth::<PlannedAlone>(scenario, effort));
    }
    for nodes in [10, 30, 100, 300, 1000, 3000, 10_000] {
        let partitions = largest.min(1 << 16);
        let scenario = Scenario { name: OVER_NODES, nodes, partitions, ..G };
        records.push(growth::<PlannedAlone>(scenario, effort));
    }
    records
}

/// All that can do any size.
fn everybody(scenario: Scenario) -> Vec<Box<dyn Contestant>> {
    vec![
        contestant::<PlannedAlone>(scenario),
        contestant::<PlannedDispersed>(scenario),
        contestant::<DerivedRendezvous>(scenario),
        contestant::<DerivedRing>(scenario),
    ]
}

fn contestant<S: System + 'static>(scenario: Scenario) -> Box<dyn Contestant> {
    Box::new(Times::<S>::new(scenario))
}
