//! Every scenario under shuttle: the first orders of its steps one after the other, then random ones.
//! All steps are in one order, which is what sequentially consistent atomics promise, and a load returns
//! the last value. loom visits all orders; this visits some, but of all operations in one order.

#[path = "../scenarios.rs"]
mod scenarios;

/// Executions of each kind.
const EXECUTIONS: usize = 3000;

macro_rules! models {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            model::check_dfs(scenarios::$name, Some(EXECUTIONS));
            model::check_random(scenarios::$name, EXECUTIONS);
            // Few switches between threads, at points chosen at random.
            model::check_pct(scenarios::$name, EXECUTIONS, 3);
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
    three_requests
}
