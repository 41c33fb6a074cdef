//! Compares planners of partition tables after a change of the nodes: movement, balance, broken
//! rules, leaders and time.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --example planners
//! ```
//!
//! Times are ratios to this crate's planner with its leaders. Three processes measure them, one after
//! the other, each as the median of several alternating passes; the table shows the lowest of the
//! three, rounded down. Everything else is the same in every run. `-- --quick` prints the table
//! without times.
//!
//! The Go module needs Go: see `blance.rs`. Its row is skipped without it.

mod blance;
mod case;
mod cases;
mod exact;
mod greedy;
mod judge;
mod kafka;
mod member;
mod ours;
mod planner;
mod table;
mod times;

use planner::{EXACT, OURS, Planner};
use std::process::ExitCode;

/// All planners; the first is this crate's, to which the times of the others are compared.
const ALL: [Planner; 6] = [
    Planner { name: OURS, plan: ours::plan },
    Planner { name: EXACT, plan: exact::plan },
    Planner { name: "greedy, to the quotas", plan: greedy::to_quotas },
    Planner { name: "greedy, within 9 %", plan: greedy::within_nine_percent },
    Planner { name: "blance (Go)", plan: blance::plan },
    Planner { name: "Kafka, assigned anew", plan: kafka::plan },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let times = match words[..] {
        [] => times::of_processes(),
        ["--quick"] => Ok(times::Times::new()),
        [times::RAW] => {
            times::print(&ALL);
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("planners: unknown arguments: {}; expected --quick", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match times.and_then(|times| table::markdown(&ALL, &times)) {
        Ok(text) => print!("{text}"),
        Err(error) => {
            eprintln!("planners: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::{ALL, EXACT};
    use crate::cases;
    use crate::judge::judge;

    /// In the smallest case the solver ends at once and agrees with this crate's movement; every
    /// planner gives a table without broken rules, or says why it gives none.
    #[test]
    fn the_smallest_case() {
        let case = cases::all().pop().unwrap();
        let rows = |i: usize| (ALL[i].plan)(&case).map(|planned| planned.rows);
        let ours = judge(&case, &rows(0).unwrap()).unwrap();
        assert_eq!(ours.report.outside_floor_ceil, 0);
        for i in 1..ALL.len() {
            let name = ALL[i].name;
            let rows = match rows(i) {
                Ok(rows) => rows,
                Err(why) => {
                    assert!(why.starts_with("skipped"), "{name}: {why}");
                    continue;
                }
            };
            assert_eq!(rows.len(), case.rows.len());
            let figures = judge(&case, &rows).unwrap();
            assert_eq!(figures.report.domain_violations, 0, "{name}");
            if name == EXACT {
                assert_eq!((figures.moved, figures.report.outside_floor_ceil), (ours.moved, 0));
            }
        }
    }
}
