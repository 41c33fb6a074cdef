//! Key hash in, nodes out: the trait every algorithm implements, and what is built on it once for
//! all of them.

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

/// Places keys on nodes.
///
/// The laws, which one test holds every algorithm of this crate to:
///
/// 1. [`locate`](Self::locate) is `None` only if no node is live; otherwise it is a live node, the
///    same on every platform and in every release.
/// 2. [`replicas`](Self::replicas) gives distinct live nodes, `min(k, live)` of them unless
///    [`Guarantees::max_replicas`] says less; the answer for k is the beginning of the answer for
///    k + 1; the first is that of `locate`.
/// 3. What [`guarantees`](Self::guarantees) promises about movement holds.
/// 4. Lookups take `&self` and do not lock or panic. Owners, single steps of a walk, and the first
///    64 replicas or candidates of a key take nothing from the heap
///    ([`INLINE_CANDIDATES`](crate::limits::INLINE_CANDIDATES)).
/// 5. A walk gives every live node and ends.
///
/// The trait is object-safe and open: implement it for a placement of your own and
/// [`Candidates`], [`count_moves`](crate::analysis::count_moves) and the facade work on it.
pub trait Placement {
    /// Exclusive bound of the slots this placement answers with. Holes are allowed.
    fn slots(&self) -> usize;

    /// Nodes that can be answered: those with a weight above 0.
    fn live(&self) -> usize;

    /// What this value promises.
    fn guarantees(&self) -> Guarantees;

    /// The owner of a key.
    fn locate(&self, key: KeyHash) -> Option<NodeIdx>;

    /// The next node in this key's order of preference, starting with the owner; `None` after
    /// every live node has appeared. A node may appear more than once, see
    /// [`walk_repeats`](Self::walk_repeats).
    ///
    /// The words in the walk are not trusted: a walk that was begun on another value ends too.
    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx>;

    /// The next node of the walk that `accept` admits; the walk then stands behind it, and the
    /// refused nodes before it are passed. `None` if `accept` refuses all nodes that are left: the
    /// walk has then ended.
    ///
    /// It gives the same nodes as [`next_candidate`](Self::next_candidate) followed by `accept`,
    /// which is what it does by default. Placements whose single step looks at every node, such as
    /// rendezvous hashing, override it: one pass over the nodes then finds the answer, whatever is
    /// refused.
    ///
    /// `accept` may be asked about any node, in any order and more than once, also about nodes
    /// behind the answer. It has to say the same of a node for as long as the call lasts.
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
    /// many there are: fewer than `out` has room for only if the walk has ended. The walk then
    /// stands behind the last one.
    ///
    /// It gives the nodes that [`next_candidate_where`](Self::next_candidate_where) gives one by
    /// one, which is what it does by default, except that a node that comes more than once may be
    /// left out after its first time. Placements whose single step looks at every node override
    /// it, so that a batch of any size takes O(n log n): all candidates of a key are listed without
    /// a heap by a slice as long as [`live`](Self::live).
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

    /// False if a walk begun on this value gives no node twice. [`Candidates`] removes repeats.
    fn walk_repeats(&self) -> bool {
        true
    }

    /// Writes the holders of a key's replicas to `out`, the owner first, and returns how many
    /// there are: the length of `out`, or all live nodes if those are fewer.
    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        candidates::first(self, key, out)
    }

    /// Writes the owner of each hash to `out`, as far as both slices reach, and returns how many
    /// were written: 0 if there is no live node. A column of plain hashes is taken as it is.
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

/// A placement behind a pointer that threads may share: `Box<DynPlacement>`, `Arc<DynPlacement>`.
pub type DynPlacement = dyn Placement + Send + Sync;
