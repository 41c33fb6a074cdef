//! The saved form of a transition's progress.

use super::progress::{Fingerprint, Progress};
use crate::error::Error;
use crate::form::{self, malformed};
use crate::hash::hex;
use crate::limits::{MAX_NODES, MAX_PARTITIONS};
use crate::node::{NodeLabel, SavedLabel};
use crate::placement::bounded;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved progress")]
struct ProgressForm<'a> {
    version: u32,
    replicas: u32,
    /// The target last.
    #[serde(deserialize_with = "placements")]
    placements: Vec<SavedPlacement>,
    /// Four times the number of a placement, and the phase.
    #[serde(deserialize_with = "states")]
    states: Cow<'a, [u32]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlacement {
    #[serde(with = "hex")]
    fingerprint: u64,
    #[serde(deserialize_with = "lost")]
    lost: Vec<SavedLabel>,
}

/// Each placement but the target is that of a partition.
fn placements<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SavedPlacement>, D::Error> {
    bounded(from, "placements", MAX_PARTITIONS as usize + 1)
}

fn states<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, [u32]>, D::Error> {
    bounded(from, "states", MAX_PARTITIONS as usize).map(Cow::Owned)
}

fn lost<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SavedLabel>, D::Error> {
    bounded(from, "lost", MAX_NODES)
}

/// Writes `version`, `replicas`, `placements` (each with its `fingerprint` of 16 hexadecimal digits
/// and the labels of its `lost` nodes, as `text` or `hex`; the target last) and `states`: for each
/// partition four times the number of the placement at which it is settled or from which it comes,
/// plus 0 settled, 1 copying, 2 switched.
impl Serialize for Progress {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let placement = |version: &Fingerprint| SavedPlacement {
            fingerprint: version.fingerprint,
            lost: version.lost.iter().map(|label| SavedLabel::new(label)).collect(),
        };
        ProgressForm {
            version: VERSION,
            replicas: self.replicas,
            placements: self.versions.iter().map(placement).collect(),
            states: Cow::Borrowed(&self.states),
        }
        .serialize(to)
    }
}

/// Reads what `Serialize` writes, and checks that it is the progress of some transition. Whether the
/// placements are the same as before, [`Transition::resume`](super::Transition::resume) says.
impl<'de> Deserialize<'de> for Progress {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read::<ProgressForm<'_>, _>(from, VERSION)?.progress().map_err(D::Error::custom)
    }
}

impl ProgressForm<'_> {
    fn progress(self) -> Result<Progress, Error> {
        let Self { replicas, placements, states, .. } = self;
        let wrong = |why: String| Err(malformed("progress", why));
        if replicas == 0 {
            return wrong("expected at least 1 replica, got 0".into());
        }
        if states.is_empty() {
            return wrong("expected at least 1 partition, got 0".into());
        }
        let Some(target) = placements.len().checked_sub(1).map(|target| target as u32) else {
            return wrong("it has no placement, not even a target".into());
        };
        let mut used = vec![false; target as usize];
        for (partition, state) in states.iter().enumerate() {
            let (placement, phase) = (state >> 2, state & 3);
            if phase == 3 || placement > target || placement == target && phase > 0 {
                return wrong(format!(
                    "the state {state} of partition {partition} is unknown, with {} placements",
                    placements.len()
                ));
            }
            if let Some(used) = used.get_mut(placement as usize) {
                *used = true;
            }
        }
        if let Some(placement) = used.iter().position(|used| !used) {
            return wrong(format!(
                "no partition is at placement {placement}, which is not the target"
            ));
        }
        let versions = placements.into_iter().map(SavedPlacement::fingerprint);
        let versions = versions.collect::<Result<_, Error>>()?;
        Ok(Progress { replicas, versions, states: states.into_owned() })
    }
}

impl SavedPlacement {
    fn fingerprint(self) -> Result<Fingerprint, Error> {
        let labels = self.lost.into_iter().map(SavedLabel::into_bytes);
        let lost = labels.collect::<Result<Vec<Vec<u8>>, Error>>()?;
        let mut sorted: Vec<&[u8]> = lost.iter().map(Vec::as_slice).collect();
        sorted.sort_unstable();
        if let Some([label, _]) = sorted.windows(2).find(|pair| pair.first() == pair.last()) {
            let label = NodeLabel::from_bytes(label).shown();
            return Err(malformed("progress", format!("node {label} is lost twice")));
        }
        Ok(Fingerprint { fingerprint: self.fingerprint, lost })
    }
}
