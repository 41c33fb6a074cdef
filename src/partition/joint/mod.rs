//! Several tables over the same nodes, planned together.
//!
//! ```text
//!  planners --> Layout --> joint Problem --> flow --> rows --> one Plan for each table
//!               who is     a leaf for        of all            places and leaders as the
//!               where      each node and     tables            table's own planner chooses them
//!                          table
//! ```
//!
//! The joint problem is an ordinary one for the search: all partitions in one list, and a tree with
//! one more level ([`tree`]). What differs from table to table is in the rules of the rows.

mod evening;
mod layout;
mod plan;
mod planner;
mod problem;
mod quotas;
#[cfg(test)]
mod tests;
mod tree;
mod verify;

pub use plan::JointPlan;
pub use planner::JointPlanner;
