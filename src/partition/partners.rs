//! The choice of replicas to exchange with, several at once.
//!
//! ```text
//!  the replica of p on x is exchanged with a partner: the replica of another partition q on y
//!
//!  fresh table                    partner: any replica
//!  x holds p newly (it moved)     partner: any replica that moved, or a replica on a leaf that p
//!                                          left: it moves in place of p's
//!  x held p before (it stayed)    partner: the replica that moved of a partition that left x
//! ```

use super::cells::{at, put};
use super::old_rows::PartitionsByLeaf;
use super::pair_counts::PairCounts;
use super::row_kinds::RowKinds;
use super::tree::NONE;
use super::work::Work;
use crate::hash::mix::{reduce, word};
use alloc::vec;
use alloc::vec::Vec;

/// The seed of the numbers.
const SEED: u64 = 0xD15B;

/// Number of partners looked up together.
pub(super) const AHEAD: usize = 8;

/// In place of a leaf: the first new holder of the partition.
const MOVER: u32 = NONE - 1;

/// In place of a leaf: the other number is that of a place.
const MOVED: u32 = NONE - 2;

/// Numbers to draw whose partners are looked up together.
const BLOCK: usize = 16;

/// Stands for "no partner".
pub(super) const NO_PARTNER: (u32, u32) = (NONE, NONE);

/// Pseudo-random numbers, and the lists from which they choose partners.
///
/// A failed try changes nothing, so the partners of the next tries can be looked up together. They
/// are scattered in memory: looked up one by one, each would cost a cache miss of its own.
#[derive(Debug)]
pub(super) struct Partners {
    /// The partitions of each leaf before the first exchange; empty for a fresh table.
    by_leaf: PartitionsByLeaf,
    /// For each leaf, partitions with a new holder that left it; some have returned since.
    left_by_leaf: Vec<Vec<u32>>,
    /// The first new holder of each partition, or `NONE`; empty for a fresh table.
    movers: Vec<u32>,
    /// Places of the replicas that moved; of a fresh table, all that are not pinned.
    pub(super) moved: Vec<u32>,
    /// The old holders that the current partition left.
    old_holders: Vec<u32>,
    fresh: bool,
    /// Numbers drawn so far, which seed the next one.
    draws_made: u64,
    coming: Coming,
}

/// The partners of the coming tries in a fresh table, in two blocks of numbers to draw.
///
/// A number decides its partner whatever happens before it is drawn. So rows and counts are loaded
/// blocks ahead, many of them at once, and a try finds them in the cache.
#[derive(Debug)]
struct Coming {
    /// Partitions and their places, each number's at its remainder.
    partners: [(u32, u32); 2 * BLOCK],
    /// The first block that is not listed.
    next: u64,
}

impl Partners {
    /// Lists the partners in these rows.
    pub(super) fn new(work: &Work<'_>, fresh: bool) -> Self {
        let free = |place: &u32| {
            let (partition, leaf) =
                (work.partition_at(*place as usize), at(&work.rows, *place as usize));
            is_free(work, (partition, leaf), fresh)
        };
        let partitions = if fresh { 0 } else { work.partitions };
        let rows = if fresh { &[][..] } else { &work.rows };
        Self {
            by_leaf: PartitionsByLeaf::new(work.tree.leaves(), rows, work.sizes.stride()),
            left_by_leaf: left_by_leaf(work),
            movers: (0..partitions).map(|partition| mover(work, partition)).collect(),
            moved: (0..work.rows.len() as u32).filter(free).collect(),
            old_holders: Vec::new(),
            fresh,
            draws_made: 0,
            coming: Coming { partners: [NO_PARTNER; 2 * BLOCK], next: 0 },
        }
    }

    /// The next pseudo-random number below `below`.
    pub(super) fn draw(&mut self, below: usize) -> usize {
        let number = self.ahead(0, below);
        self.draws_made += 1;
        number
    }

    /// The number that is drawn after `draws` further ones, without advancing.
    #[inline]
    fn ahead(&self, draws: u64, below: usize) -> usize {
        reduce(word(SEED, self.draws_made + draws + 1), below as u64) as usize
    }

    /// Begins with a replica, and returns how many numbers each try draws: two for a replica that
    /// moved, because the list of partners is drawn too.
    pub(super) fn begin(&mut self, work: &Work<'_>, partition: u32, free: bool) -> u64 {
        if self.fresh || !free {
            return 1;
        }
        let lost = |leaf: &u32| *leaf != NONE && !work.is_on(partition, *leaf);
        self.old_holders.clear();
        self.old_holders.extend(work.old_row(partition).iter().copied().filter(lost));
        2
    }

    /// True if no partition left this leaf.
    #[inline]
    pub(super) fn has_none_left(&self, leaf: u32) -> bool {
        self.left_by_leaf.get(leaf as usize).is_none_or(Vec::is_empty)
    }

    /// Notes that a replica of a partition left a leaf. True if it is the first to leave it.
    pub(super) fn leaves(&mut self, work: &Work<'_>, partition: u32, leaf: u32) -> bool {
        if self.fresh {
            return false;
        }
        put(&mut self.movers, partition as usize, mover(work, partition));
        if !work.was_on(partition, leaf) {
            return false;
        }
        let Some(list) = self.left_by_leaf.get_mut(leaf as usize) else { return false };
        list.push(partition);
        list.len() == 1
    }

    /// Advances past the numbers of a try.
    pub(super) fn tried(&mut self, draws: u64) {
        self.draws_made += draws;
    }

