//! Transfers of one unit take turns: which units have several transfers, and which of these share a
//! round.

use super::cells::{at, put};
use super::colouring::Colouring;
use super::graph::{NONE, Numbers};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Rounds tried for a transfer that shares its round with another one of its unit.
const MAX_ROUNDS_TRIED: u32 = 256;

/// Exchanges that leave as many conflicts as there were, for each conflict that is to be resolved.
const SIDEWAYS_PER_CONFLICT: usize = 32;

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

    /// Resolves conflicts by exchanges; none makes their number greater. Returns a transfer that
    /// still shares its round with another one of its unit.
    ///
    /// Rounds are tried in an order that is arbitrary and always the same. An exchange that resolves one conflict and brings another is made if nothing better is
    /// found, a bounded number of times.
    pub(super) fn separate(&mut self, colouring: &mut Colouring<'_>) -> Option<u32> {
        let all = 0..colouring.round_of.len() as u32;
        let shares = |units: &Self, colouring: &Colouring<'_>, transfer: u32| {
            units.busy(&colouring.round_of, transfer, at(&colouring.round_of, transfer))
        };
        let mut open: Vec<u32> =
            all.filter(|transfer| shares(self, colouring, *transfer)).collect();
        let mut sideways = SIDEWAYS_PER_CONFLICT * open.len();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut stuck = Vec::new();
        while let Some(transfer) = open.pop() {
            if !shares(self, colouring, transfer) {
                continue;
            }
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let Some((rounds, cost)) = self.best_exchange(colouring, transfer, random) else {
                stuck.push(transfer);
                continue;
            };
            if cost == 0 {
                if sideways == 0 {
                    stuck.push(transfer);
                    continue;
                }
                sideways -= 1;
            }
            colouring.walk_around(transfer, rounds);
            colouring.exchange(rounds);
            let chain = colouring.chain.iter().copied();
            open.extend(chain.filter(|transfer| shares(self, colouring, *transfer)));
        }
        stuck.into_iter().find(|transfer| shares(self, colouring, *transfer))
    }

    /// The first exchange that leaves fewer conflicts, or else one that leaves as many.
    fn best_exchange(
        &mut self,
        colouring: &mut Colouring<'_>,
        transfer: u32,
        random: u64,
    ) -> Option<((u32, u32), i64)> {
        let rounds = colouring.rounds;
        let round = at(&colouring.round_of, transfer);
        if let Some((other, true)) = colouring.common_round(self, transfer) {
            return Some(((round, other), -1));
        }
        let offset = (random % u64::from(rounds.max(1))) as u32;
        let others = (0..rounds.min(MAX_ROUNDS_TRIED)).map(|i| (offset + i) % rounds);
        let mut best = None;
        for other in others.filter(|other| *other != round) {
            colouring.walk_around(transfer, (round, other));
            let cost = self.exchange_cost(&colouring.round_of, &colouring.chain, (round, other));
            if cost < 0 {
                return Some(((round, other), cost));
            }
            if cost == 0 && best.is_none() && !self.busy(&colouring.round_of, transfer, other) {
                best = Some(((round, other), cost));
            }
        }
        best
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
