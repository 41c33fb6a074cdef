//! Pearson's chi-squared statistic.

use crate::steps;
use alloc::vec::Vec;

/// The minimum expectation of a cell for the statistic to follow its distribution (Cochran 1954).
/// Slightly below 5, to accept an expectation of 5 that was rounded down.
const MIN_EXPECTED: f64 = 5.0 - 1e-9;

/// Pearson's chi-squared statistic: Σ (counted − expected)² / expected over cells.
///
/// If every key falls into each cell with the expected probability, independently of other keys,
/// the statistic of many keys approximately has the chi-squared distribution. Its degrees of
/// freedom are the number of cells minus one, and so is its mean.
///
/// # Source
/// Karl Pearson, *On the criterion that a given system of deviations from the probable
/// in the case of a correlated system of variables is such that it can be reasonably supposed to
/// have arisen from random sampling*, Philosophical Magazine 50(302), 1900, DOI
/// 10.1080/14786440009463897. Cells that expect too little: William G. Cochran, *Some methods for
/// strengthening the common χ² tests*, Biometrics 10(4), 1954, DOI 10.2307/3001616.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct ChiSquared {
    /// Σ (counted − expected)² / expected. Infinite if a cell with an expectation of 0 has a count.
    pub statistic: f64,
    /// The number of cells minus one.
    pub degrees_of_freedom: u32,
    /// How many of the given cells were joined with others because their expectation was too low.
    pub joined: usize,
}

impl ChiSquared {
    /// Computes the statistic of pairs (count, expectation). Expectations are proportions: they are
    /// scaled to the sum of the counts. O(n log n).
    ///
    /// Cells that expect fewer than 5 keys would distort the distribution, so cells are joined in
    /// ascending order of expectation until each expects 5 or more. This looks at expectations
    /// only, so it favours no outcome. Cells with an expectation of 0 are left out.
    ///
    /// `None` if fewer than two cells remain, or if an expectation is negative or not finite.
    ///
    /// ```
    /// use apportion::analysis::ChiSquared;
    ///
    /// let dice = ChiSquared::of([16, 18, 16, 14, 12, 14].map(|count| (count, 1.0)));
    /// let dice = dice.ok_or("no cells")?;
    /// assert!((dice.statistic - 22.0 / 15.0).abs() < 1e-12);
    /// assert_eq!(dice.degrees_of_freedom, 5);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn of(cells: impl IntoIterator<Item = (u64, f64)>) -> Option<Self> {
        let mut cells: Vec<(u64, f64)> = cells.into_iter().collect();
        let all: f64 = cells.iter().map(|cell| cell.1).sum();
        if !all.is_finite() || cells.iter().any(|cell| cell.1 < 0.0) {
            return None;
        }
        let keys = cells.iter().map(|cell| u128::from(cell.0)).sum::<u128>() as f64;
        let impossible = cells.iter().any(|(count, expected)| *expected == 0.0 && *count > 0);
        cells.retain(|cell| cell.1 > 0.0);
        cells.sort_by(|a, b| {
            steps::count(1);
            a.1.total_cmp(&b.1)
        });
        let scaled = cells.iter().map(|(count, expected)| (*count, expected / all * keys));
        let cells = joined(scaled);
        let degrees_of_freedom = cells.len().checked_sub(1).filter(|degrees| *degrees > 0)? as u32;
        let statistic = if impossible { f64::INFINITY } else { cells.iter().map(Cell::term).sum() };
        let joined = cells.iter().map(|cell| cell.parts).filter(|parts| *parts > 1).sum();
        Some(Self { statistic, degrees_of_freedom, joined })
    }

    /// The p-value: the probability of a statistic at least as large if the counts follow the
    /// expectations. A value near 0 means that they do not; by chance it is below 0.001 once in a
    /// thousand times.
    ///
    /// It is the regularised incomplete gamma function of the crate `statrs`: eleven correct digits
    /// for a thousand cells, nine for a million. Values below 1e-300 may become 0.
    #[cfg(feature = "analysis")]
    #[must_use]
    pub fn probability(&self) -> f64 {
        let (half, at) = (f64::from(self.degrees_of_freedom) / 2.0, self.statistic / 2.0);
        if at <= 0.0 {
            return 1.0;
        }
        // The function fails only for an infinite statistic, whose probability is 0.
        statrs::function::gamma::checked_gamma_ur(half, at).map_or(0.0, |p| p.clamp(0.0, 1.0))
    }
}

struct Cell {
    count: u64,
    expected: f64,
    parts: usize,
}

impl Cell {
    const EMPTY: Self = Self { count: 0, expected: 0.0, parts: 0 };

    fn join(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.expected += other.expected;
        self.parts += other.parts;
    }

    fn term(&self) -> f64 {
        let off = self.count as f64 - self.expected;
        off * off / self.expected
    }
}

/// Joins cells, given in ascending order of expectation, until each expects enough. Empty if all of
/// them together do not.
fn joined(sorted: impl Iterator<Item = (u64, f64)>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut open = Cell::EMPTY;
    for (count, expected) in sorted {
        open.join(&Cell { count, expected, parts: 1 });
        if open.expected >= MIN_EXPECTED {
            cells.push(core::mem::replace(&mut open, Cell::EMPTY));
        }
    }
    // The rest expects too little for its own cell, so it joins the last one.
    if let Some(last) = cells.last_mut() {
        last.join(&open);
    }
    cells
}
