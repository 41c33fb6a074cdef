//! Reading the lists of a saved form, up to the maximum length that can be restored and with little
//! more memory than the entries need.
//!
//! The length that a format declares for a list is not trusted.

use crate::error::{Error, SavedFault};
use crate::limits::MAX_NODES;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// The error for a list that is longer than allowed.
pub(crate) fn too_long<E: serde::de::Error>(list: &'static str, max: usize) -> E {
    E::custom(Error::from(SavedFault::TooLong { list, max }))
}

/// A list of no more than `max` entries.
pub(crate) fn bounded<'de, T, D>(
    from: D,
    list: &'static str,
    max: usize,
) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Bounded<T>(&'static str, usize, PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "the list `{}`", self.0)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if entries.len() >= self.1 {
                    return Err(too_long(self.0, self.1));
                }
                if entries.len() == entries.capacity() {
                    // Grows by a quarter instead of doubling, to bound memory: an entry may have
                    // taken only two bytes of the text.
                    entries.reserve_exact(entries.len() / 4 + 4);
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    from.deserialize_seq(Bounded(list, max, PhantomData))
}

/// The slots of the buckets' nodes.
pub(crate) fn order<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "order", MAX_NODES)
}
