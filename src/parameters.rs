//! Configurations as text: `160,budget=1000000`.
//!
//! ```text
//! text:       [parameter {"," parameter}]
//! parameter:  name "=" value | value      a value without a name is that of the first parameter
//! ```
//!
//! Names are compared without regard to case; `_` and `-` are the same. Spaces around names and values
//! are ignored. Every type prints the form it reads.

use crate::error::{ChoiceFault, Error};
use alloc::string::String;
use core::str::FromStr;

/// Maximum number of characters of a token that a message prints.
const MAX_CHARS: usize = 64;

/// The token, shortened for a message.
pub(crate) fn shown(token: &str) -> String {
    token.chars().take(MAX_CHARS).collect()
}

/// True if two names are the same without regard to case, where `_` and `-` are the same.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    a.bytes().map(plain).eq(b.bytes().map(plain))
}

/// Finds a name in the list of known ones and returns it as it is spelled there.
pub(crate) fn named(
    what: &'static str,
    name: &str,
    known: &'static [&'static str],
) -> Result<&'static str, Error> {
    let found = known.iter().copied().find(|own| same_name(own, name.trim()));
    found.ok_or_else(|| ChoiceFault::Option { what, token: shown(name), known }.into())
}

/// Calls `set` with each parameter's known name and its value. Each parameter may be given once.
pub(crate) fn each(
    what: &'static str,
    text: &str,
    known: &'static [&'static str],
    mut set: impl FnMut(&'static str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let mut seen = 0_u64;
    for (place, token) in text.split(',').enumerate() {
        let (name, value) = match (token.split_once('='), known.first()) {
            (Some((name, value)), _) => (named(what, name, known)?, value),
            (None, Some(first)) if place == 0 => (*first, token),
            _ => return Err(ChoiceFault::Option { what, token: shown(token), known }.into()),
        };
        let bit = known.iter().position(|own| *own == name).unwrap_or_default();
        if seen >> bit & 1 == 1 {
            return Err(ChoiceFault::Twice { what, option: name }.into());
        }
        seen |= 1 << bit;
        set(name, value.trim())?;
    }
    Ok(())
}

/// Reads the configuration of an algorithm that has none: only an empty text is valid.
pub(crate) fn none(what: &'static str, text: &str) -> Result<(), Error> {
    each(what, text, &[], |_, _| Ok(()))
}

/// A whole number of decimal digits.
pub(crate) fn number<T: FromStr>(what: &'static str, token: &str) -> Result<T, Error> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let value = token.parse().ok().filter(|_| digits);
    value.ok_or_else(|| wrong(what, token, "a whole number within its range"))
}

/// A ratio of whole numbers, `3/2`; a single number `n` is `n/1`.
pub(crate) fn ratio<T: FromStr>(what: &'static str, token: &str) -> Result<(T, T), Error> {
    let (num, den) = token.split_once('/').unwrap_or((token, "1"));
    Ok((number(what, num.trim())?, number(what, den.trim())?))
}

/// The error for a value that is not what was expected.
#[cold]
pub(crate) fn wrong(what: &'static str, token: &str, expected: &'static str) -> Error {
    ChoiceFault::Value { what, token: shown(token), expected }.into()
}

/// Implements `Serialize` and `Deserialize` through the text that `Display` prints and `FromStr`
/// reads.
macro_rules! serde_as_text {
    ($($t:ty),* $(,)?) => {$(
        /// Writes the text that `Display` prints.
        #[cfg(feature = "serde")]
        impl serde::Serialize for $t {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        /// Reads the text that `FromStr` reads.
        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $t {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::parameters::Text(core::marker::PhantomData))
            }
        }
    )*};
}
pub(crate) use serde_as_text;

/// The visitor that reads a value from its text.
#[cfg(feature = "serde")]
pub(crate) struct Text<T>(pub(crate) core::marker::PhantomData<T>);

#[cfg(feature = "serde")]
impl<T: FromStr<Err = Error>> serde::de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a configuration as text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
