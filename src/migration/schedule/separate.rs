//! Transfers of one unit that share a round are parted by exchanges of two rounds.

use super::cells::at;
use super::colouring::Colouring;
use super::units::Units;
use alloc::vec::Vec;

/// Rounds tried for a transfer that shares its round with another one of its unit.
const MAX_ROUNDS_TRIED: u32 = 256;

/// Exchanges that leave as many conflicts as there were, for each conflict that is to be resolved.
const SIDEWAYS_PER_CONFLICT: usize = 32;

impl Units {
    /// Resolves conflicts by exchanges; none makes their number greater. Returns a transfer that
    /// still shares its round with another one of its unit.
    ///
    /// Rounds are tried in an order that is arbitrary and always the same. An exchange that resolves
    /// one conflict and brings another is made if nothing better is found, a bounded number of times.
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
}
