//! Reads a tape.

use super::{
    BYTES, END, FALSE, FLOAT, LIST, LONG, MAP, NEGATIVE, NULL, SMALL, TEXT, TRUE, UNSIGNED,
    UNSIGNED_32,
};
use core::fmt;
use serde::de::value::Error;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

fn no_value() -> Error {
    Error::custom("expected a value")
}

/// The unread rest of a tape.
pub(super) struct Reader<'t>(pub(super) &'t [u8]);

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn take(&mut self, bytes: usize) -> Result<&'t [u8], Error> {
        let (taken, rest) = self
            .0
            .split_at_checked(bytes)
            .ok_or_else(|| Error::custom("a value that ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?.iter().fold(0, |_, byte| *byte))
    }

    fn word(&mut self, bytes: usize) -> Result<u64, Error> {
        let word = |word, byte: &u8| word << 8 | u64::from(*byte);
        Ok(self.take(bytes)?.iter().rev().fold(0, word))
    }

    fn unsigned(&mut self) -> Result<u64, Error> {
        match self.byte()? {
            UNSIGNED => self.word(8),
            UNSIGNED_32 => self.word(4),
            small => small.checked_sub(SMALL).map(u64::from).ok_or_else(no_value),
        }
    }

    fn text(&mut self) -> Result<&'t [u8], Error> {
        let bytes = match self.byte()? {
            LONG => self.word(8)?,
            short => short.into(),
        };
        self.take(usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// Reads the end of a list, map or variant.
    fn end(&mut self, what: &'static str) -> Result<(), Error> {
        match self.byte()? {
            END => Ok(()),
            _ => Err(Error::custom(format_args!(
                "invalid length: expected fewer elements in {what}"
            ))),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let start = self.0;
        match self.byte()? {
            NULL => visitor.visit_unit(),
            FALSE => visitor.visit_bool(false),
            TRUE => visitor.visit_bool(true),
            NEGATIVE => {
                let value = i64::try_from(self.unsigned()?).map_err(Error::custom)?;
                visitor.visit_i64(!value)
            }
            FLOAT => visitor.visit_f64(f64::from_bits(self.word(8)?)),
            TEXT => {
                let text = core::str::from_utf8(self.text()?).map_err(Error::custom)?;
                visitor.visit_str(text)
            }
            BYTES => visitor.visit_bytes(self.text()?),
            LIST => {
                let value = visitor.visit_seq(&mut *self)?;
                self.end("a list")?;
                Ok(value)
            }
            MAP => {
                let value = visitor.visit_map(&mut *self)?;
                self.end("a map")?;
                Ok(value)
            }
            _ => {
                self.0 = start;
                visitor.visit_u64(self.unsigned()?)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() == Some(NULL) {
            self.byte()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant's name, or a map from the name to its value.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek() {
            Some(TEXT) => visitor.visit_enum(Variant { reader: self, holds: false }),
            Some(MAP) => {
                self.byte()?;
                let value = visitor.visit_enum(Variant { reader: &mut *self, holds: true })?;
                self.end("a variant")?;
                Ok(value)
            }
            _ => match self.deserialize_any(Unknown)? {},
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for &mut Reader<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.peek() == Some(END) { Ok(None) } else { seed.deserialize(&mut **self).map(Some) }
    }
}

impl<'de> MapAccess<'de> for &mut Reader<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut **self)
    }
}

/// Rejects a value that is not a variant, with an error that names its type.
struct Unknown;

impl Visitor<'_> for Unknown {
    type Value = core::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("string or map")
    }
}

struct Variant<'r, 't> {
    reader: &'r mut Reader<'t>,
    /// True for a map, which has a value after the name.
    holds: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'r, 't> Variant<'r, 't> {
    /// The value after the name.
    fn held(self, expected: &'static str) -> Result<&'r mut Reader<'t>, Error> {
        if self.holds {
            return Ok(self.reader);
        }
        Err(Error::invalid_type(Unexpected::UnitVariant, &expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.holds { Deserialize::deserialize(self.reader) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.held("newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.held("tuple variant")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.held("struct variant")?.deserialize_any(visitor)
    }
}
