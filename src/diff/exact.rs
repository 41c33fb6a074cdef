//! The exact difference of two locators.

use super::boards::Boards;
use super::circles::{self, Circles, Ends, Range};
use super::lookups::{Lookup, Lookups};
use super::numberings::Numberings;
use super::parts::{Move, PairMoves, Part, Ratio, Transfer, excess, fraction};
use super::pieces::TwoCuts;
use super::range_moves::{Joined, RangeMoves};
use super::rows::TwoTables;
use super::scores::Weights;
use crate::circle::Rule;
use crate::error::{CompareFault, Error, Kind};
use crate::hash::{KeyHash, Portable};
use crate::locator::Locator;
use crate::placement::{Exact, OnCircle, Placement, Structure};
use crate::replica::Spread;
use crate::topology::{Members, Topology, Union};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

/// What moves between two locators, over *all* keys: exactly, without looking at one.
///
/// Nothing is computed before it is asked for. A move is one replica that changes its holder;
/// nodes are compared by label, and a change of order among the holders is no move. Fractions are
/// of all replicas.
///
/// | | one replica | more replicas |
/// |---|---|---|
/// | rings | exact intervals, matrix | the same |
/// | rings by nearest point | exact intervals, matrix | – |
/// | partition tables | exact partitions, or intervals of two sizes; matrix | the same |
/// | Maglev | exact intervals, matrix | the same |
/// | two of these, of different algorithms or rules | exact intervals, matrix | the same, but for rings by nearest point |
/// | rings and Maglev under a [`Spread`] | exact intervals, matrix | the same |
/// | jump hash | exact fraction and matrix | – |
/// | JumpBack | exact fraction; matrix within an octave | – |
/// | JumpBackAnchor | exact fraction and matrix after removals only, or without any | – |
/// | Asura | closed form, relative error below 1e-12 | – |
/// | rendezvous | closed form, relative error below n · 1e-15 | – |
///
/// # Complexity
/// For n nodes on both sides together and R replicas. Starting a diff costs O(n), for nodes that
/// were listed in another order O(n log n); of Asura O(slots).
///
/// | | `moved`, `least` | `matrix` | before the first of `moves` | all of `moves` | memory of `moves` |
/// |---|---|---|---|---|---|
/// | rings | O(points · R²) | the same | O(points) | O(points · R²) | O(points) |
/// | native rings, one replica, all changes to more points or all to fewer | O(n + p log p), p the points of the nodes that changed | the same | the same | the same | O(p) |
/// | partition tables | O(partitions · R²) | the same | O(R²) | O(partitions · R²) | O(R) |
/// | Maglev, two algorithms or rules, one replica | O(pieces) | the same | O(1) | O(pieces) | O(1) |
/// | the same, more replicas, or a spread | a lookup on each side a piece | the same | two lookups | the same | O(R) |
/// | jump hash, JumpBack, FlipHash, JumpBackAnchor | O(n log n) | O(n·m) from n to m nodes | O(n) | O(n·m) | O(1) |
/// | Asura | O(n) | O(n · nodes that changed) | O(n) | O(n · nodes that changed) | O(1) |
/// | rendezvous | O(n log n) | O(n²) | O(n log n) | O(n log n + moves) | O(n) |
///
/// Pieces are the points of rings, the entries of Maglev tables and the partitions of tables, on
/// both sides together.
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
pub struct Diff<'a, N> {
    old: Side<'a, N>,
    new: Side<'a, N>,
    union: Union,
    replicas: usize,
    by: By,
}

/// One of the two locators.
struct Side<'a, N> {
    topology: &'a Topology<N>,
    placement: &'a (dyn Placement + Send + Sync + 'a),
    spread: Option<&'a Spread>,
    structure: Structure<'a>,
}

