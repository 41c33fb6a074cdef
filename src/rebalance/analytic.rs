//! What moves where it follows from a formula: bucket functions and rendezvous hashing, one
//! replica.

use super::union::Union;
use crate::node::{NodeIdx, Weight};
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::rings::Ends;

/// A bucket function over two numberings, as places in the union.
///
/// Among n and m > n buckets a key stays in its bucket or goes to one of the new ones: it stays
/// with probability n/m, and each old bucket keeps 1/m of all keys. So the exact fraction that
/// moves between nodes is known for every function; that each old bucket gives 1/(n·m) to each new
/// one holds for jump hash, but not for JumpBack across octaves.
#[derive(Clone, Debug)]
pub(super) struct Numberings {
    old: Vec<u32>,
    new: Vec<u32>,
    /// Every old bucket gives alike to every new one.
    even: bool,
}

impl Numberings {
    pub(super) fn new(old: &[NodeIdx], new: &[NodeIdx], union: &Union, even: bool) -> Self {
        let place = |places: &[u32], at: &NodeIdx| places.get(at.index()).copied();
        let old: Vec<u32> = old.iter().filter_map(|at| place(&union.old, at)).collect();
        let new: Vec<u32> = new.iter().filter_map(|at| place(&union.new, at)).collect();
        let (n, m) = (old.len().min(new.len()), old.len().max(new.len()));
        let one_octave = m <= n + 1 || n.saturating_sub(1).max(1).ilog2() == (m - 1).ilog2();
        Self { old, new, even: even || one_octave || n == 0 }
    }

    /// Keys that change their node, as an exact fraction; `None` where it is not known.
    pub(super) fn moved(&self) -> Option<(u128, u128)> {
        let (n, m) = (self.old.len() as u128, self.new.len() as u128);
        let most = n.max(m);
        let same = self.old.iter().zip(&self.new).filter(|(a, b)| a == b).count() as u128;
        let shared = n.min(m) as usize;
        let beyond = |long: &[u32]| long.get(shared..).unwrap_or_default().to_vec();
        let (mut late, mut early) = (beyond(&self.old), beyond(&self.new));
        late.sort_unstable();
        early.sort_unstable();
        // A node that was given another number, as only values built apart can do, meets itself
        // among the keys that change their bucket.
        let again = |places: &[u32], sorted: &[u32]| {
            places.iter().filter(|p| sorted.binary_search(p).is_ok()).count() as u128
        };
        let met = again(&self.old, &early) + again(&self.new, &late);
        match met {
            0 => Some((most - same, most.max(1))),
            _ if self.even => Some((n * m - same * n.min(m) - met, n * m)),
            _ => None,
        }
    }

    /// Σ max(0, share after − share before), exactly.
    pub(super) fn least(&self) -> (u128, u128) {
        let (n, m) = (self.old.len() as u128, self.new.len() as u128);
        let mut old = self.old.clone();
        old.sort_unstable();
        let held = |place: &u32| if old.binary_search(place).is_ok() { m } else { 0 };
        if n == 0 || m == 0 {
            return (n.max(m).min(1), 1);
        }
        (self.new.iter().map(|place| n.saturating_sub(held(place))).sum(), n * m)
    }

    /// Fractions by (from, to); `None` where they are not known.
    pub(super) fn matrix(&self) -> Option<BTreeMap<Ends, (u128, u128)>> {
        self.even.then(|| {
            let (n, m) = (self.old.len() as u128, self.new.len() as u128);
            let scale = n.max(1) * m.max(1);
            let mut matrix: BTreeMap<Ends, (u128, u128)> = BTreeMap::new();
            let mut add = |from: Option<&u32>, to: Option<&u32>, share: u128| {
                if from != to {
                    let entry = matrix.entry((from.copied(), to.copied())).or_insert((0, scale));
                    entry.0 += share;
                }
            };
            if n == 0 || m == 0 {
                self.old.iter().for_each(|from| add(Some(from), None, 1));
                self.new.iter().for_each(|to| add(None, Some(to), 1));
                return matrix;
            }
            // Of n·m parts: each shared bucket keeps min(n, m), each old bucket gives 1 to each
            // new one, or the other way round.
            for (from, to) in self.old.iter().zip(&self.new) {
                add(Some(from), Some(to), n.min(m));
            }
            for to in self.new.iter().skip(self.old.len()) {
                self.old.iter().for_each(|from| add(Some(from), Some(to), 1));
            }
            for from in self.old.iter().skip(self.new.len()) {
                self.new.iter().for_each(|to| add(Some(from), Some(to), 1));
            }
            matrix
        })
    }

    /// Every pair between which keys may move.
    pub(super) fn pairs(&self) -> Vec<Ends> {
        let even = Self { even: true, ..self.clone() };
        even.matrix().unwrap_or_default().into_keys().collect()
    }
}

/// Weights before and after by place, as shares of their sums: a node that is not there has 0.
///
/// A node i with share a draws an exponential variable of rate a; the smallest owns the key, and
/// the draws are the same before and after. For r running over the ratios of the two winning
/// scales, P(i → j) = a_i · b_j · ∫ dr / (Σ_k max(a_k, b_k · r))² from a_j/b_j to a_i/b_i, 0 if
/// that interval is empty; and P(i → i) = 1 / Σ_k max(a_k/a_i, b_k/b_i).
#[derive(Clone, Debug)]
pub(super) struct Weights {
    weights: Vec<(u64, u64)>,
    shares: Vec<(f64, f64)>,
}

