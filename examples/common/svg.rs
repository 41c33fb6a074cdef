//! The frame of a picture in SVG. Inside a page its text takes the page's colour; it also works alone,
//! on light and on dark pages.

use std::fmt::{Display, Write};

/// Blue, orange, green and purple that most people with colour blindness can tell apart (after Okabe
/// and Ito), on light and on dark pages.
pub(crate) const COLOURS: [&str; 4] = ["#3a8fd0", "#e69f00", "#009e73", "#cc79a7"];

/// Applies only to a standalone picture: inside a page the root is another element.
const STYLE: &str = "<style>svg:root{color:#222;background:#fff}\
    @media(prefers-color-scheme:dark){svg:root{color:#ddd;background:#111}}</style>";

/// The elements of a picture.
#[derive(Default)]
pub(crate) struct Elements(String);

impl Elements {
    /// `look` is attributes, such as `opacity=".7"`.
    pub(crate) fn text(&mut self, at: (impl Display, impl Display), look: &str, words: &str) {
        let space = if look.is_empty() { "" } else { " " };
        let (x, y) = at;
        let _ = writeln!(self.0, "<text x=\"{x}\" y=\"{y}\"{space}{look}>{words}</text>");
    }

    pub(crate) fn path(&mut self, path: &str, look: &str) {
        if !path.is_empty() {
            let _ = writeln!(self.0, "<path d=\"{path}\" {look}/>");
        }
    }

    /// Elements moved to the right.
    pub(crate) fn moved(&mut self, right: u32, inner: &Self) {
        let _ = writeln!(self.0, "<g transform=\"translate({right} 0)\">\n{}</g>", inner.0);
    }

    /// The whole picture: deterministic, and without an empty line, which would end a Markdown block.
    /// `label` says in words what it shows.
    pub(crate) fn picture(&self, (width, height): (u32, u32), label: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{label}\" font-family=\"sans-serif\" font-size=\"12\" \
             fill=\"currentColor\" style=\"max-width:100%;height:auto\">\n\
             {STYLE}\n{}</svg>\n",
            self.0
        )
    }
}