/// How the two structures are compared.
#[derive(Debug)]
enum By {
    /// Circles that run in the same direction, at any number of replicas.
    Circles,
    /// Pieces of hashes with one owner each: one replica.
    Cuts,
    /// Pieces of hashes on which all keys have the same candidates.
    Lookups,
    /// Rows of partitions.
    Tables,
    Numberings(Numberings),
    Boards(Boards),
    Weights(Weights),
}

/// What is asked of two locators.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) replicas: usize,
    /// The rules by which replicas are chosen, before and after.
    pub(super) spreads: Option<(&'a Spread, &'a Spread)>,
}

impl<N> fmt::Debug for Diff<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diff")
            .field("union", &self.union)
            .field("replicas", &self.replicas)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

impl<'a, N> Diff<'a, N> {
    pub(super) fn new<P, Q, H>(
        old: &'a Locator<N, P, H>,
        new: &'a Locator<N, Q, H>,
        question: Question<'a>,
    ) -> Result<Self, Error>
    where
        P: Exact,
        Q: Exact,
        H: Portable,
    {
        let Question { replicas, spreads } = question;
        if replicas == 0 {
            return fault(CompareFault::NoReplicas);
        }
        let ids = (old.hasher().id(), new.hasher().id());
        if ids.0 != ids.1 {
            return fault(CompareFault::OtherHasher { old: ids.0, new: ids.1 });
        }
        let union = Union::new(old.topology().members(), new.topology().members());
        let (before, after) = (old.placement().view(), new.placement().view());
        let names = (before.algorithm, after.algorithm);
        let old = Side {
            topology: old.topology(),
            placement: old.placement(),
            spread: spreads.map(|spreads| spreads.0),
            structure: before.structure,
        };
        let new = Side {
            topology: new.topology(),
            placement: new.placement(),
            spread: spreads.map(|spreads| spreads.1),
            structure: after.structure,
        };
        let by = By::new((&old, names.0), (&new, names.1), &union, question)?;
        Ok(Self { old, new, union, replicas, by })
    }

