//! How even a placement is: counted over keys, and exactly where that is known.
//!
//! | question | answer |
//! |---|---|
//! | how much does each node hold of my keys? | [`Balance::of_keys`] |
//! | is that chance, or uneven? | [`Balance::chi_squared`] |
//! | what part of all keys does each node own? | [`shares()`] |
//! | of what part of all keys does it hold a replica? | [`inclusion`] |
//! | do my keys follow it? | [`Balance::against`] |
//! | what moves between two values? | [`compare()`] |
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
//! // With two replicas a key, a's weight asks for 4/3 of the keys.
//! let two = Balance::of_keys(&store, 2, 0..60_000_u64)?;
//! assert!(two.max_over_quota() > Some(1.4)); // so b and c hold more than theirs
//! let two = two.against(&analysis::inclusion(&store, 2)?)?;
//! assert!(two.max_over_quota() < Some(1.02)); // as they have to
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod balance;
mod chi_squared;
mod compare;
#[cfg(test)]
mod cost_tests;
mod exponential;
mod key_counts;
mod report;
mod shares;
mod square_root;
mod successive;

pub use balance::{Balance, NodeLoad};
pub use chi_squared::ChiSquared;
pub use compare::{Comparison, compare};
pub use key_counts::{MoveCounter, count_moves};
pub use report::{KeyFlow, MoveReport};
pub use shares::{Share, Shares, inclusion, shares};
