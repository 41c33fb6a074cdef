//! A square root without `std`.

/// The square root of a float, by the integer square root: `core` has no other. Scales x by powers
/// of 4 into 2^124..2^126, where the integer root has more bits than a float's mantissa.
pub(super) fn square_root(x: f64) -> f64 {
    const MIN: f64 = (1_u128 << 124) as f64;
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x;
    }
    let (mut x, mut scale) = (x, 1.0);
    while x < MIN {
        (x, scale) = (x * 4.0, scale * 0.5);
    }
    while x >= 4.0 * MIN {
        (x, scale) = (x * 0.25, scale * 2.0);
    }
    (x as u128).isqrt() as f64 * scale
}

#[cfg(test)]
mod tests {
    use super::square_root;

    #[test]
    fn square_roots() {
        for x in [0.0, 1.0, 4.0, 1e300, f64::MAX, f64::INFINITY] {
            assert_eq!(square_root(x).to_bits(), x.sqrt().to_bits(), "{x}");
        }
        let mut x = 1e-300;
        while x < 1e300 {
            assert!((square_root(x) / x.sqrt() - 1.0).abs() <= f64::EPSILON, "{x}");
            x *= 1.7;
        }
        assert!(square_root(f64::NAN).is_nan());
    }
}
