//! Saved forms: a documented, versioned layout, checked on the way in.

mod form;
mod hex;
mod label;
mod state;

pub use form::Saved;
pub(crate) use state::State;
