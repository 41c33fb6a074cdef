//! A migration cut into steps.

use super::super::transfers::{Copying, Migration, Transfer};
use super::exchange::{Placed, apply};
use super::exhaustive::exhaustive;
use super::ledger::Ledger;
use super::rules::StepRules;
use super::search::Search;
use crate::diff::Extent;
use crate::error::{Error, MigrationFault};
use alloc::collections::BTreeMap;
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
    ///   lost ones not counted,
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
    /// The order is found by a search that is not exhaustive. Only if it finds none, all orders are
    /// tried, as far as at most 64 replicas come or go and at most 65,536 states have to be looked at:
    /// then an error means that there is no order. For larger migrations the search found one in all of
    /// 3,000 random plans with two transfers a step or more.
    ///
    /// # Complexity
    /// O(exchanges · levels) for each round of the lines of exchanges between the same two nodes, of
    /// which there are a few as a rule, and one for each step where capacities are tight. Up to 4,096
    /// units are tried in up to 64 orders before an error.
    pub fn steps(&self, rules: &StepRules) -> Result<Steps<'_, N>, Error> {
        if rules.max_transfers == 0 {
            return Err(MigrationFault::NoTransfers.into());
        }
        let mut attempt = 0;
        let refused = loop {
            let mut search = Search::new(Ledger::new(self, rules)?);
            let last = attempt + 1 == ATTEMPTS || search.units() > RETRIED_UNITS_MAX;
            match search.run(attempt) {
                Ok(()) => return Ok(Steps::of(search.ledger)),
                Err(error) if last => break error,
                Err(_) => attempt += 1,
            }
        };
        exhaustive(Ledger::new(self, rules)?).map(Steps::of).ok_or(refused)
    }
}

impl<'a, N> Steps<'a, N> {
    fn of(ledger: Ledger<'a, N>) -> Self {
        let Ledger { migration, order, ends, peaks, .. } = ledger;
        Self { migration, order, ends, peaks }
    }

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
    /// the new placement. A [lost](Migration::lost) node keeps its place in the row, empty, until
    /// another node takes it or its replica is copied to it again.
    #[must_use]
    pub fn after(&self, steps: usize) -> Prefix<'_, N> {
        let end = steps
            .checked_sub(1)
            .and_then(|last| self.ends.get(last.min(self.len().saturating_sub(1))));
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

impl<N> Steps<'_, N> {
    /// The peaks by label.
    pub(in super::super) fn peaks_by_label(&self) -> impl Iterator<Item = (&[u8], u64, u128)> {
        let peaks = (0..).zip(&self.peaks);
        peaks.filter_map(|(node, (replicas, size))| {
            Some((self.migration.label_at(node)?, *replicas, *size))
        })
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
