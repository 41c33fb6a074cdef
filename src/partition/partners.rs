//! Places to exchange a replica with, many at once.

use super::cells::{at, put};
use super::old_rows::PartitionsByLeaf;
use super::tree::NONE;
use super::work::Work;
use crate::hash::mix::{reduce, word};
use alloc::vec;
use alloc::vec::Vec;

/// Partners looked up together.
pub(super) const AHEAD: usize = 8;

/// No partner.
pub(super) const NO_PARTNER: (u32, u32) = (NONE, NONE);

/// Draws and the lists that partners are drawn from.
///
/// Nothing changes between tries that come to nothing, so their partners can be looked up together.
/// They are anywhere in memory, and one after the other each would be waited for.
#[derive(Debug)]
pub(super) struct Partners {
    /// Who was on each leaf in the beginning.
    by_leaf: PartitionsByLeaf,
    /// Partitions with a new holder that left each leaf; some are there again.
    left_by_leaf: Vec<Vec<u32>>,
    /// Of each partition the first holder that is new, `NONE` without one; nothing of a fresh table.
    movers: Vec<u32>,
    /// Places of replicas that are where they were not before.
    pub(super) moved: Vec<u32>,
    /// Leaves that lost the replica to be exchanged now.
    homes: Vec<u32>,
    fresh: bool,
    /// Draws so far.
    draws_made: u64,
}

impl Partners {
    /// Of a fresh table or another one.
    pub(super) fn new(work: &Work<'_>, fresh: bool) -> Self {
        let free = |place: &u32| is_free(work, *place, fresh);
        let partitions = if fresh { 0 } else { work.partitions };
        Self {
            by_leaf: PartitionsByLeaf::new(work.tree.leaves(), &work.rows, work.replicas),
            left_by_leaf: left_by_leaf(work),
            movers: (0..partitions).map(|partition| mover(work, partition)).collect(),
            moved: (0..work.rows.len() as u32).filter(free).collect(),
            homes: Vec::new(),
            fresh,
            draws_made: 0,
        }
    }

    /// A number below another one; counts as a draw.
    pub(super) fn draw(&mut self, below: usize) -> usize {
        let number = self.ahead(0, below);
        self.draws_made += 1;
        number
    }

    /// The draw after so many others, none of which counts yet.
    #[inline]
    fn ahead(&self, draws: u64, below: usize) -> usize {
        reduce(word(0xD15B, self.draws_made + draws + 1), below as u64) as usize
    }

    /// Begins with a replica: the draws that each try takes. One that moved is exchanged with one of
    /// a list that is drawn too.
    pub(super) fn begin(&mut self, work: &Work<'_>, partition: u32, free: bool) -> u64 {
        if self.fresh || !free {
            return 1;
        }
        let lost = |leaf: &u32| *leaf != NONE && !work.is_on(partition, *leaf);
        self.homes.clear();
        self.homes.extend(work.old_row(partition).iter().copied().filter(lost));
        2
    }

    /// True if no partition left this leaf.
    #[inline]
    pub(super) fn has_none_left(&self, leaf: u32) -> bool {
        self.left_by_leaf.get(leaf as usize).is_none_or(Vec::is_empty)
    }

    /// A replica of a partition left a leaf.
    pub(super) fn leaves(&mut self, work: &Work<'_>, partition: u32, leaf: u32) {
        if self.fresh {
            return;
        }
        put(&mut self.movers, partition as usize, mover(work, partition));
        if !work.was_on(partition, leaf) {
            return;
        }
        if let Some(list) = self.left_by_leaf.get_mut(leaf as usize) {
            list.push(partition);
        }
    }

    /// A try came to nothing, or was the last one.
    pub(super) fn tried(&mut self, draws: u64) {
        self.draws_made += draws;
    }

