//! What JumpBackAnchor saves beyond the nodes: the log, and who has which bucket.

use super::buckets::{self, AnchorBuckets};
use super::placement::{JumpBackAnchor, NAME};
use crate::error::{AnchorFault, Error};
use crate::limits::MAX_ANCHOR_BUCKETS;
use crate::node::NodeIdx;
use crate::placement::{RestoreLimit, SavedState, Saves, bounded, equal_weights, numbering, order};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize};

/// The log, and who has which bucket.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorState {
    /// Buckets in all, then the removed ones, the oldest first.
    #[serde(deserialize_with = "log")]
    state: Vec<u32>,
    /// Slots in the order of the buckets that work.
    #[serde(deserialize_with = "order")]
    order: Vec<u32>,
}

/// The number of buckets, and those removed.
pub(super) fn log<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "state", MAX_ANCHOR_BUCKETS as usize + 1)
}

impl SavedState for AnchorState {
    fn algorithm(&self) -> &str {
        NAME
    }
}

impl Saves for JumpBackAnchor {
    type State = AnchorState;

    fn algorithm() -> Cow<'static, str> {
        NAME.into()
    }

    fn save(&self) -> AnchorState {
        AnchorState {
            state: self.buckets.words().collect(),
            order: self.working().map(|(_, node)| node.get()).collect(),
        }
    }

    fn restore(state: AnchorState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let AnchorState { state, order } = state;
        equal_weights(NAME, members)?;
        let (buckets, nodes) = restored(&state, &order, members)?;
        Ok(Self { buckets: Arc::new(buckets), nodes: nodes.into(), slots: members.slots() })
    }
}

/// The buckets of a saved log, and the node of each; for removed buckets it has no meaning.
pub(super) fn restored(
    state: &[u32],
    order: &[u32],
    members: &Members,
) -> Result<(AnchorBuckets, Vec<NodeIdx>), Error> {
    let order = numbering(order, members)?;
    // As many buckets as nodes and removals, before the log takes memory up to its highest one.
    if let Some((size, log)) = state.split_first() {
        let working = u64::from(*size).saturating_sub(log.len() as u64);
        if working != order.len() as u64 {
            let (working, live) = (working as u32, order.len());
            return buckets::fault(AnchorFault::Nodes { working, live });
        }
    }
    let buckets = AnchorBuckets::from_words(state, u64::MAX)?;
    let mut order = order.into_iter();
    let node = |bucket| {
        let working = buckets.is_working(bucket);
        working.then(|| order.next()).flatten().unwrap_or_default()
    };
    let nodes = (0..buckets.size()).map(node).collect();
    Ok((buckets, nodes))
}
