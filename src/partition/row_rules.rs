//! The rules of the rows of partitions: most have none beside the limits, others share a class of rules.

use super::cells::at;
use super::row_class::{RowClass, others};
use super::tree::{NONE, Tree};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Maximum number of kinds of leaves.
const KINDS_MAX: usize = 64;

/// The rules of the partitions that have some.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RowRules {
    classes: Vec<RowClass>,
    /// For each partition 0, or the number of its class plus 1; empty if no partition has one.
    of: Vec<u32>,
    /// The kind of each leaf; empty if all are of one kind. Where the leaves of a region are scattered,
    /// a search that skips range after range of others would visit nearly all leaves for each replica.
    /// The leaves of a kind are in the same region of each such class, so it skips a kind at once.
    kinds: Vec<u32>,
}

impl RowRules {
    /// Rules with these classes; `of` has the number of each partition's class plus 1, or 0.
    pub(super) fn new(mut classes: Vec<RowClass>, of: Vec<u32>) -> Self {
        if classes.is_empty() {
            return Self::default();
        }
        let kinds = kinds_of(&mut classes);
        Self { classes, of, kinds }
    }

    /// The kind of a leaf; 0 if all are of one kind.
    #[inline]
    pub(super) fn kind_of(&self, leaf: u32) -> u32 {
        self.kinds.get(leaf as usize).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    pub(super) fn classes(&self) -> &[RowClass] {
        &self.classes
    }

    /// The number of a partition's class plus 1; 0 if it has none.
    #[inline]
    pub(super) fn number_of(&self, partition: u32) -> u32 {
        self.of.get(partition as usize).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn class_of(&self, partition: u32) -> Option<&RowClass> {
        let number = self.number_of(partition).checked_sub(1)?;
        self.classes.get(number as usize)
    }

    /// The table of a partition; 0 if there is one table alone.
    #[inline]
    pub(super) fn table_of(&self, partition: u32) -> u32 {
        let table = self.class_of(partition).and_then(|class| class.table.as_ref());
        table.map_or(0, |(table, _)| *table)
    }

    /// The limits of a table's partitions.
    pub(super) fn limits_of_table<'a>(&'a self, tree: &'a Tree, table: u32) -> &'a [(usize, u32)] {
        let mut tables = self.classes.iter().filter_map(|class| class.table.as_ref());
        tables.find(|(other, _)| *other == table).map_or(&tree.limits, |(_, limits)| limits)
    }

    /// True if a row of `size` places may have `leaf` beside the leaves `chosen`.
    #[inline]
    pub(super) fn admit(
        &self,
        tree: &Tree,
        partition: u32,
        (chosen, size): (&[u32], usize),
        leaf: u32,
    ) -> bool {
        self.class_of(partition).is_none_or(|class| {
            let left = size.saturating_sub(chosen.len() + 1);
            class.admits(tree, &chosen.iter().copied(), left, leaf)
        })
    }

    /// True if `leaf` may take the place of `leaving` (`NONE` for one that is not placed) in a row.
    #[inline]
    pub(super) fn allow(
        &self,
        tree: &Tree,
        partition: u32,
        row: &[u32],
        (leaving, leaf): (u32, u32),
    ) -> bool {
        self.class_of(partition).is_none_or(|class| {
            let (others, left) = others(row, leaving);
            class.admits(tree, &others, left, leaf)
        })
    }

    /// True if a row of `size` places can have these leaves; `NONE` entries do not count.
    pub(super) fn keep(&self, tree: &Tree, partition: u32, row: &[u32], size: usize) -> bool {
        self.class_of(partition).is_none_or(|class| {
            let placed = row.iter().copied().filter(|leaf| *leaf != NONE);
            let left = size.saturating_sub(placed.clone().count());
            class.keeps(tree, &placed, left)
        })
    }
}

/// Divides the leaves into kinds, as far as there are few enough. O(n·classes).
fn kinds_of(classes: &mut [RowClass]) -> Vec<u32> {
    let mut kinds: Vec<u32> = Vec::new();
    for class in classes.iter().filter(|class| class.is_scattered()) {
        let regions = class.region_of_leaves();
        kinds.resize(regions.len(), 0);
        let mut numbers: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        let finer = kinds.iter().zip(regions).map(|(kind, region)| {
            let next = numbers.len() as u32;
            *numbers.entry((*kind, region)).or_insert(next)
        });
        let finer: Vec<u32> = finer.collect();
        if numbers.len() <= KINDS_MAX {
            kinds = finer;
        }
    }
    // Kinds are numbered by their first leaves.
    let mut first: Vec<usize> = Vec::new();
    for (leaf, kind) in kinds.iter().enumerate() {
        if *kind as usize == first.len() {
            first.push(leaf);
        }
    }
    for class in classes.iter_mut().filter(|class| class.is_scattered()) {
        let regions = class.region_of_leaves();
        let of_kinds: Vec<u32> = first.iter().map(|leaf| at(&regions, *leaf)).collect();
        let same = |(kind, region): (&u32, &u32)| at(&of_kinds, *kind as usize) == *region;
        if kinds.iter().zip(&regions).all(same) {
            class.region_of_kind = of_kinds;
        }
    }
    kinds
}
