//! One HTML file that shows a change: what moves, against what is proved, and what it costs on the
//! way. Shared by the examples `plan` and `key_movement`.
//!
//! ```text
//!  plain data --> Sections: a template and its values --> Report --> page --> one String
//!                 (tables, matrices, pictures with          templates/*.html and those of the
//!                  their numbers are values)                example; style.css, script.js inside
//! ```
//!
//! The module knows nothing of partition tables: it is given names, numbers and text. Markup stands
//! in templates alone, and what a template inserts is escaped, so no name can break out of its
//! place. A picture is a list of shapes, which the template `picture` writes.
#![allow(dead_code, unused_imports)] // no example uses all of it

mod bars;
mod checks;
pub(crate) mod files;
mod flows;
mod groups;
mod matrix;
mod pack;
mod page;
mod picture;
mod ring;
mod rounds;
mod strips;
mod table;
mod templates;
mod values;

use super::text;

pub(crate) use bars::{Bar, Bars};
pub(crate) use checks::{Check, Verdict, checks, tally, worst};
pub(crate) use flows::{Flows, NodeFlow};
pub(crate) use groups::Groups;
pub(crate) use matrix::{Cells, Matrix};
pub(crate) use pack::{Bits, base64, json_for_script};
pub(crate) use page::{Part, Report, Section};
pub(crate) use ring::{Arc, Ring};
pub(crate) use rounds::{Rounds, Transfer};
pub(crate) use strips::{MAX_BINS, Strip, Strips};
pub(crate) use table::{Cell, Table};
pub(crate) use templates::{SHARED, Sources, Templates};
pub(crate) use values::Values;

/// The maximum number of rows and columns of a picture. What has more is shown in groups.
pub(crate) const MAX_ROWS: usize = 40;

/// A figure in a box of its own, for the template `facts`.
pub(crate) fn fact(what: &str, figure: impl Into<String>, note: impl Into<String>) -> Values {
    Values::new().with("what", what).with("figure", figure.into()).with("note", note.into())
}
