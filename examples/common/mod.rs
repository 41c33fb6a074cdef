//! What the examples share.
#![allow(dead_code)] // each example takes its part

pub(crate) mod layout;
pub(crate) mod lines;
pub(crate) mod text;
