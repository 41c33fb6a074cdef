//! The order of all exchanges, cut into steps.
//!
//! Exchanges between the same two nodes wait in one line. The lines are gone round: from each as many
//! exchanges are taken as the step, the capacities and the distances allow. An exchange that would
//! take its nodes and domains farther from their targets waits until others have made room. Where
//! all that are left would, several are taken in one step, so that together they do not.

use super::super::sources::NONE;
use super::super::transfers::{Copying, Migration, Transfer};
use super::exchange::{Exchange, exchanges};
use super::rules::StepRules;
use super::vertices::{Vertices, capacities};
use crate::diff::Extent;
use crate::error::{Error, MigrationFault};
use crate::hash::mix::word;
use crate::slips::OrSlip;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

/// Orders of the lines that are tried before steps are refused, and the number of units up to which
/// they are.
const ATTEMPTS: u64 = 64;
const RETRIED_UNITS_MAX: usize = 1 << 12;

/// A [`Migration`] in steps: see [`Migration::steps`].
#[derive(Debug)]
pub struct Steps<'a, N> {
    migration: &'a Migration<N>,
    /// All exchanges, in order.
    order: Vec<Placed>,
    /// Where each step ends in `order`.
    ends: Vec<usize>,
    /// The most that each node holds at any moment, in replicas and in sizes.
    peaks: Vec<(u64, u128)>,
}

/// An exchange of a unit.
#[derive(Clone, Copy, Debug)]
struct Placed {
    unit: u32,
    exchange: Exchange,
    /// The node to copy from; `NONE` if there is none.
    source: u32,
}

/// Transfers that run together, and what is deleted once all of them have completed.
#[derive(Debug)]
pub struct Step<'s, N> {
    migration: &'s Migration<N>,
    exchanges: &'s [Placed],
}

/// The rows after some steps.
#[derive(Debug)]
pub struct Prefix<'s, N> {
    migration: &'s Migration<N>,
    /// The holders of each unit of which a replica has moved or is to move yet.
    rows: BTreeMap<u32, Vec<u32>>,
    last: bool,
}

impl<N> Migration<N> {
    /// The migration in steps. In each step the transfers run together; when all have completed, the
    /// new holders serve and the replicas that are not needed any more are deleted.
    ///
    /// After each step, and after each single exchange within it,
    ///
    /// - no failure domain has more replicas of a unit than its limit allows, or than it had at the
    ///   beginning if that was more,
    /// - no unit has fewer replicas than before and after the whole migration, whichever is fewer,
    ///
    /// and after each step no node and domain has moved away from its target without another one
    /// coming as much nearer: the sum of all distances never grows. All steps together are exactly the
    /// migration.
    ///
    /// ```
    /// use apportion::{Locator, Topology};
    /// use apportion::migration::{Migration, StepRules};
    /// use apportion::partition::TableConfig;
    ///
    /// let old = Locator::table_of(Topology::new(["a", "b", "c"])?, TableConfig::new(64, 2))?;
    /// let new = old.with("d")?;
    /// let migration = Migration::of(&old.diff_replicas(&new, 2)?);
    /// let steps = migration.steps(&StepRules::new(10))?;
    /// assert_eq!(steps.len(), 4); // 32 transfers
    /// for step in steps.iter() {
    ///     for transfer in step.transfers() {
    ///         println!("copy {:?} to {}", transfer.extent, transfer.to);
    ///     }
    /// }
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// Steps of 0 transfers, a limit of 0 or of a level that no node has, a capacity of an unknown
    /// node; a node that can hold no more where nothing else can move first, with the peak it would
    /// reach; and steps too small for exchanges that must be made together.
    ///
    /// The order is found by a search that is not exhaustive. With two transfers a step or more it
    /// found one in all of 3,000 random plans. One transfer at a time was refused in 18 of 4,036
    /// plans of two to five transfers, and for 4 of these an order exists.
    ///
    /// # Complexity
    /// O(exchanges · levels) for each round of the lines, of which there are a few as a rule, and one
    /// for each step where capacities are tight. Up to 4,096 units are tried in up to 64 orders before
    /// an error.
    pub fn steps(&self, rules: &StepRules) -> Result<Steps<'_, N>, Error> {
        if rules.max_transfers == 0 {
            return Err(MigrationFault::NoTransfers.into());
        }
        let mut attempt = 0;
        loop {
            let mut search = Search::new(self, rules)?;
            let last = attempt + 1 == ATTEMPTS || search.left.len() > RETRIED_UNITS_MAX;
            match search.run(attempt) {
                Err(error) if last => return Err(error),
                Err(_) => attempt += 1,
                Ok(()) => {
                    let Search { order, ends, peaks, .. } = search;
                    return Ok(Steps { migration: self, order, ends, peaks });
                }
            }
        }
    }
}

