//! Lists of moves: by pair of nodes, one by one, and of single keys.

use super::by::By;
use super::ends::{Ends, Range};
use super::exact::Diff;
use super::parts::{Extent, Flow, Move, PairMoves, fraction};
use super::range_moves::{Joined, RangeMoves};
use crate::hash::KeyHash;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

type Extents<'d> = Box<dyn Iterator<Item = (Extent, Ends)> + 'd>;

impl<'a, N> Diff<'a, N> {
    /// How much moves from each node to each other node, in no particular order. `None` where it is not
    /// known (JumpBack across octaves: the old buckets do not give equally to the new ones).
    ///
    /// # Memory
    /// 80 bytes for each entry of the result. Rings, partition tables and Maglev tables need at most 24
    /// more bytes for each, which are freed as the result fills. For two rings of 160 points per node,
    /// the result has nearly as many entries as there are points if most nodes are new: 15.7 million,
    /// or 1.25 GB, from 4,000 to 104,000 nodes. [`moves`](Self::moves) lists the same movement, with
    /// several moves for a pair, in O(1) to O(points) memory.
    #[must_use]
    pub fn matrix(&self) -> Option<Vec<Flow<'a, N>>> {
        let flow = |ends: Ends, fraction, exact| {
            let (from, to) = self.ends(ends);
            Flow { from, to, fraction, exact }
        };
        let exactly = |(ends, ratio)| flow(ends, fraction(ratio), Some(ratio));
        match &self.by {
            By::Circles => {
                let circles = self.circles()?;
                let (a, b) = self.held_by_circles(&circles);
                let whole = a.max(b).max(1) << 64;
                let matrix = circles.matrix(self.old.members(), self.new.members());
                Some(matrix.map(|(ends, sum)| exactly((ends, (sum, whole)))).collect())
            }
            By::Cuts => {
                let matrix = self.cuts().matrix();
                Some(matrix.map(|(ends, sum)| exactly((ends, (sum, 1 << 64)))).collect())
            }
            By::Lookups => {
                let (matrix, whole) = self.lookups().matrix();
                Some(matrix.map(|(ends, sum)| exactly((ends, (sum, whole)))).collect())
            }
            By::Tables => {
                let tables = self.tables()?;
                let (a, b) = tables.held();
                let whole = a.max(b).max(1 << 64);
                let matrix = tables.matrix();
                Some(matrix.map(|(ends, sum)| exactly((ends, (sum, whole)))).collect())
            }
            By::Numberings(numberings) => Some(numberings.matrix()?.map(exactly).collect()),
            By::Boards(boards) => {
                let matrix = boards.matrix().into_iter();
                Some(matrix.map(|(ends, fraction)| flow(ends, fraction, None)).collect())
            }
            By::Weights(weights) => {
                let matrix = weights.matrix().into_iter();
                Some(matrix.map(|(ends, fraction)| flow(ends, fraction, None)).collect())
            }
        }
    }

    /// The moves one by one: intervals in order of the hashes, with neighbours merged if both their
    /// nodes agree. For other placements, the pairs of nodes between which keys may move.
    ///
    /// Moves are computed lazily; the [table](Self#complexity) gives the time before the first one.
    pub fn moves(&self) -> impl Iterator<Item = Move<'a, N>> {
        self.extents().map(|(extent, ends)| {
            let (from, to) = self.ends(ends);
            Move { extent, from, to }
        })
    }

    /// The moves grouped by pair of nodes. The pairs are in no particular order; the moves of a pair are
    /// in the order of [`moves`](Self::moves). Memory is proportional to the number of moves.
    #[must_use]
    pub fn moves_by_pair(&self) -> Vec<PairMoves<'a, N>> {
        let mut pairs: BTreeMap<Ends, Vec<Extent>> = BTreeMap::new();
        for (extent, ends) in self.extents() {
            pairs.entry(ends).or_default().push(extent);
        }
        let pair = |(ends, extents)| {
            let (from, to) = self.ends(ends);
            PairMoves { from, to, extents }
        };
        pairs.into_iter().map(pair).collect()
    }

    /// The old and the new node of a key that moves; `None` if it stays. With several replicas, this is
    /// the first one that moves; [`moves_of`](Self::moves_of) gives all of them.
    #[must_use]
    pub fn of(&self, key: KeyHash) -> Option<(Option<&'a N>, Option<&'a N>)> {
        self.moves_of(key).first().copied()
    }

    /// The old and the new node of each replica of a key that moves. Takes two lookups.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let old = Locator::ring(["a", "b", "c"])?;
    /// let new = old.without("b")?;
    /// let diff = old.diff_replicas(&new, 2)?;
    /// let key = old.hash("some key");
    /// let moves = diff.moves_of(key);
    /// assert!(moves.iter().all(|(from, to)| *from == Some(&"b") && *to != Some(&"b")));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn moves_of(&self, key: KeyHash) -> Vec<(Option<&'a N>, Option<&'a N>)> {
        let lookups = self.lookups();
        let ends = lookups.ends_of(key);
        ends.into_iter().map(|ends| self.ends(ends)).collect()
    }

    fn extents(&self) -> Extents<'_> {
        fn pairs<'d>(ends: impl Iterator<Item = Ends> + 'd) -> Extents<'d> {
            Box::new(ends.map(|ends| (Extent::Scattered, ends)))
        }
        fn arcs<'d>(moves: impl Iterator<Item = (Range, Ends)> + 'd) -> Extents<'d> {
            Box::new(moves.map(|((first, last), ends)| (Extent::Hashes { first, last }, ends)))
        }
        match &self.by {
            By::Circles => {
                let (before, after) = (self.old.members(), self.new.members());
                let moves = |circles| RangeMoves::new(&circles, before, after);
                arcs(self.circles().map(moves).into_iter().flatten())
            }
            By::Cuts => arcs(Joined::new(self.cuts().moves())),
            By::Lookups => arcs(self.lookups().joined()),
            By::Tables => {
                let Some(tables) = self.tables() else { return pairs(core::iter::empty()) };
                let same = tables.old.partitions == tables.new.partitions;
                let moves = tables.moves();
                if same {
                    let extent = |p: Option<u32>| p.map_or(Extent::Scattered, Extent::Partition);
                    Box::new(moves.map(move |(_, p, ends)| (extent(p), ends)))
                } else {
                    arcs(Joined::new(moves.map(|(range, _, ends)| (range, ends))))
                }
            }
            By::Numberings(numberings) => pairs(numberings.pairs()),
            By::Boards(boards) => pairs(boards.pairs()),
            By::Weights(weights) => pairs(weights.pairs()),
        }
    }

    fn ends(&self, (from, to): Ends) -> (Option<&'a N>, Option<&'a N>) {
        let (old, new) = (self.old.topology, self.new.topology);
        (self.union.older(from, old, new), self.union.newer(to, old, new))
    }
}
