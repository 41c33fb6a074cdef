//! Ratios of 128-bit numbers as text, `3/8`: hardly any format has numbers as large.

use crate::parameters;
use alloc::string::String;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde asks for
pub(crate) fn serialize<S: Serializer>(
    (part, whole): &(u128, u128),
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{part}/{whole}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(u128, u128), D::Error> {
    let text = String::deserialize(from)?;
    parameters::ratio("a saved ratio", &text).map_err(D::Error::custom)
}