impl<'a, N> Steps<'a, N> {
    /// The number of steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if nothing is copied or deleted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A step by its number, from 0 on.
    #[must_use]
    pub fn get(&self, step: usize) -> Option<Step<'_, N>> {
        let end = *self.ends.get(step)?;
        let start = step.checked_sub(1).and_then(|before| self.ends.get(before));
        let exchanges = self.order.get(start.copied().unwrap_or(0)..end)?;
        Some(Step { migration: self.migration, exchanges })
    }

    /// The steps in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Step<'_, N>> {
        (0..self.len()).map(|step| {
            let none = Step { migration: self.migration, exchanges: &[] };
            self.get(step).unwrap_or(none)
        })
    }

    /// Who holds each unit after the first so many steps: all keys of partition tables, Maglev tables
    /// and rings; elsewhere the keys that move. After all of them the order of the holders is that of
    /// the new placement.
    #[must_use]
    pub fn after(&self, steps: usize) -> Prefix<'_, N> {
        let end = steps.checked_sub(1).and_then(|last| self.ends.get(last.min(self.len().saturating_sub(1))));
        let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for placed in self.order.get(..end.copied().unwrap_or(0)).unwrap_or_default() {
            let before = || self.migration.holders(placed.unit as usize).0.to_vec();
            apply(rows.entry(placed.unit).or_insert_with(before), placed.exchange);
        }
        Prefix { migration: self.migration, rows, last: steps >= self.len() }
    }

    /// The most that each node holds at any moment, copies under way included: the node, replicas,
    /// and their sizes. In the order of [`Migration::nodes`].
    pub fn peaks(&self) -> impl Iterator<Item = (&'a N, u64, u128)> {
        let peaks = (0..).zip(self.peaks.clone());
        let migration = self.migration;
        peaks.filter_map(|(node, (replicas, size))| Some((migration.value(node)?, replicas, size)))
    }
}

impl<'s, N> Step<'s, N> {
    /// The transfers that run together.
    pub fn transfers(&self) -> impl Iterator<Item = Transfer<'s, N>> {
        let migration = self.migration;
        self.exchanges.iter().filter_map(|placed| {
            let (unit, from) = (placed.unit, placed.source);
            migration.transfer(&Copying { unit, from, to: placed.exchange.to? })
        })
    }

    /// The replicas that are deleted once all transfers have completed: the number of the unit, its
    /// keys, and the node.
    pub fn deletions(&self) -> impl Iterator<Item = (usize, Extent, &'s N)> {
        let migration = self.migration;
        self.exchanges.iter().filter_map(|placed| {
            let node = placed.exchange.from.filter(|node| !migration.is_lost(*node))?;
            let unit = migration.units.get(placed.unit as usize)?;
            Some((placed.unit as usize, unit.extent, migration.value(node)?))
        })
    }
}

impl<'s, N> Prefix<'s, N> {
    /// All units with their keys and their holders, the owner first.
    pub fn rows(&self) -> impl Iterator<Item = (Extent, Vec<&'s N>)> {
        let migration = self.migration;
        migration.units.iter().enumerate().map(move |(number, unit)| {
            let (before, after) = migration.holders(number);
            let moved = self.rows.get(&(number as u32)).map(Vec::as_slice);
            let row = if self.last { after } else { moved.unwrap_or(before) };
            (unit.extent, row.iter().filter_map(|node| migration.value(*node)).collect())
        })
    }
}

/// An arrival takes the place of the one that leaves.
fn apply(row: &mut Vec<u32>, Exchange { from, to }: Exchange) {
    let place = from.and_then(|from| row.iter().position(|node| *node == from));
    match (place.and_then(|place| row.get_mut(place)), to) {
        (Some(place), Some(to)) => *place = to,
        (None, Some(to)) => row.push(to),
        (Some(_), None) => {
            row.retain(|node| Some(*node) != from);
        }
        (None, None) => {}
    }
}

/// Units whose next exchange is between the same two nodes.
type Lines = BTreeMap<Exchange, VecDeque<u32>>;

