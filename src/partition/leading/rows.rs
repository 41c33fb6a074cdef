//! The holders of each partition, as leaf numbers; rows may differ in length.

use super::super::cells::at;
use super::super::row_sizes::RowSizes;
use crate::slips::OrSlip;

/// Rows of holders that do not change while leaders are chosen among them.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct HolderRows<'a> {
    holders: &'a [u32],
    shape: Shape<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Shape<'a> {
    /// Rows among places: see [`RowSizes`].
    Sized(&'a RowSizes),
    /// Where each row starts, and the end of the last one.
    Starts(&'a [u32]),
}

impl<'a> HolderRows<'a> {
    /// Rows of these sizes.
    pub(in super::super) fn of(holders: &'a [u32], sizes: &'a RowSizes) -> Self {
        Self { holders, shape: Shape::Sized(sizes) }
    }

    /// Rows of any length; `starts` has one entry for each row and one for the end.
    pub(in super::super) fn ragged(holders: &'a [u32], starts: &'a [u32]) -> Self {
        Self { holders, shape: Shape::Starts(starts) }
    }

    /// The number of rows.
    pub(super) fn len(self) -> usize {
        match self.shape {
            Shape::Sized(sizes) => self.holders.len() / sizes.stride().max(1),
            Shape::Starts(starts) => starts.len().saturating_sub(1),
        }
    }

    /// The holders of a partition.
    #[inline]
    pub(in super::super) fn row(self, partition: u32) -> &'a [u32] {
        let places = match self.shape {
            Shape::Sized(sizes) => sizes.places(partition),
            Shape::Starts(starts) => {
                let start = |row: usize| at(starts, row) as usize;
                start(partition as usize)..start(partition as usize + 1)
            }
        };
        self.holders.get(places).or_slip()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u32]> {
        (0..self.len() as u32).map(move |partition| self.row(partition))
    }
}
