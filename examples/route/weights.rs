//! Weights by slot, from a file.

use crate::lines::Lines;
use crate::text::{self, decimal, quoted};
use apportion::limits::MAX_NODES;
use std::fs::File;
use std::path::Path;

/// A weight a line; the slot, counted from 0, is the identity.
pub(crate) fn read(path: &Path) -> Result<Vec<(u64, u64)>, String> {
    let named = |why: String| format!("--weights {}: {why}", text::path(path));
    let mut lines = Lines::new(File::open(path).map_err(|e| named(e.to_string()))?);
    let mut slots = Vec::new();
    while let Some((number, line)) = lines.next().map_err(|e| named(e.to_string()))? {
        let weight = decimal(line).ok_or_else(|| {
            let (most, line) = (u64::MAX, quoted(line));
            named(format!("line {number}: not a weight from 0 to {most}: {line}"))
        })?;
        if slots.len() == MAX_NODES {
            return Err(named(format!("line {number}: more than {MAX_NODES} weights")));
        }
        slots.push((number - 1, weight));
    }
    Ok(slots)
}
