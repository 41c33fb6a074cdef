//! The circle of 2^64 hashes with points on it, each of which belongs to a node: its storage, its
//! lookups under each [`Rule`], and a cursor for those who read it point by point.
//!
//! Where the points come from is not known here, see the room `ring`. All others read a circle
//! through [`Circle::seek`], [`Cursor`] and [`Circle::arcs`], never as a slice, so that its storage
//! can change alone.

mod arcs;
mod cursor;
mod layout;
mod lookup;
mod nearest;
mod rule;
mod scale;
mod sort;
mod words;

pub use arcs::RingArc;
pub(crate) use cursor::Cursor;
pub(crate) use layout::{Circle, Merge};
pub use rule::Rule;
pub use scale::Scale;
pub(crate) use sort::{Point, sorted_points};
