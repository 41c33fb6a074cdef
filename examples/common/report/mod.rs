//! One HTML file that shows a change: what moves, against what is proved, and what it costs on the
//! way. Shared by the examples `plan` and `key_movement`.
//!
//! ```text
//!  plain data --> sections (tables, pictures) --> Report --> page --> one String
//!                 every picture with its numbers             style.css, script.js inside
//! ```
//!
//! The module knows nothing of partition tables: it is given names, numbers and text. Markup comes
//! from string literals alone and everything else is escaped, so no name can break out of its place
//! (see [`Html`]). A template engine would do the same at run time: `minijinja` without its default
//! features costs 5 s of processor time in the first build of an example, this module less than
//! half of that.
#![allow(dead_code, unused_imports)] // no example uses all of it

mod bars;
mod checks;
pub(crate) mod files;
mod html;
mod matrix;
mod pack;
mod page;
mod ring;
mod rounds;
mod strips;
mod table;

use super::text;

pub(crate) use bars::{Bar, Bars};
pub(crate) use checks::{Check, Verdict, checks, tally, worst};
pub(crate) use html::Html;
pub(crate) use matrix::Matrix;
pub(crate) use pack::{Bits, base64, json_for_script};
pub(crate) use page::{Part, Report, Section};
pub(crate) use ring::{Arc, Ring};
pub(crate) use rounds::Rounds;
pub(crate) use strips::{MAX_BINS, Strip, Strips};
pub(crate) use table::{Cell, Table};

/// The maximum number of rows and columns of a picture. What has more is shown in groups.
pub(crate) const MAX_ROWS: usize = 40;

/// A picture with its caption and its numbers in a table that opens on demand.
pub(crate) fn figure(
    id: &str,
    title: &str,
    caption: &Html,
    picture: &Html,
    numbers: &Html,
) -> Html {
    let mut out = Html::new();
    out.markup("<figure id=\"").text(id).markup("\"><figcaption><strong>").text(title);
    out.markup("</strong> ").push(caption).markup("</figcaption>").push(picture);
    out.markup(
        "<details class=\"numbers\"><summary>The numbers of this picture<span class=\"sr\">: ",
    );
    out.text(title).markup("</span></summary>").push(numbers).markup("</details></figure>\n");
    out
}

/// The beginning of a picture of this size, with its text equivalent.
pub(crate) fn picture(id: &str, title: &str, text: &str, (width, height): (f64, f64)) -> Html {
    let mut out = Html::new();
    out.markup("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"").text(title);
    out.markup(" (picture)\"><svg viewBox=\"0 0 ").px(width).markup(" ").px(height);
    out.markup("\" role=\"img\" aria-labelledby=\"").text(id).markup("-t ").text(id);
    out.markup("-d\"><title id=\"").text(id).markup("-t\">").text(title);
    out.markup("</title><desc id=\"").text(id).markup("-d\">").text(text).markup("</desc>\n");
    out
}

/// The end of a picture.
pub(crate) fn picture_end(out: &mut Html) {
    out.markup("</svg></div>\n");
}
