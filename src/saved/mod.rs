//! Saved forms: a documented, versioned layout, checked on the way in.

mod form;
mod read;

pub use form::Saved;
