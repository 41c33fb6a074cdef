//! Versioned forms: what all saved values share.
//!
//! A form is a private struct with derived serde code whose first field is `version`. It is written
//! by its own `Serialize` and read by [`read`], which checks the version before anything else is
//! looked at:
//!
//! ```text
//! bytes ──▶ read: is the version known? ──▶ the form: fields and types ──▶ the value: do they agree?
//!           "saved by a newer release"      "unknown field", "missing"     "the saved … is malformed"
//! ```
//!
//! The last check stands beside the value, in the file `saved.rs` of its folder.

pub(crate) mod float;
pub(crate) mod ratio;
mod tape;
mod version;

pub(crate) use tape::Tape;
pub(crate) use version::read;

use crate::error::{Error, SavedFault};
use alloc::string::String;

/// The error for fields of a form that do not fit together.
#[cold]
pub(crate) fn malformed(form: &'static str, why: String) -> Error {
    SavedFault::Malformed { form, why }.into()
}
