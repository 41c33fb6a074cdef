//! Quotes input bytes for messages, and parses numbers.

pub(crate) use crate::common::text::visible;

use crate::common::options::whole;
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

/// Quotes bytes, cut to a readable length.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    quoted_up_to(64, bytes)
}

/// Quotes a path.
pub(crate) fn path(path: &Path) -> String {
    quoted_up_to(usize::MAX, path.as_os_str().as_encoded_bytes())
}

fn quoted_up_to(mut max: usize, bytes: &[u8]) -> String {
    let mut out = "'".to_owned();
    let mut room = || {
        let left = max > 0;
        max = max.saturating_sub(1);
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

/// Parses a decimal number: digits only, while `parse` alone would accept a sign.
pub(crate) fn decimal<T: FromStr>(digits: &[u8]) -> Option<T> {
    whole(std::str::from_utf8(digits).ok()?)
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
