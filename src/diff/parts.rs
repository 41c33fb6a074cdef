//! What a diff consists of.

use alloc::vec::Vec;

/// An exact fraction: numerator and denominator.
pub type Ratio = (u128, u128);

/// The keys of a [`Move`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Extent {
    /// The key hashes `first..=last`.
    Hashes {
        /// The lowest hash.
        first: u64,
        /// The highest hash, included.
        last: u64,
    },
    /// All keys of a partition.
    Partition(u32),
    /// Some keys, scattered over all hashes: [`Diff::matrix`](crate::Diff::matrix) says how many.
    Scattered,
}

/// One replica of some keys that moves to another holder.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Move<'a, N> {
    /// The keys.
    pub extent: Extent,
    /// The old holder; `None` if there was none.
    pub from: Option<&'a N>,
    /// The new holder; `None` if there is none.
    pub to: Option<&'a N>,
}

/// All moves from one node to another.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PairMoves<'a, N> {
    /// The old holder; `None` if there was none.
    pub from: Option<&'a N>,
    /// The new holder; `None` if there is none.
    pub to: Option<&'a N>,
    /// The keys.
    pub extents: Vec<Extent>,
}

/// How much moves from one node to another.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub struct Flow<'a, N> {
    /// The old holder; `None` if there was none.
    pub from: Option<&'a N>,
    /// The new holder; `None` if there is none.
    pub to: Option<&'a N>,
    /// As a fraction of all replicas of all keys.
    pub fraction: f64,
    /// The same as an exact ratio, if it is a ratio of integers.
    pub exact: Option<Ratio>,
}

// Derived, these would ask the same of `N`, which is only referred to.
impl<N> Clone for Move<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Move<'_, N> {}

impl<N> Clone for PairMoves<'_, N> {
    fn clone(&self) -> Self {
        Self { extents: self.extents.clone(), ..*self }
    }
}

impl<N> Clone for Flow<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Flow<'_, N> {}

/// Keys that move together, and who holds a replica of them before and after, by place in the union.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnitHolders {
    pub(crate) extent: Extent,
    pub(crate) before: Vec<u32>,
    pub(crate) after: Vec<u32>,
}

/// How much more moves than the minimum: moved / minimum − 1. 0 if both are 0; `None` if only the
/// minimum is 0.
///
/// The difference is taken between integers wherever the products fit: both denominators of a
/// ring's fractions are multiples of 2^64, and what remains of them is a product of two numbers of
/// replicas at most.
pub(crate) fn excess((a, b): Ratio, (c, d): Ratio) -> Option<f64> {
    let common = b.trailing_zeros().min(d.trailing_zeros());
    match (a, c) {
        (0, 0) => Some(0.0),
        (_, 0) => None,
        _ => match a.checked_mul(d >> common).zip(c.checked_mul(b >> common)) {
            Some((moved, least)) if moved >= least => Some((moved - least) as f64 / least as f64),
            Some((moved, least)) => Some(-((least - moved) as f64 / least as f64)),
            None => Some(fraction((a, b)) / fraction((c, d)) - 1.0),
        },
    }
}

/// 0 of nothing is 0.
pub(crate) fn fraction((part, whole): Ratio) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
