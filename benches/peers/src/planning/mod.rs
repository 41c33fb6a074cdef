//! Measures the planning of partition tables: time, balance and movement, compared with other
//! systems; and how the planner's costs grow.

mod aims;
mod judge;
mod measure;
mod plots;
mod record;
mod redrawn;
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

/// The family name of these questions, which the word of `--only` is matched with.
pub const FAMILY: &str = "plan";

/// Short enough for all measurements to end within three minutes.
const FULL: Effort = Effort { passes: 9, budget: Duration::from_secs(2) };
/// A pass over all draws takes about ten seconds.
const REDRAWN_PASSES: usize = 2;
const QUICK: Effort = Effort { passes: 1, budget: Duration::from_secs(1) };

/// Measures all scenarios, or with `quick` the small ones.
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
    if !quick {
        records.push(redrawn::measure(REDRAWN_PASSES));
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

/// All systems that support any size.
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
