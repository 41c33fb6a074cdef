//! What was measured of a table, and its form in `results.json`.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The scenario of records that show how costs grow with the number of partitions.
pub const OVER_PARTITIONS: &str = "growth with partitions";
/// The same with the number of nodes.
pub const OVER_NODES: &str = "growth with nodes";

/// Time of a table from nothing.
pub const FRESH: &str = "fresh, ms";
/// Of dispersing it.
pub const DISPERSION: &str = "dispersion, ms";
/// Of verifying a change.
pub const CHECK: &str = "check, ms";
/// Of the heap while making a table, whichever takes more.
pub const PEAK: &str = "peak heap, bytes";
/// Held over quota of the fullest node.
pub const MOST: &str = "most held / quota";
/// And of the emptiest.
pub const LEAST: &str = "least held / quota";
/// See `TableReport::worst_pair`.
pub const WORST_PAIR: &str = "worst pair";

/// One system, one scenario.
#[derive(Clone, Debug)]
pub struct Record {
    /// A letter, or how something grows.
    pub scenario: String,
    /// Whose table.
    pub system: String,
    /// Before any change.
    pub nodes: u32,
    /// As many as the system has.
    pub partitions: u32,
    /// By name, unit included.
    pub figures: BTreeMap<String, f64>,
}

impl Record {
    /// A figure if it was measured.
    pub fn get(&self, figure: &str) -> Option<f64> {
        self.figures.get(figure).copied()
    }

    /// Keeps a figure, with three digits after the point, below ten with four.
    pub fn set(&mut self, figure: impl Into<String>, value: f64) {
        let scale = if value.abs() < 10.0 { 1e4 } else { 1e3 };
        self.figures.insert(figure.into(), (value * scale).round() / scale);
    }

    /// As the file has it.
    pub fn json(&self) -> Value {
        json!({
            "scenario": self.scenario,
            "system": self.system,
            "nodes": self.nodes,
            "partitions": self.partitions,
            "figures": self.figures,
        })
    }

    /// From the file; `None` if something is missing.
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

/// The name of a change's time.
pub fn time(change: super::Change) -> String {
    format!("{}, ms", change.name())
}

/// The name of what a change moves.
pub fn moved(change: super::Change) -> String {
    format!("{}, moved / least", change.name())
}
