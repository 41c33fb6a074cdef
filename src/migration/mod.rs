//! From "what moves" to "moved, and nothing lost".
//!
//! | question | answer |
//! |---|---|
//! | what would a plan do, and does anything speak against it? | [`DryRun`] |
//! | which replicas are copied, from whom to whom? | [`Migration`] |
//! | in which steps, so that limits and capacities hold after each? | [`Steps`] |
//! | in which rounds, within limits of concurrent transfers? | [`Schedule`] |
//! | who serves a key meanwhile? | [`Transition`] |
//!
//! With the feature `serde`, migrations, schedules and the [`Progress`] of a transition are saved and
//! restored; a transition resumes from it after a crash at any point.
//!
//! ```
//! use apportion::Locator;
//! use apportion::migration::Migration;
//!
//! let old = Locator::ring(["a", "b", "c"])?;
//! let new = old.with("d")?;
//! let migration = Migration::of(&old.diff_replicas(&new, 2)?);
//! assert!(migration.transfers().all(|transfer| *transfer.to == "d"));
//! # Ok::<(), apportion::Error>(())
//! ```

mod dry_run;
mod giving;
mod in_rounds;
mod planned;
#[cfg(feature = "serde")]
mod saved;
mod schedule;
mod sources;
mod steps;
mod transfers;
mod transition;

pub use dry_run::{Check, DryRun, Verdict};
pub use schedule::{Limits, Optimality, Schedule};
pub use steps::{Prefix, Step, StepRules, Steps};
pub use transfers::{Deletion, Migration, Transfer};
pub use transition::{HolderIter, HolderSet, PartitionState, Progress, Transition, Version};
