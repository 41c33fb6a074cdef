//! What moves under rendezvous hashing, one replica, by the formula for exponential variables.
//!
//! A node i with share a draws an exponential variable of rate a; the smallest owns the key, and
//! the draws are the same before and after. Let a_i be the share before, b_i the share after, and
//! r_i = a_i/b_i the ratio of the two, infinite for a node that leaves. A key of node i moves to a
//! node j of a lower ratio:
//!
//! ```text
//! P(i → j) = a_i · b_j · ∫ dr / (Σ_k max(a_k, b_k·r))²   from r_j to r_i
//! P(i leaves its keys) = a_i · E_i / (1 + E_i),  E_i = Σ_k b_k · max(0, r_i − r_k)
//! ```
//!
//! A small move is a small difference of two large numbers, so nothing here subtracts rounded
//! numbers: differences of ratios and of shares are taken between integers, and everything else is
//! a sum of positive terms. Each figure is exact to n units of its last place, however small.

use super::ends::Ends;
use super::wide::Wide;
use crate::node::{NodeIdx, Weight};
use crate::placement::Scores;
use crate::steps;
use crate::topology::{Members, Union};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Weights before and after, by place; 0 for a node that is absent.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    weights: Vec<(u64, u64)>,
    totals: (u128, u128),
}

/// A node in the order of the ratios.
#[derive(Clone, Copy, Debug)]
struct Entry {
    place: u32,
    weights: (u64, u64),
    /// Its shares before and after.
    a: f64,
    b: f64,
}

impl Entry {
    /// Compares by cross multiplication, so that equal ratios compare equal; otherwise pairs would
    /// appear between which nothing moves.
    fn cmp_ratio(&self, other: &Self) -> Ordering {
        let ((x, y), (v, w)) = (self.weights, other.weights);
        (u128::from(x) * u128::from(w)).cmp(&(u128::from(v) * u128::from(y)))
    }

    /// Its ratio less that of an entry that is not above it; both have a weight after.
    fn ratio_above(&self, lower: &Self, scale: f64) -> f64 {
        let ((x, y), (v, w)) = (self.weights, lower.weights);
        let (x, y, v, w) = (u128::from(x), u128::from(y), u128::from(v), u128::from(w));
        (x * w).saturating_sub(v * y) as f64 / (y as f64 * w as f64) * scale
    }
}

impl Weights {
    /// From the weights of two topologies.
    pub(crate) fn new(union: &Union, before: &Members, after: &Members) -> Self {
        let of = |members: &Members, at| members.weight(at).map_or(0, Weight::get);
        Self::by(union, |at| of(before, at), |at| of(after, at))
    }

