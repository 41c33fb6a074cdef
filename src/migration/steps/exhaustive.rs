//! All orders of a few exchanges.
//!
//! ```text
//!  bits of a state     one for each replica that comes, one for each that goes
//!  done                what has been exchanged so far
//!  start               what had been exchanged when the step began: copies since then count for the
//!                      size of the step, and what goes since then is deleted at its end
//! ```
//!
//! Loads, rows and what nodes hold follow from these two, so a state that was seen in vain is not
//! looked at again.

use super::exchange::Exchange;
use super::ledger::Ledger;
use crate::slips::OrSlip;
use crate::steps;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Replicas that come or go at most, one bit each.
const REPLICAS_MAX: usize = 64;

/// States that are looked at at most.
const STATES_MAX: usize = 1 << 16;

/// A replica that comes or goes.
#[derive(Clone, Copy)]
struct Change {
    unit: u32,
    node: u32,
    comes: bool,
    /// It comes to a lost node that keeps its place in the row.
    again: bool,
    /// It goes from a lost node, which does not hold it.
    empty: bool,
}

/// What is done next: an exchange of a unit, or the end of a step.
#[derive(Clone, Copy)]
enum Next {
    Exchange(u32, Exchange),
    End,
}

struct Orders<'l, 'a, N> {
    ledger: &'l mut Ledger<'a, N>,
    changes: Vec<Change>,
    /// The bits of each unit that changes: where they begin, and where those that go begin and end.
    units: Vec<[usize; 3]>,
    seen: BTreeSet<(u64, u64)>,
    /// Whether the row of a unit is within the limits after some of its changes.
    legal: BTreeMap<(usize, u64), bool>,
    path: Vec<Next>,
}

