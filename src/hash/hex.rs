//! 64-bit hashes as 16 hexadecimal digits: JSON readers in other languages keep only 53 bits of a
//! number.

use alloc::format;
use alloc::string::String;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A hash that is saved as 16 hexadecimal digits.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hex(#[serde(with = "self")] pub(crate) u64);

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde asks for
pub(crate) fn serialize<S: Serializer>(hash: &u64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&format!("{hash:016x}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    let text = String::deserialize(d)?;
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u64::from_str_radix(&text, 16) {
        Ok(hash) if digits => Ok(hash),
        _ => {
            let text: String = text.chars().take(32).collect();
            Err(D::Error::custom(format!("{text:?} is not a hash of 16 hexadecimal digits")))
        }
    }
}
