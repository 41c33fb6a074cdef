//! Reports: ratios as Markdown tables, and everything as JSON.

use crate::pass::{Timing, middle};
use crate::planning::Record;
use crate::results::{Entry, Question};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The outcomes of one question for one pair of adapters at one size.
pub struct Row {
    /// The kind of placement.
    pub family: &'static str,
    /// The question, with the unit of its figures.
    pub question: &'static str,
    /// The adapter of this crate.
    pub ours: &'static str,
    /// The other adapter.
    pub theirs: &'static str,
    /// The number of nodes.
    pub n: u32,
    /// One outcome for each process.
    pub outcomes: Vec<(Timing, Timing)>,
}

impl Row {
    /// True if this row is about this question, pair and size.
    pub fn is(&self, question: &str, ours: &str, theirs: &str, n: u32) -> bool {
        (self.question, self.ours, self.theirs, self.n) == (question, ours, theirs, n)
    }

    fn across(&self, figure: impl Fn(&(Timing, Timing)) -> f64) -> f64 {
        middle(&mut self.outcomes.iter().map(figure).collect::<Vec<_>>())
    }

    /// The ratio theirs / ours of the median passes.
    fn ratio(&self) -> f64 {
        self.across(|(ours, theirs)| theirs.median / ours.median)
    }

    /// The ratio theirs / ours of the fastest passes.
    fn ratio_of_minima(&self) -> f64 {
        self.across(|(ours, theirs)| theirs.min / ours.min)
    }

    /// The row in the form that [`results`](crate::results) reads.
    pub fn entry(&self) -> Entry {
        let of = Question {
            family: self.family.to_owned(),
            question: self.question.to_owned(),
            ours: self.ours.to_owned(),
            theirs: self.theirs.to_owned(),
            n: self.n,
        };
        Entry {
            of,
            ratio: self.ratio(),
            medians: (self.across(|o| o.0.median), self.across(|o| o.1.median)),
        }
    }

    /// The lowest and the highest ratio that a process had.
    fn extremes(&self) -> (f64, f64) {
        let ratios = self.outcomes.iter().map(|(ours, theirs)| theirs.median / ours.median);
        ratios.fold((f64::INFINITY, 0.0), |(low, high), ratio| (ratio.min(low), ratio.max(high)))
    }

    /// The row as JSON.
    pub fn json(&self) -> Value {
        let (lowest, highest) = self.extremes();
        json!({
            "family": self.family,
            "question": self.question,
            "ours": self.ours,
            "theirs": self.theirs,
            "n": self.n,
            "ratio": round(self.ratio()),
            "ratio_lowest": round(lowest),
            "ratio_highest": round(highest),
            "ratio_of_minima": round(self.ratio_of_minima()),
            "ratio_each_time": self.outcomes.iter()
                .map(|(ours, theirs)| round(theirs.median / ours.median))
                .collect::<Vec<_>>(),
            "absolute": {
                "ours_median": round(self.across(|o| o.0.median)),
                "ours_min": round(self.across(|o| o.0.min)),
                "theirs_median": round(self.across(|o| o.1.median)),
                "theirs_min": round(self.across(|o| o.1.min)),
            },
        })
    }
}

/// All rows and plans as JSON, with the versions of the measured crates.
pub fn json(rows: &[Row], plans: &[Record]) -> String {
    let all = json!({
        "command": "cargo run --release --manifest-path benches/peers/Cargo.toml",
        "meaning": "ratio = theirs / ours: above 1 apportion takes less. Ratios are medians over \
                    processes, with the lowest and the highest beside them; n counts removed nodes too; absolute figures are from one machine \
                    and hold there only. plans: medians of passes in turns; what is moved or held is a \
                    fraction of the least possible or of the quota.",
        "target": std::env::consts::ARCH,
        "peers": versions(),
        "rows": rows.iter().map(Row::json).collect::<Vec<_>>(),
        "plans": plans.iter().map(Record::json).collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}

/// A Markdown table for each family and question. A cell reads: **ratio of medians** (ratio of
/// minima): our median to theirs.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::new();
    for (family, question) in distinct(rows.iter().map(|row| (row.family, row.question))) {
        let table = |row: &&Row| (row.family, row.question) == (family, question);
        let rows: Vec<&Row> = rows.iter().filter(table).collect();
        let sizes = distinct(rows.iter().map(|row| row.n));
        let pairs = distinct(rows.iter().map(|row| (row.ours, row.theirs)));
        let heads: String = sizes.iter().map(|n| format!(" N = {n} |")).collect();
        let _ = writeln!(out, "\n### {family}: {question}\n\n| apportion | other |{heads}");
        let _ = writeln!(out, "|---|---|{}", "---|".repeat(sizes.len()));
        for (ours, theirs) in pairs {
            let _ = write!(out, "| {ours} | {theirs} |");
            for n in &sizes {
                let row = rows.iter().find(|row| row.is(question, ours, theirs, *n));
                let cell = row.map_or(String::new(), |row| cell(row));
                let _ = write!(out, " {cell} |");
            }
            out.push('\n');
        }
    }
    out
}

fn cell(row: &Row) -> String {
    let figures = [row.across(|o| o.0.median), row.across(|o| o.1.median)].map(figure);
    let (ratio, of_minima) = (row.ratio(), row.ratio_of_minima());
    format!("**{ratio:.2}** ({of_minima:.2}): {} to {}", figures[0], figures[1])
}

fn figure(value: f64) -> String {
    match value {
        ..1e3 => format!("{value:.1}"),
        ..1e6 => format!("{:.1}k", value / 1e3),
        _ => format!("{:.1}M", value / 1e6),
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Each item once, in order of first occurrence.
pub fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Direct dependencies that are not measured.
const TOOLS: [&str; 3] = ["serde_json", "plotters", "lexopt"];

/// The names and versions of all packages in the lock file that adapters use.
pub fn versions() -> Value {
    let lock = include_str!("../Cargo.lock");
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let own = lock.split("[[package]]").find(|p| p.contains("name = \"apportion-peers\""));
    let used = own.and_then(|p| p.split_once("dependencies")).map_or("", |(_, list)| list);
    let mut versions = serde_json::Map::new();
    for package in lock.split("[[package]]").skip(1) {
        let mut lines = package.lines().skip(1);
        let name = lines.next().and_then(quoted).unwrap_or_default();
        if used.contains(&format!("\"{name}\"")) && !TOOLS.contains(&name.as_str()) {
            versions.insert(name, lines.next().and_then(quoted).into());
        }
    }
    versions.into()
}
