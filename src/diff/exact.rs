//! The exact difference of two locators.

use super::by::{By, Compared, Question, fault};
use super::circles::{CircleSide, Circles};
use super::lookups::Lookups;
use super::parts::{Ratio, excess, fraction};
use super::pieces::TwoCuts;
use super::rows::TwoTables;
use super::scores::Weights;
use crate::circle::Rule;
use crate::error::{CompareFault, Error};
use crate::hash::Portable;
use crate::locator::Locator;
use crate::placement::{Exact, OnCircle, Structure};
#[cfg(doc)]
use crate::replica::Spread;
use crate::topology::Union;
use core::fmt;

/// What moves between two locators, computed exactly over the whole hash space, without enumerating
/// keys.
///
/// Figures are computed on demand. A move is one replica that changes its holder. Nodes are compared
/// by label, and a change of order among the holders is not a move. Fractions refer to all replicas.
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
/// | JumpBackAnchor | as JumpBack if no bucket is removed on either side; otherwise exact fraction and matrix where the [logs](#anchors) agree and the number of buckets is the same | – |
/// | AnchorHash | exact fraction and matrix where the [logs](#anchors) agree and the capacity is the same | – |
/// | Asura | closed form, relative error below 1e-12 | – |
/// | rendezvous | closed form, relative error below n · 1e-15 | – |
///
/// # Anchors
/// Two logs of removed buckets agree if one of them begins with the other. A removal appends to the log,
/// and an addition takes back the bucket that was removed last, so the logs agree after removals only or
/// additions only. For [`AnchorHash`](crate::anchor::AnchorHash), buckets that are not in use count as
/// removed before all others, the highest first. A change that leaves no node starts a new log.
///
/// # Complexity
/// For n nodes on both sides together and R replicas. Creating a diff takes O(n), or O(n log n) if the
/// nodes were listed in another order, or O(slots) for Asura.
///
/// | | `moved`, `minimum` | `matrix` | before the first of `moves` | all of `moves` | memory of `moves` |
/// |---|---|---|---|---|---|
/// | rings | O(points · R²) | the same | O(points) | O(points · R²) | O(points) |
/// | native rings of which p points change, and p · R is at most an eighth of all | O(n + p log p), and O(R²) for each of the about p · R points next to them | the same | the same | the same | O(moves) |
/// | partition tables | O(partitions · R²) | the same | O(R²) | O(partitions · R²) | O(R) |
/// | Maglev, two algorithms or rules, one replica | O(pieces) | the same | O(1) | O(pieces) | O(1) |
/// | the same, more replicas, or a spread | a lookup on each side a piece | the same | two lookups | the same | O(R) |
/// | jump hash, JumpBack, FlipHash, anchors | O(n log n) | O(n·m) from n to m nodes | O(n) | O(n·m) | O(1) |
/// | Asura | O(n) | O(n · nodes that changed) | O(n) | O(n · nodes that changed) | O(1) |
/// | rendezvous | O(n log n) | O(n²) | O(n log n) | O(n log n + moves) | O(n) |
///
/// Pieces are the points of rings, the entries of Maglev tables and the partitions of tables, counted
/// on both sides together.
///
/// ```
/// use apportion::Locator;
/// use apportion::diff::Extent;
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let bigger = ring.with("d")?;
/// let diff = ring.diff(&bigger)?;
/// assert!(diff.moves().all(|m| m.to == Some(&"d")));
/// assert_eq!(diff.excess(), Some(0.0)); // no more keys than the new shares require
/// let Some(Extent::Hashes { first, last }) = diff.moves().next().map(|m| m.extent) else { panic!() };
/// assert!(first <= last);
/// # Ok::<(), apportion::Error>(())
/// ```
pub struct Diff<'a, N> {
    pub(super) old: Compared<'a, N>,
    pub(super) new: Compared<'a, N>,
    pub(super) union: Union,
    pub(super) replicas: usize,
    pub(super) by: By,
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
        let old = Compared {
            topology: old.topology(),
            placement: old.placement(),
            spread: spreads.map(|spreads| spreads.0),
            structure: before.structure,
        };
        let new = Compared {
            topology: new.topology(),
            placement: new.placement(),
            spread: spreads.map(|spreads| spreads.1),
            structure: after.structure,
        };
        let by = By::new((&old, names.0), (&new, names.1), &union, question)?;
        Ok(Self { old, new, union, replicas, by })
    }

    /// The number of replicas of a key, on both sides.
    #[must_use]
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    pub(super) fn circles(&self) -> Option<Circles<'_>> {
        let (Structure::Circle(old), Structure::Circle(new)) =
            (&self.old.structure, &self.new.structure)
        else {
            return None;
        };
        let side = |on: &OnCircle<'a>| {
            let OnCircle { circle, live, sequence, .. } = *on;
            CircleSide { circle, live, sequence }
        };
        Some(Circles {
            old: side(old),
            new: side(new),
            mirrored: old.rule == Rule::LastAtOrBefore,
            union: &self.union,
            replicas: self.replicas,
        })
    }

    pub(super) fn cuts(&self) -> TwoCuts<'_> {
        TwoCuts {
            old: &self.old.structure,
            new: &self.new.structure,
            live: (self.old.placement.live(), self.new.placement.live()),
            union: &self.union,
        }
    }

    pub(super) fn lookups(&self) -> Lookups<'_> {
        Lookups {
            cuts: self.cuts(),
            old: self.old.lookup(self.replicas),
            new: self.new.lookup(self.replicas),
        }
    }

    pub(super) fn tables(&self) -> Option<TwoTables<'_>> {
        let (Structure::Rows(old), Structure::Rows(new)) =
            (&self.old.structure, &self.new.structure)
        else {
            return None;
        };
        Some(TwoTables { old: *old, new: *new, union: &self.union, replicas: self.replicas })
    }

    /// The number of replicas of a key on circles, before and after: fewer than requested if fewer
    /// nodes are live.
    pub(super) fn held_by_circles(&self, circles: &Circles<'_>) -> (u128, u128) {
        let held = |side: &CircleSide<'_>| self.replicas.min(side.live) as u128;
        (held(&circles.old), held(&circles.new))
    }

    /// The fraction of replicas that move, as an exact ratio. `None` where it is not a ratio of
    /// integers (rendezvous, Asura) or not known (JumpBack between independent numberings).
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
            By::Lookups => Some(self.lookups().totals().moved()),
            By::Tables => {
                let tables = self.tables()?;
                let (a, b) = tables.held();
                Some((tables.moved(), a.max(b).max(1 << 64)))
            }
            By::Numberings(numberings) => numberings.moved(),
            By::Boards(_) | By::Weights(_) => None,
        }
    }

    /// The fraction of replicas that move. `None` where it is not known (JumpBack between independent
    /// numberings).
    #[must_use]
    pub fn moved_fraction(&self) -> Option<f64> {
        match &self.by {
            By::Boards(boards) => Some(boards.moved()),
            By::Weights(weights) => Some(weights.moved()),
            _ => self.moved().map(fraction),
        }
    }

    /// The minimum movement from the shares before to the shares after, as an exact ratio: Σ max(0,
    /// share after − share before), or everything if no node is left. `None` where it is not a ratio
    /// of integers, and between partition tables whose [copies](crate::partition::TableConfig::copies)
    /// differ.
    #[must_use]
    pub fn minimum(&self) -> Option<Ratio> {
        match &self.by {
            By::Circles => {
                let circles = self.circles()?;
                let held = self.held_by_circles(&circles);
                Some(circles.minimum(self.old.members(), self.new.members(), held))
            }
            By::Cuts => Some(self.cuts().minimum()),
            By::Lookups => self.lookups().totals().minimum(),
            By::Tables => self.tables()?.minimum(),
            By::Numberings(numberings) => Some(numberings.minimum()),
            By::Boards(_) | By::Weights(_) => None,
        }
    }

    /// [`moved`](Self::moved) and [`minimum`](Self::minimum), with one round of lookups for both.
    fn moved_and_minimum(&self) -> (Option<Ratio>, Option<Ratio>) {
        if matches!(self.by, By::Lookups) {
            let totals = self.lookups().totals();
            return (Some(totals.moved()), totals.minimum());
        }
        (self.moved(), self.minimum())
    }

    /// [`minimum`](Self::minimum) as a float, known for every placement.
    #[must_use]
    pub fn minimum_fraction(&self) -> f64 {
        match &self.by {
            By::Boards(boards) => boards.minimum(),
            By::Weights(weights) => weights.gained(),
            By::Lookups => self.lookups().totals().minimum_fraction(),
            _ => self.minimum().map_or(0.0, fraction),
        }
    }

    /// The movement that a scheme with exact shares would need: ½ Σ |weight share after − weight share
    /// before|.
    #[must_use]
    pub fn ideal(&self) -> f64 {
        if let By::Weights(weights) = &self.by {
            return weights.gained();
        }
        Weights::new(&self.union, self.old.members(), self.new.members()).gained()
    }

    /// The movement beyond the minimum: moved / minimum − 1. It is 0 if both are 0; `None` if only the
    /// minimum is 0, or if the movement is not known.
    ///
    /// Where [`moved`](Self::moved) is a ratio of integers, the difference is computed between
    /// integers. Elsewhere the error is at most n units in the last place of 1, and the result is never
    /// below 0.
    #[must_use]
    pub fn excess(&self) -> Option<f64> {
        if let (Some(moved), Some(least)) = self.moved_and_minimum() {
            return excess(moved, least);
        }
        let (moved, least) = (self.moved_fraction()?, self.minimum_fraction());
        if moved == 0.0 && least == 0.0 {
            return Some(0.0);
        }
        // By these formulas the movement is never below the minimum.
        (least > 0.0).then(|| ((moved - least) / least).max(0.0))
    }
}
