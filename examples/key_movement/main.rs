//! Shows what moves when a cluster changes: streams keys (real files, or a list) through every
//! algorithm, before and after the change, and prints the moves of each.
//!
//! `cargo run --release --example key_movement -- --help` lists the options.

mod args;
mod chance;
mod chunk;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod json;
mod keys;
mod measure;
mod progress;
mod table;

use common::{layout, text};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // One line. If standard error is closed, nothing can be done.
            let _ = writeln!(io::stderr(), "key_movement: {}", text::visible(&message));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let Some(options) = args::parse(std::env::args_os().skip(1))? else {
        let names = apportion::Algorithm::NAMES.join(", ");
        let usage = include_str!("usage.txt").replace("{algorithms}", &names);
        return print(&layout::help(&usage, layout::width()));
    };
    let plan = options.request.plan()?;
    let pairs = measure::pairs(&plan, &options.algorithms, options.replicas)?;
    let mut keys = keys::Keys::open(&options.source)?;
    let result = measure::measure(&pairs, options.replicas, &mut keys)?;
    if options.json {
        print(&json::write(&plan, options.replicas, &result))
    } else {
        let width = if options.wide { usize::MAX } else { layout::width() };
        let show = table::Show { width, chance: options.chance };
        print(&table::write(&plan, options.replicas, keys.origin(), &result, show))
    }
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
