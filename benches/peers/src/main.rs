//! Compares apportion with other crates, in one run on one machine:
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml [-- --quick] [-- --only WORD]
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --machine NAME
//! ```
//!
//! Three processes measure the whole grid, one after the other. A row keeps the median, the minimum
//! and the maximum of their ratios. `--machine` writes `machines/NAME.json` instead of
//! `results.json`: the README claims the lowest median of all machines' files.
//!
//! Prints a table of ratios for each question, writes `results.json` beside this crate's manifest
//! and draws `plots/` from it. `--quick` checks that everything still runs; `--only` measures only
//! comparisons with the word in their family, question or names. Neither of them writes a file.
//!
//! Without measuring, from existing files: `-- --plots` draws the plots again, `-- --readme` prints
//! the table of the README, `-- --aims` prints the targets and what was reached, which also ends
//! every report. `-- --plan` measures only the planning of tables and updates `results.json`.

mod aims;
mod batches;
mod bench;
mod check;
mod diffs;
mod grid;
mod keys;
mod machines;
mod memory;
mod pass;
mod peer;
mod peers;
mod planning;
mod plot;
mod plots;
mod processes;
mod questions;
mod readme;
mod report;
mod results;

use bench::{Bench, Options};
use planning::Record;
use report::Row;
use results::Entry;
use std::process::ExitCode;

const FULL: Options = Options { passes: 64, largest: u32::MAX, only: None };
const QUICK: Options = Options { passes: 8, largest: 1025, only: None };

/// Number of processes that measure the grid, in full and with `--quick`.
const PROCESSES: usize = 3;
const QUICK_PROCESSES: usize = 1;

/// The requested task.
enum Task {
    /// Measure the whole grid and keep the results, under the machine's name if it has one.
    Whole(Option<String>),
    /// Measure a part of the grid.
    Part(Options),
    /// Act as one of the measuring processes: print the outcomes.
    Raw(Options),
    /// Measure the planning of tables and keep the results.
    Plan,
    Plots,
    Readme,
    Aims,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(task) = task(&arguments) else {
        let given = arguments.join(" ");
        eprintln!(
            "unknown arguments: {given}; expected [--quick] [--only WORD], --machine NAME, --plan, \
             --plots, --readme or --aims"
        );
        return ExitCode::from(2);
    };
    let done = match task {
        Task::Whole(machine) => whole(machine.as_deref()),
        Task::Part(options) => measure(&arguments, &options).map(|_| ()),
        Task::Raw(options) => {
            let mut bench = Bench::new(options);
            grid::once(&mut bench);
            println!("{}", processes::raw(&bench.rows));
            Ok(())
        }
        Task::Plan => plan(),
        Task::Plots => draw(),
        Task::Aims => kept().map(|(entries, plans)| {
            print!("{}{}", aims::table(&entries), planning::aims(&plans));
        }),
        Task::Readme => kept().and_then(|(entries, plans)| {
            let claims = machines::claims(&entries)?;
            print!("{}{}", readme::table(&claims), planning::readme(&plans));
            Ok(())
        }),
    };
    if let Err(error) = done {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn whole(machine: Option<&str>) -> Result<(), String> {
    // A wrong name is reported before an hour of measuring, not after it.
    let file = machine.map(machines::file).transpose()?;
    let (rows, plans) = measure(&[], &FULL)?;
    let json = report::json(&rows, &plans);
    match file {
        Some(file) => results::write_to(&file, &json),
        None => results::write(&json).and_then(|()| draw()),
    }
}

fn plan() -> Result<(), String> {
    let plans = planning::measure(false);
    print!("{}{}", planning::markdown(&plans), planning::aims(&plans));
    results::replace_plans(&plans, report::versions())?;
    planning::draw(&plans)
}

fn draw() -> Result<(), String> {
    let (entries, plans) = kept()?;
    plots::draw(&entries)?;
    planning::draw(&plans)
}

/// The records in `results.json`.
fn kept() -> Result<(Vec<Entry>, Vec<Record>), String> {
    Ok((results::read()?, results::plans()?))
}

/// Starts processes that measure with these arguments, and reports.
fn measure(arguments: &[String], options: &Options) -> Result<(Vec<Row>, Vec<Record>), String> {
    let planning = options.only.as_deref().is_none_or(|word| planning::FAMILY.contains(word));
    let quick = options.largest == QUICK.largest;
    let rows = processes::measure(arguments, if quick { QUICK_PROCESSES } else { PROCESSES })?;
    let entries: Vec<_> = rows.iter().map(Row::entry).collect();
    print!("{}{}", report::markdown(&rows), aims::table(&entries));
    let plans = if planning { planning::measure(quick) } else { Vec::new() };
    if planning {
        print!("{}{}", planning::markdown(&plans), planning::aims(&plans));
    }
    Ok((rows, plans))
}

/// The task that the arguments ask for; `None` if they are unknown.
fn task(arguments: &[String]) -> Option<Task> {
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let raw = words.last() == Some(&processes::RAW);
    if raw {
        words.pop();
    }
    let only = |word: &str| Some(word.to_owned());
    let options = match words[..] {
        [] if !raw => return Some(Task::Whole(None)),
        [] => FULL,
        ["--machine", name] if !raw => return Some(Task::Whole(Some(name.to_owned()))),
        ["--plan"] if !raw => return Some(Task::Plan),
        ["--plots"] if !raw => return Some(Task::Plots),
        ["--aims"] if !raw => return Some(Task::Aims),
        ["--readme"] if !raw => return Some(Task::Readme),
        ["--quick"] => QUICK,
        ["--only", word] => Options { only: only(word), ..FULL },
        ["--quick", "--only", word] | ["--only", word, "--quick"] => {
            Options { only: only(word), ..QUICK }
        }
        _ => return None,
    };
    Some(if raw { Task::Raw(options) } else { Task::Part(options) })
}
