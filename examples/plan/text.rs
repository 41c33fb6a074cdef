//! Names and numbers in human-readable form.

use std::path::Path;

/// Escapes control characters, so the text stays on one line.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_control(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Quotes bytes of the input for a message, cut to a readable length.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 64;
    let text = String::from_utf8_lossy(bytes);
    let beginning: String = text.chars().take(MAX_CHARS).collect();
    let more = if beginning.len() < text.len() { " …" } else { "" };
    format!("{beginning:?}{more}")
}

/// Quotes a path and escapes characters that do not print.
pub(crate) fn path(path: &Path) -> String {
    format!("{:?}", path.as_os_str())
}

/// Groups digits: 1234567 becomes 1,234,567.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats rows of cells as lines: the first column aligned left, the others right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(i, (cell, width))| {
            let fill = " ".repeat(width - columns(cell));
            if i == 0 { format!("{cell}{fill}") } else { format!("{fill}{cell}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// One column for each character, which is good enough for names.
fn columns(text: &str) -> usize {
    text.chars().count()
}
