//! Files inside the page: links to them, cells of CSV, and arguments as a shell reads them.

use super::{Html, base64};

/// An item of a list: a file with this name, media type and text.
pub(crate) fn link(out: &mut Html, name: &str, kind: &str, text: &str, title: &str) {
    out.markup("<li><a download=\"").text(name).markup("\" href=\"data:").text(kind);
    out.markup(";charset=utf-8;base64,").text(base64(text.as_bytes())).markup("\">").text(title);
    out.markup("</a></li>\n");
}

/// A cell of a CSV file.
pub(crate) fn csv(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Commands to read and to copy.
pub(crate) fn commands(out: &mut Html, text: &str) {
    out.markup("<pre tabindex=\"0\" aria-label=\"Commands\"><code>").text(text);
    out.markup("</code></pre>\n");
}
