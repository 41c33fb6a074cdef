//! All states of the protocol of a `Transition`, visited by a model checker: four nodes, two replicas, two
//! units, two writes, a change of the target and a second one in the middle, a node that crashes and a
//! coordinator that crashes.
//!
//! The model calls the real type: every state of the coordinator and of a client is a value of it.
//!
//! | changes | lost nodes | restarts | states | steps between them | depth | |
//! |---|---|---|---|---|---|---|
//! | 1 | 0 | 0 | 221,966 | 963,626 | 29 | 1 s |
//! | 1 | 0 | 1 | 709,975 | 3,270,337 | 30 | 2 s |
//! | 1 | 1 | 0 | 3,376,664 | 16,210,311 | 35 | 12 s |
//! | 2 | 0 | 0 | 1,847,374 | 7,703,752 | 51 | 6 s |
//! | 2 | 1 | 1 | 81,171,587 | 402,312,836 | 55 | 7 minutes and 7 GB; by `--ignored` |

mod calls;
mod model;

use calls::Calls;
use model::{Bounds, NOTHING_IS_LOST, Protocol};
use stateright::{Checker, HasDiscoveries, Model};
use std::time::Instant;

/// Visits all states, or those up to the first that lacks an acknowledged write, and prints their number.
fn check(bounds: Bounds) {
    let started = Instant::now();
    let checker = Protocol { calls: Calls::new(), bounds }.checker();
    let is_lost = HasDiscoveries::AnyOf([NOTHING_IS_LOST].into());
    let checker = checker.finish_when(is_lost).spawn_bfs().join();
    println!(
        "{bounds:?}: {} states, {} with repetitions, depth {}, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed().as_secs_f64(),
    );
    // The way to a broken property first: where there is one, the others are not known to hold.
    for property in checker.model().properties() {
        if property.expectation.discovery_is_failure() {
            let found = checker.discovery(property.name);
            assert!(found.is_none(), "not so: {}\n{}", property.name, found.unwrap());
        }
    }
    checker.assert_properties();
}

#[test]
fn one_change() {
    check(Bounds { changes: 1, node_crashes: 0, coordinator_crashes: 0 });
}

#[test]
fn one_change_and_a_lost_node() {
    check(Bounds { changes: 1, node_crashes: 1, coordinator_crashes: 0 });
}

#[test]
fn two_changes() {
    check(Bounds { changes: 2, node_crashes: 0, coordinator_crashes: 0 });
}

#[test]
fn one_change_and_a_restart() {
    check(Bounds { changes: 1, node_crashes: 0, coordinator_crashes: 1 });
}

#[test]
#[ignore = "takes minutes and gigabytes"]
fn two_changes_and_a_restart() {
    check(Bounds { changes: 2, node_crashes: 0, coordinator_crashes: 1 });
}

#[test]
#[ignore = "takes minutes and gigabytes"]
fn two_changes_and_a_lost_node() {
    check(Bounds { changes: 2, node_crashes: 1, coordinator_crashes: 0 });
}

/// All states: everything that may happen at all.
#[test]
#[ignore = "takes minutes and 7 GB"]
fn two_changes_and_a_lost_node_and_a_restart() {
    check(Bounds { changes: 2, node_crashes: 1, coordinator_crashes: 1 });
}