    /// In a changed table, the partners of the next `tries` tries to exchange the replica of a
    /// partition on `leaf`: each is a partition and a leaf that the limits allow in place of `leaf`,
    /// or [`NO_PARTNER`]. See the table at the top of this file.
    pub(super) fn next(
        &self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        free: bool,
        (tries, kinds): (usize, Option<&RowKinds>),
    ) -> [(u32, u32); AHEAD] {
        let mut partners = [NO_PARTNER; AHEAD];
        let found = partners.get_mut(..tries).unwrap_or_default();
        if free {
            self.instead_of_moved(found);
        } else {
            self.left(leaf, found);
        }
        if let Some(kinds) = kinds {
            let seat = kinds.seat(partition, leaf);
            for partner in found.iter_mut() {
                let (other, to) = match *partner {
                    NO_PARTNER => continue,
                    (other, MOVER) => (other, kinds.mover(other)),
                    (place, MOVED) => kinds.replica_at(place),
                    found => found,
                };
                let possible = other != partition && to != NONE && kinds.may(&seat, (other, to));
                *partner = if possible { (other, to) } else { NO_PARTNER };
            }
            if work.is_plain() {
                return partners;
            }
        }
        for partner in found.iter_mut() {
            let (other, to) = match *partner {
                NO_PARTNER => continue,
                (other, MOVER) => (other, at(&self.movers, other as usize)),
                (place, MOVED) => {
                    (work.partition_at(place as usize), at(&work.rows, place as usize))
                }
                found => found,
            };
            let fits = other != partition && to != NONE && work.fits(partition, leaf, to);
            *partner = if fits { (other, to) } else { NO_PARTNER };
        }
        for (other, _) in found.iter().filter(|partner| **partner != NO_PARTNER) {
            work.fetch(*other);
        }
        partners
    }

    /// In a fresh table, the partner of the next try: any replica that is not pinned.
    #[inline]
    pub(super) fn any(&mut self, work: &Work<'_>, pairs: &PairCounts) -> (u32, u32) {
        let block = self.draws_made / BLOCK as u64;
        if self.coming.next < block + 2 {
            self.look_ahead(work, pairs, block);
        }
        let (partition, place) = at(&self.coming.partners, self.draws_made as usize % (2 * BLOCK));
        (partition, at(&work.rows, place as usize))
    }

    /// Lists the partners up to the block after this one. Loads the rows of the listed ones, and the
    /// counts of pairs of this block.
    #[cold]
    fn look_ahead(&mut self, work: &Work<'_>, pairs: &PairCounts, block: u64) {
        // Without pins all places are listed in order, so the list need not be read.
        let all = self.moved.len() == work.rows.len();
        let mut loaded = 0;
        for next in self.coming.next.max(block)..block + 2 {
            let first = next * BLOCK as u64;
            let half = (first as usize) % (2 * BLOCK);
            let half = self.coming.partners.get_mut(half..half + BLOCK).unwrap_or_default();
            for (number, partner) in (first..).zip(half) {
                let index = reduce(word(SEED, number + 1), self.moved.len() as u64) as usize;
                let place = if all { index as u32 } else { at(&self.moved, index) };
                loaded ^= at(&work.rows, place as usize);
                *partner = (work.partition_at(place as usize), place);
            }
        }
        self.coming.next = block + 2;
        let half = (block as usize * BLOCK) % (2 * BLOCK);
        for (partition, place) in self.coming.partners.get(half..half + BLOCK).unwrap_or_default() {
            let leaf = at(&work.rows, *place as usize);
            for other in work.row(*partition) {
                loaded ^= pairs.shared(leaf, *other);
            }
        }
        core::hint::black_box(loaded);
    }

    /// For a replica that stayed: the moved replica of a partition that left this leaf.
    fn left(&self, leaf: u32, found: &mut [(u32, u32)]) {
        let Some(left) = self.left_by_leaf.get(leaf as usize) else { return };
        for (turn, partner) in (0..).zip(found) {
            if let Some(other) = left.get(self.ahead(turn, left.len())) {
                *partner = (*other, MOVER);
            }
        }
    }

    /// For a replica that moved: another one that moved, or a replica on an old holder of this
    /// partition, which can move in place of this one.
    fn instead_of_moved(&self, found: &mut [(u32, u32)]) {
        for (turn, partner) in (0..).zip(found) {
            let choice = self.ahead(2 * turn, self.old_holders.len() + 1);
            let old_holder = self.old_holders.get(choice);
            // A drained node has no partitions.
            let (list, leaf) = match old_holder {
                Some(leaf) => (self.by_leaf.rows_of(*leaf), *leaf),
                None => (&*self.moved, MOVED),
            };
            if let Some(entry) = list.get(self.ahead(2 * turn + 1, list.len().max(1))) {
                *partner = (*entry, leaf);
            }
        }
    }
}

/// The first new holder of a partition, or `NONE`.
fn mover(work: &Work<'_>, partition: u32) -> u32 {
    let new = |leaf: &&u32| !work.was_on(partition, **leaf);
    work.row(partition).iter().find(new).copied().unwrap_or(NONE)
}

/// True for a replica that moved and is not pinned; in a fresh table for all that are not pinned.
#[inline]
pub(super) fn is_free(work: &Work<'_>, (partition, leaf): (u32, u32), fresh: bool) -> bool {
    leaf != NONE
        && !work.constraints.holds(partition, leaf)
        && (fresh || !work.was_on(partition, leaf))
}

/// For each leaf, the partitions with a new holder that left it.
fn left_by_leaf(work: &Work<'_>) -> Vec<Vec<u32>> {
    let mut left_by_leaf = vec![Vec::new(); work.tree.leaves()];
    for partition in 0..work.partitions {
        // A partition that only dropped replicas has none to exchange.
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
