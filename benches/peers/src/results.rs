//! Reads and writes `results.json`, for the plots and the README's tables.

use crate::planning::Record;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One comparison: a question, a pair of adapters and a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The kind of placement.
    pub family: String,
    /// The question.
    pub question: String,
    /// The adapter of this crate.
    pub ours: String,
    /// The other adapter.
    pub theirs: String,
    /// The number of nodes.
    pub n: u32,
}

impl Question {
    /// Reads the question of a row of the file.
    pub fn read(row: &Value) -> Option<Self> {
        let text = |field: &str| row[field].as_str().map(str::to_owned);
        Some(Self {
            family: text("family")?,
            question: text("question")?,
            ours: text("ours")?,
            theirs: text("theirs")?,
            n: row["n"].as_u64()?.try_into().ok()?,
        })
    }

    /// True if this is about the given family, question and pair, at any size.
    pub fn is_about(&self, [family, question, ours, theirs]: [&str; 4]) -> bool {
        [&*self.family, &*self.question, &*self.ours, &*self.theirs]
            == [family, question, ours, theirs]
    }
}

/// A row of the file.
pub struct Entry {
    /// The comparison.
    pub of: Question,
    /// The ratio theirs / ours.
    pub ratio: f64,
    /// The median figures of ours and theirs.
    pub medians: (f64, f64),
}

/// A file or directory beside this crate's manifest.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Overwrites `results.json`.
pub fn write(json: &str) -> Result<(), String> {
    write_to(&path("results.json"), json)
}

/// Overwrites a file.
pub fn write_to(file: &Path, json: &str) -> Result<(), String> {
    let named = |error| format!("{}: {error}", file.display());
    file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(named)?;
    std::fs::write(file, json).map_err(named)
}

/// Reads the planning records of the file.
pub fn plans() -> Result<Vec<Record>, String> {
    let all = all()?;
    let plans = all["plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let records: Option<Vec<Record>> = plans.iter().map(Record::read).collect();
    records.ok_or_else(|| "results.json: a plan without all its figures".to_owned())
}

/// Replaces the planning records of the file and keeps the rest.
pub fn replace_plans(records: &[Record], versions: Value) -> Result<(), String> {
    let mut all = all()?;
    all["plans"] = records.iter().map(Record::json).collect();
    all["peers"] = versions;
    write(&format!("{all:#}\n"))
}

fn all() -> Result<Value, String> {
    let text = std::fs::read_to_string(path("results.json"));
    let text = text.map_err(|error| format!("results.json: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("results.json: {error}"))
}

/// Reads the rows of the file, in order.
pub fn read() -> Result<Vec<Entry>, String> {
    let all = all()?;
    let rows = all["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entries: Option<Vec<Entry>> = rows.iter().map(entry).collect();
    entries.ok_or_else(|| "results.json: a row without all its figures".to_owned())
}

fn entry(row: &Value) -> Option<Entry> {
    let median = |side: &str| row["absolute"][side].as_f64();
    Some(Entry {
        of: Question::read(row)?,
        ratio: row["ratio"].as_f64()?,
        medians: (median("ours_median")?, median("theirs_median")?),
    })
}