struct Search<'a, N> {
    migration: &'a Migration<N>,
    max_transfers: usize,
    by_size: bool,
    vertices: Vertices,
    capacities: Vec<u128>,
    /// The exchanges of each unit that are left, the next one last.
    left: BTreeMap<u32, Vec<Exchange>>,
    rows: BTreeMap<u32, Vec<u32>>,
    lines: Lines,
    /// What each node holds, in replicas and sizes, with what this step copies.
    held: Vec<(u64, u128)>,
    peaks: Vec<(u64, u128)>,
    order: Vec<Placed>,
    ends: Vec<usize>,
    /// Transfers of this step.
    copies: usize,
    /// Whether an exchange was refused in this step because a node is full.
    waits_for_room: bool,
}

impl<'a, N> Search<'a, N> {
    fn new(migration: &'a Migration<N>, rules: &StepRules) -> Result<Self, Error> {
        let vertices = Vertices::new(migration, rules)?;
        let mut search = Self {
            migration,
            max_transfers: rules.max_transfers as usize,
            by_size: rules.by_size,
            capacities: capacities(migration, rules)?,
            vertices,
            left: BTreeMap::new(),
            rows: BTreeMap::new(),
            lines: Lines::new(),
            held: vec![(0, 0); migration.nodes.len()],
            peaks: Vec::new(),
            order: Vec::new(),
            ends: Vec::new(),
            copies: 0,
            waits_for_room: false,
        };
        for unit in 0..migration.units.len() {
            let (before, after) = migration.holders(unit);
            for node in before {
                search.hold(*node, unit as u32);
            }
            let mut all = exchanges(&search.vertices, before, after);
            if !all.is_empty() {
                all.reverse();
                search.left.insert(unit as u32, all);
                search.line_up(unit as u32);
            }
        }
        search.peaks.clone_from(&search.held);
        Ok(search)
    }

    /// One attempt, in an order of the lines that follows from its number.
    fn run(&mut self, attempt: u64) -> Result<(), Error> {
        // Lines that were looked at in vain since the last exchange, and how an exchange has to
        // change the distance: those that lessen it come first, so that they make room for the others.
        let (mut refused, mut wanted) = (0, -1);
        let mut round = self.shuffled(attempt);
        while let Some(line) = round.pop_front() {
            let taken = self.take(line, wanted);
            if !taken.is_empty() {
                (refused, wanted) = (0, -1);
                for unit in taken {
                    if let Some(next) = self.line_up(unit) {
                        if !round.contains(&next) && next != line {
                            round.push_back(next);
                        }
                    }
                }
            }
            if self.lines.contains_key(&line) {
                round.push_back(line);
                refused += 1;
            }
            if self.copies == self.max_transfers {
                self.end_step();
                (refused, wanted) = (0, -1);
            } else if refused > round.len() {
                refused = 0;
                if wanted < 0 {
                    wanted = 0;
                } else if self.copies > 0 && (self.waits_for_room || !self.fits_all()) {
                    // Deletions make room; and a step of its own has more room for what follows.
                    self.end_step();
                    wanted = -1;
                } else {
                    self.together()?;
                    wanted = -1;
                    round = self.shuffled(attempt);
                }
            }
        }
        self.end_step();
        Ok(())
    }

    /// The lines in an order that follows from a number; by node for 0.
    fn shuffled(&self, attempt: u64) -> VecDeque<Exchange> {
        let mut lines: Vec<Exchange> = self.lines.keys().copied().collect();
        if attempt > 0 {
            let number = |node: Option<u32>| node.map_or(0, |node| u64::from(node) + 1);
            lines.sort_by_key(|line| word(attempt, number(line.from) << 32 | number(line.to)));
        }
        lines.into()
    }

    /// Takes exchanges of a line as long as they change the distance as wanted and fit, and returns
    /// their units; only one of those that do not lessen it.
    fn take(&mut self, line: Exchange, wanted: i64) -> Vec<u32> {
        let mut taken = Vec::new();
        while self.vertices.change(line.from, line.to) <= wanted {
            let Some(unit) = self.lines.get(&line).and_then(VecDeque::front).copied() else {
                break;
            };
            if !self.has_room(line.to, unit) || !self.place(line, unit) {
                break;
            }
            taken.push(unit);
            if wanted == 0 {
                break;
            }
        }
        taken
    }

    /// Takes the first exchange of a line, if the step is not full.
    fn place(&mut self, line: Exchange, unit: u32) -> bool {
        if line.to.is_some() && self.copies == self.max_transfers {
            return false;
        }
        let Exchange { from, to } = line;
        if let Some(units) = self.lines.get_mut(&line) {
            units.pop_front();
            if units.is_empty() {
                self.lines.remove(&line);
            }
        }
        self.left.get_mut(&unit).map(Vec::pop);
        let source = to.map_or(NONE, |to| self.source(unit, to));
        self.order.push(Placed { unit, exchange: line, source });
        self.vertices.apply(from, to);
        if let Some(to) = to {
            self.copies += 1;
            self.hold(to, unit);
            if let (Some(held), Some(peak)) =
                (self.held.get(to as usize), self.peaks.get_mut(to as usize))
            {
                *peak = (peak.0.max(held.0), peak.1.max(held.1));
            }
        }
        true
    }

