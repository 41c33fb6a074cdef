//! Shows what moves when a program migrates from another crate to apportion: places keys with both
//! crates, and shows what adding a node moves on either side afterwards.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --example coming_from -- --help
//! ```

mod args;
/// Some of what the library's examples share; it keeps to Rust 1.85.
#[path = "../../../../examples/common"]
#[allow(dead_code, clippy::manual_is_multiple_of)]
mod common {
    pub(crate) mod lines;
    pub(crate) mod text;
}
mod count;
mod json;
mod keys;
mod nodes;
mod old;
mod peer;
mod sides;
mod table;

use common::{lines, text};
use count::Count;
use sides::Sides;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // One line. If standard error is closed, nothing can be done.
            let _ = writeln!(io::stderr(), "coming_from: {}", text::visible(&message));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let Some(options) = args::parse(std::env::args_os().skip(1))? else {
        // One per line, in the column of the options' explanations.
        let lines = apportion::Algorithm::NAMES.chunks(5).map(|names| names.join(", "));
        let known = lines.collect::<Vec<_>>().join(&format!(",\n{:24}", ""));
        return print(&include_str!("usage.txt").replace("{algorithms}", &known));
    };
    let cluster = options.request.cluster(options.from)?;
    let sides = Sides::build(&cluster, options.to)?;
    let mut count = Count::new(cluster.members.len());
    keys::each(&options.source, options.numbers, |key| count.take(sides.place(key)))?;
    if count.keys == 0 {
        return Err(format!("no key in {}", options.source.origin()));
    }
    print(&if options.json {
        json::write(&cluster, &sides, &count)
    } else {
        table::write(&cluster, &sides, &count, &options.source)
    })
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