    /// Replicas of a key on both sides.
    #[must_use]
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    fn circles(&self) -> Option<Circles<'_>> {
        let (Structure::Circle(old), Structure::Circle(new)) =
            (&self.old.structure, &self.new.structure)
        else {
            return None;
        };
        let side = |on: &OnCircle<'a>| {
            let OnCircle { circle, live, sequence, .. } = *on;
            circles::Side { circle, live, sequence }
        };
        Some(Circles {
            old: side(old),
            new: side(new),
            mirrored: old.rule == Rule::LastAtOrBefore,
            union: &self.union,
            replicas: self.replicas,
        })
    }

    fn cuts(&self) -> TwoCuts<'_> {
        TwoCuts {
            old: &self.old.structure,
            new: &self.new.structure,
            live: (self.old.placement.live(), self.new.placement.live()),
            union: &self.union,
        }
    }

    fn lookups(&self) -> Lookups<'_> {
        Lookups {
            cuts: self.cuts(),
            old: self.old.lookup(self.replicas),
            new: self.new.lookup(self.replicas),
        }
    }

    fn tables(&self) -> Option<TwoTables<'_>> {
        let (Structure::Rows(old), Structure::Rows(new)) =
            (&self.old.structure, &self.new.structure)
        else {
            return None;
        };
        Some(TwoTables { old: *old, new: *new, union: &self.union, replicas: self.replicas })
    }

    /// Replicas a key has before and after, on circles: fewer than asked for where fewer nodes are
    /// live.
    fn held_by_circles(&self, circles: &Circles<'_>) -> (u128, u128) {
        let held = |side: &circles::Side<'_>| self.replicas.min(side.live) as u128;
        (held(&circles.old), held(&circles.new))
    }

    /// What moves, exactly; `None` where no ratio of integers is kept (rendezvous, Asura), or not known
    /// (JumpBack between numberings that were made apart).
    #[must_use]
    pub fn moved(&self) -> Option<Ratio> {
        match &self.by {
            By::Circles => {
                let circles = self.circles()?;
                let (a, b) = self.held_by_circles(&circles);
                let moved = circles.moved(self.old.members(), self.new.members());
                Some((moved, a.max(b).max(1) << 64))
            }
            By::Cuts => Some((self.cuts().moved(), 1 << 64)),
            By::Lookups => Some(self.lookups().moved()),
            By::Tables => {
                let tables = self.tables()?;
                let (a, b) = tables.held();
                Some((tables.moved(), a.max(b).max(1) << 64))
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
            By::Circles => {
                let circles = self.circles()?;
                let (a, b) = self.held_by_circles(&circles);
                if a == b && circles.one_way(self.old.members(), self.new.members()) {
                    return self.moved();
                }
                if a == 0 || b == 0 {
                    return Some((a.max(b).min(1), 1));
                }
                let gained = |(x, y): (u128, u128)| (y * a).saturating_sub(x * b);
                let sum: u128 = circles.held().into_iter().map(gained).sum();
                // Both replicas' counts are below 2^20.
                Some(if a == b { (sum / a, a << 64) } else { (sum, (a * b) << 64) })
            }
            By::Cuts => Some(self.cuts().least()),
            By::Lookups => self.lookups().least(),
            By::Tables => Some(self.tables()?.least()),
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
            By::Lookups => {
                let lookups = self.lookups();
                lookups.least().map_or_else(|| lookups.least_fraction(), fraction)
            }
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
    ///
    /// # Memory
    /// 80 bytes for each entry of the result. Rings, partition tables and Maglev tables need at
    /// most 24 bytes more for each, which are freed as the result fills. Two rings of 160 points a
    /// node have nearly as many entries as points where most nodes are new: from 4,000 to 104,000
    /// nodes 15.7 million, 1.25 GB. [`moves`](Self::moves) lists the same moves, more than one for
    /// a pair, in O(1) to O(points).
    #[must_use]
    pub fn matrix(&self) -> Option<Vec<Transfer<'a, N>>> {
        let transfer = |ends: Ends, fraction, exact| {
            let (from, to) = self.ends(ends);
            Transfer { from, to, fraction, exact }
        };
        let exactly = |(ends, ratio)| transfer(ends, fraction(ratio), Some(ratio));
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
                let whole = a.max(b).max(1) << 64;
                let matrix = tables.matrix();
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
        self.parts().map(|(part, ends)| {
            let (from, to) = self.ends(ends);
            Move { part, from, to }
        })
    }

    /// The moves of each pair of nodes together, in no particular order of the pairs; the moves of
    /// a pair in the order of [`moves`](Self::moves). Memory in proportion to the moves.
    #[must_use]
    pub fn moves_by_pair(&self) -> Vec<PairMoves<'a, N>> {
        let mut pairs: BTreeMap<Ends, Vec<Part>> = BTreeMap::new();
        for (part, ends) in self.parts() {
            pairs.entry(ends).or_default().push(part);
        }
        let pair = |(ends, parts)| {
            let (from, to) = self.ends(ends);
            PairMoves { from, to, parts }
        };
        pairs.into_iter().map(pair).collect()
    }

    /// From where to where the owner of a key moves: `None` if it stays. With several replicas, the
    /// first one of those that move, see [`moves_of`](Self::moves_of).
    #[must_use]
    pub fn of(&self, key: KeyHash) -> Option<(Option<&'a N>, Option<&'a N>)> {
        self.moves_of(key).first().copied()
    }

    /// From where to where each replica of a key moves, of those that do. Two lookups.
    ///
    /// ```
    /// use apportion::{Locator, Part};
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

    fn parts(&self) -> Parts<'_> {
        fn pairs<'d>(ends: impl Iterator<Item = Ends> + 'd) -> Parts<'d> {
            Box::new(ends.map(|ends| (Part::Pair, ends)))
        }
        fn arcs<'d>(moves: impl Iterator<Item = (Range, Ends)> + 'd) -> Parts<'d> {
            Box::new(moves.map(|((first, last), ends)| (Part::Arc { first, last }, ends)))
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
                    let part = |p: Option<u32>| p.map_or(Part::Pair, Part::Partition);
                    Box::new(moves.map(move |(_, p, ends)| (part(p), ends)))
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
        let node = |place: Option<u32>, newer: bool| {
            let identity = self.union.get(place?)?;
            let old = identity.old.and_then(|at| self.old.topology.get(at));
            let new = identity.new.and_then(|at| self.new.topology.get(at));
            if newer { new.or(old) } else { old.or(new) }
        };
        (node(from, false), node(to, true))
    }
}

