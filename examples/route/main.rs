//! Finds the node of each key: reads keys line by line and writes each line with its node.
//!
//! `cargo run --example route -- --help` lists the options.

mod anchor;
mod answers;
mod args;
mod batch;
mod bounded;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod hasher;
mod hex;
mod keys;
mod preset;
mod range;
mod stop;
mod text;
mod weights;

use answers::{Answering, Answers, Names};
use apportion::rendezvous::WeightedRendezvousSlice;
use apportion::{Locator, Placement, Topology};
use args::Options;
use cluster::Cluster;
use common::{layout, lines};
use lines::Lines;
use range::RangeAnswers;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use stop::Stop;

fn main() -> ExitCode {
    match run() {
        Ok(()) | Err(Stop::NoReader) => ExitCode::SUCCESS,
        Err(Stop::Wrong(message)) => {
            // One line. If standard error is closed, nothing can be done.
            let _ = writeln!(io::stderr(), "route: {}", text::visible(&message));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Stop> {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    if preset::asked(&args) {
        return preset::run(args);
    }
    let Some((options, cluster)) = args::parse(args)? else {
        let names = apportion::Algorithm::NAMES.join(", ");
        let usage = include_str!("usage.txt").replace("{algorithms}", &names);
        let usage = layout::help(&usage, layout::width());
        let mut out = io::stdout().lock();
        return out.write_all(usage.as_bytes()).and_then(|()| out.flush()).map_err(Stop::output);
    };
    match cluster {
        Cluster::Nodes(algorithm, nodes) => {
            let topology = Topology::of(nodes).map_err(|e| format!("--node: {e}"))?;
            let locator = Locator::any_of(topology, algorithm).map_err(|e| e.to_string())?;
            route(options, locator.placement(), Names::Of(locator.topology()))
        }
        Cluster::Bounded(bounded) => {
            let mut answers = bounded.answers(io::stdout().lock())?;
            answer_all(options, &mut answers)?;
            answers.finish()
        }
        Cluster::Range(range) => {
            let mut answers = RangeAnswers::new(range, io::stdout().lock());
            answer_all(options, &mut answers)
        }
        Cluster::Anchor(history) => {
            let buckets = history.replay(&mut io::stdout().lock())?;
            route(options, &buckets, Names::Numbers)
        }
        Cluster::Board(config, path) => {
            let board = weights::board(config, &path)?;
            route(options, &board, Names::Numbers)
        }
        Cluster::Buckets(buckets) => route(options, &*buckets, Names::Numbers),
        Cluster::Weights(path) => {
            let slots = weights::read(&path)?;
            let placement = WeightedRendezvousSlice::new(&slots);
            let placement = placement.ok_or_else(|| "--weights: too many slots".to_owned())?;
            route(options, &placement, Names::Numbers)
        }
    }
}

fn route(options: Options, placement: &dyn Placement, names: Names) -> Result<(), Stop> {
    let Options { replicas, batch, .. } = options;
    let mut answers = Answers::new(placement, names, replicas, batch, io::stdout().lock())?;
    answer_all(options, &mut answers)
}

/// Answers standard input, line by line.
fn answer_all(options: Options, answers: &mut impl Answering) -> Result<(), Stop> {
    let mut keys = options.keys;
    if io::stdin().is_terminal() {
        // Without a message, a waiting program looks as if it hung.
        let _ =
            writeln!(io::stderr(), "route: reading keys from the terminal, {}", keys.expected());
    }
    let mut lines = Lines::new(io::stdin().lock());
    let mut all = || loop {
        if lines.may_wait() {
            // A client may wait for this answer before it sends the next line.
            answers.flush()?;
        }
        let next = lines.next().map_err(|e| format!("standard input: {e}"))?;
        let Some((number, line)) = next else { return Ok(()) };
        let key = keys.hash(line).map_err(|why| format!("line {number}: {why}"))?;
        answers.take(line, key)?;
    };
    let ended = all();
    // The lines before a wrong one are answered before its error is printed.
    answers.flush()?;
    ended
}
