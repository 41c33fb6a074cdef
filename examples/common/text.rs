//! Numbers and names as a person reads them.

use std::path::Path;

/// The text with control characters escaped: it stays on its line.
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

/// Whether a character would move what follows it to another line or place.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Bytes of the input in a message, in quotes, as much as a message can use.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const MOST: usize = 64;
    let text = String::from_utf8_lossy(bytes);
    let beginning: String = text.chars().take(MOST).collect();
    let more = if beginning.len() < text.len() { " …" } else { "" };
    format!("{beginning:?}{more}")
}

/// A path in quotes, escaped where it does not print.
pub(crate) fn path(path: &Path) -> String {
    format!("{:?}", path.as_os_str())
}

/// 1234567 as 1,234,567.
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

/// 1 key, 2 keys.
pub(crate) fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// Bytes in the largest decimal unit that leaves a number of at least 1.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    // From 999.95 on it would be printed as 1000.0.
    while value >= 999.95 && units.len() > 0 {
        value /= 1000.0;
        unit = units.next();
    }
    format!("{value:.1} {}", unit.unwrap_or(&"B"))
}

/// A fraction in per cent.
pub(crate) fn percent(fraction: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$} %", 100.0 * fraction);
    // What rounding leaves of a zero may have a sign.
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|c| matches!(c, '1'..='9')) => rest.to_owned(),
        _ => text,
    }
}

/// A node's name, as much of it as a table can use.
pub(crate) fn short(name: &str) -> String {
    const MOST: usize = 40;
    match name.char_indices().nth(MOST) {
        None => visible(name),
        Some((end, _)) => format!("{}…", visible(&name[..end])),
    }
}

/// Rows of cells as lines: so many columns aligned to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>], left: usize) -> Vec<String> {
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
            if i < left { format!("{cell}{fill}") } else { format!("{fill}{cell}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Good enough for names: one column a character.
fn columns(text: &str) -> usize {
    text.chars().count()
}
