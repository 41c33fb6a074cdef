//! Partition tables and their planner.

mod certificate;
mod copies;
mod explanations;
mod joint;
mod leaders;
mod leading;
mod named_tables;
mod places;
mod report;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod under_replicated;
