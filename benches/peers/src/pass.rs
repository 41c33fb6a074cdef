//! Measures time: two adapters run in alternating short passes. Other load on the machine then
//! affects both equally, and the ratio is stable even if the times are not.

use std::time::{Duration, Instant};

/// The length of one pass.
const PASS: Duration = Duration::from_micros(1500);

/// Does the same operation `count` times and returns the time. It reads the clock itself, so its
/// preparation and cleanup are not timed.
pub trait Run: FnMut(u64) -> Duration {}
impl<F: FnMut(u64) -> Duration> Run for F {}

/// Nanoseconds per operation, or another figure for which less is better.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The fastest pass.
    pub min: f64,
    /// The median pass.
    pub median: f64,
}

/// Measures one call of `run`.
pub fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Measures two adapters in alternating passes.
pub fn duel(mut ours: impl Run, mut theirs: impl Run, passes: usize) -> (Timing, Timing) {
    let (our_count, their_count) = (calibrate(&mut ours), calibrate(&mut theirs));
    let (mut us, mut them) = (Vec::with_capacity(passes), Vec::with_capacity(passes));
    for pass in 0..passes {
        let mut we = |us: &mut Vec<f64>| us.push(one_pass(&mut ours, our_count));
        let mut they = |them: &mut Vec<f64>| them.push(one_pass(&mut theirs, their_count));
        // Alternates the order, so neither always runs with the caches the other one left.
        if pass % 2 == 0 {
            we(&mut us);
            they(&mut them);
        } else {
            they(&mut them);
            we(&mut us);
        }
    }
    (Timing::of(us), Timing::of(them))
}

fn one_pass(run: &mut impl Run, count: u64) -> f64 {
    run(count).as_nanos() as f64 / count as f64
}

/// Finds how many operations fill a pass. This also warms up caches and branch predictors.
fn calibrate(run: &mut impl Run) -> u64 {
    let mut count = 1;
    loop {
        let took = run(count);
        if took >= PASS / 2 {
            let fit = count as f64 * PASS.as_secs_f64() / took.as_secs_f64();
            return (fit as u64).max(1);
        }
        count *= 2;
    }
}

impl Timing {
    /// A figure that does not vary between passes.
    pub fn exact(value: f64) -> Self {
        Self { min: value, median: value }
    }

    /// The figure divided by `parts`.
    pub fn per(self, parts: usize) -> Self {
        Self { min: self.min / parts as f64, median: self.median / parts as f64 }
    }

    fn of(mut samples: Vec<f64>) -> Self {
        let median = middle(&mut samples);
        Self { min: samples.first().copied().unwrap_or(f64::NAN), median }
    }
}

/// Sorts the samples and returns their median.
pub fn middle(samples: &mut [f64]) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
