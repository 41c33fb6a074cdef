//! The lease of one request in flight, and the counters of requests.

use crate::node::NodeIdx;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::Ordering::SeqCst;

/// Words of counters: 64 bits where the target has such atomics, so that they never wrap in practice.
#[cfg(target_has_atomic = "64")]
mod word {
    #[cfg(not(apportion_model))]
    pub(super) use core::sync::atomic::AtomicU64 as AtomicWord;
    // Built by tests/models, where a model checker decides the order of all accesses.
    #[cfg(apportion_model)]
    pub(super) use model::sync::atomic::AtomicU64 as AtomicWord;
    pub(in super::super) type Word = u64;
    pub(super) type Difference = i64;
}
#[cfg(not(target_has_atomic = "64"))]
mod word {
    pub(super) use core::sync::atomic::AtomicUsize as AtomicWord;
    pub(in super::super) type Word = usize;
    pub(super) type Difference = isize;
}
pub(super) use word::Word;
use word::{AtomicWord, Difference};

/// A place on a node for one request. Dropping the lease returns the place, even if the node has
/// left or the [`InFlight`](crate::bounded::InFlight) that granted it was dropped.
#[must_use = "dropping the lease returns its place at once"]
pub struct Lease {
    node: NodeIdx,
    cost: u32,
    load: Arc<RequestCounter>,
    total: Arc<RequestCounter>,
}

impl Lease {
    /// The lease of a place already taken on the node. Counts the request in the total.
    pub(super) fn of(
        node: NodeIdx,
        cost: u32,
        load: &Arc<RequestCounter>,
        total: &Arc<RequestCounter>,
    ) -> Self {
        total.taken.fetch_add(cost as Word, SeqCst);
        Self { node, cost, load: load.clone(), total: total.clone() }
    }

    /// The node, as a slot of the topology it was acquired on.
    pub fn node(&self) -> NodeIdx {
        self.node
    }

    /// How many units the request counts as: 1 unless it was acquired with a
    /// [cost](crate::bounded::InFlight::acquire_cost).
    pub fn cost(&self) -> u32 {
        self.cost
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The node first: so a request that the node still counts is never missing in the total.
        self.load.returned.fetch_add(self.cost as Word, SeqCst);
        self.total.returned.fetch_add(self.cost as Word, SeqCst);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("node", &self.node).finish_non_exhaustive()
    }
}

/// The numbers of units taken and returned. Both only grow (and wrap), so if two snapshots are
/// equal, nothing happened in between. A single count could have risen and fallen again.
///
/// All accesses are sequentially consistent: a thread that reads the count of a node must also see
/// all earlier changes of the total.
#[derive(Debug, Default)]
pub(super) struct RequestCounter {
    taken: AtomicWord,
    returned: AtomicWord,
}

/// The state of a [`RequestCounter`] when it was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CounterSnapshot {
    taken: Word,
    pub(super) returned: Word,
}

impl CounterSnapshot {
    pub(super) fn load(self) -> u32 {
        let load = (self.taken.wrapping_sub(self.returned) as Difference).max(0);
        u32::try_from(load).unwrap_or(u32::MAX)
    }

    /// Grows with every place taken or returned.
    pub(super) fn stamp(self) -> Word {
        self.taken.wrapping_add(self.returned)
    }
}

impl RequestCounter {
    #[cfg(test)]
    pub(super) fn of(taken: u32) -> Self {
        Self { taken: AtomicWord::new(taken as Word), ..Self::default() }
    }

    /// At least the load at the moment of the second read.
    pub(super) fn at_least(&self) -> CounterSnapshot {
        let returned = self.returned();
        CounterSnapshot { taken: self.taken.load(SeqCst), returned }
    }

    /// Exactly the load at one moment during this call.
    pub(super) fn exactly(&self) -> CounterSnapshot {
        loop {
            let seen = self.at_least();
            if self.returned() == seen.returned {
                return seen;
            }
        }
    }

    pub(super) fn returned(&self) -> Word {
        self.returned.load(SeqCst)
    }

    /// Takes a place of this cost, unless another thread has taken one since the snapshot.
    pub(super) fn take_after(&self, seen: CounterSnapshot, cost: u32) -> bool {
        let next = seen.taken.wrapping_add(cost as Word);
        self.taken.compare_exchange(seen.taken, next, SeqCst, SeqCst).is_ok()
    }
}
