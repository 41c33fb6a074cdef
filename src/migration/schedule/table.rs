//! Which transfer a port carries in which round.
//!
//! ```text
//! port with many transfers: a cell for each round     port with few: a list by round
//!
//!   round   0   1   2   3   4   5                       (1, 7) (4, 2)
//!   cells   3   9   –   5   –   1
//!   free    0   0   1   0   1   0   (bits)
//! ```
//!
//! A port has cells if they are at most [`CELLS_PER_TRANSFER`] times its transfers; a list has room
//! for all of the port's transfers. So the table takes memory in proportion to the transfers, however
//! many rounds there are: thousands of nodes that send one transfer each to the same node do not
//! have a row of thousands of rounds each.

use super::cells::{at, put};
use super::graph::NONE;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Cells for each transfer of a port, at most.
const CELLS_PER_TRANSFER: u64 = 16;

#[derive(Clone, Copy, Default, Debug)]
struct Port {
    /// Where its cells or its list begin.
    start: usize,
    /// Where its bits begin.
    bits: usize,
    /// Transfers in its list.
    length: u32,
    /// No round below is free.
    free_from: u32,
    has_cells: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    rounds: u32,
    /// Rounds that there is memory for.
    reserved: u32,
    ports: Vec<Port>,
    cells: Vec<u32>,
    /// Set where the cell is free.
    bits: Vec<u64>,
    lists: Vec<(u32, u32)>,
}

impl Table {
    /// An empty table with memory for some more rounds. O(transfers + ports).
    pub(super) fn new(degrees: &[u32], rounds: u32, spare: u32) -> Self {
        let reserved = rounds.saturating_add(spare);
        let words = (reserved as usize).div_ceil(64);
        let (mut cells, mut bits, mut listed) = (0, 0, 0);
        let mut ports = Vec::with_capacity(degrees.len());
        for degree in degrees {
            let has_cells = u64::from(reserved) <= CELLS_PER_TRANSFER * u64::from(*degree);
            let start = if has_cells { cells } else { listed };
            ports.push(Port { start, bits, length: 0, free_from: 0, has_cells });
            if has_cells {
                cells += reserved as usize;
                bits += words;
            } else {
                listed += *degree as usize;
            }
        }
        Self {
            rounds,
            reserved,
            ports,
            cells: vec![NONE; cells],
            bits: vec![u64::MAX; bits],
            lists: vec![(0, 0); listed],
        }
    }

    /// Adds an empty round, if there is memory for it.
    pub(super) fn widen(&mut self) -> bool {
        let has_memory = self.rounds < self.reserved;
        self.rounds += u32::from(has_memory);
        has_memory
    }

    #[inline]
    fn port(&self, port: u32) -> Port {
        at(&self.ports, port)
    }

    #[inline]
    fn list(&self, port: Port) -> &[(u32, u32)] {
        self.lists.get(port.start..port.start + port.length as usize).unwrap_or_default()
    }

    /// The transfer of a port in a round, `NONE` if it is free then.
    #[inline]
    pub(super) fn get(&self, port: u32, round: u32) -> u32 {
        let port = self.port(port);
        if port.has_cells {
            return self.cells.get(port.start + round as usize).copied().unwrap_or(NONE);
        }
        let list = self.list(port);
        let found = list.binary_search_by_key(&round, |(round, _)| *round);
        found.ok().and_then(|place| list.get(place)).map_or(NONE, |(_, transfer)| *transfer)
    }

    /// Gives a free round of a port to a transfer.
    #[inline]
    pub(super) fn set(&mut self, number: u32, round: u32, transfer: u32) {
        let mut port = self.port(number);
        if port.free_from == round {
            port.free_from += 1;
        }
        if port.has_cells {
            self.write(port, round, transfer);
        } else {
            let place = self.list(port).partition_point(|(other, _)| *other < round);
            port.length += 1;
            let range = port.start + place..port.start + port.length as usize;
            if let Some(rest) = self.lists.get_mut(range) {
                rest.rotate_right(1);
                put(rest, 0, (round, transfer));
            }
        }
        put(&mut self.ports, number, port);
    }

    /// Frees a round of a port.
    #[inline]
    pub(super) fn clear(&mut self, number: u32, round: u32) {
        let mut port = self.port(number);
        port.free_from = port.free_from.min(round);
        if port.has_cells {
            self.write(port, round, NONE);
        } else {
            let place = self.list(port).partition_point(|(other, _)| *other < round);
            let range = port.start + place..port.start + port.length as usize;
            if let Some(rest) = self.lists.get_mut(range) {
                rest.rotate_left(1);
            }
            port.length -= 1;
        }
        put(&mut self.ports, number, port);
    }

    #[inline]
    fn write(&mut self, port: Port, round: u32, transfer: u32) {
        if let Some(cell) = self.cells.get_mut(port.start + round as usize) {
            *cell = transfer;
        }
        if let Some(word) = self.bits.get_mut(port.bits + round as usize / 64) {
            let bit = 1 << (round % 64);
            *word = if transfer == NONE { *word | bit } else { *word & !bit };
        }
    }

    /// The first free round of a port that is not below `from`; `NONE` if there is none. A port that
    /// is `NONE` is always free.
    #[inline]
    pub(super) fn next_free(&self, port: u32, from: u32) -> u32 {
        if from >= self.rounds {
            return NONE;
        }
        if port == NONE {
            return from;
        }
        let port = self.port(port);
        let mut round = from.max(port.free_from);
        if !port.has_cells {
            let list = self.list(port);
            let place = list.partition_point(|(other, _)| *other < round);
            for (other, _) in list.get(place..).unwrap_or_default() {
                steps::count(1);
                if *other != round {
                    break;
                }
                round += 1;
            }
            return if round < self.rounds { round } else { NONE };
        }
        let mut mask = u64::MAX << (round % 64);
        while round < self.rounds {
            steps::count(1);
            let word = self.bits.get(port.bits + round as usize / 64).copied().unwrap_or(0) & mask;
            if word != 0 {
                let free = round / 64 * 64 + word.trailing_zeros();
                return if free < self.rounds { free } else { NONE };
            }
            mask = u64::MAX;
            round = (round / 64 + 1) * 64;
        }
        NONE
    }

    /// The first round from `from` on in which both ports are free.
    #[inline]
    pub(super) fn next_common_free(&self, [a, b]: [u32; 2], from: u32) -> Option<u32> {
        let mut round = from;
        loop {
            let first = self.next_free(a, round);
            let second = self.next_free(b, first);
            if first == second {
                return (first != NONE).then_some(first);
            }
            round = second;
        }
    }

    /// The memory of the table, in bytes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.ports)
            + size_of_val(&*self.cells)
            + size_of_val(&*self.bits)
            + size_of_val(&*self.lists)
    }
}
