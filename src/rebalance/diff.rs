//! The exact difference of two locators.

use super::boards::Boards;
use super::compare::{Compare, Comparison};
use super::numberings::Numberings;
use super::partitions::Partitions;
use super::parts::{Move, Part, Ratio, Transfer, excess, fraction};
use super::range_moves::{Joined, RangeMoves};
use super::rings::{Ends, Range, Rings};
use super::tables::Tables;
use super::union::Union;
use super::weights::Weights;
use crate::error::{CompareFault, Error};
use crate::hash::Portable;
use crate::locator::Locator;
use crate::maglev::Maglev;
use crate::partition::PartitionTable;
use crate::ring::{Circle, SideBySide};
use crate::topology::Topology;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What moves between two locators, over *all* keys: exactly, without looking at one.
///
/// Nothing is computed before it is asked for, but for the arcs of two rings whose rules are not the
/// same or that go by the nearest point. A move is one replica that changes its holder;
/// nodes are compared by label, a change of order among the holders is none. Fractions are of all
/// replicas.
///
/// | | one replica | more replicas |
/// |---|---|---|
/// | rings | exact intervals, matrix | the same |
/// | rings by nearest point, or under two rules | exact intervals, matrix | – |
/// | partition tables | exact partitions, or intervals of two sizes; matrix | the same |
/// | Maglev | exact intervals, matrix | – |
/// | jump hash | exact fraction and matrix | – |
/// | JumpBack | exact fraction; matrix within an octave | – |
/// | JumpBackAnchor | exact fraction and matrix after removals only, or without any | – |
/// | Asura | closed form, relative error below 1e-12 | – |
/// | rendezvous | closed form, relative error below n · 1e-15 | – |
///
/// # Complexity
/// For n nodes on both sides together and R replicas. Starting a diff costs O(n), for nodes that
/// were listed in another order O(n log n); of rings by nearest point O(points), of Asura O(slots).
///
/// | | `moved`, `least` | `matrix` | before the first of `moves` | all of `moves` | memory of `moves` |
/// |---|---|---|---|---|---|
/// | rings | O(points · R²) | the same | O(points) | O(points · R²) | O(points) |
/// | native rings, one replica, all changes to more points or all to fewer | O(n + p log p), p the points of the nodes that changed | the same | the same | the same | O(p) |
/// | partition tables | O(partitions · R²) | the same | O(R²) | O(partitions · R²) | O(R) |
/// | Maglev | O(entries) | the same | O(1) | O(entries) | O(1) |
/// | jump hash, JumpBack, FlipHash, JumpBackAnchor | O(n log n) | O(n·m) from n to m nodes | O(n) | O(n·m) | O(1) |
/// | Asura | O(n) | O(n · nodes that changed) | O(n) | O(n · nodes that changed) | O(1) |
/// | rendezvous | O(n log n) | O(n²) | O(n log n) | O(n log n + moves) | O(n) |
///
/// ```
/// use apportion::{Locator, Part};
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let bigger = ring.with("d")?;
/// let diff = ring.diff(&bigger)?;
/// assert!(diff.moves().all(|m| m.to == Some(&"d")));
/// assert_eq!(diff.excess(), Some(0.0)); // not a key more than the new shares ask for
/// let Some(Part::Arc { first, last }) = diff.moves().next().map(|m| m.part) else { panic!() };
/// assert!(first <= last);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Debug)]
pub struct Diff<'a, N> {
    old: &'a Topology<N>,
    new: &'a Topology<N>,
    union: Union,
    replicas: usize,
    by: By<'a>,
}

#[derive(Debug)]
enum By<'a> {
    Rings(SideBySide),
    Tables(&'a Maglev, &'a Maglev),
    Partitions(&'a PartitionTable, &'a PartitionTable),
    Numberings(Numberings),
    Boards(Boards),
    Weights(Weights),
}

impl<'a, N> Diff<'a, N> {
    pub(super) fn new<P: Compare<Q>, Q, H: Portable>(
        old: &'a Locator<N, P, H>,
        new: &'a Locator<N, Q, H>,
        replicas: usize,
    ) -> Result<Self, Error> {
        let ids = (old.hasher().id(), new.hasher().id());
        if ids.0 != ids.1 {
            return Err(CompareFault::OtherHasher { old: ids.0, new: ids.1 }.into());
        }
        let comparison = old.placement().compare(new.placement())?;
        let (old, new) = (old.topology(), new.topology());
        let union = Union::new(old.members(), new.members());
        let one_replica = |algorithm| match replicas {
            1 => Ok(()),
            _ => Err(CompareFault::OneReplicaOnly { algorithm, replicas }),
        };
        let by = match comparison {
            Comparison::Rings(rings) => {
                if let Some(algorithm) = rings.only_owners {
                    one_replica(algorithm)?;
                }
                By::Rings(rings)
            }
            Comparison::Tables(a, b) => {
                one_replica("maglev")?;
                By::Tables(a, b)
            }
            Comparison::Partitions(a, b) => By::Partitions(a, b),
            Comparison::Boards(a, b) => {
                one_replica("asura")?;
                let boards = Boards::new(a, b, &union);
                By::Boards(boards.ok_or(CompareFault::Fallback)?)
            }
            Comparison::Numberings { algorithm, old, new, even } => {
                one_replica(algorithm)?;
                By::Numberings(Numberings::new(&old, &new, &union, even))
            }
            Comparison::Weights { algorithm } => {
                one_replica(algorithm)?;
                By::Weights(Weights::new(&union, old.members(), new.members()))
            }
        };
        Ok(Self { old, new, union, replicas, by })
    }

