//! What an algorithm saves beyond the nodes.

use super::saved_chunks::Chunks;
use super::saved_list;
use crate::error::{Error, Kind, SavedFault};
use crate::hash::hex::Hex;
use crate::node::{NodeIdx, SavedLabel, Weight};
use crate::topology::Members;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What decides answers besides the nodes: the ring's scale, the numbering of a jump hash.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum State {
    /// The configuration of a ring.
    Ring {
        /// Points to a node of average weight; absent where the scale is a constant.
        points_per_node: Option<u32>,
        /// Points and weight: the constant scale, or the one that was derived; absent as long as
        /// it is to be derived and no node was ever live.
        scale: Option<(u64, u64)>,
        /// The most points there may be.
        budget: u64,
    },
    /// The slot of each bucket.
    Numbered {
        /// The bucket function's name.
        algorithm: String,
        /// Slots in the order of the buckets.
        #[serde(deserialize_with = "saved_list::order")]
        order: Vec<u32>,
    },
    /// Nothing besides the nodes.
    Rendezvous,
    /// Nothing besides the nodes.
    WeightedRendezvous,
    // New ones come last: compact forms write the number of the variant.
    /// The table's size.
    Maglev {
        /// Entries.
        table_size: u32,
    },
    /// The log, and who has which bucket.
    JumpBackAnchor {
        /// Buckets in all, then the removed ones, the oldest first.
        #[serde(deserialize_with = "saved_list::log")]
        state: Vec<u32>,
        /// Slots in the order of the buckets that work.
        #[serde(deserialize_with = "saved_list::order")]
        order: Vec<u32>,
    },
    /// The board.
    Asura {
        /// It has 2 to this power of slots.
        exponent: u32,
        /// The weight of a full slot, as a power of two; absent as long as no node was ever live.
        unit: Option<u32>,
        /// The exponent that was asked for.
        asked_exponent: Option<u32>,
        /// The unit of weight that was asked for.
        asked_unit: Option<u64>,
        /// Darts before the fallback.
        darts: u16,
        /// The node of each slot.
        #[serde(with = "saved_list::slots")]
        slots: Vec<Option<NodeIdx>>,
        /// Slots that are taken and not full, in order: one for the rest of each weight.
        #[serde(deserialize_with = "saved_list::rests")]
        rests: Vec<u32>,
    },
    /// Lists of points, by label.
    GivenPoints {
        /// The rule's name.
        rule: String,
        /// Ascending by label, and each list ascending.
        lists: Chunks<(SavedLabel, Vec<Hex>)>,
    },
    /// The holders.
    PartitionTable {
        /// P.
        partitions: u32,
        /// R.
        replicas: u32,
        /// Level and the most replicas of a partition in one of its domains.
        #[serde(deserialize_with = "saved_list::limits")]
        limits: Vec<(String, u32)>,
        /// The table's name.
        name: String,
        /// True if the rows may have fewer than R holders, all equally many.
        under_replicated: bool,
        /// The slots of the holders of partition 0, then those of partition 1 and so on.
        #[serde(deserialize_with = "saved_list::holders")]
        holders: Vec<u32>,
    },
}

/// Every live node once, in an order that decides.
pub(crate) fn numbering(order: &[u32], members: &Members) -> Result<Vec<NodeIdx>, Error> {
    let fault = |fault| Err(Kind::Saved(fault).into());
    let (entries, live) = (order.len(), members.live());
    if entries != live {
        return fault(SavedFault::NumberingLength { entries, live });
    }
    let mut seen = vec![false; members.slots()];
    for entry in order {
        let node = NodeIdx::new(*entry);
        let live = members.weight(node).is_some_and(Weight::is_live);
        match seen.get_mut(node.index()) {
            Some(flag) if live && !*flag => *flag = true,
            _ => return fault(SavedFault::Numbering { entry: *entry }),
        }
    }
    Ok(order.iter().map(|entry| NodeIdx::new(*entry)).collect())
}

impl State {
    pub(crate) fn numbering_of(self, wanted: &str) -> Result<Vec<u32>, Error> {
        match self {
            Self::Numbered { algorithm, order } if algorithm == wanted => Ok(order),
            other => Err(other.not(wanted)),
        }
    }

    pub(crate) fn algorithm(&self) -> &str {
        match self {
            Self::Ring { .. } => "ring",
            Self::Numbered { algorithm, .. } => algorithm,
            Self::Maglev { .. } => "maglev",
            Self::Asura { .. } => "asura",
            Self::JumpBackAnchor { .. } => "jump-back-anchor",
            Self::GivenPoints { .. } => "given-points",
            Self::PartitionTable { .. } => "partition-table",
            Self::Rendezvous => "rendezvous",
            Self::WeightedRendezvous => "weighted-rendezvous",
        }
    }

    pub(crate) fn not(&self, wanted: &str) -> Error {
        let saved = self.algorithm().chars().take(64).collect();
        Kind::Saved(SavedFault::Algorithm { saved, wanted: wanted.into() }).into()
    }
}
