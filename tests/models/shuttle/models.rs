//! Every scenario under shuttle: the first orders of its steps one after the other, then random ones.
//! All steps are in one order, which is what sequentially consistent atomics promise, and a load returns
//! the last value. loom visits orders with few switches; this visits some of all.

// A scenario that is not in the list.
#![deny(dead_code)]

#[path = "../scenarios.rs"]
mod scenarios;

/// Executions of each kind.
const EXECUTIONS: usize = 3000;

macro_rules! models {
    (two_threads: [$($two:ident)*] three_threads: [$($three:ident)*]) => {
        $(models! { $two })*
        $(models! { $three })*
    };
    ($name:ident) => {
        #[test]
        fn $name() {
            model::check_dfs(scenarios::$name, Some(EXECUTIONS));
            model::check_random(scenarios::$name, EXECUTIONS);
            // Few switches between threads, at points chosen at random.
            model::check_pct(scenarios::$name, EXECUTIONS, 3);
        }
    };
}

scenarios::each_scenario!(models);
