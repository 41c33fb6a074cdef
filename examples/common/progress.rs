//! A line of progress on standard error, on terminals during long runs. Cleared on drop, so that results
//! and errors begin on a new line.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Runs shorter than this show nothing.
    const DELAY: Duration = Duration::from_millis(500);

    /// `total` is the number of steps, if it is known; the template is one of the crate `indicatif`.
    pub(crate) fn new(total: Option<u64>, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
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
