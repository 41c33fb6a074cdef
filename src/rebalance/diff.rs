//! The exact difference of two locators.

use super::analytic::{Numberings, Weights};
use super::boards::Boards;
use super::compare::{Compare, Comparison};
use super::partitions::Partitions;
use super::parts::{Move, Part, Ratio, Transfer};
use super::range_moves::RangeMoves;
use super::rings::{Ends, Rings};
use super::tables::Tables;
use super::union::Union;
use crate::error::{CompareFault, Error, Kind};
use crate::hash::Portable;
use crate::locator::Locator;
use crate::maglev::Maglev;
use crate::partition::PartitionTable;
use crate::ring::{Circle, SideBySide};
use crate::topology::Topology;
use alloc::vec::Vec;

/// What moves between two locators, over *all* keys: exactly, without looking at one.
///
/// Nothing is computed before it is asked for, but for the arcs of two rings whose rules are not the
/// same or that go by the nearest point. A move is one replica that changes its holder;
/// nodes are compared by label, a change of order among the holders is none. Fractions are of all
/// replicas.
///
/// | | one replica | more | cost |
/// |---|---|---|---|
/// | rings | exact intervals, matrix | the same | O(points); of the native ring, a single change O(points of that node) |
/// | rings by nearest point, or under two rules | exact intervals, matrix | – | O(points) |
/// | partition tables | exact partitions, or intervals of two sizes; matrix | the same | O(partitions) |
/// | Maglev | exact intervals, matrix | – | O(entries) |
/// | jump hash | exact fraction and matrix | – | O(1), O(n·m) |
/// | JumpBack | exact fraction; matrix within an octave | – | O(1), O(n·m) |
/// | JumpBackAnchor | exact fraction and matrix after removals only, or without any | – | O(buckets) |
/// | Asura | closed form, error below 1e-12 | – | O(slots), O(n · nodes that change) |
/// | rendezvous | closed form, error below 1e-12 | – | O(n log n), O(n²) |
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
            return Err(Kind::Compare(CompareFault::OtherHasher { old: ids.0, new: ids.1 }).into());
        }
        let comparison = old.placement().compare(new.placement())?;
        let (old, new) = (old.topology(), new.topology());
        let union = Union::new(old.members(), new.members());
        let one_replica = |algorithm| match replicas {
            1 => Ok(()),
            _ => Err(Kind::Compare(CompareFault::OneReplicaOnly { algorithm, replicas })),
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
                By::Boards(boards.ok_or(Kind::Compare(CompareFault::Fallback))?)
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

    /// What moves, as a fraction. Not a number where it is not known, see [`moved`](Self::moved).
    #[must_use]
    pub fn moved_fraction(&self) -> f64 {
        match &self.by {
            By::Boards(boards) => boards.moved(),
            By::Weights(weights) => weights.moved(),
            _ => self.moved().map_or(f64::NAN, fraction),
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

    /// [`least`](Self::least) as a fraction.
    #[must_use]
    pub fn least_fraction(&self) -> f64 {
        match &self.by {
            By::Boards(boards) => boards.least(),
            By::Weights(_) => self.ideal(),
            _ => self.least().map_or(f64::NAN, fraction),
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
    #[must_use]
    pub fn excess(&self) -> Option<f64> {
        match (self.moved(), self.least()) {
            (Some(moved), Some(least)) if equal(moved, least) => Some(0.0),
            _ => ratio(self.moved_fraction(), self.least_fraction()),
        }
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
            By::Numberings(numberings) => {
                Some(numberings.matrix()?.into_iter().map(exactly).collect())
            }
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
    pub fn moves(&self) -> impl Iterator<Item = Move<'a, N>> {
        let pairs = |ends: Vec<Ends>| ends.into_iter().map(|ends| (Part::Pair, ends)).collect();
        let (ranges, listed) = match &self.by {
            By::Rings(..) => {
                let (before, after) = (self.old.members(), self.new.members());
                (self.rings().map(|rings| RangeMoves::new(&rings, before, after)), Vec::new())
            }
            By::Tables(old, new) => {
                (Some(RangeMoves::listed(self.tables(old, new).moves().collect())), Vec::new())
            }
            By::Partitions(old, new) => {
                let partitions = self.partitions(old, new);
                let moves = partitions.moves();
                if old.partitions() == new.partitions() {
                    let part = |p: Option<u32>| p.map_or(Part::Pair, Part::Partition);
                    (None, moves.map(|(_, p, ends)| (part(p), ends)).collect())
                } else {
                    let moves = moves.map(|(range, _, ends)| (range, ends)).collect();
                    (Some(RangeMoves::listed(moves)), Vec::new())
                }
            }
            By::Numberings(numberings) => (None, pairs(numberings.pairs())),
            By::Boards(boards) => (None, pairs(boards.matrix().into_keys().collect())),
            By::Weights(weights) => (None, pairs(weights.matrix().into_keys().collect())),
        };
        let listed: Vec<(Part, Ends)> = listed;
        Moves { ranges, listed: listed.into_iter() }.map(|(part, ends)| {
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

#[derive(Debug)]
struct Moves<'d> {
    ranges: Option<RangeMoves<'d>>,
    listed: alloc::vec::IntoIter<(Part, Ends)>,
}

impl Iterator for Moves<'_> {
    type Item = (Part, Ends);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.ranges {
            Some(ranges) => {
                ranges.next().map(|((first, last), ends)| (Part::Arc { first, last }, ends))
            }
            None => self.listed.next(),
        }
    }
}

fn fraction((part, whole): Ratio) -> f64 {
    part as f64 / whole as f64
}

/// Exactly: both denominators of a ring's fractions are multiples of 2^64, and what remains of them
/// is a product of two numbers of replicas at most.
fn equal((a, b): Ratio, (c, d): Ratio) -> bool {
    let common = b.trailing_zeros().min(d.trailing_zeros());
    let (left, right) = (a.checked_mul(d >> common), c.checked_mul(b >> common));
    left.is_some() && left == right
}

fn ratio(moved: f64, least: f64) -> Option<f64> {
    if moved == 0.0 && least == 0.0 {
        Some(0.0)
    } else if least > 0.0 && moved.is_finite() {
        Some(moved / least - 1.0)
    } else {
        None
    }
}
