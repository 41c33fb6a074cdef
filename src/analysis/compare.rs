//! Compares two locators in one call, exactly and over keys.

use super::key_counts::count_moves;
use super::report::MoveReport;
use crate::diff::Diff;
use crate::error::Error;
use crate::hash::{Key, Portable};
use crate::locator::Locator;
use crate::placement::Exact;

/// The moves between two locators: exactly, over the whole hash space, and counted over given keys.
#[derive(Debug)]
#[non_exhaustive]
pub struct Comparison<'a, N> {
    /// The exact difference over the whole hash space. An error says why there is none: another
    /// algorithm, another hasher, or replicas of a placement with exact differences for one replica
    /// only.
    pub exact: Result<Diff<'a, N>, Error>,
    /// The moves counted over the given keys, with their bytes and the balance before and after.
    pub counted: MoveReport<'a, N>,
}

impl<N> Comparison<'_, N> {
    /// The fraction of all replicas that moves: exact where available, otherwise as counted.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let exact = self.exact.as_ref().ok().and_then(Diff::moved_fraction);
        exact.unwrap_or_else(|| self.counted.moved_fraction())
    }
}

/// Compares two locators at `replicas` replicas per key: computes the exact difference
/// ([`Locator::diff_replicas`]), and counts moves over keys with their sizes ([`count_moves`]).
/// `par_compare` (feature `rayon`) counts in parallel.
///
/// ```
/// use apportion::{Locator, analysis};
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let bigger = ring.with("d")?;
/// let moved = analysis::compare(&ring, &bigger, 2, (0..50_000_u64).map(|key| (key, 1)))?;
/// assert!((moved.fraction() - moved.counted.moved_fraction()).abs() < 0.01);
/// assert_eq!(moved.counted.moved_between_unchanged(), 0);
/// assert_eq!(moved.exact?.excess(), Some(0.0));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas.
pub fn compare<'a, N, P, Q, H, K>(
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, H>,
    replicas: usize,
    keys: impl IntoIterator<Item = (K, u64)>,
) -> Result<Comparison<'a, N>, Error>
where
    P: Exact,
    Q: Exact,
    H: Portable,
    K: Key<H>,
{
    let counted = count_moves(old, new, replicas, keys)?;
    let exact = old.diff_replicas(new, replicas);
    Ok(Comparison { exact, counted })
}
