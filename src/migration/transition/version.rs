//! One of the placements that a transition leads from or to.

use crate::error::{Error, MigrationFault};
use crate::hash::mix::mix;
use crate::hash::{KeyHash, Portable};
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::sealed::SealedBuild;
use crate::placement::{Build, Placement, Structure, View};
use crate::replica::Spread;
use crate::topology::Topology;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A placement at one time, as a [`Transition`](super::Transition) takes it: nodes, how their
/// replicas are chosen, and a fingerprint. It shares the locator's memory.
///
/// All versions of a transition hash keys alike. Another type of hasher does not compile, and the same
/// type with another secret or seed is an error of
/// [`change_to`](super::Transition::change_to):
///
/// ```compile_fail,E0308
/// use apportion::migration::{Transition, Version};
/// use apportion::Locator;
///
/// let old = Locator::ring(["a", "b", "c"])?;
/// let new = Locator::ring(["a", "b", "c", "d"])?.with_seed(1);
/// let mut transition = Transition::<_, _, 2>::new(Version::of(&old), 64)?;
/// transition.change_to(Version::of(&new))?;
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// ```
/// # use apportion::migration::{Transition, Version};
/// # use apportion::Locator;
/// # let old = Locator::ring(["a", "b", "c"])?;
/// let new = Locator::ring(["a", "b", "c", "d"])?; // not seeded
/// # let mut transition = Transition::<_, _, 2>::new(Version::of(&old), 64)?;
/// transition.change_to(Version::of(&new))?;
/// # Ok::<(), apportion::Error>(())
/// ```
pub struct Version<N, H> {
    topology: Topology<N>,
    placement: Arc<dyn Versioned>,
    spread: Option<Spread>,
    hasher: H,
    fingerprint: u64,
    /// Nodes that lost what they held, ascending.
    lost: Vec<NodeIdx>,
}

/// A placement of any algorithm, and the pieces into which it cuts the hashes.
trait Versioned: Placement + Send + Sync {
    fn cut(&self) -> Option<View<'_>>;
}

impl<P: Build + Send + Sync> Versioned for P {
    fn cut(&self) -> Option<View<'_>> {
        SealedBuild::cut(self)
    }
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

    /// The same version with nothing lost, as a transition takes one in.
    pub(super) fn whole(self) -> Self {
        Self { lost: Vec::new(), ..self }
    }

    pub(super) fn lose(&mut self, node: NodeIdx) {
        if let Err(place) = self.lost.binary_search(&node) {
            self.lost.insert(place, node);
        }
    }

    /// True if a node can hold keys.
    pub(super) fn is_live(&self) -> bool {
        self.placement.live() > 0
    }

    /// Refuses a placement that has more replicas of a key than `max`, where it has a number.
    pub(super) fn check_replicas(&self, max: usize) -> Result<(), Error> {
        let rows = || match self.placement.cut()?.structure {
            Structure::Rows(rows) => Some(rows.replicas as usize),
            _ => None,
        };
        let placement = self.spread.as_ref().map(Spread::max_replicas).or_else(rows).unwrap_or(0);
        if placement > max {
            return Err(MigrationFault::MoreReplicas { placement, transition: max }.into());
        }
        Ok(())
    }

    /// The structure, if it cuts the hashes into pieces on each of which all keys have the same holders.
    pub(super) fn pieces(&self) -> Option<Structure<'_>> {
        let structure = self.placement.cut()?.structure;
        structure.orders_pieces(self.spread.is_none()).then_some(structure)
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
