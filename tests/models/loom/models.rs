//! Every scenario under loom, twice: in the orders of its steps with few switches between threads, and with
//! every value that a load may return. See `model` for why loom has to be asked for both.
//!
//! loom treats sequentially consistent loads and stores as acquiring and releasing ones, which allows
//! more values than the library relies on. What needs one order of all operations is found by the orders,
//! and by shuttle.

// A scenario that is not in the list.
#![deny(dead_code)]

#[path = "../scenarios.rs"]
mod scenarios;

/// Switches between threads that could have gone on. All orders of two requests are millions; reading
/// `taken` before `returned` shows with two switches.
const MAX_SWITCHES: usize = 3;

/// The same for three threads.
const MAX_SWITCHES_OF_THREE: usize = 2;

macro_rules! models {
    (two_threads: [$($two:ident)*] three_threads: [$($three:ident)*]) => {
        models! { orders, Writes, Some(MAX_SWITCHES), [$($two)*] [$($three)*] }
        models! { values, Loads, None, [$($two)*] [$($three)*] }
    };
    ($module:ident, $loads:ident, $switches:expr, [$($two:ident)*] [$($three:ident)*]) => {
        mod $module {
            use crate::*;
            use model::{Loads, check};

            $(
                #[test]
                fn $two() {
                    check(Loads::$loads, $switches, scenarios::$two);
                }
            )*
            $(
                #[test]
                fn $three() {
                    check(Loads::$loads, Some(MAX_SWITCHES_OF_THREE), scenarios::$three);
                }
            )*
        }
    };
}

scenarios::each_scenario!(models);
