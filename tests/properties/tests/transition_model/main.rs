//! All states of the protocol of a `Transition`, visited by a model checker: four nodes, two replicas, two
//! units, two writes, a change of the target and a second one in the middle, a node that crashes and a
//! coordinator that crashes.
//!
//! The model calls the real type: every state of the coordinator and of a client is a value of it.

mod calls;
mod model;

use calls::Calls;
use model::{Bounds, Protocol};
use stateright::{Checker, HasDiscoveries, Model};
use std::time::Instant;

/// Visits all states, or those up to the first that breaks a property, and prints their number.
fn check(bounds: Bounds) {
    let started = Instant::now();
    let checker = Protocol { calls: Calls::new(), bounds }.checker();
    let checker = checker.finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "{bounds:?}: {} states, {} with repetitions, depth {}, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed().as_secs_f64(),
    );
    // The way to a broken property first: where there is one, the others are not known to hold.
    for (name, path) in checker.discoveries() {
        let property = checker.model().property(name);
        assert!(!property.expectation.discovery_is_failure(), "not so: {name}\n{path}");
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
#[ignore]
fn two_changes_and_a_restart() {
    check(Bounds { changes: 2, node_crashes: 0, coordinator_crashes: 1 });
}

#[test]
#[ignore]
fn two_changes_and_a_lost_node() {
    check(Bounds { changes: 2, node_crashes: 1, coordinator_crashes: 0 });
}

#[test]
#[ignore]
fn two_changes_and_a_lost_node_and_a_restart() {
    check(Bounds { changes: 2, node_crashes: 1, coordinator_crashes: 1 });
}
