//! Weights of leaders as integers: those given, or the replica quotas.

use super::super::cells::at;
use crate::hash::mix::gcd;
use alloc::vec::Vec;

/// The largest sum of weights: a flow multiplies it by the number of partitions.
const MAX_SUM: u128 = 1 << 84;

/// Units of a quota where the quotas have no small common denominator.
const FRACTION: u32 = 40;

/// Integers in proportion to these quotas, which are numerators and denominators.
///
/// Exact if the quotas have a common denominator under which their sum stays below 2^84, which they
/// have if limits cap no node, and nearly always otherwise. If not, each is rounded down to a
/// multiple of 2^-40.
pub(super) fn in_proportion(quotas: &[(u128, u128)]) -> Vec<u128> {
    if let Some(weights) = same_denominator(quotas).or_else(|| common_denominator(quotas)) {
        return weights;
    }
    let rounded = |(num, den): &(u128, u128)| {
        let (whole, rest) = (num / (*den).max(1), num % (*den).max(1));
        // Shortened, so that the product fits.
        let shift = (128 - den.leading_zeros()).saturating_sub(128 - FRACTION);
        (whole << FRACTION) + ((rest >> shift) << FRACTION) / ((*den).max(1) >> shift).max(1)
    };
    quotas.iter().map(rounded).collect()
}

/// The numerators over their common divisor, if all denominators are the same.
fn same_denominator(quotas: &[(u128, u128)]) -> Option<Vec<u128>> {
    let positive = || quotas.iter().filter(|(num, _)| *num > 0);
    let (_, first) = positive().next()?;
    if positive().any(|(_, den)| den != first) {
        return None;
    }
    let divisor = quotas.iter().fold(0, |divisor, (num, _)| gcd(divisor, *num)).max(1);
    checked(quotas.iter().map(|(num, _)| num / divisor).collect())
}

fn common_denominator(quotas: &[(u128, u128)]) -> Option<Vec<u128>> {
    let mut common = 1_u128;
    let mut reduced: Vec<(u128, u128)> = Vec::with_capacity(quotas.len());
    for (i, (num, den)) in quotas.iter().enumerate() {
        // Neighbours often have the same quota.
        if i > 0 && at(quotas, i - 1) == (*num, *den) {
            reduced.push(at(&reduced, i - 1));
            continue;
        }
        let divisor = gcd(*num, *den).max(1);
        let (num, den) = (num / divisor, (den / divisor).max(1));
        common = (common / gcd(common, den).max(1)).checked_mul(den).filter(|c| *c < MAX_SUM)?;
        reduced.push((num, den));
    }
    let scaled = reduced.into_iter().map(|(num, den)| num.checked_mul(common / den));
    checked(scaled.collect::<Option<Vec<u128>>>()?)
}

fn checked(weights: Vec<u128>) -> Option<Vec<u128>> {
    let sum = weights.iter().try_fold(0_u128, |sum, weight| sum.checked_add(*weight));
    sum.filter(|sum| *sum <= MAX_SUM).map(|_| weights)
}

#[cfg(test)]
mod tests {
    use super::{MAX_SUM, in_proportion};
    use std::prelude::rust_2024::*;

    #[test]
    fn quotas_become_integers_in_proportion() {
        assert_eq!(in_proportion(&[(6, 7), (0, 5), (4, 7)]), [3, 0, 2]);
        assert_eq!(in_proportion(&[(1, 2), (2, 3), (4, 1)]), [3, 4, 24]);
        assert_eq!(in_proportion(&[(0, 1), (0, 0)]), [0, 0]);
        let primes = [(1 << 60) - 93_u128, (1 << 61) - 1, (1 << 62) - 57];
        let odd: Vec<(u128, u128)> = primes.iter().map(|prime| (prime + 1, *prime)).collect();
        assert_eq!(in_proportion(&odd), [1 << 40; 3]);
        let large = [(1 << 92, (1 << 83) + 1), (3 << 92, (1 << 83) + 1)];
        assert_eq!(in_proportion(&large), [1, 3]);
        assert!(in_proportion(&large).iter().sum::<u128>() <= MAX_SUM);
    }
}
