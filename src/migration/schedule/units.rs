//! Transfers of one unit take turns: which units have several transfers, and which of these share a
//! round.

use super::cells::{at, put};
use super::graph::{NONE, Numbers};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct Units {
    /// Where the transfers of each transfer's unit begin in `members`; `NONE` if it is the only one.
    first: Vec<u32>,
    /// The transfers of each unit that has several; each list begins with its length.
    members: Vec<u32>,
    /// The most transfers that a unit has.
    pub(super) max_transfers: u32,
    /// By transfer: the number of the exchange that it was last part of.
    stamps: Vec<u32>,
    stamp: u32,
}

impl Units {
    /// O(transfers · log transfers), or O(transfers) if they are sorted by unit.
    pub(super) fn new(transfers: &[Numbers]) -> Self {
        let unit = |transfer: &u32| transfers.get(*transfer as usize).map(|(unit, ..)| *unit);
        let mut order: Vec<u32> = (0..transfers.len() as u32).collect();
        order.sort_by_key(unit);
        let mut units = Self {
            first: vec![NONE; transfers.len()],
            members: Vec::new(),
            max_transfers: 0,
            stamps: Vec::new(),
            stamp: 0,
        };
        for group in order.chunk_by(|a, b| unit(a) == unit(b)) {
            units.max_transfers = units.max_transfers.max(group.len() as u32);
            if group.len() > 1 {
                let first = units.members.len() as u32;
                for transfer in group {
                    put(&mut units.first, *transfer, first);
                }
                units.members.push(group.len() as u32);
                units.members.extend_from_slice(group);
            }
        }
        if !units.members.is_empty() {
            units.stamps = vec![0; transfers.len()];
        }
        units
    }

    /// All transfers of a transfer's unit, itself among them; none if it is the only one.
    #[inline]
    pub(super) fn of(&self, transfer: u32) -> &[u32] {
        let first = at(&self.first, transfer);
        if first == NONE {
            return &[];
        }
        let range = first as usize + 1..(first + 1 + at(&self.members, first)) as usize;
        self.members.get(range).unwrap_or_default()
    }

    /// True if another transfer of the unit has this round.
    #[inline]
    pub(super) fn busy(&self, round_of: &[u32], transfer: u32, round: u32) -> bool {
        self.of(transfer).iter().any(|other| *other != transfer && at(round_of, *other) == round)
    }

    /// How many conflicts more there are if two rounds are exchanged along a path or cycle.
    pub(super) fn exchange_cost(
        &mut self,
        round_of: &[u32],
        chain: &[u32],
        (a, b): (u32, u32),
    ) -> i64 {
        if self.members.is_empty() {
            return 0;
        }
        self.stamp += 1;
        for transfer in chain {
            put(&mut self.stamps, *transfer, self.stamp);
        }
        let mut cost = 0;
        for transfer in chain {
            let before = at(round_of, *transfer);
            let after = if before == a { b } else { a };
            for other in self.of(*transfer) {
                steps::count(1);
                // Those on the path change as well, so they agree afterwards as they did before.
                if at(&self.stamps, *other) != self.stamp {
                    let round = at(round_of, *other);
                    cost += i64::from(round == after) - i64::from(round == before);
                }
            }
        }
        cost
    }

    /// The transfers, those of the units with the most transfers first.
    pub(super) fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.first.len() as u32).collect();
        if !self.members.is_empty() {
            order.sort_by_key(|transfer| core::cmp::Reverse(self.of(*transfer).len()));
        }
        order
    }

    /// True if no two transfers of a unit share a round.
    #[cfg(test)]
    pub(super) fn are_apart(&self, round_of: &[u32]) -> bool {
        (0..round_of.len() as u32)
            .all(|transfer| !self.busy(round_of, transfer, at(round_of, transfer)))
    }
}
