//! Sizes over quotas, compared exactly.

use super::super::quota::Quotas;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Quotas are in units of 2^-34 replicas.
const FRACTION: u32 = 34;

/// A node above its fair size by no more than this part of it, 2^-20, is even enough.
pub(super) const TOLERANCE: u32 = 20;

/// A size over a quota in units of 2^-34 replicas. All quotas together are at most 2^62, so products
/// with a size fit into 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) struct Ratio {
    pub(super) size: u64,
    pub(super) quota: u64,
}

impl Default for Ratio {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl Ratio {
    /// Infinite for a size without a quota, 0 for no size at all.
    pub(super) fn new(size: u64, quota: u64) -> Self {
        Self { size, quota: if size == 0 { quota.max(1) } else { quota } }
    }

    #[inline]
    pub(super) fn cmp(self, other: Self) -> Ordering {
        let (own, others) = (u128::from(self.size), u128::from(other.size));
        (own * u128::from(other.quota)).cmp(&(others * u128::from(self.quota)))
    }

    #[inline]
    pub(super) fn exceeds(self, other: Self) -> bool {
        self.cmp(other).is_gt()
    }

    #[inline]
    pub(super) fn max(self, other: Self) -> Self {
        if other.exceeds(self) { other } else { self }
    }

    /// As a multiple of another ratio, in floating point for people to read.
    pub(super) fn over(self, other: Self) -> f64 {
        if self.quota == 0 {
            return f64::INFINITY;
        }
        let size = self.size as f64 / other.size.max(1) as f64;
        size * (other.quota as f64 / self.quota as f64)
    }
}

/// The quotas of the leaves in units of 2^-34 replicas, rounded down.
pub(super) fn quotas(quotas: &Quotas) -> Vec<u64> {
    let scaled = |(num, den): &(u128, u128)| {
        let den = (*den).max(1);
        let (whole, rest) = (num / den, num % den);
        // Shortened, so that the product fits.
        let shift = (u128::BITS - den.leading_zeros()).saturating_sub(u128::BITS - FRACTION);
        let fraction = ((rest >> shift) << FRACTION) / (den >> shift).max(1);
        ((whole << FRACTION) + fraction) as u64
    };
    quotas.ratios.iter().map(scaled).collect()
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn ratios_are_compared_exactly() {
        let max = Ratio::new(u64::MAX, (1 << 61) - 1);
        assert!(max.exceeds(Ratio::new(u64::MAX - 1, (1 << 61) - 1)));
        assert!(max.exceeds(Ratio::new(u64::MAX, 1 << 61)));
        assert!(Ratio::new(1, 0).exceeds(max));
        assert!(!Ratio::new(1, 0).exceeds(Ratio::new(2, 0)));
        assert!(max.exceeds(Ratio::new(0, 0)));
        assert_eq!(Ratio::new(6, 2).cmp(Ratio::new(3, 1)), core::cmp::Ordering::Equal);
        assert!((Ratio::new(6, 1).over(Ratio::new(12, 4)) - 2.0).abs() < 1e-15);
        assert!(Ratio::new(6, 0).over(Ratio::new(12, 4)).is_infinite());
    }
}
