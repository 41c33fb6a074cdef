//! What users reach for first, as they would write it: nodes and their values, changes of several
//! nodes, lookups as values and as slots, and the small types of a node.

mod changes;
mod lookups;
mod nodes;
mod tables;
mod values;
