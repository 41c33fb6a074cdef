//! From "what moves" to "moved, and nothing lost".

mod dry_run;
mod histories;
mod planned;
mod scenarios;
mod steps;
mod transfers;
mod transition;
