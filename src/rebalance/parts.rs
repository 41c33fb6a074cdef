//! What a diff consists of.

/// An exact fraction: numerator and denominator.
pub type Ratio = (u128, u128);

/// Where a [`Move`] takes place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Part {
    /// The key hashes `first..=last`.
    Arc {
        /// The lowest hash.
        first: u64,
        /// The highest hash, included.
        last: u64,
    },
    /// All keys of a partition that both tables have.
    Partition(u32),
    /// Some keys, scattered over all hashes: [`Diff::matrix`](crate::Diff::matrix) says how many.
    Pair,
}

/// A part of the keys of which one replica changes its holder.
#[derive(PartialEq, Eq, Debug)]
pub struct Move<'a, N> {
    /// Which keys.
    pub part: Part,
    /// Who held them; `None` where nobody did.
    pub from: Option<&'a N>,
    /// Who holds them now; `None` where nobody does.
    pub to: Option<&'a N>,
}

/// How much goes from one node to another.
#[derive(PartialEq, Debug)]
pub struct Transfer<'a, N> {
    /// Who held it; `None` where nobody did.
    pub from: Option<&'a N>,
    /// Who holds it now; `None` where nobody does.
    pub to: Option<&'a N>,
    /// As a fraction of all replicas of all keys.
    pub fraction: f64,
    /// The same exactly, where it is a ratio of integers.
    pub exact: Option<Ratio>,
}
