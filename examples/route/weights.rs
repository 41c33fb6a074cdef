//! Reads the weights of slots from a file.

use crate::lines::Lines;
use crate::text::{self, decimal, quoted};
use apportion::asura::{AsuraBoard, AsuraConfig};
use apportion::limits::{MAX_ASURA_SLOTS, MAX_NODES};
use std::fs::File;
use std::path::Path;

/// Reads one weight per line. The slot, counted from 0, is the identity.
pub(crate) fn read(path: &Path) -> Result<Vec<(u64, u64)>, String> {
    let mut slots = Vec::new();
    each(path, u64::MAX, MAX_NODES, |slot, weight| slots.push((slot, weight)))?;
    Ok(slots)
}

/// Reads the slots of an Asura board.
pub(crate) fn board(config: AsuraConfig, path: &Path) -> Result<AsuraBoard, String> {
    let mut weights = Vec::new();
    let exponent = config.get_board().unwrap_or_default();
    let max_lines = MAX_ASURA_SLOTS.min(1 << exponent);
    each(path, AsuraBoard::FULL.into(), max_lines, |_, weight| weights.push(weight as u32))?;
    let board = AsuraBoard::new(exponent, weights).map_err(|e| e.to_string())?;
    board.with_darts(config.get_darts()).map_err(|e| e.to_string())
}

fn each(
    path: &Path,
    max_weight: u64,
    max_lines: usize,
    mut take: impl FnMut(u64, u64),
) -> Result<(), String> {
    let named = |why: String| format!("--weights {}: {why}", text::path(path));
    let mut lines = Lines::new(File::open(path).map_err(|e| named(e.to_string()))?);
    while let Some((number, line)) = lines.next().map_err(|e| named(e.to_string()))? {
        let weight = decimal(line).filter(|weight| *weight <= max_weight).ok_or_else(|| {
            let line = quoted(line);
            named(format!("line {number}: not a weight from 0 to {max_weight}: {line}"))
        })?;
        if number > max_lines as u64 {
            return Err(named(format!("line {number}: more than {max_lines} weights")));
        }
        take(number - 1, weight);
    }
    Ok(())
}
