//! What README, chapters and lists say beside their programs, which are tests themselves.

mod guards;
mod links;
mod names;
mod pictures;
mod placing_replicas;
mod recipes;
mod sticky_routing;
#[path = "../support/mod.rs"]
mod support;
