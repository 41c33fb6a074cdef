//! Rows told apart by kind, where there are few leaves: most exchanges are ruled out without reading a row.
//!
//! ```text
//!  partition     0   1   2   3   4   5          12 leaves, 262,144 partitions, some hundreds of kinds
//!  kind          0   1   0   2   1   1
//!
//!  kind 1        row a d g   old row {a d h}   moved 1   first new holder g
//! ```
//!
//! A kind has what decides whether two partitions can exchange replicas. Sets of leaves are bits, so a
//! check takes a few instructions, and the numbers of all rows' kinds stay in the cache where the rows
//! would not.

use super::cells::{at, put};
use super::pair_counts::Mixer;
use super::tree::NONE;
use super::work::Work;
use crate::hash::mix::mul_high;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::BuildHasherDefault;
use hashbrown::HashMap;

/// Maximum number of leaves: a bit for each.
const LEAVES_MAX: usize = 64;

/// Maximum number of replicas of a partition: a byte of a word for each.
const PLACES_MAX: usize = 8;

/// What decides whether a row can exchange a replica.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Kind {
    row: u64,
    old: u64,
    /// The holders in order, a byte for each.
    places: u64,
    /// Replicas that moved.
    moved: u8,
    /// The first holder that is new; `u8::MAX` for none.
    mover: u8,
}

/// The kind of each row.
#[derive(Debug)]
pub(super) struct RowKinds {
    of: Vec<u16>,
    kinds: Vec<Kind>,
    /// The holders of each kind, `stride` entries for each.
    rows: Vec<u32>,
    stride: usize,
    /// 2^64 / stride, rounded up: multiplying by it divides a place by the stride.
    inverse: u64,
    numbers: HashMap<Kind, u16, BuildHasherDefault<Mixer>>,
    /// For each limit its cap and, for each leaf, the leaves of the same domain.
    limits: Vec<(u32, Vec<u64>)>,
}

/// A replica that may be exchanged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seat {
    leaf: u32,
    /// The leaves that the limits allow in place of this one.
    takes: u64,
    old: u64,
    moved: u8,
}

impl Seat {
    /// The leaves that the limits allow in place of this one, as bits.
    pub(super) fn takes(&self) -> u64 {
        self.takes
    }
}

#[inline]
fn bit(leaf: u32) -> u64 {
    1_u64.checked_shl(leaf).unwrap_or(0)
}

fn set(row: &[u32]) -> u64 {
    row.iter().fold(0, |set, leaf| set | bit(*leaf))
}

fn leaf_of(byte: u8) -> u32 {
    if byte == u8::MAX { NONE } else { byte.into() }
}

impl Kind {
    fn of(work: &Work<'_>, partition: u32) -> Self {
        let row = work.row(partition);
        let new = row.iter().find(|leaf| !work.was_on(partition, **leaf));
        Self {
            row: set(row),
            old: set(work.old_row(partition)),
            places: row.iter().rev().fold(0, |places, leaf| places << 8 | u64::from(*leaf as u8)),
            moved: work.moved(partition) as u8,
            mover: new.map_or(u8::MAX, |leaf| *leaf as u8),
        }
    }

    /// 1 if this leaf holds a replica only since the change.
    #[inline]
    fn is_new(old: u64, leaf: u32) -> i32 {
        i32::from(old & bit(leaf) == 0)
    }
}

impl RowKinds {
    /// The kinds of all rows; `None` if there are too many leaves or kinds. O(places).
    pub(super) fn new(work: &Work<'_>) -> Option<Self> {
        let (tree, leaves) = (work.tree, work.tree.leaves());
        let stride = work.sizes.stride();
        if leaves > LEAVES_MAX || !work.sizes.is_uniform() || !(2..=PLACES_MAX).contains(&stride) {
            return None;
        }
        let near = |level: usize, leaf: u32| {
            let domain = tree.domain(leaf, level);
            let near = (0..leaves as u32).filter(|other| tree.domain(*other, level) == domain);
            near.fold(0, |set, other| set | bit(other))
        };
        let limit = |(level, cap): &(usize, u32)| {
            (*cap, (0..leaves as u32).map(|leaf| near(*level, leaf)).collect())
        };
        let mut kinds = Self {
            of: vec![0; work.partitions as usize],
            kinds: Vec::new(),
            rows: Vec::new(),
            stride,
            inverse: u64::MAX / stride as u64 + 1,
            numbers: HashMap::default(),
            limits: tree.limits.iter().map(limit).collect(),
        };
        (0..work.partitions).all(|partition| kinds.update(work, partition)).then_some(kinds)
    }

