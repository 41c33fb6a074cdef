//! The state that an algorithm saves besides the nodes. Each algorithm defines its own type.

use crate::error::{Error, SavedFault};
use crate::limits::{RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
use crate::node::{NodeIdx, Weight};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// A placement whose state can be saved.
#[allow(unnameable_types)] // a seal
pub trait Saves: Sized {
    /// The saved form of everything besides the nodes that decides answers.
    type State;

    /// The algorithm's name in messages.
    fn algorithm() -> Cow<'static, str>;

    /// The state.
    fn save(&self) -> Self::State;

    /// The number of ring points or table entries that are not saved but recomputed on restore.
    fn derived(&self) -> u64 {
        0
    }

    /// Restores the placement. The state is untrusted input.
    fn restore(state: Self::State, members: &Members, limit: RestoreLimit) -> Result<Self, Error>;
}

/// A saved state that knows its algorithm.
#[allow(unnameable_types)] // a seal
pub(crate) trait SavedState {
    /// The algorithm's name in messages.
    fn algorithm(&self) -> &str;
}

/// The maximum number of ring points or table entries of a saved value, checked both on saving and on
/// restoring. `None` is the default, which depends on the number of nodes.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreLimit(Option<u64>);

impl RestoreLimit {
    pub(crate) fn within(points: u64) -> Self {
        Self(Some(points))
    }

    /// The limit for this number of live nodes.
    pub(crate) fn of(self, live: u64) -> u64 {
        let by_nodes = || RESTORE_POINTS.max(live.saturating_mul(RESTORE_POINTS_PER_NODE));
        self.0.unwrap_or_else(by_nodes)
    }
}

/// The error for the state of another algorithm.
pub(crate) fn other_algorithm(saved: &str, wanted: &str) -> Error {
    let saved = saved.chars().take(64).collect();
    SavedFault::Algorithm { saved, wanted: wanted.into() }.into()
}

/// Checks that a saved numbering lists every live node once, and returns its nodes in order.
pub(crate) fn numbering(order: &[u32], members: &Members) -> Result<Vec<NodeIdx>, Error> {
    let fault = |fault: SavedFault| Err(fault.into());
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