    /// From the weights that two placements use.
    pub(super) fn of(
        union: &Union,
        (old, before): (Scores<'_>, &Members),
        (new, after): (Scores<'_>, &Members),
    ) -> Self {
        let of = |scores: Scores<'_>, members: &Members, at: NodeIdx| match scores {
            Scores::Equal | Scores::Weighted => members.weight(at).map_or(0, Weight::get),
            Scores::Given(given) => given.get(at.index()).map_or(0, |(_, weight)| *weight),
        };
        Self::by(union, |at| of(old, before, at), |at| of(new, after, at))
    }

    fn by(union: &Union, before: impl Fn(NodeIdx) -> u64, after: impl Fn(NodeIdx) -> u64) -> Self {
        let weight = |of: &dyn Fn(NodeIdx) -> u64, at: Option<NodeIdx>| at.map_or(0, of);
        let nodes = union.nodes.iter();
        let weights: Vec<(u64, u64)> =
            nodes.map(|i| (weight(&before, i.old), weight(&after, i.new))).collect();
        let totals =
            weights.iter().fold((0, 0), |(a, b), (x, y)| (a + u128::from(*x), b + u128::from(*y)));
        Self { weights, totals }
    }

    /// Σ max(0, share after − share before); where one side has no weight at all, everything that
    /// the other one holds. O(n).
    pub(crate) fn gained(&self) -> f64 {
        let (before, after) = self.totals;
        if before == 0 || after == 0 {
            return f64::from(u8::from(before != after));
        }
        let gained = self.weights.iter().map(|(x, y)| {
            steps::count(1);
            Wide::product(*y, before).saturating_sub(Wide::product(*x, after))
        });
        gained.fold(Wide::default(), |sum, share| sum + share).to_f64()
            / (before as f64 * after as f64)
    }

    /// True if both sides have live nodes.
    fn both(&self) -> bool {
        self.totals.0 > 0 && self.totals.1 > 0
    }

    /// The factor that turns a ratio of weights into a ratio of shares.
    fn scale(&self) -> f64 {
        self.totals.1 as f64 / self.totals.0 as f64
    }

    /// The nodes of either side in ascending order of their ratios. O(n log n).
    fn by_ratio(&self) -> Vec<Entry> {
        let (before, after) = (self.totals.0.max(1) as f64, self.totals.1.max(1) as f64);
        let entry = |(place, weights): (u32, &(u64, u64))| {
            let (a, b) = (weights.0 as f64 / before, weights.1 as f64 / after);
            (*weights != (0, 0)).then_some(Entry { place, weights: *weights, a, b })
        };
        let mut order: Vec<Entry> = (0..).zip(&self.weights).filter_map(entry).collect();
        order.sort_by(|i, j| {
            steps::count(1);
            i.cmp_ratio(j)
        });
        order
    }

    /// The fraction of keys that change their node. O(n log n).
    pub(super) fn moved(&self) -> f64 {
        if !self.both() {
            return f64::from(u8::from(self.totals.0 != self.totals.1));
        }
        let (mut moved, mut excess, mut below) = (0.0, 0.0, 0.0);
        let mut lower: Option<Entry> = None;
        for entry in self.by_ratio() {
            if entry.weights.1 == 0 {
                moved += entry.a;
                continue;
            }
            excess += below * lower.map_or(0.0, |lower| entry.ratio_above(&lower, self.scale()));
            moved += entry.a * (excess / (1.0 + excess));
            below += entry.b;
            lower = Some(entry);
        }
        moved.min(1.0)
    }

    /// Fractions by (from, to), each pair once. O(n²).
    pub(super) fn matrix(&self) -> Vec<(Ends, f64)> {
        if !self.both() {
            let share = |(x, y): (u64, u64)| {
                (x as f64 / self.totals.0.max(1) as f64) + (y as f64 / self.totals.1.max(1) as f64)
            };
            return self.one_sided().map(|(ends, weights)| (ends, share(weights))).collect();
        }
        let order = self.by_ratio();
        let spans = self.spans(&order);
        let mut matrix = Vec::new();
        for (at, from) in order.iter().enumerate() {
            // Downward from the node that loses keys, so that the integral is a sum.
            let mut integral = 0.0;
            let lower = order.iter().zip(spans.iter().skip(1)).take(at);
            for (to, span) in lower.rev() {
                steps::count(1);
                integral += span;
                if from.cmp_ratio(to).is_gt() {
                    let ends = (Some(from.place), Some(to.place));
                    matrix.push((ends, from.a * to.b * integral));
                }
            }
        }
        matrix
    }

    /// ∫ between the ratios of neighbours in the order, each under the upper one. With A the a of
    /// those above and B the b of those below it is (r₂ − r₁) / ((A + B·r₁)(A + B·r₂)).
    fn spans(&self, order: &[Entry]) -> Vec<f64> {
        let mut above: Vec<f64> = Vec::with_capacity(order.len());
        let mut sum = 0.0;
        for entry in order.iter().rev() {
            sum += entry.a;
            above.push(sum);
        }
        let (mut below, mut lower): (f64, Option<&Entry>) = (0.0, None);
        let mut spans = Vec::with_capacity(order.len());
        let mut endless = false;
        for (entry, above) in order.iter().zip(above.iter().rev()) {
            let at = |entry: &Entry| above + below * (entry.a / entry.b);
            spans.push(match lower.filter(|_| !endless) {
                // The lowest node loses nothing, and all infinite ratios are equal.
                None => 0.0,
                Some(lower) if entry.weights.1 > 0 => {
                    entry.ratio_above(lower, self.scale()) / (at(lower) * at(entry))
                }
                Some(lower) => 1.0 / (below * at(lower)),
            });
            endless = entry.weights.1 == 0;
            if !endless {
                lower = Some(entry);
                below += entry.b;
            }
        }
        spans
    }

    /// Every pair between which keys move, each once. O(n log n) before the first; the iterator
    /// holds O(n).
    pub(super) fn pairs(&self) -> impl Iterator<Item = Ends> {
        let order = if self.both() { self.by_ratio() } else { Vec::new() };
        let (mut at, mut below) = (0, 0);
        let between = core::iter::from_fn(move || {
            loop {
                steps::count(1);
                let (from, to) = (order.get(at)?, order.get(below)?);
                if from.cmp_ratio(to).is_gt() {
                    below += 1;
                    return Some((Some(from.place), Some(to.place)));
                }
                (at, below) = (at + 1, 0);
            }
        });
        self.one_sided().map(|(ends, _)| ends).chain(between)
    }

    /// The shares of the nodes, if only one side has live nodes.
    fn one_sided(&self) -> impl Iterator<Item = (Ends, (u64, u64))> {
        let nodes = (0..).zip(self.weights.iter().filter(|_| !self.both()));
        nodes.filter(|(_, weights)| **weights != (0, 0)).map(|(place, weights)| {
            steps::count(1);
            let ends = if weights.0 > 0 { (Some(place), None) } else { (None, Some(place)) };
            (ends, *weights)
        })
    }
}
