//! Modules that several examples share.
#![allow(dead_code)] // no example uses all of them

pub(crate) mod dump;
pub(crate) mod layout;
pub(crate) mod lines;
pub(crate) mod options;
pub(crate) mod progress;
pub(crate) mod svg;
pub(crate) mod text;