    /// Partners for so many tries to give away what `leaf` has in a partition, each a partition and a
    /// leaf that may come from it; [`NO_PARTNER`] where there is none. For a replica that moved: another one
    /// that did, or one that could have moved instead; for one that did not, of a partition that left
    /// the same leaf, the replica that moved.
    pub(super) fn next(
        &self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        free: bool,
        tries: usize,
    ) -> [(u32, u32); AHEAD] {
        let mut partners = [NO_PARTNER; AHEAD];
        let found = partners.get_mut(..tries).unwrap_or_default();
        if !free {
            self.movers(leaf, found);
        } else if self.fresh {
            self.any(work, found);
        } else {
            self.instead_of_moved(work, found);
        }
        for partner in found.iter_mut() {
            let (other, to) = *partner;
            if other == partition || to == NONE || !work.fits(partition, leaf, to) {
                *partner = NO_PARTNER;
            }
        }
        for (other, _) in found.iter().filter(|partner| **partner != NO_PARTNER) {
            work.fetch(*other, !self.fresh);
        }
        partners
    }

    /// Of a fresh table, any replica that may be exchanged.
    fn any(&self, work: &Work<'_>, found: &mut [(u32, u32)]) {
        // Without pins that is every one, and a list of them need not be read.
        let all = self.moved.len() == work.rows.len();
        for (turn, partner) in (0..).zip(found) {
            let index = self.ahead(turn, self.moved.len());
            let place = if all { index as u32 } else { at(&self.moved, index) };
            *partner = (place / work.replicas as u32, at(&work.rows, place as usize));
        }
    }

    /// Of partitions that left this leaf, the replica that moved.
    fn movers(&self, leaf: u32, found: &mut [(u32, u32)]) {
        let Some(left) = self.left_by_leaf.get(leaf as usize) else { return };
        for (turn, partner) in (0..).zip(found) {
            if let Some(other) = left.get(self.ahead(turn, left.len())) {
                *partner = (*other, at(&self.movers, *other as usize));
            }
        }
    }

    /// A replica that moved, or that stayed on a leaf which lost this one and could give it instead.
    fn instead_of_moved(&self, work: &Work<'_>, found: &mut [(u32, u32)]) {
        for (turn, partner) in (0..).zip(found) {
            let choice = self.ahead(2 * turn, self.homes.len() + 1);
            if let Some(home) = self.homes.get(choice).copied() {
                // A node that was drained holds none.
                let held = self.by_leaf.of(home);
                let index = self.ahead(2 * turn + 1, held.len().max(1));
                *partner = held.get(index).map_or(NO_PARTNER, |other| (other, home));
            } else {
                let place = at(&self.moved, self.ahead(2 * turn + 1, self.moved.len()));
                *partner = (place / work.replicas as u32, at(&work.rows, place as usize));
            }
        }
    }
}

/// The first holder of a partition that is new.
fn mover(work: &Work<'_>, partition: u32) -> u32 {
    let new = |leaf: &&u32| !work.was_on(partition, **leaf);
    work.row(partition).iter().find(new).copied().unwrap_or(NONE)
}

/// True for a replica that is where it was not before, all of a fresh table.
pub(super) fn is_free(work: &Work<'_>, place: u32, fresh: bool) -> bool {
    let (partition, leaf) = (place / work.replicas as u32, at(&work.rows, place as usize));
    !work.constraints.holds(partition, leaf) && (fresh || !work.was_on(partition, leaf))
}

/// Partitions with a new holder that left each leaf.
fn left_by_leaf(work: &Work<'_>) -> Vec<Vec<u32>> {
    let mut left_by_leaf = vec![Vec::new(); work.tree.leaves()];
    for partition in 0..work.partitions {
        // Dropped replicas alone leave nothing that could be exchanged.
        if work.row(partition).iter().all(|leaf| work.was_on(partition, *leaf)) {
            continue;
        }
        for leaf in work.old_row(partition).iter().filter(|leaf| **leaf != NONE) {
            if !work.is_on(partition, *leaf) {
                if let Some(list) = left_by_leaf.get_mut(*leaf as usize) {
                    list.push(partition);
                }
            }
        }
    }
    left_by_leaf
}
