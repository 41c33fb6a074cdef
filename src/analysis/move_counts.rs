//! What a comparison over keys counts: sums of integers, so the counts of any parts of the keys add up
//! to the same figures in any order.

use super::report::Tally;
use crate::diff::{Ends, changes};
use crate::node::NodeIdx;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// The counts of some keys.
#[derive(Debug)]
pub(super) struct MoveCounts {
    pub(super) before: HolderCounts,
    pub(super) after: HolderCounts,
    pub(super) flows: BTreeMap<Ends, Tally>,
    pub(super) total: Tally,
}

/// One side of the comparison.
#[derive(Debug)]
pub(super) struct HolderCounts {
    /// The replicas on each node of the union.
    pub(super) loads: Vec<u64>,
    /// The holders of the current key, as slots and as places in the union.
    pub(super) slots: Vec<NodeIdx>,
    current: Vec<u32>,
}

impl HolderCounts {
    fn new(nodes: usize, replicas: usize) -> Self {
        Self {
            loads: vec![0; nodes],
            slots: vec![NodeIdx::default(); replicas],
            current: Vec::with_capacity(replicas),
        }
    }

    /// Counts the holders that a lookup wrote to `slots`; `places` maps slots to the union.
    pub(super) fn take(&mut self, found: usize, places: &[u32]) {
        self.current.clear();
        for slot in self.slots.iter().take(found) {
            let Some(place) = places.get(slot.index()) else { continue };
            self.current.push(*place);
            if let Some(load) = self.loads.get_mut(*place as usize) {
                *load += 1;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (load, more) in self.loads.iter_mut().zip(&other.loads) {
            *load += more;
        }
    }
}

impl MoveCounts {
    /// Counts of no keys, between `nodes` nodes.
    pub(super) fn new(nodes: usize, replicas: usize) -> Self {
        Self {
            before: HolderCounts::new(nodes, replicas),
            after: HolderCounts::new(nodes, replicas),
            flows: BTreeMap::new(),
            total: Tally::default(),
        }
    }

    /// Counts a key whose holders both sides have taken, and calls `each` for each of its moves.
    pub(super) fn add(&mut self, bytes: u64, mut each: impl FnMut(Ends)) {
        self.total.add(bytes);
        let (before, after) = (&self.before.current, &self.after.current);
        if before == after {
            return;
        }
        for ends in changes(before, after) {
            self.flows.entry(ends).or_default().add(bytes);
            each(ends);
        }
    }

    /// Adds the counts of other keys.
    pub(super) fn merge(&mut self, other: &Self) {
        for (ends, tally) in &other.flows {
            self.flows.entry(*ends).or_default().merge(*tally);
        }
        self.total.merge(other.total);
        self.before.merge(&other.before);
        self.after.merge(&other.after);
    }

    /// The replicas placed before and after.
    pub(super) fn placed(&self) -> (u64, u64) {
        (self.before.loads.iter().sum(), self.after.loads.iter().sum())
    }

    /// Σ max(0, share after − share before) over the counted shares, as a ratio; 1 if one side has
    /// no holders.
    pub(super) fn minimum(&self) -> (u128, u128) {
        let sum = |loads: &[u64]| loads.iter().map(|load| u128::from(*load)).sum::<u128>();
        let (a, b) = (sum(&self.before.loads), sum(&self.after.loads));
        if a == 0 || b == 0 {
            return (a.max(b), a.max(b));
        }
        let pairs = self.before.loads.iter().zip(&self.after.loads);
        if a == b {
            return (pairs.map(|(x, y)| u128::from(y.saturating_sub(*x))).sum(), a);
        }
        // The totals differ if one side has fewer live nodes than replicas.
        let gained = |(x, y): (&u64, &u64)| (u128::from(*y) * a).saturating_sub(u128::from(*x) * b);
        (pairs.map(gained).fold(0, u128::saturating_add), a.saturating_mul(b))
    }
}
