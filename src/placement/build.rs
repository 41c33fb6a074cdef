//! Building a placement from nodes and changing it.

use super::Placement;
use crate::error::{Error, NodeFault};
use crate::hash::{BytesHasher, Xxh3};
use crate::topology::{Change, Member, Members};

pub(crate) mod sealed {
    /// Keeps `Build` to this crate while its methods may still grow.
    #[allow(unnameable_types)] // a seal
    pub trait SealedBuild: Sized {
        /// The structure of an algorithm that cuts the hashes into pieces of equal candidates.
        fn cut(&self) -> Option<crate::placement::View<'_>> {
            None
        }
    }
}

/// A placement that is built from nodes and can follow their changes.
///
/// The trait is sealed. The algorithms of this crate implement it, and so does
/// [`AnyPlacement`](crate::AnyPlacement), the choice at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot follow a change of nodes or be fingerprinted",
    note = "the algorithms of this crate and `AnyPlacement` can; for a placement of your own, change \
            the topology, build the placement anew, and join them by `Locator::from_parts`"
)]
pub trait Build: Placement + Clone + sealed::SealedBuild {
    /// The configuration that it is built with. From then on it is part of the state.
    type Config: Clone + Default;

    /// Builds the placement of these nodes.
    ///
    /// # Errors
    /// The algorithm cannot serve these nodes, for instance unequal weights.
    fn build(config: &Self::Config, members: &Members) -> Result<Self, Error>;

    /// The placement after several changes in one step. `before` are the nodes of `self`, `after`
    /// those of the result.
    ///
    /// It takes a slice rather than a single change for two reasons. A step may succeed where its
    /// parts would fail: an unweighted algorithm can go from all weights 1 to all weights 2, and a jump
    /// hash can lose its last two buckets. And a ring then needs only one merge.
    ///
    /// # Errors
    /// The algorithm cannot make a change. `self` is not affected.
    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error>;

    /// A hash of everything that decides answers: the algorithm, its state and the nodes, but not the
    /// slots.
    fn fingerprint(&self, members: &Members) -> u64;
}

/// Joins an algorithm's name and version with what decides its answers.
pub(crate) struct FingerprintOf<'a> {
    pub(crate) algorithm: &'a str,
    pub(crate) members: &'a Members,
}

impl FingerprintOf<'_> {
    pub(crate) fn with(&self, state: impl IntoIterator<Item = u64>) -> u64 {
        let mut state = state.into_iter();
        Xxh3.hash_parts(&mut |part| {
            part(&(self.algorithm.len() as u64).to_le_bytes());
            part(self.algorithm.as_bytes());
            part(&self.members.fingerprint().to_le_bytes());
            state.by_ref().for_each(|word| part(&word.to_le_bytes()));
        })
        .get()
    }
}

/// Rejects unequal weights. The error names the first node and one with another weight.
pub(crate) fn equal_weights(algorithm: &'static str, members: &Members) -> Result<(), Error> {
    let mut live = members.live_entries().map(|(_, member)| member);
    let Some(first) = live.next() else { return Ok(()) };
    match live.find(|other| other.weight != first.weight) {
        None => Ok(()),
        Some(other) => {
            let name = |m: &Member| (m.label.shown(), m.weight.get());
            Err(NodeFault::Unweighted { algorithm, a: name(other), b: name(first) }.into())
        }
    }
}
