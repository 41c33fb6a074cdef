//! Targets for planning, beside what was reached.

use super::record::{self, Record};
use super::scenario::Change;
use super::system::System;
use crate::peers::{PlannedAlone, PlannedDispersed};
use std::fmt::Write as _;

/// A figure and the limit that it should not exceed.
struct Aim {
    says: &'static str,
    at_most: f64,
    scenario: &'static str,
    system: &'static str,
    figure: String,
    /// How many units of the record are one unit of the target.
    divisor: f64,
}

const ALONE: &str = PlannedAlone::NAME;
const DISPERSED: &str = PlannedDispersed::NAME;

/// OpenStack Swift 2.38 at 1000 nodes and 2^18 partitions, milliseconds: a ring built and one pass
/// for one node more. Recorded elsewhere on another day, not measured in this run.
const SWIFT: [(&str, f64); 2] = [("fresh, ms", 35_000.0), ("one node more, ms", 6200.0)];
const FASTER: f64 = 100.0;

fn aims() -> Vec<Aim> {
    let aim = |says, at_most, scenario, system, figure: &str| Aim {
        says,
        at_most,
        scenario,
        system,
        figure: figure.to_owned(),
        divisor: 1.0,
    };
    let change = |says, at_most, scenario, change| {
        aim(says, at_most, scenario, ALONE, &record::time(change))
    };
    vec![
        aim("fresh without dispersion, ms", 250.0, "g", ALONE, record::FRESH),
        aim("dispersion, ms", 1000.0, "g", DISPERSED, record::DISPERSION),
        aim(
            "one node more with dispersion, ms",
            200.0,
            "g",
            DISPERSED,
            &record::time(Change::OneNodeMore),
        ),
        aim(
            "one node more with dispersion, ms",
            20.0,
            "b",
            DISPERSED,
            &record::time(Change::OneNodeMore),
        ),
        aim("all weights drawn again, ms", 500.0, record::REDRAWN, DISPERSED, record::REDRAWN_PLAN),
        aim("dispersion, ms", 2000.0, record::REDRAWN, DISPERSED, record::DISPERSION),
        change("one node more, ms", 50.0, "g", Change::OneNodeMore),
        change("one node less, ms", 50.0, "g", Change::OneNodeLess),
        change("one weight doubled, ms", 50.0, "g", Change::WeightDoubled),
        change("a zone more, ms", 100.0, "g", Change::ZoneMore),
        change("a zone less, ms", 100.0, "g", Change::ZoneLess),
        Aim { divisor: 1e6, ..aim("peak heap, MB", 32.0, "g", ALONE, record::PEAK) },
        Aim { divisor: 1e6, ..aim("with dispersion, MB", 32.0, "g", DISPERSED, record::PEAK) },
        aim("check of the certificate, ms", 50.0, "g", ALONE, record::CHECK),
        aim("fresh without dispersion, ms", 1000.0, "h", ALONE, record::FRESH),
        change("one node more, ms", 300.0, "h", Change::OneNodeMore),
        change("one node less, ms", 300.0, "h", Change::OneNodeLess),
        change("one weight doubled, ms", 300.0, "h", Change::WeightDoubled),
        change("a zone more, ms", 300.0, "h", Change::ZoneMore),
        change("a zone less, ms", 300.0, "h", Change::ZoneLess),
    ]
}

const HEAD: &str = "
### Aims of planning

| scenario | | aim | reached | |
|---|---|---|---|---|
";

/// A Markdown table with a line for each target that has a figure.
pub fn table(records: &[Record]) -> String {
    let find = |scenario: &str, system: &str, figure: &str| {
        let of = |record: &&Record| record.scenario == scenario && record.system == system;
        records.iter().find(of)?.get(figure)
    };
    let mut out = String::new();
    for Aim { says, at_most, scenario, system, figure, divisor } in aims() {
        let Some(reached) = find(scenario, system, &figure) else { continue };
        let reached = reached / divisor;
        let word = word(reached <= at_most);
        let _ = writeln!(out, "| {scenario} | {says} | ≤ {at_most} | {reached:.1} | {word} |");
    }
    for (figure, swift) in SWIFT {
        let Some(ours) = find("g", ALONE, figure) else { continue };
        let (times, word) = (swift / ours, word(swift >= FASTER * ours));
        let _ = writeln!(
            out,
            "| g | {figure}: Swift 2.38's {swift}, recorded elsewhere / ours | ≥ {FASTER} | \
             {times:.0} | {word} |"
        );
    }
    if out.is_empty() { out } else { format!("{HEAD}{out}") }
}

fn word(reached: bool) -> &'static str {
    if reached { "reached" } else { "**missed**" }
}
