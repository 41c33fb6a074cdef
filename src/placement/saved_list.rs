//! Lists of a saved form: read no further than to the greatest length that is ever restored, and
//! kept in little more than their entries take.
//!
//! What a format says of a list's length is not trusted.

use crate::error::{Error, Kind, SavedFault};
use crate::limits::{MAX_ANCHOR_BUCKETS, MAX_DOMAIN_LEVELS, MAX_NODES, MAX_PARTITION_SLOTS};
use crate::node::NodeIdx;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// The error for a list that goes on.
pub(crate) fn too_long<E: serde::de::Error>(list: &'static str, max: usize) -> E {
    E::custom(Error::from(Kind::Saved(SavedFault::TooLong { list, max })))
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
                    // By a quarter and not to the double: entries of a text may take two bytes.
                    entries.reserve_exact(entries.len() / 4 + 4);
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    from.deserialize_seq(Bounded(list, max, PhantomData))
}

/// The slots of buckets, of which each is another node's.
pub(super) fn order<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "order", MAX_NODES)
}

/// The number of buckets, and those removed.
pub(super) fn log<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "state", MAX_ANCHOR_BUCKETS as usize + 1)
}

/// The slots with the rest of a weight, one a node.
pub(super) fn rests<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "rests", MAX_NODES)
}

/// Limits of levels, each of another one.
pub(super) fn limits<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, u32)>, D::Error> {
    bounded(from, "limits", MAX_DOMAIN_LEVELS)
}

/// The holders of all partitions.
pub(super) fn holders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "holders", MAX_PARTITION_SLOTS as usize)
}

/// The nodes of a board's slots, null for a free one, in four bytes each.
pub(super) mod slots {
    use super::{NodeIdx, bounded};
    use crate::limits::MAX_ASURA_SLOTS;
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serializer};

    /// One entry.
    struct Slot(Option<NodeIdx>);

    impl<'de> Deserialize<'de> for Slot {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Some(slot) = Option::<u32>::deserialize(from)? else { return Ok(Self(None)) };
            // No node has such a slot, and none is named by it.
            Ok(Self(Some(NodeIdx::new(slot))))
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        slots: &[Option<NodeIdx>],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(slots.iter().map(|slot| slot.map(NodeIdx::get)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Option<NodeIdx>>, D::Error> {
        let slots: Vec<Slot> = bounded(from, "slots", MAX_ASURA_SLOTS)?;
        Ok(slots.into_iter().map(|Slot(slot)| slot).collect())
    }
}
