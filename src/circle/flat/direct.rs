//! Circles of few points: a table that leads to the point of most hashes in one read.
//!
//! ```text
//!  hash · parts =  [ part | rest ]                 the two halves of a product
//!                      |      | highest 8 bits
//!  entries   ...  | cut, many, start | ...         four parts for each point
//!                    8     1    23  bits           start: first point at or after the part's
//!                                  \                     beginning
//!  points    ...                  | p | p | ...
//!  owners    ...                  | o | o | ...    after the last one, the first follows again
//!
//!  no point in the part:   all hashes belong to `start`, and the cut is the highest
//!  one point:              hashes up to it belong to `start`, those behind it to the next one
//!  several:                `many`, which no owner has an index for: the points up to the next entry's
//!                          start are searched
//! ```
//!
//! A rest with the bits of the cut is not decided either. Together that is three hashes of a hundred.

use crate::circle::sort::split;
use crate::node::NodeIdx;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Circles with more points have no table, which would not stay in a cache: 64 KiB at most.
const POINTS_MAX: usize = 4096;

/// Parts for each point. With four, one in forty has several points.
const PER_POINT: usize = 4;

/// Entries written at once.
const RUN: usize = 8;

/// Points compared at once where an entry does not decide.
const FEW: usize = 4;

const CUT_SHIFT: u32 = 24;

const CUT_MAX: u32 = u8::MAX as u32;

const MANY: u32 = 1 << 23;

const START_MASK: u32 = MANY - 1;

const INDEX_MASK: u32 = MANY | START_MASK;

/// The table. Empty for circles that have none.
#[derive(Debug, Default)]
pub(super) struct Direct {
    entries: Vec<u32>,
    /// Those of the words too, but of one width, which a lookup need not ask for.
    owners: Vec<u16>,
}

impl Direct {
    /// The table of points in their order; `None` for no points, for many, and for slots beyond 16
    /// bits.
    pub(super) fn new(points: &[u64], owners: &[NodeIdx]) -> Option<Self> {
        let highest = owners.iter().max()?.get();
        if points.len() > POINTS_MAX || highest > u32::from(u16::MAX) {
            return None;
        }
        let parts = PER_POINT * points.len();
        let mut entries = vec![0; parts + RUN];
        let mut done = 0;
        for (number, point) in (0..).zip(points) {
            let (at, rest) = split(*point, parts);
            // A selection instead of a branch. Of a second point in one part, nothing is left to fill,
            // and the next point writes over what is filled.
            let first = at >= done;
            fill(&mut entries, done..at, entry(CUT_MAX, number));
            done = at + 1;
            if let Some(place) = entries.get_mut(at) {
                *place = if first { entry(cut_of(rest), number) } else { *place | MANY };
            }
        }
        fill(&mut entries, done..parts, entry(CUT_MAX, points.len() as u32));
        entries.truncate(parts);
        let around = owners.iter().chain(owners.first());
        Some(Self { entries, owners: around.map(|owner| owner.get() as u16).collect() })
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The index of the first point at or after a hash, if one entry tells.
    #[inline]
    pub(super) fn position(&self, hash: u64) -> Option<usize> {
        self.index(hash).filter(|at| *at < MANY as usize)
    }

    /// Its owner, around the circle.
    #[inline]
    pub(super) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        // Behind many points there is no owner.
        let owner = *self.owners.get(self.index(hash)?)?;
        Some(NodeIdx::new(owner.into()))
    }

    #[inline]
    fn index(&self, hash: u64) -> Option<usize> {
        let (at, rest) = split(hash, self.entries.len());
        let entry = *self.entries.get(at)?;
        let (cut, rest) = (entry >> CUT_SHIFT, cut_of(rest));
        (rest != cut).then_some(((entry & INDEX_MASK) + u32::from(rest > cut)) as usize)
    }

    /// The index of the first point at or after a hash.
    pub(super) fn searched(&self, points: &[u64], hash: u64) -> usize {
        let (at, _) = split(hash, self.entries.len());
        let start =
            |at| self.entries.get(at).map_or(points.len(), |entry| (entry & START_MASK) as usize);
        let from = start(at);
        // A few comparisons without a branch, which are mostly enough.
        if let Some(window) = points.get(from..).and_then(|rest| rest.first_chunk::<FEW>()) {
            let below = window.map(|point| usize::from(point < hash)).iter().sum::<usize>();
            if below < FEW {
                return from + below;
            }
        }
        let here = points.get(from..start(at + 1)).unwrap_or_default();
        from + here.partition_point(|point| *point < hash)
    }
}

