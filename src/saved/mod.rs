//! Saved forms: a documented, versioned layout, checked on the way in.

mod form;
mod hex;
mod label;

pub use form::Saved;
