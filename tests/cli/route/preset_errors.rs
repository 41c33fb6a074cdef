//! Wrong configurations of other systems: one line that names the token, and exit status 2.
#![cfg(feature = "interop")]

use super::run;

#[allow(dead_code)]
#[path = "../../support/presets.rs"]
mod presets;
#[path = "../../support/wrong_lines.rs"]
mod wrong_lines;

use presets::{PRESETS, Preset, ends_with_token};

/// The one line that the program prints.
fn refused(preset: &Preset, lines: &[&str]) -> String {
    let mut args = vec![format!("--preset={}", preset.name)];
    args.extend(preset.options.iter().map(|option| (*option).to_owned()));
    args.extend(lines.iter().map(|line| format!("--node={line}")));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ended = run(&args, b"key\n");
    let said = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!(ended.status.code(), Some(2), "{args:?}: {said}");
    assert!(ended.stdout.is_empty(), "{args:?}");
    assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    said.trim_end().to_owned()
}

#[test]
fn every_preset_names_the_wrong_token() {
    let mut count = 0;
    for preset in PRESETS {
        for (line, token) in wrong_lines::wrong(preset.name) {
            let said = refused(preset, &[wrong_lines::right(preset.name), line]);
            let named = if token.is_empty() {
                said.ends_with("got nothing")
            } else {
                ends_with_token(&said, token)
            };
            assert!(named, "{} {line:?}: {said}", preset.name);
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}

#[test]
fn every_preset_wants_a_server() {
    for preset in PRESETS.iter().filter(|preset| preset.name != "redis-cluster") {
        let said = refused(preset, &[]);
        assert!(said.contains("no nodes to place keys on"), "{}: {said}", preset.name);
    }
}

/// A preset with nodes that the table of tests does not have would not be tested.
#[test]
fn the_table_has_every_preset_with_nodes() {
    let ended = run(&["--presets"], b"");
    let said = String::from_utf8(ended.stdout).expect("UTF-8");
    for line in said.lines().filter(|line| line.contains("--node ")) {
        let name = line.split('\t').next().unwrap_or_default();
        let known = PRESETS.iter().any(|preset| preset.name == name);
        assert!(known || name == "grpc-random-subset", "{name}");
    }
}
