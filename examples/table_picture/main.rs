//! Draws a partition table before and after a node joins, as SVG: one row for each node, one column
//! for each partition.
//!
//! `cargo run --example table_picture -- OUT` writes the file OUT, or standard output without OUT.
//! The chapter `docs::placing_replicas` shows the picture.

mod cluster;
mod picture;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "table_picture: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let svg = cluster::change().map_err(|e| e.to_string())?.svg();
    match args.as_slice() {
        [] => print(&svg),
        [out] if !out.as_encoded_bytes().starts_with(b"-") => {
            std::fs::write(Path::new(out), svg).map_err(|e| format!("{out:?}: {e}"))
        }
        _ => Err("usage: table_picture [OUT]".to_owned()),
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
