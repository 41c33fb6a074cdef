//! A proper edge colouring in the making: rounds of transfers, and exchanges along alternating paths.
//!
//! ```text
//! a transfer between x and y:          the path of rounds 1 and 0 from y, exchanged:
//! round 0 is free at x, 1 at y
//!
//!   x ┄┄┄┄┄ y ──0── ● ──1── ● ──0── ●        x ══0══ y ──1── ● ──0── ● ──1── ●
//!   x ──1── ●                                 x ──1── ●
//! ```
//!
//! Exchanging the two rounds along a whole path or cycle keeps the colouring proper. In a bipartite
//! graph the path from y cannot end at x: it arrives at x's side by transfers of round 0 only, which
//! is free at x. So as many rounds as the maximum degree always suffice (D. Kőnig, "Über Graphen und
//! ihre Anwendung auf Determinantentheorie und Mengenlehre", 1916).
//!
//! In other graphs the path may end at x for every choice of two rounds. Then another transfer at y
//! makes room, which works as soon as there are ⌊3 · degree / 2⌋ rounds (C. E. Shannon, "A theorem on
//! coloring the lines of a network", 1949):
//!
//! ```text
//!   x ┄┄┄┄┄ y ──a── w          a is free at x; c is free at w and at y:  a becomes c
//!                              or c is free at w and at x, b at y: the path of b and c from w is
//!                              exchanged, so that b is free at w too:    a becomes b
//! ```

use super::cells::{at, put};
use super::graph::NONE;
use super::ports::Ports;
use super::table::Table;
use super::units::Units;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Free rounds of a port that are tried.
const MAX_TRIES: usize = 8;

#[derive(Debug)]
pub(super) struct Colouring<'a> {
    ports: &'a Ports,
    table: Table,
    pub(super) rounds: u32,
    /// `NONE` for transfers that have no round yet.
    pub(super) round_of: Vec<u32>,
    /// The path or cycle that was walked last.
    pub(super) chain: Vec<u32>,
}

impl<'a> Colouring<'a> {
    /// `spare`: rounds that may be added soon.
    pub(super) fn new(ports: &'a Ports, rounds: u32, spare: u32) -> Self {
        Self {
            ports,
            table: Table::new(&ports.degrees, rounds, spare),
            rounds,
            round_of: vec![NONE; ports.ends.len()],
            chain: Vec::new(),
        }
    }

    /// Adds an empty round. O(1) on average, because the table grows by half when it is full.
    pub(super) fn widen(&mut self) {
        self.rounds += 1;
        if self.table.widen() {
            return;
        }
        self.table = Table::new(&self.ports.degrees, self.rounds, self.rounds.div_ceil(2));
        for transfer in 0..self.round_of.len() as u32 {
            let round = at(&self.round_of, transfer);
            if round != NONE {
                self.assign(transfer, round);
            }
        }
    }

    /// Gives a transfer a round, in one that none of its unit has if such a one is found. False if
    /// there is no room at its ports, which happens only in graphs that are not bipartite.
    pub(super) fn insert(&mut self, units: &mut Units, transfer: u32) -> bool {
        let common = self.common_round(units, transfer);
        if let Some((round, true)) = common {
            self.assign(transfer, round);
            return true;
        }
        // What costs a conflict within a unit is done only if nothing else is found.
        let path = self.path(units, transfer);
        let is_apart = path.is_some_and(|(_, is_apart)| is_apart);
        if let (Some((round, _)), false) = (common, is_apart) {
            self.assign(transfer, round);
            return true;
        }
        let Some((rounds, _)) = path else { return self.make_room(transfer) };
        let [_, y] = at(&self.ports.ends, transfer);
        self.walk(y, rounds);
        self.exchange(rounds);
        self.assign(transfer, rounds.0);
        true
    }

    /// A round that is free at both ports, and whether no transfer of the unit has it.
    pub(super) fn common_round(&self, units: &Units, transfer: u32) -> Option<(u32, bool)> {
        let ends = at(&self.ports.ends, transfer);
        let mut first = None;
        let mut from = 0;
        // The other transfers of the unit have fewer rounds than are looked at.
        for _ in 0..units.of(transfer).len().max(1) {
            let Some(round) = self.table.next_common_free(ends, from) else { break };
            if !units.busy(&self.round_of, transfer, round) {
                return Some((round, true));
            }
            first = first.or(Some((round, false)));
            from = round + 1;
        }
        first
    }

