//! A progress line on standard error, shown on terminals during long runs.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Cleared on drop, so results and errors start on a new line.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Runs shorter than this show nothing.
    const DELAY: Duration = Duration::from_millis(500);
    const WITH_TOTAL: &str = "counting: {percent} %, {eta} left";
    const WITHOUT_TOTAL: &str = "counting: {pos} keys";

    /// `total` is the number of steps, if it is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = if total.is_some() { Self::WITH_TOTAL } else { Self::WITHOUT_TOTAL };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Sets how many steps are done.
    pub(crate) fn show(&self, done: u64) {
        self.0.set_position(done);
        if self.0.is_hidden() && self.0.elapsed() >= Self::DELAY {
            // Shows nothing if standard error is not a terminal.
            self.0.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
