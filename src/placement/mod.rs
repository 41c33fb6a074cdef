//! [`Placement`], the trait that every algorithm implements (a key hash in, nodes out), and the types
//! that work with all of them.

#[cfg(feature = "alloc")]
mod build;
mod candidates;
#[cfg(all(test, feature = "alloc"))]
mod cost_tests;
mod forward;
mod guarantees;
#[cfg(feature = "serde")]
mod saved_chunks;
#[cfg(feature = "serde")]
mod saved_list;
#[cfg(feature = "serde")]
mod saves;
#[cfg(feature = "alloc")]
mod view;
mod walk;

#[cfg(feature = "alloc")]
pub use build::Build;
#[cfg(feature = "alloc")]
pub(crate) use build::{FingerprintOf, equal_weights, sealed};
pub use candidates::Candidates;
pub use guarantees::Guarantees;
#[cfg(feature = "serde")]
pub(crate) use saved_chunks::Chunks;
#[cfg(feature = "serde")]
pub(crate) use saved_list::{bounded, order, too_long};
#[cfg(feature = "serde")]
pub(crate) use saves::{RestoreLimit, SavedState, Saves, numbering, other_algorithm};
#[cfg(feature = "alloc")]
pub use view::Exact;
#[cfg(feature = "alloc")]
pub(crate) use view::sealed::Viewed;
#[cfg(feature = "alloc")]
pub(crate) use view::{
    Board, BucketNodes, Entries, NodeList, Numbering, OnCircle, Pieces, Rows, Scores, Sequence,
    Structure, View,
};
pub use walk::Walk;

use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::steps;

/// Places keys on nodes: the trait that every algorithm implements.
///
/// The trait is object-safe and open. Implement it for a placement of your own, and [`Candidates`],
/// [`count_moves`](crate::analysis::count_moves) and the locator work with it.
///
/// # Laws
/// One test checks every algorithm of this crate against these laws:
///
/// 1. [`locate`](Self::locate) returns `None` only if no node is live. Otherwise it returns a live
///    node, the same on every platform and in every release.
/// 2. [`replicas`](Self::replicas) returns distinct live nodes: `min(k, live)` of them, or
///    [`Guarantees::max_replicas`] if that is fewer. The first one is the node of `locate`, and the
///    answer for k is the beginning of the answer for k + 1.
/// 3. The promises of [`guarantees`](Self::guarantees) about movement hold.
/// 4. Lookups take `&self` and do not lock or panic. Owners, single steps of a walk, and the first
///    64 replicas or candidates of a key do not allocate
///    ([`INLINE_CANDIDATES`](crate::limits::INLINE_CANDIDATES)).
/// 5. A walk visits every live node and ends.
pub trait Placement {
    /// The number of slots, holes included: every slot that the placement returns is below it.
    fn slots(&self) -> usize;

    /// The number of live nodes, those with a weight above 0. Only these are returned by lookups.
    fn live(&self) -> usize;

    /// The promises of this value about movement, weights and replicas.
    fn guarantees(&self) -> Guarantees;

    /// The node that owns a key; `None` only if no node is live.
    fn locate(&self, key: KeyHash) -> Option<NodeIdx>;

    /// The next node in this key's order of preference, starting with the owner; `None` after
    /// every live node has appeared. A node may appear more than once, see
    /// [`walk_repeats`](Self::walk_repeats).
    ///
    /// Implementations must not trust the words in the walk: a walk begun on another value must end
    /// too.
    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx>;

    /// The next node of the walk that `accept` admits. The walk continues after this node; the refused
    /// nodes before it are skipped. `None` if `accept` refuses all remaining nodes: the walk has then
    /// ended.
    ///
    /// The result is that of calling [`next_candidate`](Self::next_candidate) until `accept` admits
    /// the node, which is the default implementation. Placements that look at every node for a single
    /// step, such as rendezvous hashing, override it with one pass over the nodes, however many are
    /// refused.
    ///
    /// `accept` may be called for any node, in any order and more than once, even for nodes after the
    /// result. It must give the same answer for a node during the whole call.
    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        loop {
            steps::count(1);
            let node = self.next_candidate(walk)?;
            if accept(node) {
                return Some(node);
            }
        }
    }

    /// Writes the next nodes of the walk that `accept` admits to `out`, in order, and returns how
    /// many it wrote: fewer than the length of `out` only if the walk has ended. The walk continues
    /// after the last one.
    ///
    /// The result is that of calling [`next_candidate_where`](Self::next_candidate_where) repeatedly,
    /// which is the default implementation; but a node that a walk repeats may be omitted after its
    /// first appearance. Placements that look at every node for a single step override it, so that a
    /// batch of any size takes O(n log n). A slice of length [`live`](Self::live) thus lists all
    /// candidates of a key. For more than 64 of them such placements use the heap, which takes fewer
    /// comparisons; without the feature `alloc` they do the same in the slice alone.
    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let mut found = 0;
        for place in out {
            let Some(node) = self.next_candidate_where(walk, accept) else { break };
            *place = node;
            found += 1;
        }
        found
    }

    /// False if a walk begun on this value returns no node twice. [`Candidates`] removes repeats.
    fn walk_repeats(&self) -> bool {
        true
    }

    /// Writes the nodes that hold a key's replicas to `out`, the owner first, and returns how many it
    /// wrote: the length of `out`, or the number of live nodes if that is smaller.
    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        candidates::first(self, key, out)
    }

    /// Writes the owner of each hash to `out`, up to the shorter length of the two slices, and returns
    /// how many it wrote: 0 if no node is live. The hashes are plain integers, so that a column of
    /// hashes can be passed as it is.
    fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        let mut done = 0;
        for (place, hash) in out.iter_mut().zip(hashes) {
            let Some(node) = self.locate(KeyHash::from_hash(*hash)) else { break };
            *place = node;
            done += 1;
        }
        done
    }
}

/// A placement of any type that threads can share behind a pointer: `Box<DynPlacement>`,
/// `Arc<DynPlacement>`.
pub type DynPlacement = dyn Placement + Send + Sync;
