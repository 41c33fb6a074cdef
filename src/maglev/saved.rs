//! What a Maglev table saves beyond the nodes: its size.

use super::config::MaglevConfig;
use super::placement::{Maglev, NAME};
use crate::error::{Error, SavedFault};
use crate::placement::{Build, RestoreLimit, SavedState, Saves};
use crate::topology::Members;
use alloc::borrow::Cow;
use serde::{Deserialize, Serialize};

/// The table's size.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaglevState {
    /// Entries.
    table_size: u32,
}

impl SavedState for MaglevState {
    fn algorithm(&self) -> &'static str {
        NAME
    }
}

impl Saves for Maglev {
    type State = MaglevState;

    fn algorithm() -> Cow<'static, str> {
        NAME.into()
    }

    fn save(&self) -> MaglevState {
        MaglevState { table_size: self.table_size() }
    }

    fn derived(&self) -> u64 {
        self.table_size().into()
    }

    fn restore(state: MaglevState, members: &Members, limit: RestoreLimit) -> Result<Self, Error> {
        let entries = state.table_size;
        let limit = limit.of(members.live() as u64);
        if u64::from(entries) > limit {
            return Err(SavedFault::TableSize { entries, limit }.into());
        }
        Self::build(&MaglevConfig::default().table_size(entries), members)
    }
}
