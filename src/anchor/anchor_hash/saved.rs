//! What an AnchorHash saves beyond the nodes: its capacity, the log, and who has which bucket.

use super::super::saved::{log, restored};
use super::{AnchorConfig, AnchorHash, NAME, Table};
use crate::error::{AnchorFault, Error};
use crate::node::NodeIdx;
use crate::placement::{RestoreLimit, SavedState, Saves, equal_weights, order};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The capacity, the log, and who has which bucket.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorHashState {
    /// The number of all buckets.
    capacity: u32,
    /// The requested capacity.
    asked_capacity: Option<u32>,
    /// Buckets in use, then the removed ones, the oldest first.
    #[serde(deserialize_with = "log")]
    state: Vec<u32>,
    /// Slots in the order of the buckets that work.
    #[serde(deserialize_with = "order")]
    order: Vec<u32>,
}

impl SavedState for AnchorHashState {
    fn algorithm(&self) -> &str {
        NAME
    }
}

impl Saves for AnchorHash {
    type State = AnchorHashState;

    fn algorithm() -> Cow<'static, str> {
        NAME.into()
    }

    fn save(&self) -> AnchorHashState {
        AnchorHashState {
            capacity: self.capacity(),
            asked_capacity: self.config.get_capacity(),
            state: self.words().collect(),
            order: self.working().map(NodeIdx::get).collect(),
        }
    }

    fn restore(state: AnchorHashState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let AnchorHashState { capacity, asked_capacity, state, order } = state;
        AnchorConfig::default().capacity(capacity).check()?;
        let size = state.first().copied().unwrap_or_default();
        if asked_capacity.is_some_and(|asked| asked != capacity) || size > capacity {
            return super::fault(AnchorFault::SavedCapacity {
                capacity,
                asked: asked_capacity,
                size,
            });
        }
        let config = asked_capacity
            .map_or(AnchorConfig::default(), |asked| AnchorConfig::default().capacity(asked));
        equal_weights(NAME, members)?;
        let (buckets, nodes) = restored(&state, &order, members)?;
        let table = Table::new(capacity, &buckets, &nodes);
        Ok(Self { table, config, slots: members.slots() })
    }
}
