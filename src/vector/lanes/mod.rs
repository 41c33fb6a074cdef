//! Operations in lanes, compiled for each level of vector instructions.

// Code that is not inlined into an operation is not compiled for its level.
#![allow(clippy::inline_always)]

mod halves;
mod jump;
mod jump_back;
mod level;
mod scores;

pub(crate) use jump::jump_batch;
pub(crate) use jump_back::jump_back_batch;
pub(crate) use scores::{ScoreLanes, weighted_bound};
#[cfg(test)]
pub(crate) use {jump::jump_at_every_level, jump_back::jump_back_at_every_level, level::runs};
