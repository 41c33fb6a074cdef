//! An order of all exchanges, found without going back.
//!
//! Exchanges between the same two nodes wait in one line. The lines are gone round: from each as many
//! exchanges are taken as the step, the capacities and the distances allow. An exchange that would
//! take its nodes and domains farther from their targets waits until others have made room. Where
//! all that are left would, a circle of exchanges is taken, which leaves all loads as they are:
//!
//! ```text
//!  lines   a→b   b→c   c→a        each alone would leave one node short of a replica
//! ```
//!
//! Where there is no circle, several exchanges are taken in one step, so that together they take
//! nothing farther from its target.

use super::exchange::{Exchange, apply, exchanges};
use super::ledger::Ledger;
use crate::error::Error;
use crate::hash::mix::word;
use crate::steps;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

/// Units whose next exchange is between the same two nodes.
type Lines = BTreeMap<Exchange, VecDeque<u32>>;

pub(super) struct Search<'a, N> {
    pub(super) ledger: Ledger<'a, N>,
    /// The exchanges of each unit that are left, the next one last.
    pub(super) left: BTreeMap<u32, Vec<Exchange>>,
    /// The rows of units that have changed.
    rows: BTreeMap<u32, Vec<u32>>,
    /// The number of all that are left.
    count: usize,
    lines: Lines,
    /// The lines in the order in which they are gone round, each once.
    round: VecDeque<Exchange>,
    queued: BTreeSet<Exchange>,
}

impl<'a, N> Search<'a, N> {
    pub(super) fn new(ledger: Ledger<'a, N>) -> Self {
        let migration = ledger.migration;
        let mut search = Self {
            ledger,
            left: BTreeMap::new(),
            rows: BTreeMap::new(),
            count: 0,
            lines: Lines::new(),
            round: VecDeque::new(),
            queued: BTreeSet::new(),
        };
        for unit in 0..migration.units.len() {
            let (before, after) = migration.holders(unit);
            let mut all = exchanges(&search.ledger.vertices, before, after);
            all.reverse();
            all.extend(migration.again(unit).map(Exchange::again));
            if !all.is_empty() {
                search.count += all.len();
                search.left.insert(unit as u32, all);
                search.line_up(unit as u32);
            }
        }
        search
    }

    /// The number of units of which something moves.
    pub(super) fn units(&self) -> usize {
        self.left.len()
    }

    /// One attempt, in an order of the lines that follows from its number.
    pub(super) fn run(&mut self, attempt: u64) -> Result<(), Error> {
        self.shuffle(attempt);
        // Lines that were looked at in vain since the last exchange, and how an exchange has to
        // change the distance: those that lessen it come first, so that they make room for the others.
        let (mut refused, mut wanted) = (0, -1);
        while let Some(line) = self.round.pop_front() {
            steps::count(1);
            if self.take(line, wanted) {
                (refused, wanted) = (0, -1);
            }
            if self.lines.contains_key(&line) {
                self.round.push_back(line);
                refused += 1;
            } else {
                self.queued.remove(&line);
            }
            if self.ledger.room() == 0 {
                self.ledger.end_step();
                (refused, wanted) = (0, -1);
            } else if refused > self.round.len() {
                refused = 0;
                if wanted < 0 {
                    wanted = 0;
                } else {
                    wanted = -1;
                    self.unblock()?;
                }
            }
        }
        self.ledger.end_step();
        Ok(())
    }

    /// Goes on where no single exchange does.
    fn unblock(&mut self) -> Result<(), Error> {
        let waits = |(line, units): (&Exchange, &VecDeque<u32>)| {
            units.front().is_some_and(|unit| !self.ledger.has_room(line.to, *unit))
        };
        let fits = self.count <= self.ledger.room() && !self.lines.iter().any(waits);
        if self.untangle() {
            return Ok(());
        }
        if self.ledger.is_within_step() && !fits {
            // Deletions make room; and a step of its own has more room for what follows.
            self.ledger.end_step();
        } else {
            self.together()?;
        }
        Ok(())
    }

    /// Puts the lines into an order that follows from a number; by node for 0.
    fn shuffle(&mut self, attempt: u64) {
        let mut lines: Vec<Exchange> = self.lines.keys().copied().collect();
        if attempt > 0 {
            let number = |node: Option<u32>| node.map_or(0, |node| u64::from(node) + 1);
            lines.sort_by_key(|line| word(attempt, number(line.from) << 32 | number(line.to)));
        }
        self.round = lines.into();
    }

