//! What a comparison over keys says.

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

/// Replicas that go from one node to another.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KeyFlow<'a, N> {
    /// The node that held them; `None` if there was no holder (the first node joins, or a replica
    /// more is kept).
    pub from: Option<&'a N>,
    /// The node that holds them now; `None` if there is none (the last node left).
    pub to: Option<&'a N>,
    /// Replicas that move.
    pub keys: u64,
    /// Their bytes.
    pub bytes: u64,
}

// Derived, these would ask the same of `N`, which is only referred to.
impl<N> Clone for KeyFlow<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for KeyFlow<'_, N> {}

/// What moves between two locators, counted over keys.
///
/// A move is one replica of one key that changes its holder; a change of order among the holders
/// is none. Fractions are of all replicas.
#[derive(PartialEq, Debug)]
pub struct MoveReport<'a, N> {
    pub(super) total: Tally,
    pub(super) moved: Tally,
    pub(super) between_unchanged: u64,
    pub(super) flows: Vec<KeyFlow<'a, N>>,
    /// Replicas placed before and after.
    pub(super) placed: (u64, u64),
    pub(super) least: (u128, u128),
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
    /// Keys counted.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.total.keys
    }

    /// Sum of the keys' sizes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.total.bytes
    }

    /// Replicas that move.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved.keys
    }

    /// Bytes of the replicas that move.
    #[must_use]
    pub fn moved_bytes(&self) -> u64 {
        self.moved.bytes
    }

    /// [`moved`](Self::moved) over all replicas placed (before or after, whichever are more);
    /// 0 if none was placed.
    #[must_use]
    pub fn moved_fraction(&self) -> f64 {
        fraction((self.moved.keys.into(), self.placed.0.max(self.placed.1).into()))
    }

    /// The least any scheme would move that had exact shares: ½ Σ |weight share after − weight
    /// share before|.
    #[must_use]
    pub fn ideal(&self) -> f64 {
        self.ideal
    }

    /// The least that leads from the balance before to the balance after, as they were counted:
    /// Σ max(0, share after − share before); where nobody is left, everything.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        fraction(self.least)
    }

    /// How much more moves than [`minimum`](Self::minimum): moved / least − 1. 0 if nothing moves and
    /// nothing had to; `None` if something moves and nothing had to.
    #[must_use]
    pub fn excess(&self) -> Option<f64> {
        let placed = self.placed.0.max(self.placed.1);
        excess((self.moved.keys.into(), placed.into()), self.least)
    }

    /// Replicas that move between two nodes that the change did not touch: on both sides, with the
    /// same weight. A scheme that moves the minimum has none after adding, removing or reweighting
    /// nodes.
    #[must_use]
    pub fn moved_between_unchanged(&self) -> u64 {
        self.between_unchanged
    }

    /// From which node to which, in the order of the labels.
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
