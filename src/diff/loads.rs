//! How many hashes each node holds replicas of, before and after.

use super::parts::Ratio;
use alloc::vec;
use alloc::vec::Vec;

/// By place in the union: hashes times replicas before, and after.
#[derive(Clone, Debug)]
pub(super) struct Loads(Vec<(u128, u128)>);

impl Loads {
    /// Of so many nodes.
    pub(super) fn new(nodes: usize) -> Self {
        Self(vec![(0, 0); nodes])
    }

    pub(super) fn add_before(&mut self, place: u32, hashes: u128) {
        if let Some((before, _)) = self.0.get_mut(place as usize) {
            *before += hashes;
        }
    }

    pub(super) fn add_after(&mut self, place: u32, hashes: u128) {
        if let Some((_, after)) = self.0.get_mut(place as usize) {
            *after += hashes;
        }
    }

    /// Before and after by place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, u128)> {
        self.0.iter().copied()
    }

    /// Σ max(0, share after − share before) where a key has `a` replicas before and `b` after, as an
    /// exact fraction; where one side has none, everything that the other one holds.
    pub(super) fn minimum(&self, (a, b): (u128, u128)) -> Ratio {
        if a == 0 || b == 0 {
            return (a.max(b).min(1), 1);
        }
        let gained = |(before, after): (u128, u128)| (after * a).saturating_sub(before * b);
        let sum: u128 = self.iter().map(gained).sum();
        // Both numbers of replicas are below 2^21.
        if a == b { (sum / a, a << 64) } else { (sum, (a * b) << 64) }
    }
}
