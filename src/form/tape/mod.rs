//! Stores a value of any shape until its type is known.
//!
//! A value is a sequence of bytes, not much longer than its text form:
//!
//! ```text
//! null          0
//! false, true   1, 2
//! unsigned      16 + n for n below 240, else 11 and 4 bytes, else 3 and 8 bytes
//! negative n    4 and −1 − n, which is unsigned
//! float         5 and 8 bytes
//! text, bytes   6 or 7, the length in 8 bytes for every 127 or more, else in one, and the bytes
//! list          8, the values, 10
//! map           9, keys and values in turn, 10
//! ```

mod read;
mod write;

use alloc::vec::Vec;
use core::marker::PhantomData;
use read::Reader;
use serde::de::value::Error;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error as _};
use write::Writer;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const UNSIGNED: u8 = 3;
const NEGATIVE: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const BYTES: u8 = 7;
const LIST: u8 = 8;
const MAP: u8 = 9;
const END: u8 = 10;
const UNSIGNED_32: u8 = 11;
/// The tag of the unsigned number 0. A number n below 240 has the tag `SMALL` + n.
const SMALL: u8 = 16;
/// A length of 127 or more is written as this byte and eight bytes for the length.
const LONG: u8 = 127;

/// The maximum nesting depth of lists and maps that is kept; a saved form has five.
const MAX_DEPTH: usize = 32;

/// A stored value, to be read once its type is known.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    bytes: Vec<u8>,
    /// True if the value was nested deeper than [`MAX_DEPTH`].
    too_deep: bool,
}