    /// The source that was chosen for a transfer, or if that holds the unit no more, another holder.
    fn source(&self, unit: u32, to: u32) -> u32 {
        let transfers = &self.migration.transfers;
        let at = transfers.binary_search_by_key(&(unit, to), |t| (t.unit, t.to));
        let chosen = at.ok().and_then(|at| transfers.get(at)).map_or(NONE, |t| t.from);
        let row = self.rows.get(&unit).map(Vec::as_slice);
        let row = row.unwrap_or(self.migration.holders(unit as usize).0);
        if chosen == NONE || row.contains(&chosen) {
            return chosen;
        }
        row.iter().copied().find(|node| !self.migration.is_lost(*node)).unwrap_or(NONE)
    }

    /// Exchanges that are only together no step backwards.
    fn together(&mut self) -> Result<(), Error> {
        let (mut distance, mut blocked, mut any) = (0, None, false);
        while distance > 0 || !any {
            let mut best: Option<(i64, Exchange, u32)> = None;
            for (line, units) in &self.lines {
                let Some(unit) = units.front().copied() else { continue };
                if !self.has_room(line.to, unit) {
                    blocked = blocked.or(line.to.map(|to| (to, unit)));
                    continue;
                }
                let change = self.vertices.change(line.from, line.to);
                if best.is_none_or(|(least, ..)| change < least) {
                    best = Some((change, *line, unit));
                }
            }
            let Some((change, line, unit)) = best else {
                return Err(self.refused(blocked));
            };
            if !self.place(line, unit) {
                return Err(MigrationFault::StepTooSmall { max: self.max_transfers as u64 }.into());
            }
            distance += change;
            any = true;
            self.line_up(unit);
        }
        Ok(())
    }

    #[cold]
    fn refused(&self, blocked: Option<(u32, u32)>) -> Error {
        let Some((node, unit)) = blocked else {
            return MigrationFault::StepTooSmall { max: self.max_transfers as u64 }.into();
        };
        let (replicas, size) = self.held.get(node as usize).copied().or_slip();
        let more = self.migration.size(unit);
        let peak = if self.by_size { size + u128::from(more) } else { u128::from(replicas) + 1 };
        let capacity = self.capacities.get(node as usize).copied().or_slip();
        let node = self.migration.shown(node);
        MigrationFault::Capacity { node, peak, capacity, by_size: self.by_size }.into()
    }

    fn has_room(&self, to: Option<u32>, unit: u32) -> bool {
        let Some(to) = to else { return true };
        let (replicas, size) = self.held.get(to as usize).copied().or_slip();
        let more = u128::from(self.migration.size(unit));
        let then = if self.by_size { size + more } else { u128::from(replicas) + 1 };
        self.capacities.get(to as usize).is_some_and(|capacity| then <= *capacity)
    }

    fn hold(&mut self, node: u32, unit: u32) {
        let size = u128::from(self.migration.size(unit));
        if let Some(held) = self.held.get_mut(node as usize) {
            *held = (held.0 + 1, held.1 + size);
        }
    }

    /// Puts a unit into the line of its next exchange, and returns that line.
    fn line_up(&mut self, unit: u32) -> Option<Exchange> {
        let next = *self.left.get(&unit)?.last()?;
        self.lines.entry(next).or_default().push_back(unit);
        Some(next)
    }

    /// The rows switch, and what is not needed is deleted.
    fn end_step(&mut self) {
        let start = self.ends.last().copied().unwrap_or(0);
        if start == self.order.len() {
            return;
        }
        for placed in self.order.get(start..).unwrap_or_default() {
            let before = || self.migration.holders(placed.unit as usize).0.to_vec();
            apply(self.rows.entry(placed.unit).or_insert_with(before), placed.exchange);
            let size = u128::from(self.migration.size(placed.unit));
            let from = placed.exchange.from.and_then(|from| self.held.get_mut(from as usize));
            if let Some(held) = from {
                *held = (held.0 - 1, held.1 - size);
            }
        }
        self.ends.push(self.order.len());
        self.copies = 0;
        self.waits_for_room = false;
    }

    /// Whether all that is left fits into this step.
    fn fits_all(&self) -> bool {
        let left: usize = self.left.values().map(Vec::len).sum();
        left <= self.max_transfers - self.copies
    }
}
