//! Saved forms over releases: every file under `tests/saved` is read for ever, and what is newer than
//! this release says so.
//!
//! A file is `NAME.vN.json`, or `NAME.vN.postcard` in hexadecimal digits: the value NAME of
//! [`samples`] in version N of its form. For a new form, add a value there, then write its files; none
//! that exists is ever overwritten:
//!
//! ```sh
//! cargo test -p apportion-properties --all-features --test saved_files -- --ignored
//! ```
//!
//! A form that gets a new version keeps its old files, and gets new ones in the same way.
#![cfg(feature = "serde")]

mod altered;
mod files;
mod goes_on;
mod memory;
#[allow(unreachable_pub)]
#[path = "../../../support/meter.rs"]
mod meter;
mod newer;
mod samples;
mod table;
