//! Plans partition tables step by step: first a fresh table, then one after every change of the
//! cluster, each with the minimum movement from the table before. Prints what each step costs and
//! how balanced it is.
//!
//! `cargo run --example plan -- --help` describes scenarios.

mod args;
mod carried;
#[path = "../common/mod.rs"]
mod common;
mod dump;
mod heap;
mod json;
mod nodes;
mod outcome;
mod scenario;
mod steps;
mod table;

use args::Options;
use common::{layout, text};
use scenario::Scenario;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Exit status: the input is wrong.
const WRONG: u8 = 2;
/// Exit status: no table can keep the rules.
const INFEASIBLE: u8 = 3;

fn main() -> ExitCode {
    match run() {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(why)) => complain(&why, INFEASIBLE),
        Err(message) => complain(&message, WRONG),
    }
}

/// Prints one line to standard error. If that is closed, nothing can be done.
fn complain(message: &str, status: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "plan: {}", text::visible(message));
    ExitCode::from(status)
}

/// Returns a message if a step was infeasible.
fn run() -> Result<Option<String>, String> {
    let Some(options) = args::parse(std::env::args_os().skip(1))? else {
        print(&layout::help(include_str!("usage.txt"), layout::width()))?;
        return Ok(None);
    };
    let Options { source, json, dump, disperse } = options;
    let scenario = Scenario::parse(&read(source.as_deref())?);
    let scenario = scenario.map_err(|why| match &source {
        Some(path) => format!("{}: {why}", text::path(path)),
        None => format!("standard input: {why}"),
    })?;
    if let (Some(source), Some(dump)) = (&source, &dump) {
        if is_same_file(source, dump) {
            return Err(format!("--dump {}: that is the scenario itself", text::path(dump)));
        }
    }
    let mut dump = dump.map(dump::Dump::create).transpose()?;
    let outcome = steps::run(&scenario, disperse, &mut dump)?;
    dump.map_or(Ok(()), dump::Dump::finish)?;
    print(&if json { outcome.json() } else { table::write(&scenario, &outcome) })?;
    Ok(outcome.error.map(|error| error.message))
}

/// The scenario's bytes, from standard input if there is no file.
fn read(file: Option<&Path>) -> Result<Vec<u8>, String> {
    let Some(path) = file else {
        if io::stdin().is_terminal() {
            // Without a message, a waiting program looks as if it hung.
            let _ = writeln!(
                io::stderr(),
                "plan: reading a scenario in JSON from the terminal; --help shows one"
            );
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).map_err(|e| format!("standard input: {e}"));
    };
    fs::read(path).map_err(|e| format!("{}: {e}", text::path(path)))
}

/// True if both paths exist and are the same file.
fn is_same_file(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
