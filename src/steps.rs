//! Counts the steps of documented complexities in unit tests.
//!
//! Every inner loop whose cost is documented calls [`count`]. Outside the crate's unit tests the call
//! compiles to nothing; inside them it adds to a counter of the thread, and a test compares the steps
//! of the same operation at n and at 2n. Tests count steps rather than time, so a busy machine does not
//! change their result.

/// Counts steps. Compiled to nothing outside unit tests.
#[inline(always)]
#[allow(clippy::inline_always)] // it must cost nothing
#[allow(dead_code)] // without `alloc` few loops count
pub(crate) fn count(steps: u64) {
    #[cfg(test)]
    counter::add(steps);
    #[cfg(not(test))]
    let _ = steps;
}

#[cfg(test)]
mod counter {
    use std::cell::Cell;

    std::thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn add(steps: u64) {
        STEPS.with(|counter| counter.set(counter.get() + steps));
    }

    pub(super) fn now() -> u64 {
        STEPS.with(Cell::get)
    }
}

/// The result of an operation, and the number of steps it took.
#[cfg(test)]
pub(crate) fn during<T>(operation: impl FnOnce() -> T) -> (T, u64) {
    let before = counter::now();
    let result = operation();
    (result, counter::now() - before)
}

/// Fails if an operation takes more than `factor` times as many steps at 2n as at n, or if it counts
/// no steps at all, since such an operation would pass any factor.
///
/// `steps` builds the case of a size and returns the steps of the operation alone, see [`during`].
/// A linear cost passes with 2.2, n log n with 2.5, a constant one with 1.2; a quadratic one takes
/// 4 times as many.
#[cfg(test)]
pub(crate) fn assert_growth(name: &str, n: usize, factor: f64, steps: impl Fn(usize) -> u64) {
    let (single, double) = (steps(n), steps(2 * n));
    assert!(single > 0, "{name} counts no steps at {n}");
    let grown = double as f64 / single as f64;
    assert!(
        grown <= factor,
        "{name}: {single} steps at {n}, {double} at {}: {grown:.2} times, at most {factor} expected",
        2 * n
    );
}

#[cfg(test)]
mod tests {
    use super::{assert_growth, count, during};

    #[test]
    fn steps_are_those_of_the_operation() {
        count(3);
        let (result, steps) = during(|| {
            count(2);
            count(5);
            "done"
        });
        assert_eq!((result, steps), ("done", 7));
        assert_eq!(during(|| ()).1, 0);
    }

    #[test]
    fn linear_growth_passes() {
        assert_growth("linear", 100, 2.2, |n| n as u64);
    }

    #[test]
    #[should_panic(expected = "quadratic: 10000 steps at 100, 40000 at 200: 4.00 times")]
    fn quadratic_growth_fails() {
        assert_growth("quadratic", 100, 2.5, |n| (n * n) as u64);
    }

    #[test]
    #[should_panic(expected = "counts no steps")]
    fn nothing_counted_fails() {
        assert_growth("empty", 100, 2.5, |_| 0);
    }
}
