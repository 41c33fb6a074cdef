//! The circle of 2^64 hashes, with points that belong to nodes: its storage, its lookups under each
//! [`Rule`], and a cursor that reads it point by point.
//!
//! The module `ring` decides where the points come from. Other modules read a circle through
//! [`Circle::seek`], [`Cursor`], [`Reader`] and [`Circle::arcs`], never as a slice, so the storage can change
//! without them.

mod arcs;
mod beside;
mod by_word;
#[allow(clippy::module_inception)]
mod circle;
mod cursor;
mod distinct;
mod flat;
#[cfg(test)]
mod kinds;
mod pages;
mod reader;
mod rule;
mod scale;
mod slotted;
mod sort;

pub use arcs::RingArc;
pub(crate) use beside::Beside;
pub(crate) use by_word::sorted_by_point;
pub(crate) use circle::Circle;
pub(crate) use cursor::Cursor;
pub(crate) use flat::Merge;
pub(crate) use pages::Stream;
pub(crate) use reader::Reader;
pub use rule::Rule;
pub use scale::Scale;
pub(crate) use sort::{Point, sorted_points, sorted_words};
