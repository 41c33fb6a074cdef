//! What users reach for first, as they would write it: nodes and their values, changes of several
//! nodes, lookups as values and as slots, and the small types of a node.

mod changes;
mod lookups;
mod nodes;
#[path = "../support/scripted.rs"]
mod scripted;
mod tables;
mod values;
