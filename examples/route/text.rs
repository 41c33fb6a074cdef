//! Bytes of the input in messages, and numbers.

use crate::common::text::is_control;
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;

fn push(out: &mut String, c: char) {
    if is_control(c) {
        out.extend(c.escape_default());
    } else {
        out.push(c);
    }
}

/// Bytes in quotes, as many of them as a message can use.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    at_most(64, bytes)
}

/// A path in quotes.
pub(crate) fn path(path: &Path) -> String {
    at_most(usize::MAX, path.as_os_str().as_encoded_bytes())
}

fn at_most(mut most: usize, bytes: &[u8]) -> String {
    let mut out = "'".to_owned();
    let mut room = || {
        let left = most > 0;
        most = most.saturating_sub(1);
        left
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if !room() {
                return out + "' …";
            }
            push(&mut out, c);
        }
        for byte in chunk.invalid() {
            if !room() {
                return out + "' …";
            }
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out + "'"
}

/// A decimal number: digits only, where `parse` alone would take a sign too.
pub(crate) fn decimal<T: FromStr>(digits: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(digits).ok()?;
    is_digits(text).then(|| text.parse().ok())?
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
