//! Places to exchange a replica with, many at once.

use super::cells::at;
use super::holders::Holders;
use super::tree::NONE;
use super::work::Work;
use crate::hash::mix::{reduce, word};
use alloc::vec::Vec;

/// Partners looked up together.
pub(super) const AHEAD: usize = 4;

/// Draws and the lists that partners are drawn from.
///
/// Nothing changes between tries that come to nothing, so their partners can be looked up together.
/// They are anywhere in memory, and one after the other each would be waited for.
#[derive(Debug)]
pub(super) struct Partners {
    /// Who was on each leaf in the beginning.
    holders: Holders,
    /// Partitions with a new holder that left each leaf; some are there again.
    left: Vec<Vec<u32>>,
    /// Places of replicas that are where they were not before.
    pub(super) moved: Vec<u32>,
    /// Leaves that lost the replica to be exchanged now.
    homes: Vec<u32>,
    fresh: bool,
    /// Draws so far.
    drawn: u64,
}

impl Partners {
    pub(super) fn new(holders: Holders, left: Vec<Vec<u32>>, moved: Vec<u32>, fresh: bool) -> Self {
        Self { holders, left, moved, homes: Vec::new(), fresh, drawn: 0 }
    }

    /// A number below another one; counts as a draw.
    pub(super) fn draw(&mut self, below: usize) -> usize {
        let drawn = self.ahead(0, below);
        self.drawn += 1;
        drawn
    }

    /// The draw after so many others, none of which counts yet.
    #[inline]
    fn ahead(&self, draws: u64, below: usize) -> usize {
        reduce(word(0xD15B, self.drawn + draws + 1), below as u64) as usize
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
    pub(super) fn left_none(&self, leaf: u32) -> bool {
        self.left.get(leaf as usize).is_none_or(Vec::is_empty)
    }

    /// A partition left a leaf where it was.
    pub(super) fn leaves(&mut self, leaf: u32, partition: u32) {
        if let Some(list) = self.left.get_mut(leaf as usize) {
            list.push(partition);
        }
    }

    /// A try came to nothing, or was the last one.
    pub(super) fn tried(&mut self, draws: u64) {
        self.drawn += draws;
    }

    /// Partners for so many tries, `NONE` where there is none. For a replica that moved: another one
    /// that did, or one that could have moved instead; for one that did not, of a partition that left
    /// the same leaf, the replica that moved.
    pub(super) fn next(
        &self,
        work: &Work<'_>,
        leaf: u32,
        free: bool,
        tries: usize,
    ) -> [u32; AHEAD] {
        let mut found = [NONE; AHEAD];
        let places = found.get_mut(..tries).unwrap_or_default();
        if !free {
            self.movers(work, leaf, places);
        } else if self.fresh {
            self.any(work, places);
        } else {
            self.stead(work, places);
        }
        found
    }

    /// Of a fresh table, any place that may change.
    fn any(&self, work: &Work<'_>, found: &mut [u32]) {
        // Without pins that is every one, and a list of them need not be read.
        let all = self.moved.len() == work.rows.len();
        for (try_, place) in (0..).zip(found.iter_mut()) {
            let drawn = self.ahead(try_, self.moved.len());
            *place = if all { drawn as u32 } else { at(&self.moved, drawn) };
        }
        for place in found {
            work.fetch(*place / work.replicas as u32, false);
        }
    }

    /// Of partitions that left this leaf, the replica that moved.
    fn movers(&self, work: &Work<'_>, leaf: u32, found: &mut [u32]) {
        let Some(left) = self.left.get(leaf as usize) else { return };
        for (try_, partition) in (0..).zip(found.iter_mut()) {
            *partition = left.get(self.ahead(try_, left.len())).copied().unwrap_or(NONE);
        }
        for partition in found.iter().filter(|partition| **partition != NONE) {
            work.fetch(*partition, true);
        }
        for place in found {
            let partition = *place;
            let new = |leaf: &u32| !work.was_on(partition, *leaf);
            *place = match partition {
                NONE => NONE,
                _ => place_of(work, partition, new),
            };
        }
    }

    /// A replica that moved, or that stayed on a leaf which lost this one and could give it instead.
    fn stead(&self, work: &Work<'_>, found: &mut [u32]) {
        let mut homes = [NONE; AHEAD];
        for (try_, (found, home)) in (0..).zip(found.iter_mut().zip(&mut homes)) {
            let choice = self.ahead(2 * try_, self.homes.len() + 1);
            if let Some(leaf) = self.homes.get(choice) {
                *home = *leaf;
                // A node that was drained holds none.
                let held = self.holders.of(*leaf);
                let turn = self.ahead(2 * try_ + 1, held.len().max(1));
                *found = held.get(turn).unwrap_or(NONE);
            } else {
                *found = at(&self.moved, self.ahead(2 * try_ + 1, self.moved.len()));
            }
        }
        for (found, home) in found.iter().zip(&homes).filter(|(found, _)| **found != NONE) {
            let place = *home == NONE;
            let partition = if place { *found / work.replicas as u32 } else { *found };
            work.fetch(partition, true);
        }
        for (found, home) in found.iter_mut().zip(homes).filter(|(found, _)| **found != NONE) {
            if home != NONE {
                *found = place_of(work, *found, |leaf| *leaf == home);
            }
        }
    }
}

/// The first place of a row whose leaf is as wanted.
fn place_of(work: &Work<'_>, partition: u32, wanted: impl Fn(&u32) -> bool) -> u32 {
    let place = work.row(partition).iter().position(wanted);
    place.map_or(NONE, |place| (partition as usize * work.replicas + place) as u32)
}
