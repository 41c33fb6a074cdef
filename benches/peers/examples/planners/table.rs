//! The tables, as Markdown.

use crate::case::Case;
use crate::cases;
use crate::judge::{Figures, judge};
use crate::planner::{EXACT, OURS, Planner};
use crate::times::Times;
use std::fmt::Write as _;

const HEAD: &str = "\
| planner | moved | moved / minimum | partitions with 2+ moves | load / quota, min to max | \
off quota | rule violations | leaders changed | leaders / quota, max | leaders off quota | \
time / ours |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// A table for each case. The first planner is this crate's.
///
/// # Errors
/// No plan of this crate, or one of the solver that moves another number of replicas.
pub(crate) fn markdown(planners: &[Planner], times: &Times) -> Result<String, String> {
    let mut out = String::new();
    for case in cases::all() {
        let _ = write!(out, "\n{}: {}\n\n{HEAD}", case.name, case.says);
        let minimum = figures(&planners[0], &case)?.moved;
        for planner in planners {
            let name = planner.name;
            let figures = match figures(planner, &case) {
                Ok(figures) => figures,
                Err(why) => {
                    let _ = writeln!(out, "| {name} | {why} | | | | | | | | | |");
                    continue;
                }
            };
            let exact = name == EXACT;
            if exact && figures.moved != minimum {
                return Err(format!("{}: {name} moves {}", case.name, figures.moved));
            }
            let _ = writeln!(
                out,
                "| {name} | {} |",
                line(&figures, minimum, exact, times, (&case, planner))
            );
        }
    }
    Ok(out)
}

fn figures(planner: &Planner, case: &Case) -> Result<Figures, String> {
    judge(case, &(planner.plan)(case)?.rows)
}

fn line(
    figures: &Figures,
    minimum: u64,
    exact: bool,
    times: &Times,
    (case, planner): (&Case, &Planner),
) -> String {
    let Figures { moved, twice, leaders_moved, report } = figures;
    let ratio = *moved as f64 / minimum as f64;
    let (min, max) = (report.min_over_quota, report.max_over_quota);
    // Its rows have no order.
    let leaders = if exact {
        "– | – | –".to_owned()
    } else {
        format!(
            "{leaders_moved} | {:.3} | {}",
            report.max_leaders_over_quota, report.leaders_outside_floor_ceil
        )
    };
    let key = (case.name.to_owned(), planner.name.to_owned());
    let time = match times.get(&key) {
        None => "–".to_owned(),
        Some(ms) if planner.name == OURS => format!("1 ({ms:.2} ms)"),
        Some(ratio) if *ratio < 10.0 => format!("{:.1}", (ratio * 10.0).floor() / 10.0),
        Some(ratio) => format!("{:.0}", ratio.floor()),
    };
    format!(
        "{moved} | {ratio:.2} | {twice} | {min:.3} to {max:.3} | {} | {} | {leaders} | {time}",
        report.outside_floor_ceil, report.domain_violations
    )
}
