//! The saved form of a node label: text if it is UTF-8, otherwise hexadecimal digits.

use crate::error::{Error, SavedFault};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SavedLabel {
    /// UTF-8.
    Text(String),
    /// Two digits for each byte.
    Hex(String),
}

impl SavedLabel {
    pub(crate) fn new(label: &[u8]) -> Self {
        if let Ok(text) = core::str::from_utf8(label) {
            return Self::Text(text.into());
        }
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
        Self::Hex(label.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
    }

    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, Error> {
        let text = match self {
            Self::Text(text) => return Ok(text.into_bytes()),
            Self::Hex(text) => text,
        };
        let malformed = || {
            let text: String = text.chars().take(32).collect();
            Error::from(SavedFault::Label(format!("{text:?} is not hexadecimal")))
        };
        let digit = |b: u8| char::from(b).to_digit(16).ok_or_else(malformed);
        let mut bytes = Vec::with_capacity(text.len() / 2);
        for pair in text.as_bytes().chunks(2) {
            let [high, low] = pair else { return Err(malformed()) };
            bytes.push((digit(*high)? << 4 | digit(*low)?) as u8);
        }
        Ok(bytes)
    }
}
