//! Draws the pictures of the README and the chapters, as SVG for light and for dark pages.
//!
//! `cargo run --release --example pictures -- NAME OUT` writes the picture NAME to the file OUT, or to
//! standard output without OUT. The pictures are `ring`, `table`, `balance` and `cost`.

mod balance;
mod chart;
#[path = "../common/mod.rs"]
mod common;
mod cost;
mod ring;
mod table;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "pictures: {message}");
            ExitCode::from(2)
        }
    }
}

const USAGE: &str = "usage: pictures ring|table|balance|cost [OUT]";

fn run() -> Result<(), String> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let draw = match args.first().and_then(|name| name.to_str()) {
        Some("ring") => ring::svg,
        Some("table") => table::svg,
        Some("balance") => balance::svg,
        Some("cost") => cost::svg,
        _ => return Err(USAGE.to_owned()),
    };
    match &args[1..] {
        [] => print(&draw()?),
        [out] if !out.as_encoded_bytes().starts_with(b"-") => {
            std::fs::write(Path::new(out), draw()?).map_err(|e| format!("{out:?}: {e}"))
        }
        _ => Err(USAGE.to_owned()),
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
