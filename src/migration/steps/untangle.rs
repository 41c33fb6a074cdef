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
use alloc::collections::{BTreeMap, VecDeque};
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

/// The arcs between each two nodes, and what a search for a circle has found so far.
struct Arcs {
    /// For each node that gives, those that take.
    by_node: Vec<BTreeMap<u32, Vec<Arc>>>,
    /// Units of which an exchange was taken.
    used: Vec<bool>,
    /// The arc by which each node was reached, and in which search.
    reached: Vec<Option<(usize, Arc)>>,
    searches: usize,
}

impl<N> Search<'_, N> {
    /// Takes circles of exchanges, of all that are left, as long as they fit into the step; false if
    /// there is none. O(exchanges · R), and O(pairs of nodes) for each circle.
    pub(super) fn untangle(&mut self) -> bool {
        if self.ledger.room() < 2 {
            return false;
        }
        let mut arcs = self.arcs();
        let starts: Vec<(u32, u32)> = (0..)
            .zip(&arcs.by_node)
            .flat_map(|(from, lists)| lists.keys().map(move |to| (from, *to)))
            .collect();
        let (mut any, mut vain) = (false, 0);
        for (from, to) in starts {
            while let Some(start) = arcs.open(&self.ledger, from, to) {
                if vain == TRIES || self.ledger.room() < 2 {
                    return any;
                }
                let Some(circle) = arcs.circle(&self.ledger, start) else {
                    vain += 1;
                    break;
                };
                any = true;
                for arc in circle {
                    if let Some(used) = arcs.used.get_mut(arc.unit as usize) {
                        *used = true;
                    }
                    self.place_early(arc.unit, Exchange { from: Some(arc.from), to: Some(arc.to) });
                }
            }
        }
        any
    }

    /// All exchanges that leave their units' rows within the limits.
    fn arcs(&self) -> Arcs {
        let migration = self.ledger.migration;
        let nodes = migration.nodes.len();
        let mut by_node: Vec<BTreeMap<u32, Vec<Arc>>> = vec![BTreeMap::new(); nodes];
        for (unit, left) in self.left.iter().filter(|(_, left)| !left.is_empty()) {
            let (before, row) = (migration.holders(*unit as usize).0, self.row(*unit));
            let left = || left.iter().filter(|exchange| !exchange.is_again());
            for from in left().filter_map(|exchange| exchange.from) {
                for to in left().filter_map(|exchange| exchange.to) {
                    steps::count(1);
                    if self.ledger.vertices.admits(before, row, (from, to)) {
                        if let Some(lists) = by_node.get_mut(from as usize) {
                            lists.entry(to).or_default().push(Arc { unit: *unit, from, to });
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
    /// An arc between two nodes that may be taken.
    fn open<N>(&mut self, ledger: &Ledger<'_, N>, from: u32, to: u32) -> Option<Arc> {
        let list = self.by_node.get_mut(from as usize)?.get_mut(&to)?;
        open(list, &self.used, ledger)
    }

    /// The shortest circle that contains an arc, if its units differ and the step has room for it.
    fn circle<N>(&mut self, ledger: &Ledger<'_, N>, start: Arc) -> Option<Vec<Arc>> {
        self.searches += 1;
        *self.reached.get_mut(start.to as usize)? = Some((self.searches, start));
        let mut queue = VecDeque::from([(start.to, 1)]);
        while let Some((node, length)) = queue.pop_front() {
            if length == ledger.room() {
                continue;
            }
            for (to, list) in self.by_node.get_mut(node as usize).into_iter().flatten() {
                steps::count(1);
                let Some(entry) = self.reached.get_mut(*to as usize) else { continue };
                if entry.is_some_and(|(search, _)| search == self.searches) {
                    continue;
                }
                let Some(next) = open(list, &self.used, ledger) else { continue };
                *entry = Some((self.searches, next));
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

/// The last arc of a list whose unit is not used and fits; those that are used are dropped.
fn open<N>(list: &mut Vec<Arc>, used: &[bool], ledger: &Ledger<'_, N>) -> Option<Arc> {
    let is_used = |arc: &Arc| used.get(arc.unit as usize).copied().unwrap_or(true);
    while list.last().is_some_and(is_used) {
        list.pop();
    }
    let fits = |arc: &&Arc| !is_used(arc) && ledger.has_room(Some(arc.to), arc.unit);
    list.iter().rev().find(fits).copied()
}
