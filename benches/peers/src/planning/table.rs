//! Formats records as Markdown.

use super::record::{self, Record};
use super::scenario::{A, B, Change, G, H};
use std::fmt::Write as _;

const HEAD: &str = "\
| | fresh, ms | adding a node, ms | load / quota, min to max | moved / minimum: adding a node | \
removing a node | adding a zone | a weight doubled | worst pair | peak heap, MiB |
|---|---|---|---|---|---|---|---|---|---|
";

/// The tables of the README: for each scenario all systems with the figures of their tables.
pub fn readme(records: &[Record]) -> String {
    let mut out = String::new();
    for scenario in [A, B, G] {
        let of_scenario = || records.iter().filter(move |record| record.scenario == scenario.name);
        if of_scenario().next().is_none() {
            continue;
        }
        let _ = write!(out, "\n{}:\n\n{HEAD}", scenario.says);
        for record in of_scenario() {
            let own = record.partitions != scenario.partitions;
            let size =
                if own { format!(" (2^{})", record.partitions.ilog2()) } else { String::new() };
            let figure = |name: &str| record.get(name).map_or(String::new(), short);
            let ratio = |name: &str| record.get(name).map_or(String::new(), |v| format!("{v:.4}"));
            let times = |change| record.get(&record::moved(change)).map_or(String::new(), times);
            let _ = writeln!(
                out,
                "| {}{size} | {} | {} | {} to {} | {} | {} | {} | {} | {} | {} |",
                record.system,
                figure(record::FRESH),
                figure(&record::time(Change::OneNodeMore)),
                ratio(record::MIN_OVER_QUOTA),
                ratio(record::MAX_OVER_QUOTA),
                times(Change::OneNodeMore),
                times(Change::OneNodeLess),
                times(Change::ZoneMore),
                times(Change::WeightDoubled),
                figure(record::WORST_PAIR),
                record.get(record::PEAK).map_or(String::new(), |bytes| short(bytes / 1_048_576.0)),
            );
        }
    }
    out
}

/// All times of all systems, then the tables of the README, then the growth of costs.
pub fn markdown(records: &[Record]) -> String {
    let mut out = readme(records);
    let names = Change::ALL.map(record::time);
    let mut columns = vec![record::FRESH];
    columns.extend(names.iter().map(String::as_str));
    columns.extend([record::DISPERSION, record::CHECK]);
    let heads = columns.iter().map(|column| format!(" {column} |")).collect::<String>();
    let _ = write!(out, "\n### plan: times\n\n| | |{heads} peak heap, MiB |\n|---|---|");
    let _ = writeln!(out, "{}", "---|".repeat(columns.len() + 1));
    for record in records {
        let Record { scenario, system, nodes, partitions, .. } = record;
        let letter = [A, B, G, H].iter().any(|known| known.name == scenario);
        let log = partitions.ilog2();
        let what = if letter { system.clone() } else { format!("N = {nodes}, P = 2^{log}") };
        let _ = write!(out, "| {scenario} | {what} |");
        for column in &columns {
            let _ = write!(out, " {} |", record.get(column).map_or(String::new(), short));
        }
        let peak = record.get(record::PEAK).unwrap_or_default() / 1_048_576.0;
        let _ = writeln!(out, " {} |", short(peak));
    }
    out
}

/// Formats a number with three significant digits.
fn short(value: f64) -> String {
    match value {
        ..9.995 => format!("{value:.2}"),
        ..99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}
