//! Where the partitions and nodes of several tables stand in their joint problem.
//!
//! ```text
//!  planners          items: 2 partitions      orders: 3 partitions       in the order given
//!  ranks, by name    0                        1
//!  partitions        0 1                      2 3 4                      one table after the other
//!  leaves            node * 2 + 0             node * 2 + 1
//! ```
//!
//! Tables are ranked by name, so answers do not depend on the order in which they were given.

use super::super::cells::{at, put};
use super::super::old_rows::OldRows;
use super::super::planner::Planner;
use super::super::row_sizes::RowSizes;
use super::super::tree::{NONE, Tree};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// A table's place in the joint problem.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its number among the tables, by name.
    pub(super) rank: u32,
    /// Its first partition.
    pub(super) first: u32,
    pub(super) partitions: u32,
    /// The joint leaf of each leaf of its own tree.
    joint: Vec<u32>,
    /// Its own leaf of each node of the joint tree.
    own: Vec<u32>,
}

impl Place {
    /// The joint number of a leaf of the table's own tree.
    #[inline]
    pub(super) fn leaf(&self, own: u32) -> u32 {
        if own == NONE { NONE } else { at(&self.joint, own as usize) }
    }
}

/// The places of all tables, in the order of their planners.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// All partitions' numbers of replicas.
    pub(super) sizes: RowSizes,
}

impl Layout {
    /// The layout of these planners' tables over nodes that are the leaves of this tree.
    pub(super) fn new(planners: &[Planner<'_>], nodes: &Tree) -> Self {
        let mut by_name: Vec<usize> = (0..planners.len()).collect();
        let name = |table: usize| planners.get(table).map(|planner| planner.config().name());
        by_name.sort_by_key(|table| name(*table));
        let mut places: Vec<Option<Place>> = vec![None; planners.len()];
        let (mut first, mut sizes) = (0, Vec::new());
        for (rank, table) in (0..).zip(by_name) {
            let Some(planner) = planners.get(table) else { continue };
            let problem = &planner.problem;
            let partitions = problem.config.partitions();
            let mut own = vec![NONE; nodes.leaves()];
            let mut joint = Vec::with_capacity(nodes.leaves());
            for (leaf, slot) in (0..).zip(&problem.tree.slots) {
                let node = nodes.leaf_at(*slot).unwrap_or_default();
                joint.push(node * planners.len() as u32 + rank);
                put(&mut own, node as usize, leaf);
            }
            sizes.extend((0..partitions).map(|p| problem.sizes.of_partition(p) as u8));
            let place = Place { rank, first, partitions, joint, own };
            put(&mut places, table, Some(place));
            first += partitions;
        }
        Self { places: places.into_iter().flatten().collect(), sizes: RowSizes::listed(&sizes) }
    }

    fn tables(&self) -> u32 {
        self.places.len() as u32
    }

    /// The rows of all tables in one list. O(places).
    pub(super) fn joined(&self, tables: &[OldRows]) -> OldRows {
        let mut by_rank: Vec<(&Place, &OldRows)> = self.places.iter().zip(tables).collect();
        by_rank.sort_by_key(|(place, _)| place.rank);
        let each = |(place, rows): &(&Place, &OldRows)| {
            let sizes = (0..place.partitions).map(|partition| rows.row(partition).len() as u8);
            sizes.collect::<Vec<u8>>()
        };
        let sizes = RowSizes::listed(&by_rank.iter().flat_map(each).collect::<Vec<u8>>());
        let mut joined = vec![NONE; sizes.stride() * self.partitions() as usize];
        for (place, rows) in by_rank {
            for partition in 0..place.partitions {
                let row = joined.get_mut(sizes.places(place.first + partition));
                for (to, from) in row.unwrap_or_default().iter_mut().zip(rows.row(partition)) {
                    *to = place.leaf(*from);
                }
            }
        }
        OldRows::new(joined, sizes, 1)
    }

    /// The rows of one table, as leaves of its own tree and in rows of its own stride.
    pub(super) fn rows_of(&self, table: usize, own: &RowSizes, rows: &[u32]) -> Vec<u32> {
        let Some(place) = self.places.get(table) else { return Vec::new() };
        let mut found = vec![NONE; own.stride() * place.partitions as usize];
        for partition in 0..place.partitions {
            let row = found.get_mut(own.places(partition)).unwrap_or_default();
            let from = rows.get(self.sizes.places(place.first + partition)).or_slip();
            for (to, leaf) in row.iter_mut().zip(from).filter(|(_, leaf)| **leaf != NONE) {
                *to = at(&place.own, (*leaf / self.tables()) as usize);
            }
        }
        found
    }

    /// The number of partitions of all tables.
    pub(super) fn partitions(&self) -> u32 {
        self.places.iter().map(|place| place.partitions).sum()
    }
}
