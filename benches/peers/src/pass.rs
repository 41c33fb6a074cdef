//! Time: two contestants take turns in short passes, so that whatever else the machine does hits
//! both alike and the ratio holds where the times do not.

use std::time::{Duration, Instant};

/// Length of one pass.
const PASS: Duration = Duration::from_micros(1500);

/// Does the same thing `count` times and says how long it took. It holds the clock itself, so that
/// what a run prepares or leaves behind is not timed.
pub trait Run: FnMut(u64) -> Duration {}
impl<F: FnMut(u64) -> Duration> Run for F {}

/// Nanoseconds an operation, or another figure of which less is better.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The best pass.
    pub min: f64,
    /// The middle pass.
    pub median: f64,
}

/// Runs `run` once around the clock.
pub fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Measures two contestants in alternate passes.
pub fn duel(mut ours: impl Run, mut theirs: impl Run, passes: usize) -> (Timing, Timing) {
    let (our_count, their_count) = (calibrate(&mut ours), calibrate(&mut theirs));
    let (mut us, mut them) = (Vec::with_capacity(passes), Vec::with_capacity(passes));
    for pass in 0..passes {
        let mut we = |us: &mut Vec<f64>| us.push(one_pass(&mut ours, our_count));
        let mut they = |them: &mut Vec<f64>| them.push(one_pass(&mut theirs, their_count));
        // Neither always runs in the caches the other one left.
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

/// How many operations fill a pass. Its runs warm caches and branch predictors up.
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
    /// A value that is the same every time.
    pub fn exact(value: f64) -> Self {
        Self { min: value, median: value }
    }

    /// The same, shared out among `parts`.
    pub fn per(self, parts: usize) -> Self {
        Self { min: self.min / parts as f64, median: self.median / parts as f64 }
    }

    fn of(mut samples: Vec<f64>) -> Self {
        let median = middle(&mut samples);
        Self { min: samples.first().copied().unwrap_or(f64::NAN), median }
    }
}

/// Sorts and gives the middle value.
pub fn middle(samples: &mut [f64]) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
