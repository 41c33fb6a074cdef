//! Subsets of the nodes for each tenant: which nodes, what changes, how tenants share them.

mod exhaustive;
mod figures;
mod histories;
mod lookups;
mod model;
#[path = "../support/mod.rs"]
mod support;
