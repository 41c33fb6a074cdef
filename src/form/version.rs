//! Reads a form. The version is checked before any other error is reported.
//!
//! A newer release may write additional fields or variants anywhere. A reader that met those first
//! would report a malformed value, but it must report a newer one:
//!
//! ```text
//! compact format    version | field | field | …     checked before the next byte is read
//! version first     "version", "a", "b", …          the same: then the rest streams by
//! version later     "a", "b", "version", "c", …     a and b wait on tapes until it is known
//! ```
//!
//! Derived code reads the fields; [`VersionFirst`] stands between it and the format. It hands the
//! version on as the first field, then the fields that waited, then the rest.

use super::tape::Tape;
use crate::error::{Error, SavedFault};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::de::value::{BorrowedStrDeserializer, U32Deserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as DeError, IgnoredAny, IntoDeserializer,
    MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

const VERSION: &str = "version";

/// Reads a struct whose first field is `version`, of versions 1 to `known`.
///
/// Values that borrow from the input can be read only if the version comes first.
pub(crate) fn read<'de, T, D>(from: D, known: u32) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(VersionFirst { from, known })
}

/// Rejects a version that this release does not know.
pub(crate) fn check<E: DeError>(version: u32, known: u32) -> Result<(), E> {
    let fault = match version {
        0 => SavedFault::NoVersion { version },
        newer if newer > known => SavedFault::Newer { version, known },
        _ => return Ok(()),
    };
    Err(E::custom(Error::from(fault)))
}

struct VersionFirst<D> {
    from: D,
    known: u32,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for VersionFirst<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = Checked { visitor, fields, known: self.known };
        self.from.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("a saved form is a struct"))
    }

    fn is_human_readable(&self) -> bool {
        self.from.is_human_readable()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The visitor of a form, behind the check of its version.
struct Checked<V> {
    visitor: V,
    fields: &'static [&'static str],
    known: u32,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Checked<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<V::Value, A::Error> {
        let Some(version) = seq.next_element()? else {
            return Err(A::Error::invalid_length(0, &self.visitor));
        };
        check(version, self.known)?;
        self.visitor.visit_seq(Fields {
            version: Some(version),
            waiting: Waiting::default(),
            rest: seq,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let mut waiting = Waiting::default();
        let mut refused = None;
        while let Some(field) = map.next_key::<String>()? {
            if field == VERSION {
                let version = map.next_value()?;
                check(version, self.known)?;
                if let Some(refused) = refused {
                    return Err(A::Error::custom(refused));
                }
                waiting.fields.reverse();
                let fields = Fields { version: Some(version), waiting, rest: map };
                return self.visitor.visit_map(fields);
            }
            // Only fields of the form are kept, each once: so a hostile map takes no more memory.
            let known = self.fields.iter().find(|known| **known == field);
            let waits = |known: &&&str| waiting.fields.iter().any(|(name, _)| name == *known);
            if let Some(known) = known.filter(|known| !waits(known)) {
                waiting.fields.push((known, map.next_value()?));
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            refused.get_or_insert_with(|| {
                let field: String = field.chars().take(64).collect();
                let error: A::Error = match known {
                    Some(known) => A::Error::duplicate_field(known),
                    None => A::Error::unknown_field(&field, self.fields),
                };
                error.to_string()
            });
        }
        Err(A::Error::missing_field(VERSION))
    }
}

/// Fields that came before the version, the last one first, and the value of the current one.
#[derive(Default)]
struct Waiting {
    fields: Vec<(&'static str, Tape)>,
    value: Option<Tape>,
}

/// The version, the fields that waited for it, and the rest.
struct Fields<A> {
    version: Option<u32>,
    waiting: Waiting,
    rest: A,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, A::Error> {
        match self.version.take() {
            Some(version) => seed.deserialize(number(version)).map(Some),
            None => self.rest.next_element_seed(seed),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.rest.size_hint().map(|rest| rest.saturating_add(self.version.is_some().into()))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let name = |name| seed_name(name);
        if self.version.is_some() {
            return seed.deserialize(name(VERSION)).map(Some);
        }
        let Some((field, tape)) = self.waiting.fields.pop() else {
            return self.rest.next_key_seed(seed);
        };
        self.waiting.value = Some(tape);
        seed.deserialize(name(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        if let Some(version) = self.version.take() {
            return seed.deserialize(number(version));
        }
        match self.waiting.value.take() {
            Some(tape) => tape.read_seed(seed).map_err(A::Error::custom),
            None => self.rest.next_value_seed(seed),
        }
    }
}

fn number<E: DeError>(version: u32) -> U32Deserializer<E> {
    version.into_deserializer()
}

fn seed_name<E: DeError>(name: &'static str) -> BorrowedStrDeserializer<'static, E> {
    BorrowedStrDeserializer::new(name)
}
