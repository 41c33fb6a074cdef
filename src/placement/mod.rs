//! Key hash in, nodes out: the trait every algorithm implements, and what is built on it once for
//! all of them.

#[cfg(feature = "alloc")]
mod build;
mod candidates;
mod forward;
mod guarantees;
#[cfg(feature = "serde")]
mod state;
mod walk;

#[cfg(feature = "alloc")]
pub use build::Build;
#[cfg(feature = "serde")]
pub(crate) use build::RestoreLimit;
#[cfg(feature = "serde")]
pub use build::Savable;
#[cfg(feature = "alloc")]
pub(crate) use build::{FingerprintOf, equal_weights, sealed};
pub use candidates::Candidates;
pub use guarantees::Guarantees;
#[cfg(feature = "serde")]
pub(crate) use state::{State, numbering};
pub use walk::Walk;

use crate::hash::KeyHash;
use crate::node::NodeIdx;

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
/// 4. Lookups take `&self` and do not allocate, lock or panic.
///
/// The trait is object-safe and open: implement it for a placement of your own and
/// [`Candidates`], [`over_keys`](crate::over_keys) and the facade work on it.
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

    /// False if a walk begun on this value gives no node twice. [`Candidates`] removes repeats.
    fn walk_repeats(&self) -> bool {
        true
    }

    /// Writes the holders of a key's replicas to `out`, the owner first, and returns how many
    /// there are: the length of `out`, or all live nodes if those are fewer.
    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let mut found = 0;
        for (place, node) in out.iter_mut().zip(Candidates::new(self, key)) {
            *place = node;
            found += 1;
        }
        found
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
