//! A progress bar on standard error, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Counts the partitions that have completed. Cleared on drop.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    const TEMPLATE: &str = "{bar:40} {pos} of {len} partitions";

    pub(crate) fn new(partitions: u32) -> Self {
        // Shows nothing if standard error is not a terminal.
        let target = ProgressDrawTarget::stderr_with_hz(20);
        let bar = ProgressBar::with_draw_target(Some(partitions.into()), target);
        if let Ok(style) = ProgressStyle::with_template(Self::TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, remaining: u32) {
        let all = self.0.length().unwrap_or(0);
        self.0.set_position(all.saturating_sub(remaining.into()));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
