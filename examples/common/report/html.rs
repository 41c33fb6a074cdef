//! Markup in which everything that is inserted is escaped.

use std::fmt::{Display, Write};

/// A piece of HTML. Markup is a string literal of the program; text is escaped, also for attributes
/// in double quotes.
#[derive(Clone, Default)]
pub(crate) struct Html(String);

/// Escapes while it is written to.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // HTML has no way to write the other control characters.
                c if c.is_control() && c != '\n' => self.0.push('\u{FFFD}'),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

impl Html {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Escaped text alone.
    pub(crate) fn of(text: impl Display) -> Self {
        let mut html = Self::new();
        html.text(text);
        html
    }

    /// Adds markup of the program itself. What is called thousands of times in the text of the program
    /// is not inlined: that would take seconds to compile.
    #[inline(never)]
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, escaped.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        self.escaped(&text)
    }

    #[inline(never)]
    fn escaped(&mut self, text: &dyn Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(Escaped(&mut self.0), "{text}");
        self
    }

    /// Adds a coordinate with at most one decimal.
    #[inline(never)]
    pub(crate) fn px(&mut self, x: f64) -> &mut Self {
        let text = format!("{x:.1}");
        self.0.push_str(text.strip_suffix(".0").unwrap_or(&text));
        self
    }

    /// Adds a piece that is HTML already.
    #[inline(never)]
    pub(crate) fn push(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds a paragraph of text.
    pub(crate) fn paragraph(&mut self, text: impl Display) -> &mut Self {
        self.markup("<p>").text(text).markup("</p>\n")
    }

    /// Adds JSON as the content of a `script` element, where only `<` could end it.
    pub(crate) fn script_json(&mut self, json: &str) -> &mut Self {
        self.0.push_str(&super::json_for_script(json));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}
