//! From "what moves" to "moved, and nothing lost".

mod histories;
mod steps;
mod transfers;
mod transition;
