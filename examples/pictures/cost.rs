//! The cost of a lookup against the number of nodes, as the benchmarks recorded it.

use crate::chart::{Axis, Chart, Line};
use crate::common::text::grouped;
use serde_json::Value;
use std::collections::BTreeMap;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/results.json");

/// Names in the recorded rows, and in the picture.
const ALGORITHMS: [(&str, &str); 8] = [
    ("apportion weighted-rendezvous", "weighted rendezvous"),
    ("apportion rendezvous", "rendezvous"),
    ("apportion ring (slot)", "ring, 160 points a node"),
    ("apportion jump", "jump"),
    ("apportion asura", "Asura"),
    ("apportion jump-back-anchor", "JumpBackAnchor"),
    ("apportion jump-back", "JumpBack"),
    ("apportion maglev", "Maglev"),
];

pub(crate) fn svg() -> Result<String, String> {
    let text = std::fs::read_to_string(RECORDED).map_err(|e| format!("{RECORDED:?}: {e}"))?;
    let recorded: Value = serde_json::from_str(&text).map_err(|e| format!("{RECORDED:?}: {e}"))?;
    let line = |(row, name): (&str, &str)| {
        let points = medians(&recorded, row);
        if points.is_empty() {
            return Err(format!("{RECORDED:?} has no row \"lookup, u64, ns\" of {row:?}"));
        }
        Ok(Line { name: name.to_owned(), points })
    };
    let lines = ALGORITHMS.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let ticks = |values: &[f64]| values.iter().map(|v| (*v, grouped(*v as u64))).collect();
    Ok(Chart {
        title: "A lookup of an integer key, median of one machine (benches/peers)".to_owned(),
        x: Axis {
            title: "nodes (1000 and 1025: below and above a power of two)",
            ticks: ticks(&[10.0, 100.0, 1000.0, 10_000.0, 100_000.0, 1_000_000.0]),
        },
        y: Axis {
            title: "nanoseconds",
            ticks: ticks(&[1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0]),
        },
        lines,
        label:
            "Nanoseconds of a lookup against the number of nodes: rendezvous grows in proportion, \
                the ring with the size of its memory, all others stay below 90"
                .to_owned(),
    }
    .svg())
}

/// Number of nodes and nanoseconds, in the order of the numbers.
fn medians(recorded: &Value, ours: &str) -> Vec<(f64, f64)> {
    let rows = recorded["rows"].as_array().into_iter().flatten();
    let lookups = rows.filter(|row| row["question"] == "lookup, u64, ns" && row["ours"] == ours);
    let found: BTreeMap<u64, f64> = lookups
        .filter_map(|row| Some((row["n"].as_u64()?, row["absolute"]["ours_median"].as_f64()?)))
        .collect();
    found.into_iter().map(|(n, ns)| (n as f64, ns)).collect()
}
