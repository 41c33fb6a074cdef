//! One request in flight, and how many there are.

use crate::node::NodeIdx;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A place on a node, for one request. It is given back when this is dropped, whatever became of
/// the node and of the [`InFlight`](crate::bounded::InFlight) it was acquired from.
#[must_use = "the place is given back as soon as this is dropped"]
pub struct Lease {
    node: NodeIdx,
    load: Arc<RequestCounter>,
    total: Arc<RequestCounter>,
}

impl Lease {
    /// For a place that has been taken; counts it in the total.
    pub(super) fn of(
        node: NodeIdx,
        load: &Arc<RequestCounter>,
        total: &Arc<RequestCounter>,
    ) -> Self {
        total.taken.fetch_add(1, SeqCst);
        Self { node, load: load.clone(), total: total.clone() }
    }

    /// The node, as a slot of the topology it was acquired on.
    pub fn node(&self) -> NodeIdx {
        self.node
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // In this order the total is never the first to forget a request.
        self.load.returned.fetch_add(1, SeqCst);
        self.total.returned.fetch_add(1, SeqCst);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("node", &self.node).finish_non_exhaustive()
    }
}

/// Places taken and places returned. Both only grow (and wrap), so that two equal looks mean that
/// nothing happened in between, where one number could have gone up and down again.
///
/// Sequentially consistent throughout: who sees a count of one node has to see what happened to the
/// total before.
#[derive(Debug, Default)]
pub(super) struct RequestCounter {
    taken: AtomicUsize,
    returned: AtomicUsize,
}

/// What a look at a [`RequestCounter`] saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CounterSnapshot {
    taken: usize,
    pub(super) returned: usize,
}

impl CounterSnapshot {
    pub(super) fn load(self) -> u32 {
        let load = (self.taken.wrapping_sub(self.returned) as isize).max(0);
        u32::try_from(load).unwrap_or(u32::MAX)
    }

    /// Grows with whatever happens to the count.
    pub(super) fn stamp(self) -> usize {
        self.taken.wrapping_add(self.returned)
    }
}

impl RequestCounter {
    #[cfg(test)]
    pub(super) fn of(taken: u32) -> Self {
        Self { taken: AtomicUsize::new(taken as usize), ..Self::default() }
    }

    /// No less than there are at the moment of the second read.
    pub(super) fn at_least(&self) -> CounterSnapshot {
        let returned = self.returned();
        CounterSnapshot { taken: self.taken.load(SeqCst), returned }
    }

    /// As many as there are at one moment of this call.
    pub(super) fn exactly(&self) -> CounterSnapshot {
        loop {
            let seen = self.at_least();
            if self.returned() == seen.returned {
                return seen;
            }
        }
    }

    pub(super) fn returned(&self) -> usize {
        self.returned.load(SeqCst)
    }

    /// Takes a place unless somebody took one since the look.
    pub(super) fn take_after(&self, seen: CounterSnapshot) -> bool {
        let next = seen.taken.wrapping_add(1);
        self.taken.compare_exchange(seen.taken, next, SeqCst, SeqCst).is_ok()
    }
}
