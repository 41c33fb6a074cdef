//! Sums of up to 2^20 products of a weight (64 bits) and a total weight (84 bits).

use core::ops::Add;

/// An integer below 2^192: `high · 2^64 + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    high: u128,
    low: u64,
}

impl Wide {
    pub(super) fn product(a: u64, b: u128) -> Self {
        let low = u128::from(a) * (b & u128::from(u64::MAX));
        Self { high: u128::from(a) * (b >> 64) + (low >> 64), low: low as u64 }
    }

    /// The difference; 0 if the other number is larger.
    pub(super) fn saturating_sub(self, other: Self) -> Self {
        if self <= other {
            return Self::default();
        }
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high - other.high - u128::from(borrow), low }
    }

    /// As a floating-point number, rounded at most twice.
    pub(super) fn to_f64(self) -> f64 {
        const TWO_64: f64 = (1_u128 << 64) as f64;
        self.high as f64 * TWO_64 + self.low as f64
    }
}

impl Add for Wide {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high + other.high + u128::from(carry), low }
    }
}

#[cfg(test)]
mod tests {
    use super::Wide;
    use crate::hash::mix::word;

    fn small(wide: Wide) -> u128 {
        assert!(wide.high < 1 << 64);
        wide.high << 64 | u128::from(wide.low)
    }

    #[test]
    fn as_with_128_bits() {
        for i in 0..1000 {
            let draw = |j: u64| word(i, j) >> (word(i, 10 + j) % 64);
            let (a, b, c, d) = (draw(0) >> 2, draw(1).into(), draw(2) >> 2, draw(3).into());
            let (left, right) = (Wide::product(a, b), Wide::product(c, d));
            let (x, y) = (u128::from(a) * b, u128::from(c) * d);
            assert_eq!((small(left), small(left + right)), (x, x + y));
            assert_eq!(small(left.saturating_sub(right)), x.saturating_sub(y));
            assert!((left.to_f64() - x as f64).abs() <= 4e-16 * x as f64);
        }
    }

    #[test]
    fn beyond_128_bits() {
        let (all, total) = (u64::MAX, 1_u128 << 84);
        let (most, less) = (Wide::product(all, total), Wide::product(all - 1, total));
        assert_eq!(most.saturating_sub(less).to_f64().to_bits(), (total as f64).to_bits());
        assert_eq!((most + most).saturating_sub(most), most);
        let sum = (0..1 << 10).fold(Wide::default(), |sum, _| sum + most);
        assert_eq!(sum.to_f64().to_bits(), 2_f64.powi(64 + 84 + 10).to_bits());
    }
}
