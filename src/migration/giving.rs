//! Which holder gives each copy.

use super::sources::{NONE, Sources};
use super::transfers::{Copying, Migration};
use alloc::vec;
use alloc::vec::Vec;

impl<N> Migration<N> {
    /// The node that gives the most, and the sizes it gives, added up: the number of its transfers if
    /// units have no [sizes](Self::sized). The first by label if several give as much; `None` without a
    /// source.
    ///
    /// If all sizes are equal, no choice of sources has a busiest one that gives less. Otherwise it
    /// gives at most the [bound](Self::busiest_source_bound) plus the largest size, and nearly always
    /// less: the exact minimum is NP-hard to find.
    ///
    /// # Complexity
    /// This call is O(transfers). The sources are chosen when the migration is made, sized, or loses
    /// nodes: in O(holders + transfers · log transfers) where taking the holder that gives the least so
    /// far is best, which is nearly always. At worst, O(holders · √transfers · log transfers) for equal
    /// sizes and O(nodes² · holders) for each of at most 64 + log₂ transfers steps of a bisection
    /// otherwise.
    #[must_use]
    pub fn busiest_source(&self) -> Option<(&N, u128)> {
        let (node, most) = self.busiest()?;
        Some((self.value(node)?, most))
    }

    pub(super) fn busiest(&self) -> Option<(u32, u128)> {
        let mut loads = vec![0_u128; self.nodes.len()];
        for copying in &self.transfers {
            if let Some(load) = loads.get_mut(copying.from as usize) {
                *load += u128::from(self.size(copying.unit));
            }
        }
        let most = loads.iter().copied().max().filter(|most| *most > 0)?;
        let node = loads.iter().position(|load| *load == most)?;
        Some((node as u32, most))
    }

    /// A lower bound of what the [busiest source](Self::busiest_source) gives, under any choice of
    /// sources; the minimum itself if all sizes are equal.
    #[must_use]
    pub fn busiest_source_bound(&self) -> u128 {
        self.source_bound
    }

    /// Lists the transfers, each from the holder that leaves the busiest source as light as possible.
    pub(super) fn choose_sources(&mut self) {
        let mut transfers = Vec::new();
        let mut sources = Sources::new(self.nodes.len());
        for unit in 0..self.units.len() {
            let (before, after) = self.holders(unit);
            // A holder that leaves gives first: the others have readers to serve.
            let (leaving, staying) = (self.dropped(unit), before.iter().copied());
            let staying = staying.filter(|node| after.contains(node) && !self.is_lost(*node));
            let candidates: Vec<u32> = leaving.chain(staying).collect();
            for to in self.copied(unit) {
                sources.push(candidates.iter().copied());
                transfers.push(Copying { unit: unit as u32, from: NONE, to });
            }
        }
        let sizes: Vec<u64> = transfers.iter().map(|transfer| self.size(transfer.unit)).collect();
        let by_size = sources.balanced_by_size(&sizes);
        for (transfer, from) in transfers.iter_mut().zip(by_size.chosen) {
            transfer.from = from;
        }
        self.source_bound = by_size.bound;
        transfers.sort_unstable_by_key(|transfer| (transfer.unit, transfer.to));
        self.transfers = transfers;
    }
}
