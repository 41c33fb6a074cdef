//! The example `plan`, run as a program: what it reports is counted again from the tables it dumps.

mod affinity;
mod bounded_steps;
mod copies;
mod export;
mod infeasible;
mod leaders;
mod live_table;
mod nodes_and_moves;
mod options;
mod paper;
mod published;
mod quotas;
mod recount;
mod refused;
mod report;
mod rounds;
mod rules;
mod scenarios;
mod sizes;
mod tables;
mod transfers;

use crate::support::program::{Program, finish};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

static PLAN: Program = Program::new("plan");

/// How a run ended.
#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    /// The JSON of a run that succeeded.
    fn json(&self) -> Value {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).expect("one JSON value")
    }
}

fn run<S: AsRef<OsStr>>(args: &[S], input: &[u8]) -> Ended {
    let output = finish(PLAN.command(args), input);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A path of its own, with nothing there: an earlier run may have left something.
fn path(name: &str) -> PathBuf {
    static FILES: AtomicU32 = AtomicU32::new(0);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plan");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{}-{name}", FILES.fetch_add(1, Ordering::Relaxed)));
    let _ = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
    path
}

/// Runs a scenario with `--json` and `--dump`.
fn dumped(scenario: &Value, args: &[&str]) -> (Ended, String) {
    let path = path("dump");
    let dump = path.to_str().expect("UTF-8");
    let ended = run(&[&["--json", "--dump", dump], args].concat(), scenario.to_string().as_bytes());
    let dump = std::fs::read_to_string(&path).expect("a dump");
    std::fs::remove_file(&path).expect("it is there");
    (ended, dump)
}

/// Runs a scenario with `--json`, `--dump` and `--dump-schedule`: its reports, tables and transfers.
fn written(scenario: &Value, args: &[&str]) -> (Vec<Value>, String, String) {
    let path = path("schedule");
    let file = path.to_str().expect("UTF-8");
    let (ended, dump) = dumped(scenario, &[&["--dump-schedule", file], args].concat());
    let schedule = std::fs::read_to_string(&path).expect("a schedule");
    std::fs::remove_file(&path).expect("it is there");
    (ended.json()["steps"].as_array().expect("a list").clone(), dump, schedule)
}

/// A file with this content.
fn file(name: &str, content: &str) -> String {
    let path = path(name);
    std::fs::write(&path, content).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// The reports of the steps of a scenario, all of which were counted again.
fn checked(scenario: &Value, args: &[&str]) -> Vec<Value> {
    let (ended, dump) = dumped(scenario, args);
    let report = ended.json();
    let steps = report["steps"].as_array().expect("a list").clone();
    assert_eq!(steps.len(), scenario["steps"].as_array().expect("a list").len());
    recount::check(scenario, &steps, &dump);
    steps
}