impl Weights {
    pub(super) fn new(union: &Union, before: &Members, after: &Members) -> Self {
        let weight = |members: &Members, at: Option<NodeIdx>| {
            at.and_then(|at| members.weight(at)).map_or(0, Weight::get)
        };
        let nodes = union.nodes.iter();
        let weights: Vec<_> =
            nodes.map(|i| (weight(before, i.old), weight(after, i.new))).collect();
        let (a, b) = (before.total_weight().max(1) as f64, after.total_weight().max(1) as f64);
        let shares = weights.iter().map(|(x, y)| (*x as f64 / a, *y as f64 / b)).collect();
        Self { weights, shares }
    }

    /// Σ max(0, share after − share before): half the sum of all differences, unless one side
    /// has no weight at all.
    pub(super) fn gained(&self) -> f64 {
        if self.same_shares() {
            return 0.0;
        }
        let gained: f64 = self.shares.iter().map(|(a, b)| (b - a).max(0.0)).sum();
        let lost: f64 = self.shares.iter().map(|(a, b)| (a - b).max(0.0)).sum();
        gained.max(lost)
    }

    /// Whether every share is as before: decided by the weights, for sums of rounded shares would
    /// leave a rest where there is none.
    fn same_shares(&self) -> bool {
        let mut pairs = self.weights.iter().filter(|w| **w != (0, 0));
        let Some((a, b)) = pairs.next().map(|(a, b)| (u128::from(*a), u128::from(*b))) else {
            return true;
        };
        a > 0 && b > 0 && pairs.all(|(c, d)| a * u128::from(*d) == b * u128::from(*c))
    }

    fn is_empty(&self) -> (bool, bool) {
        (self.shares.iter().all(|s| s.0 == 0.0), self.shares.iter().all(|s| s.1 == 0.0))
    }

    /// Places by the ratio a/b, b = 0 last.
    fn by_ratio(&self) -> Vec<usize> {
        let takes_part = |i: &usize| self.weights.get(*i).is_some_and(|w| *w != (0, 0));
        let mut order: Vec<usize> = (0..self.weights.len()).filter(takes_part).collect();
        order.sort_by(|i, j| self.compare_ratios(*i, *j));
        order
    }

    /// By cross multiplication: equal ratios have to come out equal, or pairs would appear that
    /// never move.
    fn compare_ratios(&self, i: usize, j: usize) -> Ordering {
        let weight = |i: usize| self.weights.get(i).copied().unwrap_or_default();
        let ((a, b), (c, d)) = (weight(i), weight(j));
        (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b)))
    }

    fn share(&self, i: usize) -> (f64, f64) {
        self.shares.get(i).copied().unwrap_or_default()
    }

    /// The fraction of keys that change their node. O(n log n).
    pub(super) fn moved(&self) -> f64 {
        if self.same_shares() {
            return 0.0;
        }
        let (none_before, none_after) = self.is_empty();
        if none_before || none_after {
            return 1.0;
        }
        // With r = a_i/b_i: Σ_k max(a_k/a_i, b_k/b_i) is the b of those with a smaller ratio over
        // b_i plus the a of those with a larger one over a_i.
        let order = self.by_ratio();
        let mut larger: f64 = order.iter().map(|i| self.share(*i).0).sum();
        let (mut smaller, mut stays) = (0.0, 0.0);
        for i in order {
            let (a, b) = self.share(i);
            larger -= a;
            if a > 0.0 && b > 0.0 {
                stays += 1.0 / (smaller / b + larger.max(0.0) / a + 1.0);
            }
            smaller += b;
        }
        (1.0 - stays).max(0.0)
    }

    /// Fractions by (from, to). O(n²).
    pub(super) fn matrix(&self) -> BTreeMap<Ends, f64> {
        let mut matrix = BTreeMap::new();
        let (none_before, none_after) = self.is_empty();
        if none_before || none_after {
            for (place, (a, b)) in self.shares.iter().enumerate() {
                let place = Some(place as u32);
                let ends = if none_before { (None, place) } else { (place, None) };
                if a + b > 0.0 {
                    matrix.insert(ends, a + b);
                }
            }
            return matrix;
        }
        let order = self.by_ratio();
        let integrals = self.integrals(&order);
        for (at, i) in order.iter().enumerate() {
            for (below, j) in order.iter().enumerate().take(at) {
                let span = |k: usize| integrals.get(k).copied().unwrap_or_default();
                let fraction = self.share(*i).0 * self.share(*j).1 * (span(at) - span(below));
                if fraction > 0.0 && self.compare_ratios(*i, *j).is_gt() {
                    matrix.insert((Some(*i as u32), Some(*j as u32)), fraction);
                }
            }
        }
        matrix
    }

    /// ∫ from 0 to each node's ratio. Between two ratios the sum is A + B·r with A the a of those
    /// above and B the b of those below, and the integral of its inverse square is
    /// (r₂ − r₁) / ((A + B·r₁)(A + B·r₂)).
    fn integrals(&self, order: &[usize]) -> Vec<f64> {
        let mut above: Vec<f64> = order
            .iter()
            .rev()
            .scan(0.0, |sum, i| {
                *sum += self.share(*i).0;
                Some(*sum)
            })
            .collect();
        above.reverse();
        let (mut below, mut from, mut integral) = (0.0, 0.0, 0.0);
        let mut whole = None;
        let mut all = Vec::with_capacity(order.len());
        for (i, above) in order.iter().zip(above) {
            let (a, b) = self.share(*i);
            if b > 0.0 {
                let to = a / b;
                integral += (to - from) / ((above + below * from) * (above + below * to));
                from = to;
            } else {
                // Up to infinity: all nodes without a share after stand above all the way.
                let rest = || integral + 1.0 / (below * (above + below * from));
                all.push(*whole.get_or_insert_with(rest));
                continue;
            }
            all.push(integral);
            below += b;
        }
        all
    }
}
