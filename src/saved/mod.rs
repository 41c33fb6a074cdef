//! Saved forms: a documented, versioned layout, checked on the way in.

mod fields;
mod form;
mod nodes;
mod read;

pub use form::Saved;

pub use crate::algorithms::Savable;
