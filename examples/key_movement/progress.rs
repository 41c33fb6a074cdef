//! A progress bar, if somebody watches and it takes long enough to be worth one.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;

pub(crate) struct Progress {
    /// None if nobody watches.
    bar: Option<ProgressBar>,
}

impl Progress {
    const PATIENCE: Duration = Duration::from_millis(500);

    /// Of so many steps, if that is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let template = match total {
            Some(_) => "counting [{bar:40}] {percent:>3} %, {eta} left",
            None => "counting {spinner} {human_pos} keys",
        };
        let style = ProgressStyle::with_template(template);
        // Counts from the beginning, so that the time left is right when it appears.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        Self { bar: Some(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))) }
    }

    /// So many steps are done.
    pub(crate) fn show(&self, done: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && bar.elapsed() >= Self::PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(done);
    }
}

/// The line is free again before anything else is printed, an error too.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
