//! Circles of exchanges that are taken before their turn.
//!
//! ```text
//!  unit 3:  next a→b, then c→d           the next ones alone lead nowhere: a→b, b→c
//!  unit 5:  next b→c, then d→a           with what comes later: c→d, d→a close a circle
//! ```
//!
//! Once all nodes are at their targets, as many replicas leave each of them as come to it, so what is
//! left is made of circles. An exchange may be taken early if its unit's row stays within the limits;
//! any pair of a holder that goes and one that comes is an exchange.

use super::exchange::Exchange;
use super::ledger::Ledger;
use super::search::Search;
use crate::steps;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

/// Exchanges in vain through which circles are looked for in one go.
const TRIES: usize = 64;

/// An exchange of a unit, by its two nodes.
#[derive(Clone, Copy)]
struct Arc {
    unit: u32,
    from: u32,
    to: u32,
}

/// The arcs by the node that gives, and what a search for a circle has found so far.
struct Arcs {
    by_node: Vec<Vec<Arc>>,
    /// Units of which an exchange was taken.
    used: Vec<bool>,
    /// The arc by which each node was reached, and in which search.
    reached: Vec<Option<(usize, Arc)>>,
    searches: usize,
}

impl<N> Search<'_, N> {
    /// Takes circles of exchanges, of all that are left, as long as they fit into the step; false if
    /// there is none. O(exchanges · R) and the circles.
    pub(super) fn untangle(&mut self) -> bool {
        let room = |ledger: &Ledger<'_, N>| ledger.max_transfers.saturating_sub(ledger.copies);
        if room(&self.ledger) < 2 {
            return false;
        }
        let mut arcs = self.arcs();
        let starts: Vec<Arc> = arcs.by_node.iter().flatten().copied().collect();
        let (mut any, mut vain) = (false, 0);
        for start in starts {
            if vain == TRIES || room(&self.ledger) < 2 {
                break;
            }
            if arcs.used.get(start.unit as usize).copied().unwrap_or(true) {
                continue;
            }
            let Some(circle) = arcs.circle(&self.ledger, start) else {
                vain += 1;
                continue;
            };
            any = true;
            for arc in circle {
                if let Some(used) = arcs.used.get_mut(arc.unit as usize) {
                    *used = true;
                }
                self.place_early(arc.unit, Exchange { from: Some(arc.from), to: Some(arc.to) });
            }
        }
        any
    }

    /// All exchanges that leave their units' rows within the limits.
    fn arcs(&self) -> Arcs {
        let migration = self.ledger.migration;
        let nodes = migration.nodes.len();
        let mut by_node: Vec<Vec<Arc>> = vec![Vec::new(); nodes];
        for (unit, left) in self.left.iter().filter(|(_, left)| !left.is_empty()) {
            let (before, row) = (migration.holders(*unit as usize).0, self.row(*unit));
            for from in left.iter().filter_map(|exchange| exchange.from) {
                for to in left.iter().filter_map(|exchange| exchange.to) {
                    steps::count(1);
                    if self.ledger.vertices.admits(before, row, (from, to)) {
                        if let Some(list) = by_node.get_mut(from as usize) {
                            list.push(Arc { unit: *unit, from, to });
                        }
                    }
                }
            }
        }
        let used = vec![false; migration.units.len()];
        Arcs { by_node, used, reached: vec![None; nodes], searches: 0 }
    }
}

impl Arcs {
    /// The shortest circle that contains an arc, if its units differ and the step has room for it.
    fn circle<N>(&mut self, ledger: &Ledger<'_, N>, start: Arc) -> Option<Vec<Arc>> {
        let max = ledger.max_transfers.saturating_sub(ledger.copies);
        let has_room = |arc: &Arc| ledger.has_room(Some(arc.to), arc.unit);
        if !has_room(&start) {
            return None;
        }
        self.searches += 1;
        *self.reached.get_mut(start.to as usize)? = Some((self.searches, start));
        let mut queue = VecDeque::from([(start.to, 1)]);
        while let Some((node, length)) = queue.pop_front() {
            if length == max {
                continue;
            }
            for next in self.by_node.get(node as usize).into_iter().flatten() {
                steps::count(1);
                if self.used.get(next.unit as usize).copied().unwrap_or(true) {
                    continue;
                }
                let Some(entry) = self.reached.get_mut(next.to as usize) else { continue };
                if entry.is_some_and(|(search, _)| search == self.searches) || !has_room(next) {
                    continue;
                }
                *entry = Some((self.searches, *next));
                if next.to == start.from {
                    return self.path(start, length + 1);
                }
                queue.push_back((next.to, length + 1));
            }
        }
        None
    }

    /// The arcs back from where a circle ends; `None` if two of them are of one unit.
    fn path(&self, start: Arc, length: usize) -> Option<Vec<Arc>> {
        let (mut circle, mut node) = (Vec::with_capacity(length), start.from);
        while circle.len() < length {
            let (_, arc) = self.reached.get(node as usize).copied().flatten()?;
            if circle.iter().any(|other: &Arc| other.unit == arc.unit) {
                return None;
            }
            circle.push(arc);
            node = arc.from;
        }
        Some(circle)
    }
}
