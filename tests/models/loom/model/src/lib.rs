//! loom, with loads that it can be made to take for writes.
//!
//! loom leaves out orders of steps that it takes to be equal to one it has run. It remembers the last
//! access to each atomic, and runs a step before that access too if the two are of different threads and
//! one of them is a write. An access in between hides the earlier ones:
//!
//! ```text
//!  thread 1   load taken
//!  thread 2                 load taken   add to taken
//! ```
//!
//! Before the addition the last access is thread 2's own load, so the addition is never run before the
//! load of thread 1. Each request loads the counters before it changes them: nearly all orders would be
//! left out, and with them the mistake of reading `taken` before `returned`.
//!
//! A load that is taken for a write depends on each access before it, so nothing is hidden, and no order
//! is left out. It returns the last value, as sequentially consistent operations do that are all in one
//! order. Taken for a load it may also return an earlier value, in fewer orders.

use std::cell::Cell;

pub use loom::thread;

/// What loom takes loads for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loads {
    /// For writes: all orders, each load with the last value.
    Writes,
    /// For loads: fewer orders, each load with every value that it may return.
    Loads,
}

thread_local! {
    /// loom runs all threads of a model on the thread that checks it.
    static LOADS: Cell<Loads> = const { Cell::new(Loads::Writes) };
}

/// Checks a model in all orders, or in those with at most so many switches between threads that could
/// have gone on.
pub fn check(loads: Loads, max_switches: Option<usize>, model: fn()) {
    LOADS.set(loads);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = max_switches;
    builder.check(model);
}

pub mod sync {
    pub use loom::sync::Mutex;

    pub mod atomic {
        use crate::{LOADS, Loads};
        pub use loom::sync::atomic::Ordering;

        #[derive(Debug, Default)]
        pub struct AtomicU64(loom::sync::atomic::AtomicU64);

        impl AtomicU64 {
            pub fn new(value: u64) -> Self {
                Self(loom::sync::atomic::AtomicU64::new(value))
            }

            pub fn load(&self, order: Ordering) -> u64 {
                match LOADS.get() {
                    Loads::Writes => self.0.fetch_add(0, order),
                    Loads::Loads => self.0.load(order),
                }
            }

            pub fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
                self.0.fetch_add(value, order)
            }

            pub fn compare_exchange(
                &self,
                current: u64,
                new: u64,
                success: Ordering,
                failure: Ordering,
            ) -> Result<u64, u64> {
                self.0.compare_exchange(current, new, success, failure)
            }
        }
    }
}
