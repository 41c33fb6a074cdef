//! Measures balance and movement: counted over keys, and exactly where that is possible.
//!
//! | question | answer |
//! |---|---|
//! | how many of my keys does each node hold? | [`Balance::of_keys`] |
//! | is the imbalance random, or systematic? | [`Balance::chi_squared`] |
//! | what share of all keys does each node own? | [`shares()`] |
//! | of what share of all keys does each node hold a replica? | [`inclusion`] |
//! | do my keys follow these shares? | [`Balance::against`] |
//! | what moves between two values? | [`compare()`] |
//!
//! With the feature `rayon`, everything that counts over keys has a parallel form with the same
//! figures for any number of threads: `Balance::par_of_keys`, `MoveCounter::par_record`,
//! `par_count_moves` and `par_compare`.
//!
//! ```
//! use apportion::{Locator, Node, Topology, analysis};
//! use apportion::analysis::Balance;
//!
//! let disks = [("a", 4000), ("b", 1000), ("c", 1000)];
//! let nodes = disks.map(|(name, weight)| Node::new(name).weight(weight));
//! let store = Locator::weighted_rendezvous_of(Topology::of(nodes)?)?;
//!
//! let one = Balance::of_keys(&store, 1, 0..60_000_u64)?;
//! let chance = one.chi_squared().ok_or("two nodes at least")?;
//! assert!(chance.statistic < 15.0); // 2 on average; above 15, once in 1800 times
//!
//! // With two replicas per key, a's quota by weight is 4/3 of the keys, which is impossible.
//! let two = Balance::of_keys(&store, 2, 0..60_000_u64)?;
//! assert!(two.max_over_quota() > Some(1.4)); // so b and c exceed their quotas
//! let two = two.against(&analysis::inclusion(&store, 2)?)?;
//! assert!(two.max_over_quota() < Some(1.02)); // exactly as expected
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod balance;
mod chi_squared;
mod compare;
#[cfg(test)]
mod cost_tests;
mod exponential;
mod key_counts;
mod move_counts;
#[cfg(feature = "rayon")]
mod parallel;
mod report;
#[cfg(feature = "serde")]
mod saved;
#[cfg(feature = "serde")]
mod saved_check;
mod shares;
mod square_root;
mod successive;

pub use balance::{Balance, NodeLoad};
pub use chi_squared::ChiSquared;
pub use compare::{Comparison, compare};
pub use key_counts::{MoveCounter, count_moves};
#[cfg(feature = "rayon")]
pub use parallel::{par_compare, par_count_moves};
pub use report::{KeyFlow, MoveReport};
#[cfg(feature = "serde")]
pub use saved::SavedMoveReport;
pub use shares::{Share, Shares, inclusion, shares};
