//! Times as ratios to this crate's, the lowest median of several processes.

use crate::cases;
use crate::planner::Planner;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// The argument of a measuring process.
pub(crate) const RAW: &str = "--raw";

const PROCESSES: usize = 3;
const PASSES: usize = 9;

/// A planner that took longer than this is measured once.
const SLOW: Duration = Duration::from_secs(1);

/// Milliseconds of this crate's planner, and ratios of the others to it, by case and planner.
pub(crate) type Times = BTreeMap<(String, String), f64>;

/// Measures in several processes and keeps the lowest figure of each.
///
/// # Errors
/// A process that cannot be started or fails.
pub(crate) fn of_processes() -> Result<Times, String> {
    let mut lowest = Times::new();
    for _ in 0..PROCESSES {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let output = Command::new(program).arg(RAW).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err("a measuring process failed".to_owned());
        }
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [case, planner, figure] = fields[..] else { continue };
            let figure: f64 = figure.parse().map_err(|_| format!("not a number: {figure}"))?;
            let entry = lowest.entry((case.to_owned(), planner.to_owned())).or_insert(figure);
            *entry = entry.min(figure);
        }
    }
    Ok(lowest)
}

/// Acts as a measuring process. The times of the others are compared with the first planner's.
pub(crate) fn print(planners: &[Planner]) {
    for case in cases::all() {
        let mut samples = vec![Vec::new(); planners.len()];
        for pass in 0..PASSES {
            for (planner, samples) in planners.iter().zip(&mut samples) {
                let slow = samples.first().is_some_and(|first| *first > SLOW);
                if pass > 0 && (slow || samples.is_empty()) {
                    continue;
                }
                if let Ok(planned) = (planner.plan)(&case) {
                    samples.push(planned.took);
                }
            }
        }
        let medians = samples.into_iter().map(median).collect::<Vec<_>>();
        let Some(ours) = medians[0] else { continue };
        println!("{}\t{}\t{}", case.name, planners[0].name, ours * 1e3);
        for (planner, median) in planners.iter().zip(&medians).skip(1) {
            if let Some(median) = median {
                println!("{}\t{}\t{}", case.name, planner.name, median / ours);
            }
        }
    }
}

/// In seconds.
fn median(mut samples: Vec<Duration>) -> Option<f64> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).map(Duration::as_secs_f64)
}
