//! Floating-point numbers as text: the shortest one that reads as the same number. JSON has no
//! infinity, and its readers may miss the last bit.

use alloc::format;
use alloc::string::String;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde asks for
pub(crate) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{number:?}"))
}

/// Reads a number that is not negative. Whatever the crate measures is none below 0.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let text = String::deserialize(from)?;
    let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0);
    number.ok_or_else(|| {
        let text: String = text.chars().take(32).collect();
        D::Error::custom(format!("expected a number of at least 0 as text, got {text:?}"))
    })
}
