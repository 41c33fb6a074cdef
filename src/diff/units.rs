//! The holders before and after, unit by unit: what a migration is made from.

use super::by::By;
use super::ends::Range;
use super::exact::Diff;
use super::parts::{Extent, UnitHolders};
use crate::topology::{Identity, Topology};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

type Units<'d> = Box<dyn Iterator<Item = UnitHolders> + 'd>;

impl<'a, N> Diff<'a, N> {
    /// All keys by unit: partitions where the new table has as many as the old one or a multiple,
    /// else intervals in order of the hashes, neighbours with the same holders joined. Where hashes
    /// are not cut into pieces, only the pairs of nodes between which keys may move.
    pub(crate) fn units(&self) -> Units<'_> {
        match &self.by {
            By::Circles if self.replicas == 1 => Box::new(joined(self.cuts().owners())),
            By::Cuts => Box::new(joined(self.cuts().owners())),
            By::Circles | By::Lookups => Box::new(joined(self.lookups().holders())),
            By::Tables => {
                let Some(tables) = self.tables() else { return Box::new(core::iter::empty()) };
                let multiple = tables.new.partitions % tables.old.partitions.max(1) == 0;
                if multiple { Box::new(tables.units()) } else { Box::new(joined(tables.lists())) }
            }
            By::Numberings(numberings) => Box::new(numberings.pairs().map(pair)),
            By::Boards(boards) => Box::new(boards.pairs().map(pair)),
            By::Weights(weights) => Box::new(weights.pairs().map(pair)),
        }
    }

    /// The nodes of both sides by place.
    pub(crate) fn identities(&self) -> &[Identity] {
        &self.union.nodes
    }

    pub(crate) fn topologies(&self) -> (&'a Topology<N>, &'a Topology<N>) {
        (self.old.topology, self.new.topology)
    }
}

fn pair((from, to): super::ends::Ends) -> UnitHolders {
    let one = |node: Option<u32>| node.map_or(Vec::new(), |node| vec![node]);
    UnitHolders { extent: Extent::Scattered, before: one(from), after: one(to) }
}

/// Neighbours with the same holders as one unit.
fn joined(
    mut pieces: impl Iterator<Item = (Range, Vec<u32>, Vec<u32>)>,
) -> impl Iterator<Item = UnitHolders> {
    let mut last: Option<(Range, Vec<u32>, Vec<u32>)> = None;
    core::iter::from_fn(move || {
        loop {
            let next = pieces.next();
            match (&mut last, next) {
                (Some(before), Some(piece)) if before.1 == piece.1 && before.2 == piece.2 => {
                    before.0.1 = piece.0.1;
                }
                (None, Some(piece)) => last = Some(piece),
                (_, next) => {
                    let ((first, last), before, after) = core::mem::replace(&mut last, next)?;
                    let extent = Extent::Hashes { first, last };
                    return Some(UnitHolders { extent, before, after });
                }
            }
        }
    })
}
