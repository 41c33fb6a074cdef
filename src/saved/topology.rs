//! The saved form of a topology: nodes without a placement.

use super::nodes::SavedNodes;
use crate::error::{Error, SavedFault};
use crate::form;
use crate::hash::hex;
use crate::topology::Topology;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved topology")]
struct TopologyForm<N> {
    version: u32,
    #[serde(with = "hex")]
    fingerprint: u64,
    epoch: u64,
    nodes: SavedNodes<N>,
}

/// Writes `version`, `fingerprint` (16 hexadecimal digits), `epoch` and `nodes`, as in the form of a
/// locator: see [`Saved`](crate::saved::Saved).
impl<N: Serialize> Serialize for Topology<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        TopologyForm {
            version: VERSION,
            fingerprint: self.fingerprint(),
            epoch: self.epoch(),
            nodes: SavedNodes::of(self),
        }
        .serialize(to)
    }
}

/// Reads what `Serialize` writes. Slots and the epoch are as they were, so a partition table of these
/// nodes fits.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for Topology<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read::<TopologyForm<N>, _>(from, VERSION)?.topology().map_err(D::Error::custom)
    }
}

impl<N> TopologyForm<N> {
    fn topology(self) -> Result<Topology<N>, Error> {
        let topology = self.nodes.restore(self.epoch)?;
        let (saved, rebuilt) = (self.fingerprint, topology.fingerprint());
        if rebuilt != saved {
            return Err(SavedFault::Fingerprint { saved, rebuilt }.into());
        }
        Ok(topology)
    }
}