impl Tape {
    /// Reads the value as this type.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.read_seed(PhantomData)
    }

    /// Reads the value with the state of a seed.
    pub(crate) fn read_seed<'de, T: DeserializeSeed<'de>>(
        &self,
        seed: T,
    ) -> Result<T::Value, Error> {
        if self.too_deep {
            let message = "lists and maps are nested deeper than those of a saved value are";
            return Err(Error::custom(message));
        }
        seed.deserialize(&mut Reader(&self.bytes))
    }

    /// Appends bytes. The capacity grows by a quarter instead of doubling, because a tape can already be
    /// longer than its input: the number 240 takes five bytes.
    fn write(&mut self, bytes: &[u8]) {
        let (length, free) = (self.bytes.len(), self.bytes.capacity() - self.bytes.len());
        if free < bytes.len() {
            self.bytes.reserve_exact(bytes.len().max(length / 4 + 16));
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn number(&mut self, tag: u8, bits: u64) {
        self.write(&[tag]);
        self.write(&bits.to_le_bytes());
    }

    fn unsigned(&mut self, value: u64) {
        match u8::try_from(value).ok().and_then(|value| value.checked_add(SMALL)) {
            Some(small) => self.write(&[small]),
            None => match u32::try_from(value) {
                Ok(value) => {
                    self.write(&[UNSIGNED_32]);
                    self.write(&value.to_le_bytes());
                }
                Err(_) => self.number(UNSIGNED, value),
            },
        }
    }

    fn text(&mut self, tag: u8, text: &[u8]) {
        self.write(&[tag]);
        match u8::try_from(text.len()) {
            Ok(short) if short < LONG => self.write(&[short]),
            _ => self.number(LONG, text.len() as u64),
        }
        self.write(text);
    }
}

impl<'de> Deserialize<'de> for Tape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tape = Self::default();
        Writer { tape: &mut tape, depth: 0 }.deserialize(deserializer)?;
        Ok(tape)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, Tape};
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::fmt::Debug;
    use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
    use serde::de::{Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
    use serde::forward_to_deserialize_any;

    fn tape<'de>(value: impl IntoDeserializer<'de, Error>) -> Tape {
        Tape::deserialize(value.into_deserializer()).unwrap()
    }

    fn comes_back<T>(values: Vec<T>)
    where
        T: DeserializeOwned + PartialEq + Debug + Clone + for<'de> IntoDeserializer<'de, Error>,
    {
        assert_eq!(tape(values.clone()).read::<Vec<T>>(), Ok(values));
    }

    #[test]
    fn values_come_back() {
        let large = [u32::MAX.into(), u64::from(u32::MAX) + 1, u64::MAX];
        comes_back((0..300_u64).chain(large).collect());
        comes_back((-300..300).chain([i64::MIN, i64::MIN + 1, i64::MAX]).collect());
        comes_back(alloc::vec![true, false]);
        comes_back(alloc::vec![1.5, -0.0, 1e300]);
        comes_back((0..300).map(|length| "x".repeat(length)).collect::<Vec<String>>());
        comes_back(Vec::<u64>::new());
        let map = BTreeMap::from([("a".to_string(), 1), ("é".to_string(), 1000)]);
        assert_eq!(tape(map.clone()).read(), Ok(map));
        assert_eq!(tape(()).read(), Ok(None::<u8>));
        assert_eq!(tape(7_u8).read(), Ok(Some(7_u8)));
    }

    #[test]
    fn variants_are_names_or_maps() {
        #[derive(serde::Deserialize, PartialEq, Debug)]
        enum Shape {
            Unit,
            New(u8),
            Pair(u8, u8),
            Named { a: u8 },
        }
        fn of<V: IntoDeserializer<'static, Error>>(
            parts: Vec<(&'static str, V)>,
        ) -> Result<Shape, String> {
            let tape = Tape::deserialize(MapDeserializer::new(parts.into_iter())).unwrap();
            tape.read().map_err(|error: Error| error.to_string())
        }
        assert_eq!(tape("Unit").read(), Ok(Shape::Unit));
        assert_eq!(of(alloc::vec![("Unit", ())]), Ok(Shape::Unit));
        assert_eq!(of(alloc::vec![("New", 7)]), Ok(Shape::New(7)));
        assert_eq!(of(alloc::vec![("Pair", alloc::vec![1, 2])]), Ok(Shape::Pair(1, 2)));
        assert_eq!(of(alloc::vec![("Named", alloc::vec![1])]), Ok(Shape::Named { a: 1 }));
        let named = BTreeMap::from([("a", 1)]);
        assert_eq!(of(alloc::vec![("Named", named)]), Ok(Shape::Named { a: 1 }));
        let refused = |tape: Tape| tape.read::<Shape>().map_err(|error| error.to_string());
        for (error, why) in [
            (of(Vec::<(&str, u8)>::new()), "expected a value"),
            (refused(tape(7)), "integer `7`, expected string or map"),
            (refused(tape(Vec::<u8>::new())), "sequence, expected string or map"),
            (refused(tape("New")), "unit variant, expected newtype variant"),
            (refused(tape("Other")), "unknown variant `Other`"),
            (of(alloc::vec![("New", 7), ("Unit", 0)]), "fewer elements in a variant"),
            (of(alloc::vec![("Pair", alloc::vec![1])]), "invalid length 1"),
            (of(alloc::vec![("Pair", alloc::vec![1, 2, 3])]), "fewer elements in a list"),
        ] {
            let error = error.unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    /// Lists within one another.
    struct Nested(usize);

    impl IntoDeserializer<'_, Error> for Nested {
        type Deserializer = Self;

        fn into_deserializer(self) -> Self {
            self
        }
    }

    impl<'de> Deserializer<'de> for Nested {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let inner = self.0.checked_sub(1).map(Nested);
            visitor.visit_seq(SeqDeserializer::new(inner.into_iter()))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn what_is_too_deep_is_passed_over() {
        use serde::de::IgnoredAny;
        assert!(tape(Nested(MAX_DEPTH - 1)).read::<IgnoredAny>().is_ok());
        let deep = tape(Nested(MAX_DEPTH));
        assert!(deep.read::<IgnoredAny>().unwrap_err().to_string().contains("nested deeper"));
        assert!(tape(Nested(1000)).bytes.len() <= 2 * (MAX_DEPTH + 1));
    }
}
