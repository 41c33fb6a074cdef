//! Steps of the documented complexity.

use super::StepRules;
use crate::migration::Migration;
use crate::partition::TableConfig;
use crate::{Locator, PartitionTable, Planner, Topology, Xxh3};
use std::format;

/// Everything moves, between tables that have nothing in common: each unit three times, and nearly
/// always in circles.
#[test]
fn steps_grow_with_the_exchanges() {
    let nodes = Topology::new((0..60).map(|id| format!("n{id}"))).unwrap();
    let table = |partitions, name| -> Locator<std::string::String, PartitionTable> {
        let config = TableConfig::new(partitions, 3).named(name);
        let plan = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap();
        Locator::from_parts(nodes.clone(), plan.into_table(), Xxh3).unwrap()
    };
    crate::steps::assert_growth("steps", 1000, 2.5, |partitions| {
        let [old, new] = ["old", "new"].map(|name| table(partitions as u32, name));
        let migration = Migration::of(&old.diff_replicas(&new, 3).unwrap());
        let rules = StepRules::new(partitions as u32 / 4);
        let (steps, cost) = crate::steps::during(|| migration.steps(&rules).unwrap().len());
        assert!(steps <= 14, "{steps}");
        cost
    });
}

/// A third of the nodes comes back empty while the others keep what they have, or everything moves.
#[test]
fn steps_after_losses_grow_with_the_copies() {
    let nodes = Topology::new((0..60).map(|id| format!("n{id}"))).unwrap();
    let lost: std::vec::Vec<_> = (0..20).map(|id| format!("n{}", 3 * id)).collect();
    for new in ["old", "new"] {
        crate::steps::assert_growth("steps after losses", 1000, 2.5, |partitions| {
            let table = |name| {
                let config = TableConfig::new(partitions as u32, 3).named(name);
                let plan = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap();
                Locator::from_parts(nodes.clone(), plan.into_table(), Xxh3).unwrap()
            };
            let [old, new] = ["old", new].map(table);
            let migration =
                Migration::of(&old.diff_replicas(&new, 3).unwrap()).lost(&lost).unwrap();
            assert!(migration.len() >= partitions);
            let rules = StepRules::new(partitions as u32 / 4);
            crate::steps::during(|| migration.steps(&rules).unwrap().len()).1
        });
    }
}
