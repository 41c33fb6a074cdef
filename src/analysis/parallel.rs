//! Counting over keys on several threads.
//!
//! Each thread counts some of the keys, and the counts are added up. All of them are sums of
//! integers, which do not depend on the order, so the figures are the same for any number of threads.

use super::balance::{Balance, LoadCounts};
use super::compare::Comparison;
use super::key_counts::MoveCounter;
use super::move_counts::MoveCounts;
use super::report::MoveReport;
use crate::error::Error;
use crate::hash::{Key, Portable};
use crate::locator::Locator;
use crate::placement::{Exact, Placement};
use alloc::boxed::Box;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Counts items in parts, on several threads, and adds the parts up.
fn counted<T, C: Send>(
    items: impl IntoParallelIterator<Item = T>,
    none: impl Fn() -> C + Sync,
    count: impl Fn(&mut C, T) + Sync,
    merge: impl Fn(&mut C, &C) + Sync,
) -> C {
    // Boxed, because a fold moves the counts for each item.
    let parts = items.into_par_iter().fold(
        || Box::new(none()),
        |mut counts, item| {
            count(&mut counts, item);
            counts
        },
    );
    let all = parts.reduce_with(|mut counts, others| {
        merge(&mut counts, &others);
        counts
    });
    all.map_or_else(&none, |all| *all)
}

/// Counting in parallel, with the feature `rayon`. The threads are those of the current
/// [pool](https://docs.rs/rayon/1/rayon/struct.ThreadPool.html).
impl<'a, N: Send + Sync> Balance<'a, N> {
    /// As [`of_keys`](Self::of_keys), on several threads: the same figures for any number of them.
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::analysis::Balance;
    ///
    /// let store = Locator::ring(0..10)?;
    /// let balance = Balance::par_of_keys(&store, 3, 0..100_000_u64)?;
    /// assert_eq!(balance, Balance::of_keys(&store, 3, 0..100_000_u64)?);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Complexity
    /// The time of the lookups over the number of threads. Memory is O(nodes) for each piece into which
    /// the keys are divided, a few for each thread.
    ///
    /// # Errors
    /// 0 replicas.
    pub fn par_of_keys<P, H, K>(
        locator: &'a Locator<N, P, H>,
        replicas: usize,
        keys: impl IntoParallelIterator<Item = K>,
    ) -> Result<Self, Error>
    where
        P: Placement + Sync,
        H: Sync,
        K: Key<H>,
    {
        let none = LoadCounts::new(locator.placement(), replicas)?;
        let count = |counts: &mut LoadCounts, key: K| counts.count(locator, &key);
        let counts = counted(keys, || none.clone(), count, LoadCounts::merge);
        Ok(counts.balance(locator.topology()))
    }
}

/// Counting in parallel, with the feature `rayon`. The threads are those of the current
/// [pool](https://docs.rs/rayon/1/rayon/struct.ThreadPool.html).
impl<N, P, H, Q, G> MoveCounter<'_, N, P, H, Q, G>
where
    N: Send + Sync,
    P: Placement + Sync,
    Q: Placement + Sync,
    H: Sync,
    G: Sync,
{
    /// Counts keys with their sizes as [`record`](Self::record) does, on several threads: the same
    /// report for any number of them.
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::analysis::MoveCounter;
    ///
    /// let old = Locator::ring(["a", "b"])?;
    /// let new = old.with("c")?;
    /// let mut movement = MoveCounter::new(&old, &new, 1)?;
    /// movement.par_record(vec![("x", 10), ("y", 20), ("z", 30)]);
    /// assert_eq!((movement.report().keys(), movement.report().bytes()), (3, 60));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn par_record<K>(&mut self, keys: impl IntoParallelIterator<Item = (K, u64)>)
    where
        K: Key<H> + Key<G>,
    {
        let compared = &self.compared;
        let count = |counts: &mut MoveCounts, (key, bytes): (K, u64)| {
            compared.count(counts, &key, bytes, |_, _| ());
        };
        self.counts.merge(&counted(keys, || compared.no_counts(), count, MoveCounts::merge));
    }
}

/// As [`count_moves`](super::count_moves), on several threads: the same report for any number of
/// them.
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::{count_moves, par_count_moves};
///
/// let ten = Locator::rendezvous(0..10)?;
/// let eleven = ten.with(10)?;
/// let keys: Vec<(u64, u64)> = (0..100_000).map(|key| (key, 1024)).collect();
/// let movement = par_count_moves(&ten, &eleven, 3, keys.clone())?;
/// assert_eq!(movement, count_moves(&ten, &eleven, 3, keys)?);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas.
pub fn par_count_moves<'a, N, P, H, Q, G, K>(
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, G>,
    replicas: usize,
    keys: impl IntoParallelIterator<Item = (K, u64)>,
) -> Result<MoveReport<'a, N>, Error>
where
    N: Send + Sync,
    P: Placement + Sync,
    Q: Placement + Sync,
    H: Sync,
    G: Sync,
    K: Key<H> + Key<G>,
{
    let mut movement = MoveCounter::new(old, new, replicas)?;
    movement.par_record(keys);
    Ok(movement.report())
}

/// As [`compare`](super::compare()), with the keys counted on several threads: the same result for any
/// number of them.
///
/// ```
/// use apportion::{Locator, analysis};
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let bigger = ring.with("d")?;
/// let keys: Vec<(u64, u64)> = (0..50_000).map(|key| (key, 1)).collect();
/// let moved = analysis::par_compare(&ring, &bigger, 2, keys)?;
/// assert!((moved.fraction() - moved.counted.moved_fraction()).abs() < 0.01);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// 0 replicas.
pub fn par_compare<'a, N, P, Q, H, K>(
    old: &'a Locator<N, P, H>,
    new: &'a Locator<N, Q, H>,
    replicas: usize,
    keys: impl IntoParallelIterator<Item = (K, u64)>,
) -> Result<Comparison<'a, N>, Error>
where
    N: Send + Sync,
    P: Exact + Sync,
    Q: Exact + Sync,
    H: Portable + Sync,
    K: Key<H>,
{
    let counted = par_count_moves(old, new, replicas, keys)?;
    let exact = old.diff_replicas(new, replicas);
    Ok(Comparison { exact, counted })
}
