//! Files inside the page, cells of CSV, and arguments as a shell reads them.

use super::Values;
use super::pack::base64;
use std::ffi::OsStr;

/// A file of the template `downloads`: its name, media type, text and what it is.
pub(crate) fn file(name: &str, kind: &str, text: &str, title: &str) -> Values {
    let values = Values::new().with("name", name).with("kind", kind).with("title", title);
    values.with("base64", base64(text.as_bytes()))
}

/// A cell of a CSV file. What a spreadsheet would take for a formula begins with an apostrophe, by
/// which spreadsheets know text.
pub(crate) fn csv(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// An argument as a shell reads it.
pub(crate) fn shell(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=,:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
