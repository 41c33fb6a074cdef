//! Building a placement from nodes and changing it.

use super::Placement;
use crate::error::{Error, NodeFault};
use crate::hash::{BytesHasher, Xxh3};
use crate::topology::{Change, Member, Members};

pub(crate) mod sealed {
    /// Keeps `Build` to this crate while its methods may still grow.
    #[allow(unnameable_types)] // a seal
    pub trait SealedBuild: Sized {}
}

/// A placement that is built from nodes and follows their changes: the static half of the trait.
///
/// Sealed: the algorithms of this crate implement it, and [`AnyPlacement`](crate::AnyPlacement)
/// for a choice at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot follow a change of nodes or be fingerprinted",
    note = "the algorithms of this crate and `AnyPlacement` can; for a placement of your own, change \
            the topology, build the placement anew, and join them by `Locator::from_parts`"
)]
pub trait Build: Placement + Clone + sealed::SealedBuild {
    /// What can be chosen when it is built first. It is part of the state from then on.
    type Config: Clone + Default;

    /// Builds it.
    ///
    /// # Errors
    /// Nodes the algorithm cannot serve, for instance unequal weights where it has none.
    fn build(config: &Self::Config, members: &Members) -> Result<Self, Error>;

    /// The value after changes that are one step together: `before` are the nodes of `self`,
    /// `after` those of the result.
    ///
    /// A slice and not a single change, because a step may be possible where its parts are not
    /// (an unweighted algorithm from all weights 1 to all weights 2; the last two buckets of a
    /// jump hash), and because a ring then needs one merge only.
    ///
    /// # Errors
    /// A change the algorithm cannot make. `self` answers as before.
    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error>;

    /// A hash of everything that decides answers, the nodes included, slots excluded.
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

/// Refuses unequal weights, naming the first node and one that differs from it.
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
