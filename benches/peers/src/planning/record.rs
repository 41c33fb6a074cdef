//! The measurements of a table, and their form in `results.json`.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The scenario of records that show how costs grow with the number of partitions.
pub const OVER_PARTITIONS: &str = "growth with partitions";
/// The same with the number of nodes.
pub const OVER_NODES: &str = "growth with nodes";

/// The scenario of 12 nodes whose weights are drawn again.
pub const REDRAWN: &str = "redrawn";
/// The time of planning after weights were drawn again.
pub const REDRAWN_PLAN: &str = "all weights drawn again, ms";

/// The time of planning a fresh table.
pub const FRESH: &str = "fresh, ms";
/// The time of dispersing it.
pub const DISPERSION: &str = "dispersion, ms";
/// The time of verifying a change.
pub const CHECK: &str = "check, ms";
/// The peak heap of planning a table.
pub const PEAK: &str = "peak heap, bytes";
/// The maximum of load over quota.
pub const MAX_OVER_QUOTA: &str = "most held / quota";
/// The minimum of load over quota.
pub const MIN_OVER_QUOTA: &str = "least held / quota";
/// See `TableReport::worst_pair`.
pub const WORST_PAIR: &str = "worst pair";

/// One system, one scenario.
#[derive(Clone, Debug)]
pub struct Record {
    /// The scenario's letter, or what grows.
    pub scenario: String,
    /// The system that made the table.
    pub system: String,
    /// The number of nodes before any change.
    pub nodes: u32,
    /// The number of partitions.
    pub partitions: u32,
    /// The figures by name, which includes the unit.
    pub figures: BTreeMap<String, f64>,
}

impl Record {
    /// A figure, if it was measured.
    pub fn get(&self, figure: &str) -> Option<f64> {
        self.figures.get(figure).copied()
    }

    /// Sets a figure, rounded to three decimals, or four below 10.
    pub fn set(&mut self, figure: impl Into<String>, value: f64) {
        let scale = if value.abs() < 10.0 { 1e4 } else { 1e3 };
        self.figures.insert(figure.into(), (value * scale).round() / scale);
    }

    /// The record as JSON.
    pub fn json(&self) -> Value {
        json!({
            "scenario": self.scenario,
            "system": self.system,
            "nodes": self.nodes,
            "partitions": self.partitions,
            "figures": self.figures,
        })
    }

    /// Reads a record from JSON; `None` if something is missing.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |field: &str| value[field].as_str().map(str::to_owned);
        let number = |field: &str| value[field].as_u64()?.try_into().ok();
        let figures = value["figures"].as_object()?.iter();
        Some(Self {
            scenario: text("scenario")?,
            system: text("system")?,
            nodes: number("nodes")?,
            partitions: number("partitions")?,
            figures: figures.map(|(k, v)| Some((k.clone(), v.as_f64()?))).collect::<Option<_>>()?,
        })
    }
}

/// The name of the time of a change.
pub fn time(change: super::Change) -> String {
    format!("{}, ms", change.name())
}

/// The name of the movement of a change.
pub fn moved(change: super::Change) -> String {
    format!("{}, moved / least", change.name())
}
