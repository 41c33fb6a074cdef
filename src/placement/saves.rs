//! What an algorithm saves beyond the nodes: a type of its own, beside the algorithm.

use crate::error::{Error, SavedFault};
use crate::limits::{RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
use crate::node::{NodeIdx, Weight};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// A placement whose state can be written down.
#[allow(unnameable_types)] // a seal
pub trait Saves: Sized {
    /// What decides answers besides the nodes, in the form in which it is saved.
    type State;

    /// The algorithm's name in messages.
    fn algorithm() -> Cow<'static, str>;

    /// The state.
    fn save(&self) -> Self::State;

    /// Points of a ring or entries of a table that are not saved, and made anew when it is
    /// restored.
    fn derived(&self) -> u64 {
        0
    }

    /// The value again. A state is not trusted.
    fn restore(state: Self::State, members: &Members, limit: RestoreLimit) -> Result<Self, Error>;
}

/// The state of an algorithm, which knows whose it is.
#[allow(unnameable_types)] // a seal
pub(crate) trait SavedState {
    /// The algorithm's name in messages.
    fn algorithm(&self) -> &str;
}

/// How many ring points, or entries of a table, a saved value may ask for; one limit for those who
/// save and those who restore. `None` is the default one, which depends on the number of nodes.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreLimit(Option<u64>);

impl RestoreLimit {
    pub(crate) fn within(points: u64) -> Self {
        Self(Some(points))
    }

    /// The limit for so many live nodes.
    pub(crate) fn of(self, live: u64) -> u64 {
        let by_nodes = || RESTORE_POINTS.max(live.saturating_mul(RESTORE_POINTS_PER_NODE));
        self.0.unwrap_or_else(by_nodes)
    }
}

/// The error for a state that is another algorithm's.
pub(crate) fn other_algorithm(saved: &str, wanted: &str) -> Error {
    let saved = saved.chars().take(64).collect();
    SavedFault::Algorithm { saved, wanted: wanted.into() }.into()
}

/// Every live node once, in an order that decides.
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
