//! Named fields of a saved form.

use alloc::string::{String, ToString};
use serde::de::{Error as DeError, IgnoredAny, MapAccess};

/// Stores the value of a field. An error if the field was given before.
pub(super) fn put<T, E: DeError>(
    place: &mut Option<T>,
    name: &'static str,
    value: T,
) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// Skips a field that this release does not know, and keeps the error for the first one.
pub(super) fn ignore<'de, A: MapAccess<'de>>(
    map: &mut A,
    unknown: &mut Option<String>,
    field: &str,
    known: &'static [&'static str],
) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>()?;
    let field: String = field.chars().take(64).collect();
    unknown.get_or_insert_with(|| A::Error::unknown_field(&field, known).to_string());
    Ok(())
}
