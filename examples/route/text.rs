//! Quotes input for messages, and parses numbers.

pub(crate) use crate::common::text::{path, quoted, visible};

use crate::common::options::whole;
use std::str::FromStr;

/// Parses a decimal number: digits only, while `parse` alone would accept a sign.
pub(crate) fn decimal<T: FromStr>(digits: &[u8]) -> Option<T> {
    whole(std::str::from_utf8(digits).ok()?)
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
