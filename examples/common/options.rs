//! Values of options on the command line.

use super::text::quoted;
use lexopt::Parser;
use std::ffi::{OsStr, OsString};
use std::fmt::Debug;
use std::str::FromStr;

/// An option's value. If the next argument looks like an option, the value was probably forgotten,
/// so such a value must be written as `--node=-a`.
pub(crate) fn value(parser: &mut Parser, option: &str) -> Result<OsString, String> {
    value_unless(parser, option, |_| false)
}

/// As [`value`]; `-` alone stands for standard input.
pub(crate) fn value_or_stdin(parser: &mut Parser, option: &str) -> Result<OsString, String> {
    value_unless(parser, option, |value| value == "-")
}

/// As [`value`], in UTF-8.
pub(crate) fn text(parser: &mut Parser, option: &str) -> Result<String, String> {
    let value = value(parser, option)?;
    value.into_string().map_err(|value| format!("{option} {}: not UTF-8", shown(&value)))
}

fn value_unless(
    parser: &mut Parser,
    option: &str,
    is_meant: fn(&OsStr) -> bool,
) -> Result<OsString, String> {
    if let Some(value) = parser.optional_value() {
        return Ok(value);
    }
    let value = parser.value().map_err(|_| format!("{option} needs a value"))?;
    if value.as_encoded_bytes().starts_with(b"-") && !is_meant(&value) {
        let value = shown(&value);
        return Err(format!("{option} needs a value; if {value} is meant, {option}={value}"));
    }
    Ok(value)
}

/// Sets an option that is given at most once.
pub(crate) fn set<T: Debug>(place: &mut Option<T>, option: &str, value: T) -> Result<(), String> {
    match place {
        None => {
            *place = Some(value);
            Ok(())
        }
        Some(first) => Err(format!("{option} is given twice: {first:?} and {value:?}")),
    }
}

/// A number of digits alone; `parse` alone would accept a sign.
pub(crate) fn whole<N: FromStr>(digits: &str) -> Option<N> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// A value in a message.
pub(crate) fn shown(value: &OsStr) -> String {
    quoted(value.as_encoded_bytes())
}
