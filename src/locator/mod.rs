//! The type most programs use: [`Locator`] combines nodes, an algorithm and a key hasher.

mod candidate_nodes;
mod replicas;

// The page of `Locator` lists its methods in the order of these modules: the most common ones first.
// The empty lines keep the formatter from sorting.
mod ring;

mod lookup;

mod change;

mod nodes;

mod parts;

mod partitions;

pub use candidate_nodes::CandidateNodes;
pub use replicas::{ReplicaIter, Replicas};

use crate::hash::Xxh3;
use crate::ring::Ring;
use crate::topology::Topology;
use core::fmt;

/// Finds the node that owns a key, the nodes that hold its replicas, and the node to try next.
///
/// A locator combines nodes of any type `N`, an algorithm `P` and a key hasher `H` in one immutable
/// value.
///
/// ```
/// use apportion::Locator;
///
/// let ring = Locator::ring(["cache-1", "cache-2", "cache-3"])?;
/// let owner = ring.get("user:42");
/// let holders = ring.replicas::<2>("user:42");
/// assert_eq!(owner, holders.iter().next());
///
/// let bigger = ring.with("cache-4")?; // a new value; `ring` still answers as before
/// assert!(bigger.get("user:42") == owner || bigger.get("user:42") == Some(&"cache-4"));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// | to | call |
/// |---|---|
/// | find the node that owns a key | [`get`](Self::get) |
/// | find the nodes that hold its replicas | [`replicas`](Self::replicas), [`replicas_under`](Self::replicas_under) with failure domains |
/// | choose some nodes for a tenant | [`subset`](Self::subset), [`subset_under`](Self::subset_under) with failure domains |
/// | find the node to try next | [`candidates`](Self::candidates) |
/// | change the nodes | [`with`](Self::with), [`without`](Self::without), [`reweighted`](Self::reweighted), [`replaced_by`](Self::replaced_by) |
/// | see what a change moves | [`diff`](Self::diff) |
/// | list the nodes | [`nodes`](Self::nodes), [`contains`](Self::contains), [`len`](Self::len) |
///
/// Each algorithm has two constructors: one from nodes of weight 1 that are their own labels
/// (`Locator::ring(ids)`) and one from a [`Topology`] (`Locator::ring_of(topology, config)`).
/// Lookups take any [`StableHash`](crate::StableHash) key, borrowed or owned. Changes return new
/// locators that share data with the old one. Cloning a locator only increments a few reference
/// counts.
#[doc(alias = "consistent hash")]
#[doc(alias = "hash ring")]
#[doc(alias = "router")]
#[doc(alias = "sharding")]
pub struct Locator<N, P = Ring, H = Xxh3> {
    topology: Topology<N>,
    placement: P,
    hasher: H,
}

impl<N, P: Clone, H: Clone> Clone for Locator<N, P, H> {
    fn clone(&self) -> Self {
        Self {
            topology: self.topology.clone(),
            placement: self.placement.clone(),
            hasher: self.hasher.clone(),
        }
    }
}

/// Prints the nodes, the epoch and the hasher, but not the algorithm's data.
impl<N: fmt::Debug, P, H: fmt::Debug> fmt::Debug for Locator<N, P, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct NodeValues<'a, N>(&'a Topology<N>);
        impl<N: fmt::Debug> fmt::Debug for NodeValues<'_, N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.iter().map(|(_, node)| node)).finish()
            }
        }
        f.debug_struct("Locator")
            .field("nodes", &NodeValues(&self.topology))
            .field("epoch", &self.topology.epoch())
            .field("hasher", &self.hasher)
            .finish_non_exhaustive()
    }
}
