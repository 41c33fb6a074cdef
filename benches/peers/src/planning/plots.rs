//! Draws the plots of planning costs.

use super::record::{self, OVER_NODES, OVER_PARTITIONS, Record};
use super::scenario::{Change, REPLICAS};
use crate::plot::{Line, Plot, Side};
use crate::results::path;

/// Draws all plots that have figures.
pub fn draw(records: &[Record]) -> Result<(), String> {
    let of = |scenario: &'static str| records.iter().filter(move |r| r.scenario == scenario);
    let partitions: Vec<&Record> = of(OVER_PARTITIONS).collect();
    let nodes: Vec<&Record> = of(OVER_NODES).collect();
    if partitions.is_empty() || nodes.is_empty() {
        eprintln!("plan-*.svg: no figures in results.json");
        return Ok(());
    }
    let mut over_partitions = times(&partitions, |record| record.partitions);
    over_partitions.extend(slope(&over_partitions, "proportional to P"));
    save(
        "plan-partitions",
        Plot {
            title: "Planning: 1000 nodes, P partitions, three replicas",
            across: "P partitions",
            unit: "ms",
            lines: over_partitions,
        },
    )?;
    save(
        "plan-nodes",
        Plot {
            title: "Planning: 65,536 partitions, N nodes, three replicas",
            across: "N nodes",
            unit: "ms",
            lines: times(&nodes, |record| record.nodes),
        },
    )?;
    let heap = |record: &&Record| {
        let slots = f64::from(record.partitions) * f64::from(REPLICAS);
        Some((slots, record.get(record::PEAK)? / 1_048_576.0))
    };
    let points = partitions.iter().filter_map(heap).collect();
    let mut lines =
        vec![Line { name: "apportion planner".to_owned(), side: Side::Ours(0), points }];
    lines.extend(slope(&lines, "proportional to P·R"));
    save(
        "plan-memory",
        Plot {
            title: "Planning: 1000 nodes, the most heap it takes",
            across: "P·R replicas",
            unit: "MiB",
            lines,
        },
    )
}

fn times(records: &[&Record], size: fn(&Record) -> u32) -> Vec<Line> {
    let names = [
        ("fresh", record::FRESH.to_owned()),
        ("one node more", record::time(Change::OneNodeMore)),
        ("a zone more", record::time(Change::ZoneMore)),
    ];
    let line = |(i, (name, figure)): (usize, (&str, String))| {
        let point = |record: &&Record| Some((f64::from(size(record)), record.get(&figure)?));
        let points = records.iter().filter_map(point).collect();
        Line { name: name.to_owned(), side: Side::Ours(i), points }
    };
    names.into_iter().enumerate().map(line).collect()
}

/// A line proportional to the size, through the last point of the first line.
fn slope(lines: &[Line], name: &str) -> Option<Line> {
    let points = &lines.first()?.points;
    let (size, cost) = *points.last()?;
    let points = points.iter().map(|(other, _)| (*other, cost / size * other)).collect();
    Some(Line { name: name.to_owned(), side: Side::Floor(0), points })
}

fn save(name: &str, plot: Plot) -> Result<(), String> {
    let name = format!("{name}.svg");
    let svg = plot.svg().map_err(|error| format!("{name}: {error}"))?;
    std::fs::write(path("plots").join(&name), svg).map_err(|error| format!("{name}: {error}"))
}
