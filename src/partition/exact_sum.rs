//! Exact sums of fractions whose denominators differ.

use alloc::vec;
use alloc::vec::Vec;

/// A natural number of any size: 32-bit digits, the lowest first.
#[derive(Clone, Debug)]
struct Natural(Vec<u32>);

impl Natural {
    fn new(value: u128) -> Self {
        Self((0..4).map(|i| (value >> (32 * i)) as u32).collect())
    }

    /// The product with a number, digit by digit.
    fn times(&self, factor: u128) -> Self {
        let factor = Self::new(factor).0;
        let mut product = vec![0_u32; self.0.len() + factor.len()];
        for (i, a) in self.0.iter().enumerate() {
            let mut carry = 0_u64;
            for (place, b) in product.iter_mut().skip(i).zip(factor.iter().chain([&0])) {
                let sum = u64::from(*place) + u64::from(*a) * u64::from(*b) + carry;
                (*place, carry) = (sum as u32, sum >> 32);
            }
        }
        Self(product)
    }

    fn plus(&self, other: &Self) -> Self {
        let len = self.0.len().max(other.0.len()) + 1;
        let digit = |number: &Self, i: usize| u64::from(number.0.get(i).copied().unwrap_or(0));
        let mut carry = 0;
        let digits = (0..len).map(|i| {
            let sum = digit(self, i) + digit(other, i) + carry;
            carry = sum >> 32;
            sum as u32
        });
        Self(digits.collect())
    }

    /// The difference; `None` if it is negative.
    fn minus(&self, other: &Self) -> Option<Self> {
        let len = self.0.len().max(other.0.len());
        let digit = |number: &Self, i: usize| i64::from(number.0.get(i).copied().unwrap_or(0));
        let mut borrow = 0;
        let digits = (0..len).map(|i| {
            let difference = digit(self, i) - digit(other, i) - borrow;
            borrow = i64::from(difference < 0);
            (difference + (borrow << 32)) as u32
        });
        let digits: Vec<u32> = digits.collect();
        (borrow == 0).then_some(Self(digits))
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|digit| *digit == 0)
    }
}

/// The whole part of a sum of proper fractions, numerators before denominators, and whether a rest
/// remains. O(k²) for k fractions.
pub(super) fn whole(fractions: &[(u128, u128)]) -> (u64, bool) {
    let fractions: Vec<(u128, u128)> = fractions.iter().copied().filter(|(n, _)| *n > 0).collect();
    match fractions.as_slice() {
        [] => return (0, false),
        [(num, den)] => return ((num / den) as u64, num % den > 0),
        _ => {}
    }
    let (mut num, mut den) = (Natural::new(0), Natural::new(1));
    for (n, d) in fractions {
        num = num.times(d).plus(&den.times(n));
        den = den.times(d);
    }
    let mut whole = 0;
    while let Some(less) = num.minus(&den) {
        num = less;
        whole += 1;
    }
    (whole, !num.is_zero())
}

#[cfg(test)]
mod tests {
    use super::whole;
    use crate::hash::mix::word;
    use std::vec::Vec;

    #[test]
    fn sums_are_exact() {
        let near = (1 << 84) - 1;
        assert_eq!(whole(&[]), (0, false));
        assert_eq!(whole(&[(1, 3), (2, 3)]), (1, false));
        assert_eq!(whole(&[(1, 2), (1, 3), (1, 6)]), (1, false));
        assert_eq!(whole(&[(near - 1, near), (1, near)]), (1, false));
        assert_eq!(whole(&[(near - 1, near), (1, near + 1)]), (0, true));
        assert_eq!(whole(&[(near - 1, near), (1, near - 1)]), (1, true));
        for seed in 0..2000 {
            // Parts of a common denominator that fits, each cut down.
            let den = 720_720_u64;
            let parts: Vec<u64> = (0..=seed % 7).map(|i| word(seed, i) % den).collect();
            let cut = |(i, part): (u64, &u64)| {
                let by = 1 + word(seed, 100 + i) % 13;
                (u128::from(part * by), u128::from(den * by))
            };
            let fractions: Vec<_> = (0..).zip(&parts).map(cut).collect();
            let sum: u64 = parts.iter().sum();
            assert_eq!(whole(&fractions), (sum / den, sum % den > 0), "{seed}");
        }
    }
}
