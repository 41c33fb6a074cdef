//! Numbers and names in human-readable form.

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

/// Quotes bytes of the input for a message, cut to a readable length. Bytes that are not UTF-8 are shown as
/// they are: `\xFF`.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 64;
    let mut out = String::from("\"");
    let mut left = MAX_CHARS;
    for chunk in bytes.utf8_chunks() {
        let fits = chunk.valid().char_indices().nth(left).map_or(chunk.valid().len(), |(at, _)| at);
        let text = format!("{:?}", &chunk.valid()[..fits]);
        out.push_str(&text[1..text.len() - 1]);
        let invalid = if fits < chunk.valid().len() { &[] } else { chunk.invalid() };
        left -= chunk.valid()[..fits].chars().count();
        let shown = &invalid[..invalid.len().min(left)];
        shown.iter().for_each(|byte| out += &format!("\\x{byte:02X}"));
        left -= shown.len();
        if fits < chunk.valid().len() || shown.len() < chunk.invalid().len() {
            return out + "\" …";
        }
    }
    out + "\""
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

/// A number with its noun: 1 key, 2 keys.
pub(crate) fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// Formats bytes in the largest decimal unit in which the number is at least 1.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    // 999.95 and above would be printed as 1000.0.
    while value >= 999.95 && units.len() > 0 {
        value /= 1000.0;
        unit = units.next();
    }
    format!("{value:.1} {}", unit.unwrap_or(&"B"))
}

/// Formats a fraction as a percentage.
pub(crate) fn percent(fraction: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$} %", 100.0 * fraction);
    // Rounding may leave a signed zero.
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|c| matches!(c, '1'..='9')) => rest.to_owned(),
        _ => text,
    }
}

/// A node's name, cut to the length that fits a table.
pub(crate) fn short(name: &str) -> String {
    const MAX_CHARS: usize = 40;
    match name.char_indices().nth(MAX_CHARS) {
        None => visible(name),
        Some((end, _)) => format!("{}…", visible(&name[..end])),
    }
}

/// Formats rows of cells as lines: the first `left` columns aligned left, the others right.
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

/// One column for each character, which is good enough for names.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// True for characters that would break a line or move what follows.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
