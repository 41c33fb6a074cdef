//! −log2(r / 2^64) twice: with 128 binary places by repeated squaring, and as the fixed-point
//! number that decides weighted rendezvous, written down from its specification.

use std::cmp::Ordering;
use std::sync::LazyLock;

/// 256 bits, the lowest word first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wide([u64; 4]);

impl Wide {
    pub fn new(low: u128, high: u128) -> Self {
        Self([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64])
    }

    /// The product; the caller knows that it fits.
    pub fn times(self, factor: u64) -> Self {
        let mut carry = 0;
        let product = self.0.map(|word| {
            let sum = u128::from(word) * u128::from(factor) + carry;
            carry = sum >> 64;
            sum as u64
        });
        assert_eq!(carry, 0);
        Self(product)
    }

    pub fn plus(self, other: Self) -> Self {
        let mut carry = 0;
        let sum = std::array::from_fn(|i| {
            let sum = u128::from(self.0[i]) + u128::from(other.0[i]) + carry;
            carry = sum >> 64;
            sum as u64
        });
        assert_eq!(carry, 0);
        Self(sum)
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn square(x: [u64; 4]) -> [u64; 8] {
    let mut out = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            let sum = u128::from(x[i]) * u128::from(x[j]) + u128::from(out[i + j]) + carry;
            out[i + j] = sum as u64;
            carry = sum >> 64;
        }
        out[i + 4] = carry as u64;
    }
    out
}

/// The first 128 binary places of log2(m / 2^63), 2^63 ≤ m < 2^64: squaring doubles a logarithm,
/// and its integer part is the next place. An error of one squaring counts half in the next, so
/// all of them together stay far below the last place.
fn places(m: u64) -> u128 {
    let mut x = [0, 0, 0, m];
    let mut log = 0;
    for _ in 0..128 {
        let [.., under, a, b, c, d] = square(x);
        let two_or_more = d >> 63 == 1;
        log = log << 1 | u128::from(two_or_more);
        x = if two_or_more {
            [a, b, c, d]
        } else {
            [a << 1 | under >> 63, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63]
        };
    }
    log
}

/// −log2(r / 2^64) · 2^128, at most one unit too large; 0 counts as 1.
pub fn exact(r: u64) -> Wide {
    let r = r.max(1);
    let zeros = r.leading_zeros();
    let places = places(r << zeros);
    let whole = u128::from(zeros) + 1;
    match places {
        0 => Wide::new(0, whole),
        _ => Wide::new(places.wrapping_neg(), whole - 1),
    }
}

/// For each of 256 steps: 2^72 / (257 + i) to the nearest, −log2((257 + i) / 512) · 2^57 to the
/// nearest.
static TABLES: LazyLock<Vec<(u128, u128)>> = LazyLock::new(|| {
    let row = |i: u64| {
        let divisor = u128::from(257 + i);
        let floor = if i == 255 { 1 << 64 } else { places((257 + i) << 55) >> 64 };
        (((1 << 72) + divisor / 2) / divisor, ((1 << 64) - floor + 64) >> 7)
    };
    (0..256).map(row).collect()
});

/// −log2(r / 2^64) · 2^57, the fixed-point number; never 0; 0 counts as 1.
pub fn fixed(r: u64) -> u64 {
    let r = r.max(1);
    let zeros = r.leading_zeros();
    let m = u128::from(r << zeros);
    let step = (m >> 55) & 255;
    let (reciprocal, anchor) = TABLES[step as usize];
    let upper_end = (257 + step) << 55;
    let delta = ((upper_end - m) * reciprocal) >> 55;
    let e = delta >> 8;
    let mut q = 0x3333_3333_3333_3333;
    for next in [1 << 62, 0x5555_5555_5555_5555, 1 << 63, 0] {
        q = next + ((q * e) >> 64);
    }
    let sum = delta + ((delta * q) >> 64);
    let log = (u128::from(zeros) << 57) + anchor + ((sum * 0xB8AA_3B29_5C17_F0BC) >> 78);
    log.max(1) as u64
}

/// The documented bound of the fixed-point number's error, 2^-46, in units of [`exact`].
pub const BOUND: Wide = Wide([0, 1 << 18, 0, 0]);

/// That the two logarithms of one draw agree within the bound.
pub fn check(r: u64) {
    let exact = exact(r);
    let fixed = Wide::new(u128::from(fixed(r)) << 71, u128::from(fixed(r)) >> 57);
    let (low, high) = if exact < fixed { (exact, fixed) } else { (fixed, exact) };
    assert!(high < low.plus(BOUND), "r = {r:#x}");
}
