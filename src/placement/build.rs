//! Building a placement from nodes and changing it.

use super::Placement;
use crate::error::{Error, NodeFault};
use crate::hash::{BytesHasher, Xxh3};
use crate::topology::{Change, Member, Members};

pub(crate) mod sealed {
    /// Keeps `Build` to this crate while its methods may still grow.
    #[allow(unnameable_types)] // a seal
    pub trait Seal: Sized {}

    /// The seal of what can be saved, which is almost all, and the saved form.
    #[allow(unnameable_types)] // a seal
    pub trait Sealed: Sized {
        #[cfg(feature = "serde")]
        fn save(&self) -> crate::placement::State;

        /// Points of a ring or entries of a table that are not saved, and made anew when it is
        /// restored.
        #[cfg(feature = "serde")]
        fn derived(&self) -> u64 {
            0
        }

        #[cfg(feature = "serde")]
        fn restore(
            state: crate::placement::State,
            members: &crate::Members,
            limit: super::RestoreLimit,
        ) -> Result<Self, crate::Error>;
    }

    impl<P: Sealed> Seal for P {}
}

/// Placements that can be saved and restored: all of this crate but those whose state holds a
/// function of yours, as a [`Ring`](crate::Ring) of [`LabelPoints`](crate::LabelPoints) does.
///
/// ```
/// # use apportion::{GivenPointsConfig, Locator, Topology};
/// let config = GivenPointsConfig::default().points("a", [1, 2, 3]);
/// let ring = Locator::given_points_of(Topology::new(["a"])?, config)?;
/// let saved = ring.save()?;
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # use apportion::{LabelPointsConfig, Locator, Topology};
/// let config = LabelPointsConfig::default();
/// let ring = Locator::label_points_of(Topology::new(["a"])?, config)?;
/// let saved = ring.save()?;
/// # Ok::<(), apportion::Error>(())
/// ```
#[cfg(feature = "serde")]
pub trait Savable: Build + sealed::Sealed {}

#[cfg(feature = "serde")]
impl<P: Build + sealed::Sealed> Savable for P {}

/// How many ring points, or entries of a table, a saved value may ask for; one limit for those who
/// save and those who restore. `None` is the default one, which depends on the number of nodes.
#[cfg(feature = "serde")]
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreLimit(Option<u64>);

#[cfg(feature = "serde")]
impl RestoreLimit {
    pub(crate) fn within(points: u64) -> Self {
        Self(Some(points))
    }

    /// The limit for so many live nodes.
    pub(crate) fn of(self, live: u64) -> u64 {
        use crate::limits::{RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
        let by_nodes = || RESTORE_POINTS.max(live.saturating_mul(RESTORE_POINTS_PER_NODE));
        self.0.unwrap_or_else(by_nodes)
    }
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
pub trait Build: Placement + Clone + sealed::Seal {
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
