//! Saved forms: a documented, versioned layout, checked on the way in.

mod form;

pub use form::Saved;
