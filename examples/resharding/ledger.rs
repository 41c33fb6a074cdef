//! What was copied, held against what has to be.

use crate::work::{Copying, Work};
use std::collections::BTreeMap;

/// The copies of a migration: each is made once, unless a crash makes it worthless.
#[derive(Default)]
pub(crate) struct Ledger {
    /// By partition and destination whether the copy is there.
    needed: BTreeMap<(u32, u32), bool>,
    pub(crate) totals: Totals,
}

/// Sums over migrations.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) copies: u64,
    pub(crate) keys: u64,
    pub(crate) bytes: u64,
    /// Copies that a crash made worthless.
    pub(crate) void: u64,
}

impl Ledger {
    /// What a migration needs; copies that were made for the one before are settled.
    pub(crate) fn expect(&mut self, work: &Work) {
        self.needed = work.copies().map(|copy| ((copy.partition, copy.to), false)).collect();
    }

    /// Books a copy that holds all keys of its partition.
    pub(crate) fn book(&mut self, copy: Copying, keys: u64, bytes: u64) -> Result<(), String> {
        let Copying { partition, from, to } = copy;
        let what = format!("the copy of partition {partition} from n{from} to n{to}");
        match self.needed.get_mut(&(partition, to)) {
            None => return Err(format!("{what} is no transfer of the migration")),
            Some(true) => return Err(format!("{what} was made before")),
            Some(made) => *made = true,
        }
        self.totals.copies += 1;
        self.totals.keys += keys;
        self.totals.bytes += bytes;
        Ok(())
    }

    /// Strikes the copies of a partition: nobody knows any more that they were made.
    pub(crate) fn void(&mut self, partition: u32) -> Vec<u32> {
        let of_partition = (partition, 0)..=(partition, u32::MAX);
        let made = self.needed.range_mut(of_partition).filter(|(_, made)| **made);
        let void: Vec<u32> = made.map(|((_, to), made)| (*to, *made = false).0).collect();
        self.totals.void += void.len() as u64;
        void
    }

    /// Every transfer has been made.
    pub(crate) fn close(&self) -> Result<(), String> {
        match self.needed.iter().find(|(_, made)| !**made) {
            None => Ok(()),
            Some(((partition, to), _)) => {
                Err(format!("partition {partition} was never copied to n{to}"))
            }
        }
    }
}
