//! The list of plots, and what each of them shows.

use crate::pass::middle;
use crate::plot::{self, Line, Plot};
use crate::report::distinct;
use crate::results::{Entry, path};
use std::collections::BTreeMap;

/// The subject of a plot.
struct Subject {
    file: &'static str,
    title: &'static str,
    unit: &'static str,
    /// How many units of the figures are one unit of the plot.
    divisor: f64,
    family: &'static str,
    sides: &'static [Side],
}

/// A question, with this crate's adapter and its name in the plot.
struct Side {
    question: &'static str,
    ours: &'static str,
    label: &'static str,
    /// Appended to the names of the others where a plot shows two questions.
    note: &'static str,
}

const fn side(question: &'static str, ours: &'static str, label: &'static str) -> Side {
    Side { question, ours, label, note: "" }
}

/// The ring's side of a question.
const fn ring(question: &'static str) -> [Side; 1] {
    [side(question, "apportion ring (slot)", "apportion ring")]
}

const U64: &str = "lookup, u64, ns";

const SUBJECTS: [Subject; 11] = [
    Subject {
        file: "lookup-u64",
        title: "Ring, 160 points a node: lookup of a u64 key",
        unit: "ns",
        divisor: 1.0,
        family: "ring",
        sides: &ring(U64),
    },
    Subject {
        file: "lookup-string",
        title: "Ring, 160 points a node: lookup of a text key",
        unit: "ns",
        divisor: 1.0,
        family: "ring",
        sides: &ring("lookup, string, ns"),
    },
    Subject {
        file: "lookup-dependent",
        title: "Ring: lookups that wait for each other, u64 keys",
        unit: "ns",
        divisor: 1.0,
        family: "ring",
        sides: &ring("lookup, u64, dependent, ns"),
    },
    Subject {
        file: "three-replicas",
        title: "Ring: three replicas of a u64 key",
        unit: "ns",
        divisor: 1.0,
        family: "ring",
        sides: &ring("three replicas, u64, ns"),
    },
    Subject {
        file: "build",
        title: "Ring, 160 points a node: building it",
        unit: "µs",
        divisor: 1e3,
        family: "ring",
        sides: &ring("build, ns"),
    },
    Subject {
        file: "one-node-more",
        title: "Ring, 160 points a node: one node more",
        unit: "µs",
        divisor: 1e3,
        family: "ring",
        sides: &ring("one node more, ns"),
    },
    Subject {
        file: "memory",
        title: "Ring, 160 points a node: memory it holds",
        unit: "KiB",
        divisor: 1024.0,
        family: "ring",
        sides: &ring("live memory, bytes"),
    },
    Subject {
        file: "bucket-functions",
        title: "Bucket functions: a u64 key",
        unit: "ns",
        divisor: 1.0,
        family: "bucket function",
        sides: &[
            side(U64, "apportion jump", "apportion jump"),
            side(U64, "apportion jump-back", "apportion jump-back"),
            side(U64, "apportion flip", "apportion flip"),
        ],
    },
    Subject {
        file: "any-node-may-leave",
        title: "Any node may leave: lookup of a u64 key",
        unit: "ns",
        divisor: 1.0,
        family: "any node may leave",
        sides: &[
            side(U64, "apportion anchor", "apportion anchor"),
            side(U64, "apportion anchor (50 % removed)", "apportion anchor (50 % removed)"),
            side(U64, "apportion jump-back-anchor", "apportion jump-back-anchor"),
            side(
                U64,
                "apportion jump-back-anchor (50 % removed)",
                "apportion jump-back-anchor (50 % removed)",
            ),
            side(U64, "apportion asura", "apportion asura"),
            side(U64, "apportion asura (weights 1..10)", "apportion asura (weights 1..10)"),
        ],
    },
    Subject {
        file: "rendezvous",
        title: "Rendezvous hashing: lookup of a u64 key",
        unit: "ns",
        divisor: 1.0,
        family: "rendezvous",
        sides: &[
            side(U64, "apportion rendezvous", "apportion rendezvous"),
            side(U64, "apportion weighted-rendezvous", "apportion weighted"),
        ],
    },
    Subject {
        file: "diff",
        title: "Ring: ranges one node more takes over, R replicas",
        unit: "µs",
        divisor: 1e3,
        family: "ring diff",
        sides: &[
            Side {
                question: "one node more, diff, ns",
                ours: "apportion ring (moves)",
                label: "apportion, R = 1",
                note: ", R = 1",
            },
            Side {
                question: "three replicas, where to fetch from, ns",
                ours: "apportion ring (moves and holders)",
                label: "apportion, R = 3",
                note: ", R = 3",
            },
        ],
    },
];

/// Draws all plots that have figures.
pub fn draw(entries: &[Entry]) -> Result<(), String> {
    let directory = path("plots");
    std::fs::create_dir_all(&directory).map_err(|error| format!("plots: {error}"))?;
    for subject in &SUBJECTS {
        let lines = lines(subject, entries);
        let name = format!("{}.svg", subject.file);
        if lines.is_empty() {
            eprintln!("{name}: no figures in results.json");
            continue;
        }
        let plot = Plot { title: subject.title, across: "N nodes", unit: subject.unit, lines };
        let svg = plot.svg().map_err(|error| format!("{name}: {error}"))?;
        std::fs::write(directory.join(&name), svg).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// One line for each adapter, in the order of their first rows.
fn lines(subject: &Subject, entries: &[Entry]) -> Vec<Line> {
    let family: Vec<&Entry> = entries.iter().filter(|e| e.of.family == subject.family).collect();
    // A crate keeps its colour in all plots of the family.
    let (floors, others): (Vec<&str>, Vec<&str>) =
        family.iter().map(|e| e.of.theirs.as_str()).partition(|name| name.starts_with("floor"));
    let (floors, others) = (distinct(floors.into_iter()), distinct(others.into_iter()));
    let side_of = |name: &str| match floors.iter().position(|floor| *floor == name) {
        Some(i) => plot::Side::Floor(i),
        None => plot::Side::Other(others.iter().position(|other| *other == name).unwrap_or(0)),
    };

    let mut lines = Vec::new();
    for (side, i) in subject.sides.iter().zip(0..) {
        for entry in &family {
            if [&entry.of.question, &entry.of.ours] != [side.question, side.ours] {
                continue;
            }
            let (ours, theirs) = entry.medians;
            let name = format!("{}{}", entry.of.theirs, side.note);
            add(&mut lines, side.label, plot::Side::Ours(i), entry.of.n, ours / subject.divisor);
            add(&mut lines, &name, side_of(&entry.of.theirs), entry.of.n, theirs / subject.divisor);
        }
    }
    lines.into_iter().map(Samples::line).collect()
}

/// The figures of an adapter at each size: several if it was compared with several others.
struct Samples {
    name: String,
    side: plot::Side,
    at: BTreeMap<u32, Vec<f64>>,
}

impl Samples {
    fn line(self) -> Line {
        let points = self.at.into_iter().map(|(n, mut costs)| (f64::from(n), middle(&mut costs)));
        Line { points: points.collect(), name: self.name, side: self.side }
    }
}

fn add(lines: &mut Vec<Samples>, name: &str, side: plot::Side, n: u32, cost: f64) {
    let at = lines.iter().position(|line| line.name == name).unwrap_or_else(|| {
        lines.push(Samples { name: name.to_owned(), side, at: BTreeMap::new() });
        lines.len() - 1
    });
    lines[at].at.entry(n).or_default().push(cost);
}
