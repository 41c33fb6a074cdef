//! The module under Node.js beside the library on this machine: every algorithm, 10,000 keys.

use apportion::Algorithm;
use apportion_wasm::{Pool, parsed};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const KEYS: usize = 10_000;

/// Reports that something is missing: an error only where everything has to be there.
fn missing(what: &str) {
    let required = std::env::var("APPORTION_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    assert!(!required, "{what}");
    println!("skipped: {what}");
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(format!("{command:?}: {}", text(&output.stderr)))
}

/// Builds the module.
fn module(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--release", "--lib", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&target);
    output(&mut cargo).unwrap_or_else(|error| panic!("{error}"));
    target.join(TARGET).join("release/apportion_wasm.wasm")
}

fn pool(name: &str, weight: fn(usize) -> usize) -> Result<Pool, String> {
    let line = |i: usize| format!("\n{} node-{i}", weight(i));
    parsed(&(name.to_owned() + &(0..12).map(line).collect::<String>()))
}

/// What `answers.mjs` has to print for an algorithm.
fn expected(name: &str, report: &mut Vec<String>) -> Vec<String> {
    let mut lines = Vec::new();
    let pool = pool(name, |i| 1 + i % 3).unwrap_or_else(|error| {
        lines.push(format!("{name} refuses: {error}"));
        pool(name, |_| 1).expect("equal weights")
    });
    let key = |i: usize| format!("Schlüssel {i}");
    let owners = (0..KEYS).map(|i| pool.get(&key(i)).unwrap().clone());
    let candidates = (0..100).flat_map(|i| {
        pool.candidates(&key(i)).take(5).map(|(_, node)| node.clone()).collect::<Vec<_>>()
    });
    let answers: Vec<String> = owners.chain(candidates).collect();
    report.push(format!(
        "{name}: {KEYS} owners and 500 candidates, fingerprint {:016x}",
        pool.fingerprint()
    ));
    lines.push(format!("{name} {} {}", pool.fingerprint(), answers.join(" ")));
    lines
}

#[test]
fn every_algorithm_answers_as_on_this_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Err(error) = output(Command::new("node").arg("--version")) {
        return missing(&format!("no Node.js: apt-get install nodejs ({error})"));
    }
    let library = output(Command::new("rustc").current_dir(root).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]));
    if !library.is_ok_and(|path| Path::new(path.trim()).is_dir()) {
        return missing(&format!("no library for {TARGET}: rustup target add {TARGET}"));
    }
    let module = module(root);
    let size = std::fs::metadata(&module).unwrap().len();
    println!("the module with all algorithms has {} KiB", size.div_ceil(1024));

    let names: Vec<&str> = Algorithm::all().map(|algorithm| algorithm.name()).collect();
    let mut node = Command::new("node");
    node.arg(root.join("tests/answers.mjs")).arg(&module).args(&names);
    let printed = output(&mut node).unwrap_or_else(|error| panic!("{error}"));

    let mut report = Vec::new();
    let mut lines: Vec<String> =
        names.iter().flat_map(|name| expected(name, &mut report)).collect();
    lines.push(parsed("bush").unwrap_err());
    assert_eq!(printed.lines().count(), lines.len());
    for (printed, expected) in printed.lines().zip(&lines) {
        let start = |line: &str| line.chars().take(200).collect::<String>();
        assert!(printed == expected, "{}\n{}", start(printed), start(expected));
    }
    println!("{}\nunder Node.js as on this machine", report.join("\n"));
}