type Parts<'d> = Box<dyn Iterator<Item = (Part, Ends)> + 'd>;

fn fault<T>(fault: CompareFault) -> Result<T, Error> {
    Err(Kind::Compare(fault).into())
}

impl<N> Side<'_, N> {
    fn members(&self) -> &Members {
        self.topology.members()
    }

    fn lookup(&self, replicas: usize) -> Lookup<'_> {
        Lookup { placement: self.placement, spread: self.spread, replicas }
    }
}

impl By {
    fn new<N>(
        (old, before): (&Side<'_, N>, &'static str),
        (new, after): (&Side<'_, N>, &'static str),
        union: &Union,
        Question { replicas, spreads }: Question<'_>,
    ) -> Result<Self, Error> {
        let plain = spreads.is_none();
        let owners_only = |algorithm: &'static str| match (replicas, plain) {
            (1, true) => Ok(()),
            (_, true) => fault(CompareFault::OneReplicaOnly { algorithm, replicas }),
            (_, false) => fault(CompareFault::NoSpread { algorithm }),
        };
        let same = before == after;
        match (&old.structure, &new.structure) {
            (Structure::Circle(a), Structure::Circle(b)) if plain && run_alike(a, b) => {
                Ok(Self::Circles)
            }
            (Structure::Rows(_), Structure::Rows(_)) if plain => Ok(Self::Tables),
            (Structure::Numbering(a), Structure::Numbering(b)) if same => {
                owners_only(before)?;
                let numberings = Numberings::new(a, b, union).map(Self::Numberings);
                let algorithm = before;
                numberings.ok_or(Kind::Compare(CompareFault::OtherHistory { algorithm }).into())
            }
            (Structure::Board(a), Structure::Board(b)) if same => {
                owners_only(before)?;
                let boards = Boards::new(a, b, union).map(Self::Boards);
                boards.ok_or(Kind::Compare(CompareFault::Fallback).into())
            }
            (Structure::Scores(a), Structure::Scores(b)) if same => {
                owners_only(before)?;
                let members = (old.members(), new.members());
                Ok(Self::Weights(Weights::of(union, (*a, members.0), (*b, members.1))))
            }
            (a, b) if a.has_pieces() && b.has_pieces() => {
                if plain && replicas == 1 {
                    return Ok(Self::Cuts);
                }
                for (structure, algorithm) in [(a, before), (b, after)] {
                    if structure.orders_pieces(plain) {
                        continue;
                    }
                    owners_only(structure.owners_only_name().unwrap_or(algorithm))?;
                }
                Ok(Self::Lookups)
            }
            _ => fault(CompareFault::OtherAlgorithm { old: before, new: after }),
        }
    }
}

/// Whether the stored points of both circles are looked for in one way.
fn run_alike(a: &OnCircle<'_>, b: &OnCircle<'_>) -> bool {
    let forward = |rule| matches!(rule, Rule::FirstAtOrAfter | Rule::FirstAfter);
    let backward = |rule| rule == Rule::LastAtOrBefore;
    forward(a.rule) && forward(b.rule) || backward(a.rule) && backward(b.rule)
}
