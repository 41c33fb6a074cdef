//! From "what moves" to "moved, and nothing lost".

mod errors;
mod histories;
#[path = "../support/transitions.rs"]
mod model;
mod steps;
mod transfers;
mod transition;
mod unmoved;
