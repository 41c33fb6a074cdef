//! From "what moves" to "moved, and nothing lost".

mod histories;
mod planned;
mod steps;
mod transfers;
mod transition;