    /// Two rounds of which the first becomes free at both ports if they are exchanged along the path
    /// from the second port, and whether that brings no two transfers of a unit into one round.
    fn path(&mut self, units: &mut Units, transfer: u32) -> Option<((u32, u32), bool)> {
        let [x, y] = at(&self.ports.ends, transfer);
        let mut first = None;
        let mut a = self.table.next_free(x, 0);
        for _ in 0..MAX_TRIES {
            if a == NONE {
                break;
            }
            let mut b = self.table.next_free(y, 0);
            for _ in 0..MAX_TRIES {
                if b == NONE {
                    break;
                }
                if self.walk(y, (a, b)) != x {
                    if !units.busy(&self.round_of, transfer, a)
                        && units.exchange_cost(&self.round_of, &self.chain, (a, b)) <= 0
                    {
                        return Some(((a, b), true));
                    }
                    first = first.or(Some(((a, b), false)));
                }
                b = self.table.next_free(y, b + 1);
            }
            a = self.table.next_free(x, a + 1);
        }
        first
    }

    /// Shannon's step: moves a transfer of the second port out of the way.
    fn make_room(&mut self, transfer: u32) -> bool {
        let [x, y] = at(&self.ports.ends, transfer);
        let b = self.table.next_free(y, 0);
        let mut a = self.table.next_free(x, 0);
        for _ in 0..MAX_TRIES {
            if a == NONE || b == NONE {
                break;
            }
            let blocking = self.table.get(y, a);
            let w = if blocking == NONE { NONE } else { self.across(blocking, y) };
            if w != NONE {
                if let Some(c) = self.table.next_common_free([w, y], 0) {
                    self.replace(blocking, c);
                    self.assign(transfer, a);
                    return true;
                }
                if let Some(c) = self.table.next_common_free([w, x], 0) {
                    if self.walk(y, (c, b)) != x {
                        self.exchange((c, b));
                        self.assign(transfer, c);
                        return true;
                    }
                    // x and y are the two ends of a path, so the one from w ends elsewhere.
                    self.walk(w, (b, c));
                    self.exchange((b, c));
                    self.replace(blocking, b);
                    self.assign(transfer, a);
                    return true;
                }
            }
            a = self.table.next_free(x, a + 1);
        }
        false
    }

    /// Walks the transfers of two rounds in turn, from a port by its transfer of the first, and
    /// lists them. Returns the port where the path ends, `NONE` if it ends without a source.
    pub(super) fn walk(&mut self, port: u32, rounds: (u32, u32)) -> u32 {
        self.chain.clear();
        self.walk_on(port, rounds)
    }

    fn walk_on(&mut self, mut port: u32, (mut a, mut b): (u32, u32)) -> u32 {
        while port != NONE {
            steps::count(1);
            let transfer = self.table.get(port, a);
            if transfer == NONE || self.chain.first() == Some(&transfer) {
                break;
            }
            self.chain.push(transfer);
            port = self.across(transfer, port);
            (a, b) = (b, a);
        }
        port
    }

    /// Lists the path or cycle of two rounds that a transfer of the first is on.
    pub(super) fn walk_around(&mut self, transfer: u32, (a, b): (u32, u32)) {
        self.chain.clear();
        self.chain.push(transfer);
        let [x, y] = at(&self.ports.ends, transfer);
        // A cycle comes back to where it began.
        if self.walk_on(y, (b, a)) != x {
            self.walk_on(x, (b, a));
        }
    }

    /// Exchanges two rounds along what was walked last.
    pub(super) fn exchange(&mut self, (a, b): (u32, u32)) {
        let chain = core::mem::take(&mut self.chain);
        for transfer in &chain {
            self.release(*transfer);
        }
        for transfer in &chain {
            let round = at(&self.round_of, *transfer);
            self.assign(*transfer, if round == a { b } else { a });
        }
        self.chain = chain;
    }

    fn across(&self, transfer: u32, port: u32) -> u32 {
        let [x, y] = at(&self.ports.ends, transfer);
        if x == port { y } else { x }
    }

    fn assign(&mut self, transfer: u32, round: u32) {
        put(&mut self.round_of, transfer, round);
        for port in at(&self.ports.ends, transfer).into_iter().filter(|port| *port != NONE) {
            self.table.set(port, round, transfer);
        }
    }

    /// Frees the round of a transfer at its ports.
    fn release(&mut self, transfer: u32) {
        let round = at(&self.round_of, transfer);
        for port in at(&self.ports.ends, transfer).into_iter().filter(|port| *port != NONE) {
            self.table.clear(port, round);
        }
    }

    fn replace(&mut self, transfer: u32, round: u32) {
        self.release(transfer);
        self.assign(transfer, round);
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.table.bytes() + size_of_val(&*self.round_of)
    }
}
