//! The pictures of the README and the chapters are what the example `pictures` draws.
#![cfg(feature = "std")]

use crate::support::program::{Program, finish};
use std::fs;
use std::path::Path;
use std::process::Output;

static PICTURES: Program = Program::new("pictures");

const NAMES: [&str; 4] = ["ring", "table", "balance", "cost"];

fn run(args: &[&str]) -> Output {
    finish(PICTURES.command(args), b"")
}

#[test]
fn the_committed_pictures_are_what_the_example_draws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in NAMES {
        // The package has no benchmarks, from whose results this one is drawn.
        if name == "cost" && !root.join("benches/peers/results.json").exists() {
            eprintln!("benches/peers/results.json is missing: the picture cost is not compared");
            continue;
        }
        let committed = fs::read_to_string(root.join(format!("src/docs/{name}.svg"))).unwrap();
        let output = run(&[name]);
        assert!(output.status.success(), "{output:?}");
        let drawn = String::from_utf8(output.stdout).unwrap();
        let command =
            format!("cargo run --release --example pictures -- {name} src/docs/{name}.svg");
        assert!(drawn == committed, "{command}");
        // An empty line would end it in the middle of the chapter.
        assert!(committed.lines().all(|line| !line.trim().is_empty()), "{name}");
        assert!(committed.contains("prefers-color-scheme:dark"), "{name}");
        let label = committed.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(label.is_some_and(|label| label.len() > 40), "{name}: {label:?}");

        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.svg"));
        let output = run(&[name, path.to_str().unwrap()]);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(fs::read_to_string(path).unwrap() == committed, "{name}");
    }
}

#[test]
fn wrong_arguments_get_one_line() {
    let wrong = [
        &[][..],
        &["--help"],
        &["flower"],
        &["table", "a.svg", "b.svg"],
        &["table", "no such folder/a.svg"],
        &["table", ""],
    ];
    for args in wrong {
        let output = run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), message.lines().count()), (Some(2), 1), "{message}");
        assert!(message.starts_with("pictures: "), "{message}");
    }
}