    /// Renews the kind of a row that changed. False if there are too many kinds.
    #[must_use]
    pub(super) fn update(&mut self, work: &Work<'_>, partition: u32) -> bool {
        crate::steps::count(1);
        let kind = Kind::of(work, partition);
        let next = self.kinds.len();
        let number = *self.numbers.entry(kind).or_insert(next as u16);
        if usize::from(number) == next {
            self.kinds.push(kind);
            self.rows.extend_from_slice(work.row(partition));
        }
        put(&mut self.of, partition as usize, number);
        next < usize::from(u16::MAX)
    }

    #[inline]
    fn kind(&self, partition: u32) -> &Kind {
        const NO_KIND: &Kind = &Kind { row: 0, old: 0, places: 0, moved: 0, mover: u8::MAX };
        self.kinds.get(self.number(partition)).unwrap_or(NO_KIND)
    }

    /// The number of a row's kind, below [`len`](Self::len).
    #[inline]
    pub(super) fn number(&self, partition: u32) -> usize {
        at(&self.of, partition as usize).into()
    }

    /// The number of kinds.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// True if a partition has a replica on this leaf.
    #[inline]
    pub(super) fn is_on(&self, partition: u32, leaf: u32) -> bool {
        self.kind(partition).row & bit(leaf) != 0
    }

    /// The first holder that is new, or `NONE`.
    #[inline]
    pub(super) fn mover(&self, partition: u32) -> u32 {
        leaf_of(self.kind(partition).mover)
    }

    /// The first holder.
    #[inline]
    pub(super) fn leader(&self, partition: u32) -> u32 {
        (self.kind(partition).places as u8).into()
    }

    /// True if the leader is a new holder.
    #[inline]
    pub(super) fn has_new_leader(&self, partition: u32) -> bool {
        let kind = self.kind(partition);
        kind.old & bit((kind.places as u8).into()) == 0
    }

    /// The first of the new holders after the leader that is one of these.
    #[inline]
    pub(super) fn new_follower(&self, partition: u32, wanted: u64) -> Option<u32> {
        let kind = self.kind(partition);
        let wanted = kind.row & !kind.old & wanted;
        let places = if wanted == 0 { 0 } else { self.stride };
        let holder = |i: usize| (kind.places >> (8 * i)) as u32 & 0xFF;
        (1..places).map(holder).find(|leaf| wanted & bit(*leaf) != 0)
    }

    /// The partition of a place, and the leaf there.
    #[inline]
    pub(super) fn replica_at(&self, place: u32) -> (u32, u32) {
        let partition = mul_high(self.inverse, place.into()) as u32;
        let i = place - partition * self.stride as u32;
        (partition, (self.kind(partition).places >> (8 * i)) as u32 & 0xFF)
    }

    /// The holders of a partition.
    #[inline]
    pub(super) fn row(&self, partition: u32) -> &[u32] {
        let first = self.number(partition) * self.stride;
        self.rows.get(first..first + self.stride).unwrap_or_default()
    }

    /// The replica of a partition on a leaf.
    pub(super) fn seat(&self, partition: u32, leaf: u32) -> Seat {
        self.seat_of(self.kind(partition), leaf)
    }

    fn seat_of(&self, kind: &Kind, leaf: u32) -> Seat {
        let mut refused = kind.row;
        for (cap, near) in &self.limits {
            let mut others = kind.row & !bit(leaf);
            while others != 0 {
                let domain = at(near, others.trailing_zeros() as usize);
                let full = (kind.row & !bit(leaf) & domain).count_ones() >= *cap;
                refused |= if full { domain } else { 0 };
                others &= !domain;
            }
        }
        Seat { leaf, takes: !refused, old: kind.old, moved: kind.moved }
    }

    /// True unless the limits or moves rule out that a replica is exchanged with the one of another
    /// partition on `leaf`.
    #[inline]
    pub(super) fn may(&self, seat: &Seat, (partition, leaf): (u32, u32)) -> bool {
        self.may_with(seat, self.kind(partition), leaf)
    }

    #[inline]
    fn may_with(&self, seat: &Seat, kind: &Kind, leaf: u32) -> bool {
        if seat.takes & kind.row & bit(leaf) == 0 || kind.row & bit(seat.leaf) != 0 {
            return false;
        }
        let others = kind.row & !bit(leaf);
        let admits = |(cap, near): &(u32, Vec<u64>)| {
            (others & at(near, seat.leaf as usize)).count_ones() < *cap
        };
        if !self.limits.iter().all(admits) {
            return false;
        }
        let to_p = Kind::is_new(seat.old, leaf) - Kind::is_new(seat.old, seat.leaf);
        let to_q = Kind::is_new(kind.old, seat.leaf) - Kind::is_new(kind.old, leaf);
        let twice = |moved: u8, more: i32| i32::from(i32::from(moved) + more >= 2);
        let before = twice(seat.moved, 0) + twice(kind.moved, 0);
        to_p + to_q <= 0 && twice(seat.moved, to_p) + twice(kind.moved, to_q) <= before
    }

