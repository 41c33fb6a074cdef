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
mod page;
#[path = "../common/report/mod.rs"]
mod report;
mod sample;
mod table;

use common::dump::{self, Dump};
use common::{layout, text};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
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
    let mut html = options.html.clone().map(|path| create(path, &options.source)).transpose()?;
    let mut sample = html.as_ref().map(|_| sample::Sample::default());
    let result = measure::measure(&pairs, options.replicas, &mut keys, sample.as_mut())?;
    if let (Some(file), Some(sample)) = (&mut html, &sample) {
        let shown = page::Shown {
            plan: &plan,
            pairs: &pairs,
            outcome: &result,
            sample,
            origin: keys.origin(),
            replicas: options.replicas,
            given: &options.given,
        };
        file.text(&page::html(&shown))?;
        file.flush()?;
    }
    let printed = if options.json {
        print(&json::write(&plan, options.replicas, &result, json::Members::All))
    } else {
        let width = if options.wide { usize::MAX } else { layout::width() };
        let show = table::Show { width, chance: options.chance };
        print(&table::write(&plan, options.replicas, keys.origin(), &result, show))
    };
    printed?;
    html.map_or(Ok(()), Dump::keep)
}

/// Creates the file of the report, unless the keys are read from it.
fn create(path: PathBuf, source: &keys::Source) -> Result<Dump, String> {
    match source {
        keys::Source::Lines(keys) if dump::is_same_file(&path, keys) => {
            Err(format!("--html {}: that is the file of --keys", text::path(&path)))
        }
        _ => Dump::create("--html", path),
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
