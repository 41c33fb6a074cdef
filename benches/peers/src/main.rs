//! apportion beside other crates, in one run on one machine:
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml [-- --quick] [-- --only WORD]
//! ```
//!
//! Prints a table of ratios for each question, writes `results.json` beside this crate's manifest
//! and draws `plots/` from it. `--quick` is for seeing that everything still runs; `--only` leaves
//! out what does not have the word in its family, question or names. Neither of them writes a file.
//!
//! Without measuring, from the `results.json` that is there: `-- --plots` draws the plots again,
//! `-- --readme` prints the table of the README, `-- --aims` what was aimed at beside what was
//! reached, which also ends every report. `-- --plan` measures the planning of tables alone and
//! puts it into the `results.json` that is there.

mod aims;
mod batches;
mod bench;
mod check;
mod diffs;
mod grid;
mod keys;
mod memory;
mod pass;
mod peer;
mod peers;
mod planning;
mod plot;
mod plots;
mod questions;
mod readme;
mod report;
mod results;

use bench::{Bench, Options};
use planning::Record;
use results::Entry;
use std::process::ExitCode;

const FULL: Options = Options { passes: 64, repetitions: 3, largest: u32::MAX, only: None };
const QUICK: Options = Options { passes: 8, repetitions: 1, largest: 1025, only: None };

/// What there is to do.
enum Task {
    /// The whole grid, and keep the results.
    Whole,
    /// Something of it.
    Part(Options),
    /// The planning of tables, and keep that.
    Plan,
    Plots,
    Readme,
    Aims,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(task) = task(&arguments) else {
        let said = arguments.join(" ");
        eprintln!(
            "not understood: {said}; there are [--quick] [--only WORD], --plan, --plots, --readme, \
             --aims"
        );
        return ExitCode::from(2);
    };
    let done = match task {
        Task::Whole => whole(),
        Task::Part(options) => {
            measure(options);
            Ok(())
        }
        Task::Plan => plan(),
        Task::Plots => draw(),
        Task::Aims => kept().map(|(entries, plans)| {
            print!("{}{}", aims::table(&entries), planning::aims(&plans));
        }),
        Task::Readme => kept().map(|(entries, plans)| {
            print!("{}{}", readme::table(&entries), planning::readme(&plans));
        }),
    };
    if let Err(error) = done {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn whole() -> Result<(), String> {
    let (bench, plans) = measure(FULL);
    results::write(&report::json(&bench.rows, &plans))?;
    draw()
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

/// What the file holds.
fn kept() -> Result<(Vec<Entry>, Vec<Record>), String> {
    Ok((results::read()?, results::plans()?))
}

fn measure(options: Options) -> (Bench, Vec<Record>) {
    let repetitions = options.repetitions;
    let planning = options.only.as_deref().is_none_or(|word| planning::FAMILY.contains(word));
    let quick = options.largest == QUICK.largest;
    let mut bench = Bench::new(options);
    for time in 1..=repetitions {
        eprintln!("{time} of {repetitions}");
        grid::once(&mut bench);
    }
    let entries: Vec<_> = bench.rows.iter().map(report::Row::entry).collect();
    print!("{}{}", report::markdown(&bench.rows), aims::table(&entries));
    let plans = if planning { planning::measure(quick) } else { Vec::new() };
    if planning {
        print!("{}{}", planning::markdown(&plans), planning::aims(&plans));
    }
    (bench, plans)
}

/// None if the arguments are not understood.
fn task(arguments: &[String]) -> Option<Task> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let only = |word: &str| Some(word.to_owned());
    let options = match words[..] {
        [] => return Some(Task::Whole),
        ["--plan"] => return Some(Task::Plan),
        ["--plots"] => return Some(Task::Plots),
        ["--aims"] => return Some(Task::Aims),
        ["--readme"] => return Some(Task::Readme),
        ["--quick"] => QUICK,
        ["--only", word] => Options { only: only(word), ..FULL },
        ["--quick", "--only", word] | ["--only", word, "--quick"] => {
            Options { only: only(word), ..QUICK }
        }
        _ => return None,
    };
    Some(Task::Part(options))
}
