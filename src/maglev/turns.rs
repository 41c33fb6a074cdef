//! The order of turns when weights differ.

use super::entrant::Entrant;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Ends a list.
const NONE: u32 = u32::MAX;

/// The order in which weighted nodes take entries. A node adds its weight to a sum in every round, and
/// has a turn whenever the sum reaches another multiple of the maximum weight. In the first round all
/// nodes have a turn, so every node gets an entry.
///
/// The heaviest node has a turn in every round, so there are at most as many rounds as entries. Each
/// round has a list of the nodes that have a turn in it.
pub(super) struct Turns<'a> {
    nodes: &'a [Entrant],
    max_weight: u64,
    /// The number of turns that each node has had.
    per_node: Vec<u32>,
    /// The first node of each round's list, and after each node the next one.
    rounds: Vec<u32>,
    next: Vec<u32>,
    /// The current round, its nodes in order, and how many of them have had their turn.
    round: usize,
    queue: Vec<u32>,
    done: usize,
}

impl<'a> Turns<'a> {
    pub(super) fn new(entries: u32, nodes: &'a [Entrant]) -> Self {
        Self {
            nodes,
            max_weight: nodes.iter().map(|node| node.weight).max().unwrap_or(1),
            per_node: vec![0; nodes.len()],
            rounds: vec![NONE; entries as usize + 1],
            next: vec![NONE; nodes.len()],
            round: 1,
            queue: (0..nodes.len() as u32).collect(),
            done: 0,
        }
    }

    /// Adds a node to the list of the round of its next turn.
    fn schedule(&mut self, node: u32) {
        let at = node as usize;
        let (Some(entrant), Some(turns)) = (self.nodes.get(at), self.per_node.get_mut(at)) else {
            return;
        };
        *turns += 1;
        let weight = entrant.weight.max(1);
        let round = match self.max_weight.checked_mul(u64::from(*turns)) {
            Some(sum) => u128::from(sum.div_ceil(weight)),
            None => (u128::from(*turns) * u128::from(self.max_weight)).div_ceil(weight.into()),
        };
        let round = usize::try_from(round).unwrap_or(usize::MAX).max(self.round + 1);
        // A round beyond the last one is not needed: the table is full by then.
        if let (Some(first), Some(next)) = (self.rounds.get_mut(round), self.next.get_mut(at)) {
            *next = core::mem::replace(first, node);
        }
    }

    fn next_round(&mut self) -> Option<()> {
        self.queue.clear();
        self.done = 0;
        while self.queue.is_empty() {
            steps::count(1);
            self.round += 1;
            let mut node = *self.rounds.get(self.round)?;
            while node != NONE {
                self.queue.push(node);
                node = self.next.get(node as usize).copied().unwrap_or(NONE);
            }
        }
        self.queue.sort_unstable();
        Some(())
    }
}

impl Iterator for Turns<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.done == self.queue.len() {
            self.next_round()?;
        }
        let node = *self.queue.get(self.done)?;
        self.done += 1;
        self.schedule(node);
        Some(node as usize)
    }
}
