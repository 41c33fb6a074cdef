//! apportion beside other crates, in one run on one machine:
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml [-- --quick] [-- --only WORD]
//! ```
//!
//! Prints a table of ratios for each question and writes `results.json` beside this crate's
//! manifest. `--quick` is for seeing that everything still runs; `--only` leaves out what does not
//! have the word in its question or names. Neither of them writes the file.

mod bench;
mod check;
mod grid;
mod keys;
mod memory;
mod pass;
mod peer;
mod peers;
mod questions;
mod report;

use bench::{Bench, Options};

const FULL: Options = Options { passes: 64, repetitions: 3, largest: u32::MAX, only: None };
const QUICK: Options = Options { passes: 8, repetitions: 1, largest: 1000, only: None };

fn main() {
    let (options, whole) = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(unknown) => {
            eprintln!("unknown option {unknown}; there are --quick and --only WORD");
            std::process::exit(2);
        }
    };
    let repetitions = options.repetitions;
    let mut bench = Bench::new(options);
    for time in 1..=repetitions {
        eprintln!("{time} of {repetitions}");
        grid::once(&mut bench);
    }
    print!("{}", report::markdown(&bench.rows));
    if whole {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/results.json");
        if let Err(error) = std::fs::write(file, report::json(&bench.rows)) {
            eprintln!("results.json: {error}");
            std::process::exit(1);
        }
    }
}

/// The options, and whether the results are worth keeping.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Options, bool), String> {
    let (mut options, mut whole) = (FULL, true);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), options.only.take()) {
            ("--quick", only) => options = Options { only, ..QUICK },
            ("--only", _) => options.only = Some(arguments.next().ok_or(argument)?),
            _ => return Err(argument),
        }
        whole = false;
    }
    Ok((options, whole))
}
