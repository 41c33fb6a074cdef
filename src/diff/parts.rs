//! What a diff consists of.

use alloc::vec::Vec;

/// An exact fraction: numerator and denominator.
pub type Ratio = (u128, u128);

/// The keys that a [`Move`] is about.
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
    /// All keys of a partition that both tables have.
    Partition(u32),
    /// Some keys, scattered over all hashes: [`Diff::matrix`](crate::Diff::matrix) says how many.
    Scattered,
}

/// One replica of some keys changes its holder.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Move<'a, N> {
    /// Which keys.
    pub extent: Extent,
    /// Who held them; `None` where nobody did.
    pub from: Option<&'a N>,
    /// Who holds them now; `None` where nobody does.
    pub to: Option<&'a N>,
}

/// All moves from one node to another.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PairMoves<'a, N> {
    /// Who held them; `None` where nobody did.
    pub from: Option<&'a N>,
    /// Who holds them now; `None` where nobody does.
    pub to: Option<&'a N>,
    /// Which keys.
    pub extents: Vec<Extent>,
}

/// How much goes from one node to another.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub struct Flow<'a, N> {
    /// Who held it; `None` where nobody did.
    pub from: Option<&'a N>,
    /// Who holds it now; `None` where nobody does.
    pub to: Option<&'a N>,
    /// As a fraction of all replicas of all keys.
    pub fraction: f64,
    /// The same exactly, where it is a ratio of integers.
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

/// How much more moves than has to: moved / minimum − 1. 0 if nothing moves and nothing has to;
/// `None` if something moves and nothing has to.
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