    /// Replicas of a key on both sides.
    #[must_use]
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    fn rings(&self) -> Option<Rings<'_>> {
        let By::Rings(SideBySide { old, new, .. }) = &self.by else { return None };
        Some(Rings { old, new, union: &self.union, replicas: self.replicas })
    }

    fn tables(&self, old: &'a Maglev, new: &'a Maglev) -> Tables<'_> {
        Tables { old, new, union: &self.union }
    }

    fn partitions(&self, old: &'a PartitionTable, new: &'a PartitionTable) -> Partitions<'_> {
        Partitions { old, new, union: &self.union, replicas: self.replicas }
    }

    /// Replicas a key has before and after, by rings: fewer than asked for where fewer nodes are
    /// live.
    fn held_by_rings(&self, rings: &Rings<'_>) -> (u128, u128) {
        let held = |ring: &Circle| self.replicas.min(ring.live()) as u128;
        (held(rings.old), held(rings.new))
    }

    /// What moves, exactly; `None` where no ratio of integers is kept (rendezvous, Asura), or not known
    /// (JumpBack between numberings that were made apart).
    #[must_use]
    pub fn moved(&self) -> Option<Ratio> {
        match &self.by {
            By::Rings(..) => {
                let rings = self.rings()?;
                let (a, b) = self.held_by_rings(&rings);
                let moved = rings.moved(self.old.members(), self.new.members());
                Some((moved, a.max(b).max(1) << 64))
            }
            By::Tables(old, new) => Some((self.tables(old, new).moved(), 1 << 64)),
            By::Partitions(old, new) => {
                let partitions = self.partitions(old, new);
                let (a, b) = partitions.held();
                Some((partitions.moved(), a.max(b).max(1) << 64))
            }
            By::Numberings(numberings) => numberings.moved(),
            By::Boards(_) | By::Weights(_) => None,
        }
    }

    /// What moves, as a fraction; `None` where it is not known (JumpBack between numberings that
    /// were made apart).
    #[must_use]
    pub fn moved_fraction(&self) -> Option<f64> {
        match &self.by {
            By::Boards(boards) => Some(boards.moved()),
            By::Weights(weights) => Some(weights.moved()),
            _ => self.moved().map(fraction),
        }
    }

    /// The least that leads from the shares before to the shares after, exactly: Σ max(0, share
    /// after − share before); where nobody is left, everything. `None` where it is no ratio of
    /// integers.
    #[must_use]
    pub fn least(&self) -> Option<Ratio> {
        match &self.by {
            By::Rings(..) => {
                let rings = self.rings()?;
                let (a, b) = self.held_by_rings(&rings);
                if a == b && rings.one_way(self.old.members(), self.new.members()) {
                    return self.moved();
                }
                if a == 0 || b == 0 {
                    return Some((a.max(b).min(1), 1));
                }
                let gained = |(x, y): (u128, u128)| (y * a).saturating_sub(x * b);
                let sum: u128 = rings.held().into_iter().map(gained).sum();
                // Both replicas' counts are below 2^20.
                Some(if a == b { (sum / a, a << 64) } else { (sum, (a * b) << 64) })
            }
            By::Tables(old, new) => Some(self.tables(old, new).least()),
            By::Partitions(old, new) => Some(self.partitions(old, new).least()),
            By::Numberings(numberings) => Some(numberings.least()),
            By::Boards(_) | By::Weights(_) => None,
        }
    }

    /// [`least`](Self::least) as a fraction, which is known for every placement.
    #[must_use]
    pub fn least_fraction(&self) -> f64 {
        match &self.by {
            By::Boards(boards) => boards.least(),
            By::Weights(weights) => weights.gained(),
            _ => self.least().map_or(0.0, fraction),
        }
    }

    /// What a scheme with exact shares would have to move: ½ Σ |weight share after − weight share
    /// before|.
    #[must_use]
    pub fn ideal(&self) -> f64 {
        if let By::Weights(weights) = &self.by {
            return weights.gained();
        }
        Weights::new(&self.union, self.old.members(), self.new.members()).gained()
    }

    /// How much more moves than has to: moved / least − 1. 0 if nothing moves and nothing has to;
    /// `None` if something moves and nothing has to, or it is not known.
    ///
    /// Where [`moved`](Self::moved) is a ratio of integers, the difference is taken between
    /// integers. Elsewhere it is off by n units of the last place of 1 at most, and never below 0.
    #[must_use]
    pub fn excess(&self) -> Option<f64> {
        if let (Some(moved), Some(least)) = (self.moved(), self.least()) {
            return excess(moved, least);
        }
        let (moved, least) = (self.moved_fraction()?, self.least_fraction());
        if moved == 0.0 && least == 0.0 {
            return Some(0.0);
        }
        // By these formulas never less moves than has to.
        (least > 0.0).then(|| ((moved - least) / least).max(0.0))
    }

    /// How much goes from which node to which, in no particular order; `None` where it is not
    /// known (JumpBack across octaves: the old buckets do not give alike to the new ones).
    #[must_use]
    pub fn matrix(&self) -> Option<Vec<Transfer<'a, N>>> {
        let transfer = |ends: Ends, fraction, exact| {
            let (from, to) = self.ends(ends);
            Transfer { from, to, fraction, exact }
        };
        let exactly = |(ends, ratio)| transfer(ends, fraction(ratio), Some(ratio));
        match &self.by {
            By::Rings(..) => {
                let rings = self.rings()?;
                let (a, b) = self.held_by_rings(&rings);
                let whole = a.max(b).max(1) << 64;
                let matrix = rings.matrix(self.old.members(), self.new.members());
                Some(matrix.into_iter().map(|(ends, sum)| exactly((ends, (sum, whole)))).collect())
            }
            By::Tables(old, new) => {
                let matrix = self.tables(old, new).matrix();
                Some(
                    matrix.into_iter().map(|(ends, sum)| exactly((ends, (sum, 1 << 64)))).collect(),
                )
            }
            By::Partitions(old, new) => {
                let partitions = self.partitions(old, new);
                let (a, b) = partitions.held();
                let whole = a.max(b).max(1) << 64;
                let matrix = partitions.matrix().into_iter();
                Some(matrix.map(|(ends, sum)| exactly((ends, (sum, whole)))).collect())
            }
            By::Numberings(numberings) => Some(numberings.matrix()?.map(exactly).collect()),
            By::Boards(boards) => {
                let matrix = boards.matrix().into_iter();
                Some(matrix.map(|(ends, fraction)| transfer(ends, fraction, None)).collect())
            }
            By::Weights(weights) => {
                let matrix = weights.matrix().into_iter();
                Some(matrix.map(|(ends, fraction)| transfer(ends, fraction, None)).collect())
            }
        }
    }

    /// The moves one by one: intervals in order of the hashes, neighbours with the same ends
    /// joined; for other placements the pairs of nodes between which keys may move.
    ///
    /// Moves are found as they are asked for: see the [table](Self#complexity) for what comes before
    /// the first one.
    pub fn moves(&self) -> impl Iterator<Item = Move<'a, N>> {
        type Parts<'d> = Box<dyn Iterator<Item = (Part, Ends)> + 'd>;
        fn pairs<'d>(ends: impl Iterator<Item = Ends> + 'd) -> Parts<'d> {
            Box::new(ends.map(|ends| (Part::Pair, ends)))
        }
        fn arcs<'d>(moves: impl Iterator<Item = (Range, Ends)> + 'd) -> Parts<'d> {
            Box::new(moves.map(|((first, last), ends)| (Part::Arc { first, last }, ends)))
        }
        let parts = match &self.by {
            By::Rings(..) => {
                let (before, after) = (self.old.members(), self.new.members());
                let moves = self.rings().map(|rings| RangeMoves::new(&rings, before, after));
                arcs(moves.into_iter().flatten())
            }
            By::Tables(old, new) => arcs(Joined::new(self.tables(old, new).moves())),
            By::Partitions(old, new) => {
                let moves = self.partitions(old, new).moves();
                if old.partitions() == new.partitions() {
                    let part = |p: Option<u32>| p.map_or(Part::Pair, Part::Partition);
                    Box::new(moves.map(move |(_, p, ends)| (part(p), ends)))
                } else {
                    arcs(Joined::new(moves.map(|(range, _, ends)| (range, ends))))
                }
            }
            By::Numberings(numberings) => pairs(numberings.pairs()),
            By::Boards(boards) => pairs(boards.pairs()),
            By::Weights(weights) => pairs(weights.pairs()),
        };
        parts.map(|(part, ends)| {
            let (from, to) = self.ends(ends);
            Move { part, from, to }
        })
    }

    fn ends(&self, (from, to): Ends) -> (Option<&'a N>, Option<&'a N>) {
        let node = |place: Option<u32>, newer: bool| {
            let identity = self.union.get(place?)?;
            let old = identity.old.and_then(|at| self.old.get(at));
            let new = identity.new.and_then(|at| self.new.get(at));
            if newer { new.or(old) } else { old.or(new) }
        };
        (node(from, false), node(to, true))
    }
}
