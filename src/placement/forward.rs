//! A pointer to a placement is a placement. Every method is forwarded, even those with a default
//! implementation: otherwise an override would be lost behind a pointer.

use super::{Guarantees, Placement, Walk};
use crate::hash::KeyHash;
use crate::node::NodeIdx;

macro_rules! forward {
    ($($(#[$meta:meta])* $t:ty),* $(,)?) => {$(
        $(#[$meta])*
        impl<P: Placement + ?Sized> Placement for $t {
            fn slots(&self) -> usize {
                (**self).slots()
            }
            fn live(&self) -> usize {
                (**self).live()
            }
            fn guarantees(&self) -> Guarantees {
                (**self).guarantees()
            }
            fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
                (**self).locate(key)
            }
            fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
                (**self).next_candidate(walk)
            }
            fn next_candidate_where(
                &self,
                walk: &mut Walk,
                accept: &mut dyn FnMut(NodeIdx) -> bool,
            ) -> Option<NodeIdx> {
                (**self).next_candidate_where(walk, accept)
            }
            fn next_candidates(
                &self,
                walk: &mut Walk,
                out: &mut [NodeIdx],
                accept: &mut dyn FnMut(NodeIdx) -> bool,
            ) -> usize {
                (**self).next_candidates(walk, out, accept)
            }
            fn walk_repeats(&self) -> bool {
                (**self).walk_repeats()
            }
            fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
                (**self).replicas(key, out)
            }
            fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
                (**self).locate_batch(hashes, out)
            }
        }
    )*};
}

forward! {
    &P,
    #[cfg(feature = "alloc")] alloc::boxed::Box<P>,
    #[cfg(feature = "alloc")] alloc::sync::Arc<P>,
}
