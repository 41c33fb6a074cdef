//! What users reach for first, as they would write it: nodes and their values, changes of several
//! nodes, lookups as values and as slots, and the small types of a node.

mod api;
mod changes;
mod compiler_messages;
mod configuration;
mod lookups;
mod nodes;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod values;