    /// Takes exchanges of a line as long as they change the distance as wanted and fit; only one of
    /// those that do not lessen it. True if there was one.
    fn take(&mut self, line: Exchange, wanted: i64) -> bool {
        let mut any = false;
        // A replica that comes back to its node stands in no other's way.
        while line.is_again() || self.ledger.vertices.change(line.from, line.to) <= wanted {
            let Some(unit) = self.next_of(line) else { break };
            if !self.ledger.has_room(line.to, unit) || !self.place(line) {
                break;
            }
            any = true;
            if wanted == 0 && !line.is_again() {
                break;
            }
        }
        any
    }

    fn next_of(&self, line: Exchange) -> Option<u32> {
        self.lines.get(&line)?.front().copied()
    }

    /// Takes the first exchange of a line; false if the step is full.
    fn place(&mut self, line: Exchange) -> bool {
        let Some(unit) = self.next_of(line) else { return false };
        if !self.ledger.put(unit, line) {
            return false;
        }
        if let Some(units) = self.lines.get_mut(&line) {
            units.pop_front();
            if units.is_empty() {
                self.lines.remove(&line);
            }
        }
        self.left.get_mut(&unit).map(Vec::pop);
        self.count -= 1;
        self.change_row(unit, line);
        self.line_up(unit);
        true
    }

    fn change_row(&mut self, unit: u32, exchange: Exchange) {
        let before = || self.ledger.migration.holders(unit as usize).0.to_vec();
        apply(self.rows.entry(unit).or_insert_with(before), exchange);
    }

    /// The holders of a unit so far.
    pub(super) fn row(&self, unit: u32) -> &[u32] {
        let row = self.rows.get(&unit).map(Vec::as_slice);
        row.unwrap_or(self.ledger.migration.holders(unit as usize).0)
    }

    /// Takes an exchange of a unit that need not be its next one; false if the step is full. What is
    /// left of the unit is ordered anew.
    pub(super) fn place_early(&mut self, unit: u32, exchange: Exchange) -> bool {
        let next = self.left.get(&unit).and_then(|left| left.last().copied());
        let Some(next) = next else { return false };
        if !self.ledger.put(unit, exchange) {
            return false;
        }
        if let Some(units) = self.lines.get_mut(&next) {
            units.retain(|other| *other != unit);
            if units.is_empty() {
                self.lines.remove(&next);
            }
        }
        self.change_row(unit, exchange);
        let after = self.ledger.migration.holders(unit as usize).1;
        let mut all = exchanges(&self.ledger.vertices, self.row(unit), after);
        all.reverse();
        let left = self.left.remove(&unit).unwrap_or_default();
        all.extend(left.iter().filter(|exchange| exchange.is_again()));
        self.count = self.count + all.len() - left.len();
        self.left.insert(unit, all);
        self.line_up(unit);
        true
    }

    /// Puts a unit into the line of its next exchange.
    fn line_up(&mut self, unit: u32) {
        let Some(next) = self.left.get(&unit).and_then(|left| left.last().copied()) else { return };
        self.lines.entry(next).or_default().push_back(unit);
        if self.queued.insert(next) {
            self.round.push_back(next);
        }
    }

    /// Exchanges that are only together no step backwards.
    fn together(&mut self) -> Result<(), Error> {
        let (mut distance, mut blocked, mut any) = (0, None, false);
        while distance > 0 || !any {
            let mut best: Option<(i64, Exchange)> = None;
            for (line, units) in &self.lines {
                steps::count(1);
                let Some(unit) = units.front().copied() else { continue };
                if !self.ledger.has_room(line.to, unit) {
                    blocked = blocked.or(line.to.map(|to| (to, unit)));
                    continue;
                }
                let change = self.ledger.vertices.change(line.from, line.to);
                if best.is_none_or(|(least, ..)| change < least) {
                    best = Some((change, *line));
                }
            }
            let Some((change, line)) = best else {
                return Err(self.ledger.refused(blocked));
            };
            if !self.place(line) {
                return Err(self.ledger.refused(None));
            }
            distance += change;
            any = true;
        }
        Ok(())
    }
}
