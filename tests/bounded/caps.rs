//! Caps, exactly.

use crate::support::Draws;
use apportion::Weight;
use apportion::bounded::LoadFactor;
use apportion::limits::MAX_BOUNDED_KEYS;

/// Numbers as digits to the base 2^32, the lowest first: nothing overflows.
fn product(factors: &[u128]) -> Vec<u32> {
    let mut digits = vec![1_u32];
    for factor in factors {
        let mut sum = vec![0_u64; digits.len() + 5];
        for (i, digit) in digits.iter().enumerate() {
            let mut carry = 0;
            for j in 0..5 {
                let part = if j < 4 { (factor >> (32 * j)) as u32 } else { 0 };
                let here = sum[i + j] + u64::from(*digit) * u64::from(part) + carry;
                sum[i + j] = here & 0xFFFF_FFFF;
                carry = here >> 32;
            }
            assert_eq!(carry, 0);
        }
        digits = sum.iter().map(|d| *d as u32).collect();
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

fn at_least(a: &[u32], b: &[u32]) -> bool {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev())).is_ge()
}

/// The cap is the smallest number that reaches the quotient.
fn check(num: u32, den: u32, keys: u32, weight: u64, total: u128) {
    let cap = LoadFactor::new(num, den).unwrap().cap(keys, Weight::new(weight), total);
    let part = product(&[num.into(), keys.into(), weight.into()]);
    let reaches = |cap: u64| at_least(&product(&[cap.into(), den.into(), total]), &part);
    let what = format!("{num}/{den} of {keys} keys, {weight} of {total}: {cap}");
    assert!(reaches(cap), "{what}: too few");
    assert!(cap == 0 || !reaches(cap - 1), "{what}: too many");
}

#[test]
fn caps_are_exact() {
    let mut draws = Draws(11);
    let numbers = |draws: &mut Draws, most: u64| match draws.below(4) {
        0 => most,
        1 => most - draws.below(3).min(most),
        2 => draws.next() & most,
        _ => draws.next() & most & 0xFF,
    };
    for _ in 0..20_000 {
        let den = numbers(&mut draws, 0xFFFF_FFFF).max(1) as u32;
        let num = (numbers(&mut draws, 0xFFFF_FFFF) as u32).max(den);
        let keys = numbers(&mut draws, u64::from(MAX_BOUNDED_KEYS)) as u32;
        let weight = numbers(&mut draws, u64::MAX);
        let others = u128::from(numbers(&mut draws, u64::MAX)) * u128::from(draws.below(1 << 20));
        let total = (u128::from(weight) + others).max(1);
        check(num, den, keys, weight, total);
    }
    for (num, den) in [(1, 1), (u32::MAX, 1), (u32::MAX, u32::MAX), (u32::MAX, u32::MAX - 1)] {
        for weight in [0, 1, u64::MAX] {
            let most = u128::from(u64::MAX) << 20;
            for total in [u128::from(weight.max(1)), u128::from(u64::MAX), most] {
                check(num, den, MAX_BOUNDED_KEYS, weight, total);
                check(num, den, 1, weight, total);
                check(num, den, 0, weight, total);
            }
        }
    }
}

#[test]
fn caps_add_up_to_the_keys() {
    let mut draws = Draws(12);
    for _ in 0..2000 {
        let weights: Vec<u64> =
            (0..1 + draws.below(20)).map(|_| draws.next() >> draws.below(64)).collect();
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        let den = 1 + draws.below(50) as u32;
        let factor = LoadFactor::new(den + draws.below(50) as u32, den).unwrap();
        let keys = (draws.next() as u32) >> draws.below(32);
        let cap = |w: &u64| u128::from(factor.cap(keys, Weight::new(*w), total));
        let sum: u128 = weights.iter().map(cap).sum();
        assert!(total == 0 || sum >= u128::from(keys), "{factor} of {keys}: {sum}");
    }
}

#[test]
fn caps_at_the_edges_of_their_arguments() {
    let factor = LoadFactor::new(5, 4).unwrap();
    assert_eq!((factor.num(), factor.den(), factor.to_string()), (5, 4, "5/4".to_owned()));
    assert_eq!(factor.cap(10, Weight::new(1), 0), 0, "nobody");
    assert_eq!(factor.cap(0, Weight::new(1), 1), 0);
    assert_eq!(factor.cap(10, Weight::DRAINED, 5), 0);
    // More than any topology has: still the quotient, as far as it can be said.
    assert_eq!(factor.cap(10, Weight::new(1), u128::MAX), 1);
    assert_eq!(factor.cap(10, Weight::new(1), 1 << 126), 1, "four times that is 2^128");
    let wide = LoadFactor::new(u32::MAX, 1).unwrap();
    assert_eq!(wide.cap(u32::MAX, Weight::new(u64::MAX), 1), u64::MAX);
    assert_eq!(LoadFactor::ONE, LoadFactor::new(1, 1).unwrap());
}