/// Carries out the first order of single exchanges that keeps every rule; `None` if there is none, or
/// if there is too much to try.
pub(super) fn exhaustive<N>(mut ledger: Ledger<'_, N>) -> Option<Ledger<'_, N>> {
    let migration = ledger.migration;
    let (mut changes, mut units) = (Vec::new(), Vec::new());
    for unit in 0..migration.units.len() {
        let (before, after) = migration.holders(unit);
        let first = changes.len();
        let change = |node: u32, comes| {
            let lost = migration.is_lost(node);
            let again = comes && before.contains(&node);
            Change { unit: unit as u32, node, comes, again, empty: lost && !comes }
        };
        changes.extend(migration.copied(unit).map(|node| change(node, true)));
        let middle = changes.len();
        let go = before.iter().filter(|node| !after.contains(node));
        changes.extend(go.map(|node| change(*node, false)));
        if changes.len() > REPLICAS_MAX {
            return None;
        }
        if changes.len() > first {
            units.push([first, middle, changes.len()]);
        }
    }
    let mut orders = Orders {
        ledger: &mut ledger,
        changes,
        units,
        seen: BTreeSet::new(),
        legal: BTreeMap::new(),
        path: Vec::new(),
    };
    let found = !orders.ends_too_full() && orders.search((0, 0), 0);
    let path = orders.path;
    if !found {
        return None;
    }
    // The search has left the loads as they are at the end; nobody asks for them any more.
    for next in path {
        match next {
            Next::Exchange(unit, exchange) => {
                ledger.put(unit, exchange);
            }
            Next::End => ledger.end_step(),
        }
    }
    ledger.end_step();
    Some(ledger)
}

impl<N> Orders<'_, '_, N> {
    /// Whether what is left can be done from a state, at a distance that has changed by so much since
    /// the beginning of the step. If so, the path leads there.
    fn search(&mut self, (start, done): (u64, u64), distance: i64) -> bool {
        if self.seen.len() == STATES_MAX || !self.seen.insert((start, done)) {
            return false;
        }
        steps::count(1);
        let all = self.changes.len();
        if done.count_ones() as usize == all {
            return distance <= 0;
        }
        for unit in 0..self.units.len() {
            let [first, middle, end] = self.units.get(unit).copied().or_slip();
            // The last of each list stands for none.
            for come in first..=middle {
                for go in middle..=end {
                    let bits = ((come < middle).then_some(come), (go < end).then_some(go));
                    let open = |bit: Option<usize>| bit.is_none_or(|bit| done >> bit & 1 == 0);
                    if open(bits.0)
                        && open(bits.1)
                        && self.exchange((start, done), distance, unit, bits)
                    {
                        return true;
                    }
                }
            }
        }
        if done != start && distance <= 0 {
            self.path.push(Next::End);
            if self.search((done, done), 0) {
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// Tries one exchange, and all that may follow it.
    fn exchange(
        &mut self,
        (start, done): (u64, u64),
        distance: i64,
        unit: usize,
        (come, go): (Option<usize>, Option<usize>),
    ) -> bool {
        let bit = |change: Option<usize>| change.map_or(0, |bit| 1_u64 << bit);
        let (copy, next) = (bit(come), done | bit(come) | bit(go));
        if next == done || !self.keeps_limits(unit, next) || !self.keeps_sizes((start, done), copy)
        {
            return false;
        }
        let node = |change: Option<usize>| {
            change.and_then(|bit| self.changes.get(bit)).map(|change| change.node)
        };
        let again = come.and_then(|bit| self.changes.get(bit)).is_some_and(|change| change.again);
        if again && go.is_some() {
            return false;
        }
        let to = node(come);
        let from = if again { to } else { node(go) };
        let first = self.units.get(unit).map_or(0, |lists| lists[0]);
        let number = self.changes.get(first).map_or(0, |change| change.unit);
        let change = self.ledger.vertices.change(from, to);
        self.ledger.vertices.apply(from, to);
        self.path.push(Next::Exchange(number, Exchange { from, to }));
        let found = self.search((start, next), distance + change);
        if !found {
            self.path.pop();
            self.ledger.vertices.apply(to, from);
        }
        found
    }

    /// The row of a unit after some changes.
    fn row(&self, unit: usize, done: u64) -> Vec<u32> {
        let [first, _, end] = self.units.get(unit).copied().or_slip();
        let number = self.changes.get(first).map_or(0, |change| change.unit);
        let mut row = self.ledger.migration.holders(number as usize).0.to_vec();
        for bit in (first..end).filter(|bit| done >> bit & 1 == 1) {
            let Some(change) = self.changes.get(bit) else { continue };
            if change.comes && !change.again {
                row.push(change.node);
            } else if !change.comes {
                row.retain(|node| *node != change.node);
            }
        }
        row
    }

    /// As many replicas as before or after, lost ones counted and not counted, and in no domain more
    /// than its limit or than before.
    fn keeps_limits(&mut self, unit: usize, done: u64) -> bool {
        let [first, _, end] = self.units.get(unit).copied().or_slip();
        // Of up to 64 bits, those of this unit.
        let own = (done >> first) & (u64::MAX >> (64 - (end - first).clamp(1, 64)));
        if let Some(legal) = self.legal.get(&(unit, own)) {
            return *legal;
        }
        let number = self.changes.get(first).map_or(0, |change| change.unit);
        let (before, after) = self.ledger.migration.holders(number as usize);
        let row = self.row(unit, done);
        let sizes = before.len().min(after.len())..=before.len().max(after.len());
        let lost = |node: &&u32| self.ledger.migration.is_lost(**node);
        let alive = before.len() - before.iter().filter(lost).count();
        // Lost nodes of the row that do not have their replica again.
        let again = (first..end).filter(|bit| done >> bit & 1 == 1);
        let again = again.filter(|bit| self.changes.get(*bit).is_some_and(|change| change.again));
        let empty = before.iter().filter(lost).filter(|node| row.contains(node)).count();
        let copies = row.len() + again.count() - empty;
        let vertices = &self.ledger.vertices;
        let within = |row: &[u32], domain: u32| {
            row.iter().filter(|node| vertices.chain(**node).contains(&domain)).count()
        };
        let mut domains = row.iter().flat_map(|node| vertices.chain(*node).iter().skip(1));
        let legal = sizes.contains(&row.len())
            && copies >= alive.min(after.len())
            && domains.all(|domain| {
                let limit = (vertices.limit(*domain) as usize).max(within(before, *domain));
                within(&row, *domain) <= limit
            });
        self.legal.insert((unit, own), legal);
        legal
    }

    /// True if a node that receives a copy holds more at the end than it can.
    fn ends_too_full(&self) -> bool {
        let ledger = &self.ledger;
        let size = |unit| if ledger.by_size { ledger.migration.size(unit).into() } else { 1_u128 };
        self.changes.iter().filter(|change| change.comes).any(|copied| {
            let of_node = self.changes.iter().filter(|change| change.node == copied.node);
            let of_node = of_node.filter(|change| !change.empty);
            let (mut held, mut less) = (ledger.with_copy(copied.node, copied.unit), 0);
            held -= size(copied.unit);
            for change in of_node {
                let sum = if change.comes { &mut held } else { &mut less };
                *sum += size(change.unit);
            }
            let capacity = ledger.capacities.get(copied.node as usize);
            capacity.is_some_and(|capacity| held - less > *capacity)
        })
    }

    /// Whether the step and the node's capacity have room for a copy, by its bit; 0 for none.
    fn keeps_sizes(&self, (start, done): (u64, u64), copy: u64) -> bool {
        let Some(copied) = self.changes.get(copy.trailing_zeros() as usize) else { return true };
        let bits = self.changes.iter().enumerate();
        let since = |bit: usize| done & !start & 1 << bit != 0;
        let copies = bits.clone().filter(|(bit, change)| change.comes && since(*bit)).count();
        let ledger = &self.ledger;
        let size = |unit| if ledger.by_size { ledger.migration.size(unit).into() } else { 1_u128 };
        let of_node = bits.filter(|(_, change)| change.node == copied.node && !change.empty);
        let mut held = ledger.with_copy(copied.node, copied.unit);
        for (bit, change) in of_node {
            if change.comes && done >> bit & 1 == 1 {
                held += size(change.unit);
            } else if !change.comes && start >> bit & 1 == 1 {
                held -= size(change.unit);
            }
        }
        let capacity = ledger.capacities.get(copied.node as usize).copied().unwrap_or(u128::MAX);
        copies < ledger.max_transfers && held <= capacity
    }
}
