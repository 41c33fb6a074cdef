//! The templates of a page, compiled, and what their values become: text that is escaped.

use super::Values;
use std::fmt::Write;
use upon::fmt::{self, Formatter};
use upon::{Engine, Value};

/// Templates by name.
pub(crate) type Sources = [(&'static str, &'static str)];

/// The files of the folder `templates`.
pub(crate) const SHARED: &Sources = &[
    ("badge", include_str!("templates/badge.html")),
    ("checks", include_str!("templates/checks.html")),
    ("downloads", include_str!("templates/downloads.html")),
    ("facts", include_str!("templates/facts.html")),
    ("figure", include_str!("templates/figure.html")),
    ("flows", include_str!("templates/flows.html")),
    ("matrix", include_str!("templates/matrix.html")),
    ("only-table", include_str!("templates/only-table.html")),
    ("page", include_str!("templates/page.html")),
    ("part", include_str!("templates/part.html")),
    ("picture", include_str!("templates/picture.html")),
    ("table", include_str!("templates/table.html")),
];

/// A value of this name alone is markup.
const MARKUP: &str = "markup";

pub(crate) struct Templates(Engine<'static>);

impl Templates {
    /// The shared templates, and those of an example.
    ///
    /// # Errors
    ///
    /// The template that is not well-formed, and where.
    pub(crate) fn new(own: &Sources) -> Result<Self, String> {
        let mut engine = Engine::new();
        engine.set_default_formatter(&write);
        for (name, source) in SHARED.iter().chain(own) {
            // A template may stand in the middle of a line: the end of its file is not its own.
            let source = source.trim_end();
            engine.add_template(*name, source).map_err(|e| format!("template {name}: {e:#}"))?;
        }
        Ok(Self(engine))
    }

    /// Fills a template in.
    ///
    /// # Errors
    ///
    /// The name that has no value, and where.
    pub(super) fn filled(&self, name: &str, values: &Value) -> Result<String, String> {
        let template = self.0.get_template(name).ok_or_else(|| format!("no template {name}"))?;
        template.render_from(values).to_string().map_err(|e| format!("{e:#}"))
    }
}

/// Markup that is not escaped again: what a template became, the style, the script and its data.
pub(super) fn markup(text: impl Into<String>) -> Values {
    Values::new().with(MARKUP, text.into())
}

/// Writes a value into a page. Text is escaped, also for attributes in double quotes.
fn write(out: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    let text = match value {
        Value::String(text) => text,
        Value::Map(map) => match map.get(MARKUP) {
            Some(Value::String(markup)) if map.len() == 1 => return Ok(out.write_str(markup)?),
            _ => return fmt::default(out, value),
        },
        _ => return fmt::default(out, value),
    };
    for c in text.chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            // HTML has no way to write the other control characters.
            c if c.is_control() && c != '\n' => out.write_char('\u{FFFD}')?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}
