//! The schedule of a migration's transfers.

use super::schedule::{Limits, NodeLimits, Schedule};
use super::sources::NONE;
use super::transfers::{Copying, Migration};
use crate::error::Error;
use alloc::vec::Vec;

impl<N> Migration<N> {
    /// The rounds in which the transfers run, under limits of what each node sends and receives at
    /// once. The schedule numbers the transfers as [`transfers`](Self::transfers) lists them.
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::migration::{Limits, Migration, Optimality};
    ///
    /// let old = Locator::jump_back(["a", "b", "c"])?;
    /// let new = old.with("d")?;
    /// let migration = Migration::of(&old.diff(&new)?);
    /// // d receives from three nodes, two at a time.
    /// let schedule = migration.schedule(&Limits::each(1, 2))?;
    /// assert_eq!((schedule.rounds(), schedule.bound()), (2, 2));
    /// assert_eq!(schedule.optimality(), Optimality::Optimal);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// A limit of 0, and a node with a limit of its own that is on neither side.
    pub fn schedule(&self, limits: &Limits) -> Result<Schedule, Error> {
        Ok(Schedule::of(&self.numbers(), &self.resolved(limits)?))
    }

    /// Checks that a schedule, for example a restored one, is one of these transfers under these
    /// limits, and that what it says of the number of its rounds is known of them.
    ///
    /// # Errors
    /// - another number of transfers
    /// - a unit with two transfers in a round, and a node that is above its limit in a round
    /// - a bound that is not that of the transfers
    /// - more rounds than the bound that are called optimal without a proof, and another
    ///   [`Optimality`](super::Optimality) that is not that of such limits and units
    /// - as [`schedule`](Self::schedule)
    ///
    /// # Complexity
    /// O(transfers + nodes) time and memory, and O(q log q) for each unit with q transfers.
    pub fn check_schedule(&self, schedule: &Schedule, limits: &Limits) -> Result<(), Error> {
        let limits = self.resolved(limits)?;
        schedule.check(&self.numbers(), &limits, |node| self.shown(node)).map_err(Error::from)
    }

    /// The limits of each node.
    fn resolved(&self, limits: &Limits) -> Result<NodeLimits, Error> {
        limits.resolve(self.nodes.len(), |label| self.find(label).map(|node| node as usize))
    }

    /// The transfers by numbers of units and nodes.
    fn numbers(&self) -> Vec<(u32, Option<u32>, u32)> {
        let numbers = |copying: &Copying| {
            let from = (copying.from != NONE).then_some(copying.from);
            (copying.unit, from, copying.to)
        };
        self.transfers.iter().map(numbers).collect()
    }
}
