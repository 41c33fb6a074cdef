//! Writes a tape.

use super::{BYTES, END, FALSE, FLOAT, LIST, MAP, MAX_DEPTH, NEGATIVE, NULL, TEXT, TRUE, Tape};
use core::fmt;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Appends a value to the tape.
pub(super) struct Writer<'t> {
    pub(super) tape: &'t mut Tape,
    pub(super) depth: usize,
}

impl Writer<'_> {
    fn deeper(&mut self) -> Writer<'_> {
        Writer { tape: self.tape, depth: self.depth + 1 }
    }

    /// Writes the tag of a list or map. True if its contents are kept.
    fn opens(&mut self, tag: u8) -> bool {
        let opens = self.depth < MAX_DEPTH;
        self.tape.too_deep |= !opens;
        self.tape.write(&[tag]);
        opens
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.tape.write(&[if value { TRUE } else { FALSE }]);
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.tape.unsigned(value);
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        if value < 0 {
            self.tape.write(&[NEGATIVE]);
        }
        let value = if value < 0 { !value } else { value };
        self.visit_u64(value.unsigned_abs())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.tape.number(FLOAT, value.to_bits());
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.tape.text(TEXT, value.as_bytes());
        Ok(())
    }

    fn visit_bytes<E: serde::de::Error>(self, value: &[u8]) -> Result<(), E> {
        self.tape.text(BYTES, value);
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.tape.write(&[NULL]);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if self.opens(LIST) {
            while seq.next_element_seed(self.deeper())?.is_some() {}
        } else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
        }
        self.tape.write(&[END]);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.opens(MAP) {
            while map.next_key_seed(self.deeper())?.is_some() {
                map.next_value_seed(self.deeper())?;
            }
        } else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        self.tape.write(&[END]);
        Ok(())
    }
}
