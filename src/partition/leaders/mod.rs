//! Leaders: each node leads partitions in proportion to its load.
//!
//! ```text
//!  the leader of a partition is its first holder; y is new in p and should lead more
//!
//!  promote_within      p: [x y ..] -> [y x ..]                      x is new in p as well
//!  promote_by_return   p: [.. y ..] -> [.. x ..]                    x was a holder of p and
//!                      q: [x ..]    -> [y ..]                       leaves q instead, which it led
//!  promote_by_swap     p: [.. y ..] -> [.. x ..]   q: [x ..] -> [y ..]       x is new in q
//!  promote_by_detour   p: [f .. y]  -> [y .. x]    q: [.. x ..] -> [.. f ..]    f leads p and left
//!                                                                               q, x left p
//! ```
//!
//! No step adds a move or changes the place of a holder that stays. Each lowers the sum of
//! [`Leaders::imbalance`] over the leaves.

mod counts;
mod search;

pub(super) use counts::{Leaders, exchange, leader};
pub(super) use search::proportion;
