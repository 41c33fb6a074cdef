//! From "what moves" to "moved, and nothing lost".

mod dry_run;
mod errors;
mod histories;
mod lost_steps;
#[path = "../support/transitions.rs"]
mod model;
mod orders;
mod planned;
mod scenarios;
mod steps;
mod transfers;
mod transition;
mod unmoved;
