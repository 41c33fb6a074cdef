//! Integer mixing: every function is total, wrapping and `const`, so a value is the same on every
//! target and may be computed at compile time.

/// Weyl increment of SplitMix64: 2^64 divided by the golden ratio.
pub(crate) const PHI: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64, a bijection of the 64-bit integers.
///
/// Guy L. Steele Jr., Doug Lea, Christine H. Flood, *Fast splittable pseudorandom number
/// generators*, OOPSLA 2014, DOI 10.1145/2714064.2660195 (the variant 13 constants of David
/// Stafford).
#[inline]
#[must_use]
pub(crate) const fn mix(z: u64) -> u64 {
    let z = mix_but_last(z);
    z ^ (z >> MIX_SHIFTS[2])
}

/// The shifts and factors of [`mix`], which alternate.
pub(crate) const MIX_SHIFTS: [u32; 3] = [30, 27, 31];
pub(crate) const MIX_FACTORS: [u64; 2] = [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB];

/// [`mix`] without its last step, which does not change the bits of [`MIX_SETTLED`].
#[inline]
#[must_use]
pub(crate) const fn mix_but_last(mut z: u64) -> u64 {
    z = (z ^ (z >> MIX_SHIFTS[0])).wrapping_mul(MIX_FACTORS[0]);
    (z ^ (z >> MIX_SHIFTS[1])).wrapping_mul(MIX_FACTORS[1])
}

/// The bits that [`mix_but_last`] and [`mix`] have in common: the upper 31.
pub(crate) const MIX_SETTLED: u64 = !(u64::MAX >> MIX_SHIFTS[2]);

/// Multiplier of the generator of jump consistent hash: Pierre L'Ecuyer, *Tables of linear congruential
/// generators of different sizes and good lattice structure*, Mathematics of Computation 68, 1999.
pub(crate) const JUMP_MULTIPLIER: u64 = 2_862_933_555_777_941_757;

/// Word `c` of the SplitMix64 stream whose state starts at `h`, addressed by its number.
#[inline]
#[must_use]
pub(crate) const fn word(h: u64, c: u64) -> u64 {
    mix(h.wrapping_add(c.wrapping_add(1).wrapping_mul(PHI)))
}

/// High half of the 128-bit product.
#[inline]
#[must_use]
pub(crate) const fn mul_high(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

/// Maps a uniform 64-bit word to `0..n` by multiply-high; 0 if `n` is 0. The bias of a value is
/// below `n`/2^64.
///
/// Daniel Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29(1), 2019,
/// DOI 10.1145/3230636.
#[inline]
#[must_use]
pub(crate) const fn reduce(word: u64, n: u64) -> u64 {
    mul_high(word, n)
}

/// The last word that [`reduce`] maps to `part` of `parts`; `u64::MAX` for the last part and beyond.
#[cfg(feature = "alloc")]
#[inline]
#[must_use]
pub(crate) fn last_of(part: u64, parts: u64) -> u64 {
    let next = ((u128::from(part) + 1) << 64).div_ceil(u128::from(parts.max(1)));
    u64::try_from(next - 1).unwrap_or(u64::MAX)
}

/// The greatest common divisor; the other number if one is 0.
#[cfg(feature = "alloc")]
#[must_use]
pub(crate) const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::{mix, word};

    fn hex(text: &str) -> u64 {
        u64::from_str_radix(text, 16).unwrap()
    }

    #[test]
    fn recorded_values() {
        let mut rows = 0;
        for line in include_str!("../../tests/vectors/mix.tsv").lines().skip(2) {
            let (z, mixed) = line.split_once('\t').unwrap();
            assert_eq!(mix(hex(z)), hex(mixed));
            rows += 1;
        }
        assert_eq!(rows, 200);
        for line in include_str!("../../tests/vectors/word.tsv").lines().skip(2) {
            let [h, c, expected] = [0, 1, 2].map(|i| line.split('\t').nth(i).unwrap());
            assert_eq!(word(hex(h), c.parse().unwrap()), hex(expected));
        }
    }
}
