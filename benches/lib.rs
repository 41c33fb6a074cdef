//! Empty: this crate exists for the benches next to this file.
