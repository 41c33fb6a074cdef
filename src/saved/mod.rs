//! Saved forms: a documented, versioned layout, checked on the way in.

mod fields;
mod form;
mod nodes;
mod read;
mod topology;

pub use form::Saved;

pub use crate::algorithms::Savable;
