//! The exponential function without `std`.

/// e^-x and 1 − e^-x for x ≥ 0. Each is accurate to a few units in the last place unless it is
/// small compared with the other.
pub(super) fn exponential(x: f64) -> (f64, f64) {
    if x > 745.0 {
        return (0.0, 1.0);
    }
    let (mut small, mut doublings) = (x, 0);
    while small > 0.5 {
        small *= 0.5;
        doublings += 1;
    }
    // x − x²/2! + x³/3! − …; the omitted terms are below 2^-60 · x.
    let mut gone = 1.0;
    for i in (2..=16_u32).rev() {
        gone = 1.0 - gone * small / f64::from(i);
    }
    gone *= small;
    let mut left = 1.0 - gone;
    for _ in 0..doublings {
        gone *= 2.0 - gone;
        left = if gone < 0.5 { 1.0 - gone } else { left * left };
    }
    (left, gone)
}

#[cfg(test)]
mod tests {
    use super::exponential;

    #[test]
    fn exponentials() {
        let mut x = 1e-30_f64;
        while x < 700.0 {
            let (left, gone) = exponential(x);
            let max = 4.0 * f64::EPSILON;
            assert!((left / (-x).exp() - 1.0).abs() < max * x.max(1.0), "{x}");
            assert!((gone / -(-x).exp_m1() - 1.0).abs() < max, "{x}");
            x *= 1.01;
        }
        assert_eq!(exponential(0.0), (1.0, 0.0));
        assert_eq!(exponential(1e30), (0.0, 1.0));
    }
}
