//! The report of a comparison over keys.

use super::balance::Balance;
use crate::diff::{excess, fraction};
use alloc::vec::Vec;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally {
    pub(super) keys: u64,
    pub(super) bytes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: u64) {
        self.keys += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.keys += other.keys;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// The replicas that move from one node to another.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KeyFlow<'a, N> {
    /// The old holder; `None` if there was none, because the first node joined or the number of
    /// replicas grew.
    pub from: Option<&'a N>,
    /// The new holder; `None` if there is none, because the last node left.
    pub to: Option<&'a N>,
    /// The number of replicas that move.
    pub keys: u64,
    /// The bytes of these replicas.
    pub bytes: u64,
}

// Derived impls would require `N: Clone` and `N: Copy`, though `N` is only referenced.
impl<N> Clone for KeyFlow<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for KeyFlow<'_, N> {}

/// The moves between two locators, counted over keys.
///
/// A move is one replica of one key that changes its holder; a change of order among the holders is
/// not a move. Fractions are fractions of all replicas.
#[derive(PartialEq, Debug)]
pub struct MoveReport<'a, N> {
    pub(super) total: Tally,
    pub(super) moved: Tally,
    pub(super) between_unchanged: u64,
    pub(super) flows: Vec<KeyFlow<'a, N>>,
    /// Replicas placed before and after.
    pub(super) placed: (u64, u64),
    pub(super) minimum: (u128, u128),
    pub(super) ideal: f64,
    pub(super) before: Balance<'a, N>,
    pub(super) after: Balance<'a, N>,
}

impl<N> Clone for MoveReport<'_, N> {
    fn clone(&self) -> Self {
        let (flows, before, after) = (self.flows.clone(), self.before.clone(), self.after.clone());
        Self { flows, before, after, ..*self }
    }
}

impl<'a, N> MoveReport<'a, N> {
    /// The number of keys counted.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.total.keys
    }

    /// The sum of the keys' sizes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.total.bytes
    }

    /// The number of replicas that move.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved.keys
    }

    /// The bytes of the replicas that move.
    #[must_use]
    pub fn moved_bytes(&self) -> u64 {
        self.moved.bytes
    }

    /// [`moved`](Self::moved) as a fraction of all replicas, before or after, whichever are more. 0
    /// if there is no replica.
    #[must_use]
    pub fn moved_fraction(&self) -> f64 {
        fraction((self.moved.keys.into(), self.placed.0.max(self.placed.1).into()))
    }

    /// The minimum fraction that any scheme with exact shares moves: ½ Σ |weight share after −
    /// weight share before|.
    #[must_use]
    pub fn ideal(&self) -> f64 {
        self.ideal
    }

    /// The minimum fraction that leads from the counted balance before to the one after: Σ max(0,
    /// share after − share before). 1 if no node is left.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        fraction(self.minimum)
    }

    /// How much more moves than [`minimum`](Self::minimum): moved / minimum − 1. If the minimum is
    /// 0, it is 0 if nothing moves and `None` otherwise.
    #[must_use]
    pub fn excess(&self) -> Option<f64> {
        let placed = self.placed.0.max(self.placed.1);
        excess((self.moved.keys.into(), placed.into()), self.minimum)
    }

    /// The number of replicas that move between two unchanged nodes, which are in both locators
    /// with the same weight. A scheme of minimum movement has 0 after adding, removing or
    /// reweighting nodes.
    #[must_use]
    pub fn moved_between_unchanged(&self) -> u64 {
        self.between_unchanged
    }

    /// The moves by old and new node, sorted by label.
    #[must_use]
    pub fn flows(&self) -> &[KeyFlow<'a, N>] {
        &self.flows
    }

    /// The balance before.
    #[must_use]
    pub fn before(&self) -> &Balance<'a, N> {
        &self.before
    }

    /// The balance after.
    #[must_use]
    pub fn after(&self) -> &Balance<'a, N> {
        &self.after
    }
}
