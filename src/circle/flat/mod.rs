//! A circle in one piece: the fastest for a few thousand points, and the one for points that must be
//! kept because nothing makes them again.

mod direct;
mod layout;
mod lookup;
mod nearest;
mod words;

pub(super) use layout::Flat;
pub(crate) use layout::Merge;
