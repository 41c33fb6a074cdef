//! Simulates gateways that route requests with skewed keys to nodes with caches, by plain hashing, by
//! the lowest load, and by picks under several load limits. Prints a table, and draws it as SVG.
//!
//! `cargo run --release --example sticky_pick -- REQUESTS [OUT]` writes the picture to the file OUT.
//! The chapter `docs::sticky_routing` shows the table and the picture for 10,000,000 requests. All
//! arithmetic is in integers, so every machine prints the same figures.

mod cache;
#[path = "../common/mod.rs"]
mod common;
mod picture;
mod simulation;
mod traffic;

use simulation::{Figures, Policy};
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: sticky_pick REQUESTS [OUT], with 1000 requests or more";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "sticky_pick: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let number = |arg: &OsString| arg.to_str()?.parse().ok().filter(|n| *n >= 1000);
    let requests: Option<u64> = args.first().and_then(number);
    let (requests, out) = match (requests, args.as_slice()) {
        (Some(requests), [_]) => (requests, None),
        (Some(requests), [_, out]) => (requests, Some(Path::new(out))),
        _ => return Err(USAGE.to_owned()),
    };
    let world = simulation::World::new().map_err(|e| e.to_string())?;
    let rows: Vec<(String, Figures)> =
        Policy::ALL.iter().map(|policy| (policy.name(), world.run(policy, requests))).collect();
    if let Some(out) = out {
        std::fs::write(out, picture::svg(requests, &rows)).map_err(|e| format!("{out:?}: {e}"))?;
    }
    print(&table(&rows))
}

/// A table in Markdown.
fn table(rows: &[(String, Figures)]) -> String {
    let mut text = String::from(
        "| policy | highest load / mean | peak on a node | spilled | hit rate |\n|---|---|---|---|---|\n",
    );
    for (name, figures) in rows {
        let [load, spilled, hits] = figures.shown();
        let peak = figures.peak;
        text += &format!("| {name} | {load} | {peak} requests | {spilled} % | {hits} % |\n");
    }
    text
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
