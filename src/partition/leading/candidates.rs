//! The holders that may lead: all of them, unless affinities of leaders say otherwise.

use super::super::row_rules::RowRules;
use super::super::row_sizes::RowSizes;
use super::rows::HolderRows;
use alloc::vec;
use alloc::vec::Vec;

/// Rows of the holders that may lead each partition.
#[derive(Debug)]
pub(in super::super) enum Candidates<'a> {
    All(HolderRows<'a>),
    Some { holders: Vec<u32>, starts: Vec<u32> },
}

impl<'a> Candidates<'a> {
    /// Of these rows, all of whose holders are known. O(P·R) with affinities of leaders.
    pub(in super::super) fn of(rules: &RowRules, rows: &'a [u32], sizes: &'a RowSizes) -> Self {
        let rows = HolderRows::of(rows, sizes);
        if rules.classes().iter().all(|class| class.may_lead.is_none()) {
            return Self::All(rows);
        }
        let (mut holders, mut starts) = (Vec::new(), vec![0]);
        for (partition, row) in (0..).zip(rows.iter()) {
            push(rules, partition, row, &mut holders);
            starts.push(holders.len() as u32);
        }
        Self::Some { holders, starts }
    }

    pub(in super::super) fn rows(&self) -> HolderRows<'_> {
        match self {
            Self::All(rows) => *rows,
            Self::Some { holders, starts } => HolderRows::ragged(holders, starts),
        }
    }
}

/// Adds the holders of a row that may lead: all of them if none may, in a table that breaks the rules.
pub(super) fn push(rules: &RowRules, partition: u32, row: &[u32], to: &mut Vec<u32>) {
    let may_lead = rules.class_of(partition).and_then(|class| class.may_lead.as_ref());
    let before = to.len();
    to.extend(row.iter().filter(|leaf| may_lead.is_none_or(|may| may.contains(**leaf))));
    if to.len() == before {
        to.extend_from_slice(row);
    }
}
