//! A small key-value store of several nodes, in threads, that moves its partitions while clients read and
//! write: a node joins, one is drained, one crashes in the middle, and so does the coordinator. It goes
//! through copy, catch up, switch and drop by a `Transition`, and checks that no acknowledged write is
//! lost and nothing unneeded was copied.
//!
//! `cargo run --release --example resharding -- --help` lists the options.

mod args;
mod audit;
mod client;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod coordinator;
mod keys;
mod ledger;
mod node;
mod router;
mod story;
mod work;

use apportion::Xxh3;
use apportion::migration::Transition;
use args::Options;
use common::{layout, text};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Instant;
use text::{counted, grouped};

/// Replicas of each partition.
pub(crate) const REPLICAS: usize = 3;

/// Nodes are numbers.
pub(crate) type Move = Transition<u32, Xxh3, REPLICAS>;

/// Exit status: a check failed.
const FAILED: u8 = 1;
/// Exit status: the input is wrong.
const WRONG: u8 = 2;

fn main() -> ExitCode {
    let options = match args::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            let help = layout::help(include_str!("usage.txt"), layout::width());
            return print(&help).map_or_else(|why| complain(&why, FAILED), |()| ExitCode::SUCCESS);
        }
        Err(why) => return complain(&why, WRONG),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => complain(&why, FAILED),
    }
}

/// Prints one line to standard error. If that is closed, nothing can be done.
fn complain(message: &str, status: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "resharding: {}", text::visible(message));
    ExitCode::from(status)
}

fn run(options: &Options) -> Result<(), String> {
    let Options { nodes, partitions, keys, clients, .. } = *options;
    let (keys, clients) = (counted(keys, "key"), counted(clients as u64, "client"));
    print(&format!(
        "{nodes} nodes, {partitions} partitions of {REPLICAS} replicas, {keys}, {clients}\n"
    ))?;
    let started = Instant::now();
    let proof = story::run(options)?;
    let (clients, copied) = (proof.clients, proof.copied);
    let rows = [
        ("writes acknowledged", clients.acknowledged, "none is lost on any holder"),
        ("reads checked", clients.read, "none was older than an acknowledged write"),
        ("operations behind", clients.behind, "by a client that had not seen the last state"),
        ("unanswered", clients.unanswered, "by the crashed node, and not acknowledged"),
        ("partitions copied", copied.copies, "the transfers of the migrations"),
        ("  of these in vain", copied.void, "given up or forgotten in the two crashes"),
        ("keys copied", copied.keys, ""),
        ("replicas at the end", proof.replicas, "each key on its 3 holders and on no other node"),
    ];
    let table: Vec<Vec<String>> = rows
        .iter()
        .map(|(what, n, note)| vec![(*what).to_owned(), grouped(*n), (*note).to_owned()])
        .collect();
    let width = table.iter().map(|row| row.get(1).map_or(0, String::len)).max().unwrap_or(0);
    for row in &table {
        if let [what, n, note] = row.as_slice() {
            print(&format!("{}\n", format!("{what:<20} {n:>width$}  {note}").trim_end()))?;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    print(&format!("{} copied, {seconds:.1} s\n", text::size(copied.bytes)))
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
