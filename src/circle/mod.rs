//! The circle of 2^64 hashes, with points that belong to nodes: its storage, its lookups under each
//! [`Rule`], and a cursor that reads it point by point.
//!
//! The module `ring` decides where the points come from. Other modules read a circle through
//! [`Circle::seek`], [`Cursor`] and [`Circle::arcs`], never as a slice, so the storage can change
//! without them.

mod arcs;
#[allow(clippy::module_inception)]
mod circle;
mod cursor;
mod flat;
mod pages;
mod rule;
mod scale;

pub use arcs::RingArc;
pub(crate) use circle::Circle;
pub(crate) use cursor::Cursor;
pub(crate) use flat::{Merge, Point, sorted_points, sorted_words};
pub(crate) use pages::Stream;
pub use rule::Rule;
pub use scale::Scale;

/// Up to this many replicas are compared one by one; for more, a set of the nodes is kept.
const LINEAR_SCAN_MAX: usize = 32;