    /// True if it is found in at most so many steps that `lowers` is true for no two rows which can
    /// exchange the replicas on two leaves.
    pub(super) fn none_lowers(
        &self,
        steps_max: usize,
        lowers: impl Fn((&[u32], u32), (&[u32], u32)) -> bool,
    ) -> bool {
        let unordered = |kind: &Kind| (kind.row, kind.old, kind.moved, kind.mover);
        let mut kinds: Vec<&Kind> = self.kinds.iter().collect();
        kinds.sort_unstable_by_key(|kind| unordered(kind));
        kinds.dedup_by_key(|kind| unordered(kind));
        if (kinds.len() * self.stride).saturating_pow(2) > steps_max {
            return false;
        }
        let rows: Vec<(&Kind, Vec<u32>)> = kinds.iter().map(|k| (*k, list(k.row))).collect();
        rows.iter().all(|(p, row)| {
            row.iter().all(|x| {
                let seat = self.seat_of(p, *x);
                rows.iter().all(|(q, other)| {
                    let may = |y: &&u32| self.may_with(&seat, q, **y);
                    crate::steps::count(other.len() as u64);
                    !other.iter().filter(may).any(|y| lowers((row, *x), (other, *y)))
                })
            })
        })
    }
}

/// The leaves of a set.
fn list(set: u64) -> Vec<u32> {
    (0..LEAVES_MAX as u32).filter(|leaf| set & bit(*leaf) != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::RowKinds;
    use crate::hash::mix::{reduce, word};
    use crate::partition::TableConfig;
    use crate::partition::work::Work;
    use crate::{Node, Planner, Topology};
    use alloc::format;

    /// Without pins and other rules, what is not ruled out is allowed.
    #[test]
    fn kinds_decide_as_the_rows_do() {
        let mut allowed = 0;
        for (seed, (zones, racks, cap)) in (0..).zip([(4, 2, 1), (0, 0, 1), (3, 4, 2), (2, 5, 2)]) {
            let nodes = |stream: u64| {
                let node = |id: u64| {
                    let node = Node::new(id).weight(1 + word(stream, id) % 10);
                    match zones {
                        0 => node,
                        _ => node
                            .domain("zone", &format!("z{}", id % zones))
                            .domain("rack", &format!("r{}", id / zones % racks)),
                    }
                };
                Topology::of((0..12).map(node)).unwrap()
            };
            let (a, b) = (nodes(seed), nodes(seed + 100));
            let config = TableConfig::new(200, 3);
            let config = if zones > 0 { config.max_per_domain("zone", cap) } else { config };
            let config = if cap > 1 { config.max_per_domain("rack", 1) } else { config };
            let old = Planner::new(a.members(), &config).unwrap().fresh().unwrap().into_table();
            let planner = Planner::new(b.members(), &config).unwrap();
            let plan = planner.rebalance(&old, a.members()).unwrap();
            let problem = &planner.problem;
            let (tree, none) = (&problem.tree, &problem.constraints);
            let before = problem.rows_of(&old, a.members()).unwrap();
            let mut work = Work::new(tree, none, 200, &problem.sizes, before);
            work.adopt(problem.leaves_of(plan.table()).unwrap());
            let mut kinds = RowKinds::new(&work).unwrap();
            for turn in 0..20_000 {
                let draw = |stream, below| reduce(word(turn, stream), below) as u32;
                let (p, q) = (draw(1, 200), draw(2, 200));
                let (x, y) = (work.row(p)[draw(3, 3) as usize], draw(4, 12));
                if p == q {
                    continue;
                }
                let may = kinds.may(&kinds.seat(p, x), (q, y));
                let allows = work.is_on(q, y)
                    && work.fits(p, x, y)
                    && work.fits(q, y, x)
                    && work.may_exchange((p, x), (q, y));
                assert_eq!(may, allows, "{:?} {x} {:?} {y}", work.row(p), work.row(q));
                if allows && turn % 3 == 0 {
                    work.put(p, x, y);
                    work.put(q, y, x);
                    assert!(kinds.update(&work, p) && kinds.update(&work, q));
                }
                allowed += u32::from(allows);
            }
        }
        assert!(allowed > 500, "{allowed}");
    }
}
