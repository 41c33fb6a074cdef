//! How far it is, if somebody watches and it takes long enough to be worth a line.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// A line on standard error that is written over again and again.
pub(crate) struct Progress {
    total: Option<u64>,
    began: Instant,
    /// When it was written last, counted from the beginning; `None` if nobody watches.
    written: Option<Cell<Duration>>,
}

impl Progress {
    const PATIENCE: Duration = Duration::from_millis(500);
    const PAUSE: Duration = Duration::from_millis(100);

    /// Of so many steps, if that is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let watched = io::stderr().is_terminal();
        let written = watched.then(Cell::default);
        Self { total, began: Instant::now(), written }
    }

    /// So many steps are done.
    pub(crate) fn show(&self, done: u64) {
        let Some(written) = &self.written else { return };
        let now = self.began.elapsed();
        if now < Self::PATIENCE || now.saturating_sub(written.get()) < Self::PAUSE {
            return;
        }
        written.set(now);
        let line = line(done, self.total, now);
        let _ = write!(io::stderr(), "\r\x1b[K{line}");
    }
}

fn line(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let part = (done as f64 / total as f64).clamp(0.0, 1.0);
            let left = elapsed.as_secs_f64() * (1.0 / part.max(1e-9) - 1.0);
            format!("counting: {:.0} %, {left:.0} s left", 100.0 * part)
        }
        None => format!("counting: {done} keys"),
    }
}

/// The line is free again before anything else is printed, an error too.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.written.as_ref().is_some_and(|written| written.get() > Duration::ZERO) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
