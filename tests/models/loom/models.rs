//! Every scenario under loom, in every order of its steps and with every value that a load may return.
//!
//! loom treats sequentially consistent loads and stores as acquiring and releasing ones, which allows
//! more than the library relies on. What needs one order of all operations is checked with shuttle.

#[path = "../scenarios.rs"]
mod scenarios;

macro_rules! models {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            model::model(scenarios::$name);
        }
    )*};
}

models! {
    one_place
    no_node_above_its_share
    costs
    an_end_and_a_beginning
    room_that_moves
    the_node_before_the_total
    never_fewer_than_held
    a_reload_while_leases_are_held
    two_reloads
}

/// All orders with at most two switches between threads that could have gone on.
#[test]
fn three_requests() {
    let mut builder = model::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(scenarios::three_requests);
}
