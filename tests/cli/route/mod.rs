//! The example `route`, run as a program: lines in, lines with nodes out.

mod agreement;
mod bounded;
mod histories;
mod input;
mod pipes;
mod preset_errors;
mod presets;
mod published;
mod refused;

use crate::support::program::{Program, finish};
use std::path::PathBuf;
use std::process::Output;

static ROUTE: Program = Program::new("route");

fn run(args: &[&str], input: &[u8]) -> Output {
    finish(ROUTE.command(args), input)
}

/// What it writes, with and without `--batch`.
fn answers(args: &[&str], input: &[u8]) -> Vec<u8> {
    let one_by_one = run(args, input);
    let batch = run(&[args, &["--batch"]].concat(), input);
    for ended in [&one_by_one, &batch] {
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{args:?}");
    }
    assert!(one_by_one.stdout == batch.stdout, "{args:?}: --batch answers otherwise");
    one_by_one.stdout
}

/// As [`answers`], for output that is text.
fn text(args: &[&str], input: &[u8]) -> String {
    String::from_utf8(answers(args, input)).expect("UTF-8")
}

/// A file with this content.
fn file(name: &str, content: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("route");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path.into_os_string().into_string().expect("UTF-8")
}
