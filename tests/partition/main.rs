//! Partition tables and their planner.

mod affinity;
mod certificate;
mod copies;
mod explanations;
mod joint;
mod leaders;
mod leading;
mod named_tables;
mod places;
mod report;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod thrash;
mod under_replicated;
mod zoned;
