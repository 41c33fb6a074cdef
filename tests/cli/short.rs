//! The examples to copy: each is short, and prints what the folder's README says.

use crate::support::program::{Program, finish};
use std::fs;
use std::path::Path;

const MOST_LINES: usize = 40;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

/// The names and outputs of the section "What they print".
fn printed() -> Vec<(&'static str, &'static str)> {
    let readme = fs::read_to_string(folder().join("README.md")).expect("examples/README.md").leak();
    let (_, outputs) = readme.split_once("\n## What they print\n").expect("the section");
    let section = |part| {
        let (name, rest) = str::split_once(part, "\n\n```text\n").expect("a block");
        let (output, after) = rest.split_once("```\n").expect("its end");
        assert_eq!(after.trim(), "", "after {name}");
        (name, output)
    };
    outputs.split("\n### ").skip(1).map(section).collect()
}

#[test]
fn they_print_what_the_readme_says() {
    for (name, expected) in printed() {
        let output = finish(Program::new(name).command::<&str>(&[]), b"");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{name}");
        assert!(output.status.success(), "{name}");
    }
}

#[test]
fn all_files_are_short_and_listed() {
    let mut listed: Vec<&str> = printed().into_iter().map(|(name, _)| name).collect();
    listed.sort_unstable();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder()).expect("examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = fs::read_to_string(&path).expect("a file").lines().count();
            assert!(lines <= MOST_LINES, "{} has {lines} lines", path.display());
            files.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    files.sort_unstable();
    assert_eq!(files, listed);
}
