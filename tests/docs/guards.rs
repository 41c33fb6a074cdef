//! `tests/README.md` names every test target, and all that it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const README: &str = include_str!("../README.md");

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What cargo makes test targets of: files, and folders with a `main.rs`.
fn targets(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let targets = entries
        .filter(|path| path.extension() == Some("rs".as_ref()) || path.join("main.rs").exists());
    targets.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Targets of the package `portable`, which lists them.
fn portable(manifest: &str) -> BTreeSet<String> {
    let tests = manifest.split("[[test]]").skip(1);
    tests.map(|test| test.split('"').nth(1).unwrap().to_owned()).collect()
}

/// The cells of the tables that name guards: the last ones, above the list of long runs.
fn named() -> BTreeSet<&'static str> {
    let tables = README.split("\n## Long runs").next().unwrap();
    let rows = tables.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    // Every second piece between backticks is code.
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_test_target_is_named_and_every_named_one_exists() {
    // A packaged crate has its own tests only.
    let properties = tests().join("properties/tests");
    let manifest = fs::read_to_string(tests().join("portable/Cargo.toml"));
    let mut existing = targets(&tests());
    if let (true, Ok(manifest)) = (properties.exists(), manifest) {
        existing.extend(targets(&properties).iter().map(|name| format!("properties/{name}")));
        existing.extend(portable(&manifest).iter().map(|name| format!("portable/{name}")));
    }
    // Files of unit tests are no targets.
    let files = ["cost_tests.rs", "src"];
    let mut covered = BTreeSet::new();
    for name in named().into_iter().filter(|name| !files.contains(name)) {
        let (target, module) = name.split_once("::").unwrap_or((name, "main"));
        let elsewhere = target.contains('/');
        if !elsewhere {
            let at = tests().join(target).join(module);
            let file = at.with_extension("rs").exists() || at.join("mod.rs").exists();
            assert!(file, "tests/README.md names `{name}`, and tests/{target} has no such file");
        }
        let packaged = elsewhere && !properties.exists();
        assert!(packaged || existing.contains(target), "tests/README.md names no target: `{name}`");
        covered.insert(target.to_owned());
    }
    let missing: Vec<_> = existing.difference(&covered).collect();
    assert!(missing.is_empty(), "tests/README.md does not name {missing:?}");
}

/// A file that no `mod` line names would not be compiled, and its tests would not run.
#[test]
fn every_file_of_a_topic_is_a_module() {
    for topic in targets(&tests()) {
        let folder = tests().join(&topic);
        let main = fs::read_to_string(folder.join("main.rs")).unwrap();
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let sources = files
            .filter(|path| path.extension() == Some("rs".as_ref()) || path.join("mod.rs").exists());
        for path in sources {
            let module = path.file_stem().unwrap().to_str().unwrap();
            let line = format!("mod {module};");
            assert!(module == "main" || main.lines().any(|l| l.ends_with(&line)), "{path:?}");
        }
    }
}
