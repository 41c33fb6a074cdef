//! Plans partition tables step by step: first a fresh table, then one after every change of the
//! cluster, each with the minimum movement from the table before. Prints what each step costs and
//! how balanced it is.
//!
//! `cargo run --example plan -- --help` describes scenarios.

mod affinity;
mod args;
mod carried;
mod change;
#[path = "../common/mod.rs"]
mod common;
mod figures;
mod heap;
mod json;
mod kafka;
mod missing;
mod nodes;
mod options;
mod outcome;
mod page;
mod paper;
#[path = "../common/report/mod.rs"]
mod report;
mod scenario;
mod sections;
mod start;
mod steps;
mod table;
mod tables;

use common::dump::{self, Dump};
use common::{layout, lines, text};
use figures::Files;
use options::Options;
use page::Pages;
use scenario::Scenario;
use start::Start;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
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
    let bytes = read(options.source.as_deref())?;
    let scenario = Scenario::parse(&bytes, options.from.is_some());
    let scenario = scenario.map_err(|why| match &options.source {
        Some(path) => format!("{}: {why}", text::path(path)),
        None => format!("standard input: {why}"),
    })?;
    if !scenario.tables.is_empty() {
        tables::check(&options)?;
    }
    let partitions = scenario.steps.first().map_or(1, |step| step.config.partitions());
    // Where the first step says how many replicas each partition has, none is missing.
    let copies = scenario.steps.first();
    let copies = copies.is_some_and(|step| step.config.copies_of_partitions().len() > 0);
    let start = options.from.as_ref();
    let start = start.map(|from| Start::read(from, partitions, copies)).transpose()?;
    if options.export.is_some() {
        let last = scenario.steps.last().into_iter().flat_map(|step| step.nodes.nodes());
        last.map(|id| kafka::broker(id)).collect::<Result<Vec<_>, _>>()?;
    }
    if let Some(partition) = options.explain {
        let all = scenario.steps.iter().map(|step| step.config.partitions()).max().unwrap_or(0);
        if partition >= all {
            return Err(format!(
                "--explain {partition}: the scenario has {}, numbered from 0",
                text::counted(all.into(), "partition")
            ));
        }
    }
    let mut files = create(&options, &scenario)?;
    let (outcome, export) = steps::run(&scenario, start, &options, &mut files)?;
    if let (Some(pages), Some(file)) = (&files.pages, &mut files.html) {
        file.text(&pages.html(&outcome, &options))?;
    }
    files.flush()?;
    print(&match (&options.export, options.json) {
        (Some(_), _) => export.clone(),
        (None, true) => outcome.json(),
        (None, false) => {
            table::write(&scenario, &outcome) + &sections::write(&scenario, &outcome, &options)
        }
    })?;
    files.keep()?;
    if options.export.is_some() && export.is_empty() && outcome.error.is_none() {
        let _ = writeln!(
            io::stderr(),
            "plan: --export: no partition changes its holders or their order: nothing to reassign"
        );
    }
    Ok(outcome.error.map(|error| error.message))
}

/// Creates the files that are written, unless one of them is read or named twice.
fn create(options: &Options, scenario: &Scenario) -> Result<Files, String> {
    let Options { source, from, dump, dump_schedule, html, .. } = options;
    let others = [
        ("--dump", dump, source, "the scenario itself"),
        ("--dump", dump, from, "the table to start from"),
        ("--dump-schedule", dump_schedule, source, "the scenario itself"),
        ("--dump-schedule", dump_schedule, from, "the table to start from"),
        ("--dump-schedule", dump_schedule, dump, "the file of --dump"),
        ("--html", html, source, "the scenario itself"),
        ("--html", html, from, "the table to start from"),
        ("--html", html, dump, "the file of --dump"),
        ("--html", html, dump_schedule, "the file of --dump-schedule"),
    ];
    for (option, file, other, what) in others {
        if let (Some(file), Some(other)) = (file, other) {
            if dump::is_same_file(file, other) {
                return Err(format!("{option} {}: that is {what}", text::path(file)));
            }
        }
    }
    let create = |option, path: &Option<PathBuf>| {
        path.clone().map(|path| Dump::create(option, path)).transpose()
    };
    let tables = create("--dump", dump)?;
    let schedules = create("--dump-schedule", dump_schedule)?;
    let pages = html.as_ref().map(|_| Pages::new(scenario));
    Ok(Files { tables, schedules, html: create("--html", html)?, pages })
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

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