/// Writes an entry to all of a range and to some behind it: mostly one run, of always the same length.
#[inline]
fn fill(entries: &mut [u32], range: Range<usize>, entry: u32) {
    let mut from = range.start;
    loop {
        if let Some(run) = entries.get_mut(from..).and_then(|rest| rest.first_chunk_mut()) {
            *run = [entry; RUN];
        }
        from += RUN;
        if from >= range.end {
            break;
        }
    }
}

/// The highest bits of a rest.
#[inline]
fn cut_of(rest: u64) -> u32 {
    (rest >> 56) as u32
}

fn entry(cut: u32, start: u32) -> u32 {
    cut << CUT_SHIFT | start
}

#[cfg(test)]
mod tests {
    use super::{Direct, POINTS_MAX};
    use crate::circle::flat::Flat;
    use crate::circle::rule::Rule;
    use crate::hash::mix::mix;
    use crate::node::NodeIdx;
    use alloc::collections::BTreeSet;
    use alloc::vec;
    use alloc::vec::Vec;

    fn sorted(points: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut points: Vec<u64> = points.collect();
        points.sort_unstable();
        points
    }

    /// Points that are as good as random, near each other, equal, in two places, at the ends, and few.
    fn circles() -> Vec<Vec<u64>> {
        let mut circles = vec![vec![0], vec![u64::MAX], vec![0, u64::MAX], vec![1 << 63; 300]];
        for len in [1, 2, 3, 10, 100, 1600, POINTS_MAX as u64 - 1, POINTS_MAX as u64] {
            circles.push(sorted((0..len).map(mix)));
            circles.push(sorted((0..len).map(|i| mix(i) >> 40)));
            circles.push(sorted((0..len).map(|i| mix(i) | 0xFFFF << 48)));
            circles.push(sorted((0..len).map(|i| mix(i % 7) & !0xFFFF_FFFF)));
            circles.push(sorted((0..len).map(|i| i * (u64::MAX / len))));
            circles.push(sorted((0..len).map(|i| mix(i) >> 1 | (i % 2) << 63)));
        }
        circles
    }

    #[test]
    fn the_table_answers_as_the_index() {
        for points in circles() {
            let len = points.len() as u64;
            let slot = |i: u64| mix(i) % (len / 160 + 1) * (1 + mix(len) % 2 * 120);
            let owners: Vec<NodeIdx> = (0..len).map(|i| NodeIdx::new(slot(i) as u32)).collect();
            let table = Flat::from_sorted(points.clone(), &owners);
            let index = Flat::indexed(points.clone(), &owners);
            assert!(!table.direct.is_empty() && index.direct.is_empty());
            let distinct = owners.iter().collect::<BTreeSet<_>>().len().min(3);
            let near = points.iter().flat_map(|p| [p.wrapping_sub(1), *p, p.wrapping_add(1)]);
            let random = (0..5000).map(|i| mix(i ^ 1 << 50));
            for hash in near.chain(random).chain([0, u64::MAX]) {
                let first = points.partition_point(|point| *point < hash);
                assert_eq!(table.position(hash), first, "{hash} of {len}");
                assert_eq!(index.position(hash), first, "{hash} of {len}");
                let (mut a, mut b) = ([NodeIdx::default(); 3], [NodeIdx::default(); 3]);
                for (circle, out) in [(&table, &mut a), (&index, &mut b)] {
                    assert_eq!(circle.owner(hash), owners.get(first).or(owners.first()).copied());
                    let out = &mut out[..distinct];
                    assert_eq!(
                        circle.replicas(Rule::FirstAtOrAfter, hash, 2_000_000, out),
                        distinct
                    );
                }
                assert_eq!(a, b, "{hash} of {len}");
            }
        }
    }

    #[test]
    fn one_entry_decides_nearly_all_hashes() {
        let points = sorted((0..1600).map(mix));
        let owners: Vec<NodeIdx> = (0..1600).map(|i| NodeIdx::new(i % 10)).collect();
        let table = Direct::new(&points, &owners).unwrap();
        let hashes = || (0..100_000).map(|i| mix(i ^ 1 << 40));
        let decided = hashes().filter(|hash| table.position(*hash).is_some()).count();
        assert!(decided > 96_000, "{decided} of 100000");
    }

    #[test]
    fn what_does_not_fit_has_no_table() {
        let none = |points: usize, slot| {
            Direct::new(&vec![7; points], &vec![NodeIdx::new(slot); points]).is_none()
        };
        assert!(none(0, 0) && none(POINTS_MAX + 1, 0) && none(1, 1 << 16));
        assert!(!none(POINTS_MAX, (1 << 16) - 1));
    }
}
