//! One of the placements that a transition leads from or to.

use crate::hash::mix::mix;
use crate::hash::{KeyHash, Portable};
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::{Build, DynPlacement, Placement};
use crate::replica::Spread;
use crate::topology::Topology;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A placement at one time, as a [`Transition`](super::Transition) takes it: nodes, how their
/// replicas are chosen, and a fingerprint. It shares the locator's memory.
pub struct Version<N, H> {
    topology: Topology<N>,
    placement: Arc<DynPlacement>,
    spread: Option<Spread>,
    hasher: H,
    fingerprint: u64,
    /// Nodes that lost what they held, ascending.
    lost: Vec<NodeIdx>,
}

impl<N, H: Clone> Clone for Version<N, H> {
    fn clone(&self) -> Self {
        Self {
            topology: self.topology.clone(),
            placement: self.placement.clone(),
            spread: self.spread.clone(),
            hasher: self.hasher.clone(),
            fingerprint: self.fingerprint,
            lost: self.lost.clone(),
        }
    }
}

impl<N, H> fmt::Debug for Version<N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version")
            .field("nodes", &self.topology.len())
            .field("fingerprint", &format_args!("0x{:016x}", self.fingerprint))
            .field("lost", &self.lost.len())
            .finish_non_exhaustive()
    }
}

impl<N, H> Version<N, H> {
    /// The version of a locator, whose replicas are the first candidates.
    #[must_use]
    pub fn of<P>(locator: &Locator<N, P, H>) -> Self
    where
        P: Placement + Build + Clone + Send + Sync + 'static,
        H: Portable + Clone,
    {
        Self {
            topology: locator.topology().clone(),
            placement: Arc::new(locator.placement().clone()),
            spread: None,
            hasher: locator.hasher().clone(),
            fingerprint: locator.fingerprint(),
            lost: Vec::new(),
        }
    }

    /// The same nodes and placement, whose replicas are chosen by a spread over failure domains. It
    /// is part of the fingerprint.
    #[must_use]
    pub fn under(mut self, spread: &Spread) -> Self {
        self.fingerprint = mix(self.fingerprint ^ mix(spread.fingerprint()));
        self.spread = Some(spread.clone());
        self
    }

    /// A hash of everything that the holders of keys depend on.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The nodes.
    #[must_use]
    pub fn topology(&self) -> &Topology<N> {
        &self.topology
    }

    pub(super) fn hasher(&self) -> &H {
        &self.hasher
    }

    /// The nodes that lost what they held.
    pub(super) fn lost(&self) -> &[NodeIdx] {
        &self.lost
    }

    pub(super) fn lose(&mut self, node: NodeIdx) {
        if let Err(place) = self.lost.binary_search(&node) {
            self.lost.insert(place, node);
        }
    }

    /// Writes the holders of a key to `out`, lost ones left out, and returns how many there are.
    pub(super) fn holders(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let found = match &self.spread {
            Some(spread) => spread.replicas(&*self.placement, key, out),
            None => self.placement.replicas(key, out),
        };
        if self.lost.is_empty() {
            return found;
        }
        let mut kept = 0;
        for at in 0..found {
            let Some(node) = out.get(at).copied() else { break };
            if self.lost.binary_search(&node).is_err() {
                out.swap(kept, at);
                kept += 1;
            }
        }
        kept
    }
}
