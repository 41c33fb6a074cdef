//! Anchor buckets that are added and removed by a history file.

use crate::lines::Lines;
use crate::stop::Stop;
use crate::text::{self, decimal, quoted};
use apportion::anchor::AnchorBuckets;
use apportion::limits::MAX_ANCHOR_BUCKETS;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Buckets and the file with the changes to them.
pub(crate) struct History {
    buckets: AnchorBuckets,
    steps: Option<PathBuf>,
    print_state: bool,
}

impl History {
    pub(crate) fn new(n: &str, steps: Option<PathBuf>, print_state: bool) -> Result<Self, String> {
        let count = decimal(n.as_bytes()).filter(|n| *n > 0);
        let buckets = count.and_then(|n| AnchorBuckets::new(n).ok());
        let max = MAX_ANCHOR_BUCKETS;
        let wrong = || format!("--buckets {}: not from 1 to {max}", quoted(n.as_bytes()));
        Ok(Self { buckets: buckets.ok_or_else(wrong)?, steps, print_state })
    }

    /// Replays the history and returns the buckets. Prints their state first if requested.
    pub(crate) fn replay(self, out: &mut impl Write) -> Result<AnchorBuckets, Stop> {
        let Self { mut buckets, steps, print_state } = self;
        if let Some(path) = steps {
            follow(&path, &mut buckets)
                .map_err(|why| format!("--history {}: {why}", text::path(&path)))?;
        }
        if print_state {
            let mut state = String::new();
            for byte in buckets.to_state() {
                // Writing to a string cannot fail.
                let _ = write!(state, "{byte:02x}");
            }
            writeln!(out, "state\t{state}").map_err(Stop::output)?;
        }
        Ok(buckets)
    }
}

/// Applies one step per line: `add`, or `remove` with a bucket.
fn follow(path: &Path, buckets: &mut AnchorBuckets) -> Result<(), String> {
    let mut lines = Lines::new(File::open(path).map_err(|e| e.to_string())?);
    while let Some((number, line)) = lines.next().map_err(|e| e.to_string())? {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let step = (words.next(), words.next(), words.next());
        let done = match step {
            (None, ..) => Ok(()),
            (Some(word), ..) if word.starts_with(b"#") => Ok(()),
            (Some(b"add"), None, _) => buckets.add().map(|_| ()).map_err(|e| e.to_string()),
            (Some(b"remove"), Some(bucket), None) => match decimal(bucket) {
                Some(bucket) => buckets.remove(bucket).map_err(|e| e.to_string()),
                None => Err(format!("not a bucket: {}", quoted(bucket))),
            },
            _ => Err(format!("neither `add` nor `remove` and a bucket: {}", quoted(line))),
        };
        done.map_err(|why| format!("line {number}: {why}"))?;
    }
    Ok(())
}
