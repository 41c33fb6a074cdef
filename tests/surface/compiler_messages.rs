//! What the compiler answers to common mistakes: a crate that makes them is checked, and each
//! message has to name the remedy. That the remedies compile is in `api.rs`.
#![cfg(all(feature = "serde", feature = "ahash"))]

use std::fs;
use std::path::Path;
use std::process::Command;

/// A mistake, and what the compiler has to say of it. Compilers write the paths of types in different
/// ways, so no expected phrase holds one.
const MISTAKES: [(&str, &str, &[&str]); 10] = [
    (
        "usize_key",
        "ring().get(&7_usize);",
        &["`usize` is not a key that", "convert them to `u64` or `i64`"],
    ),
    (
        "foreign_key",
        "ring().get(std::path::Path::new(\"a\"));",
        &[
            "`Path` is not a key that",
            "`id.as_bytes()` of a `Uuid`",
            "wrap it in a type of your own",
            "`apportion::stable_hash!(Document { tenant, name })`",
        ],
    ),
    (
        "foreign_node",
        "Locator::ring([std::time::SystemTime::UNIX_EPOCH]);",
        &["does not say which bytes it stands for", "`Node::labelled(value, label)`"],
    ),
    ("fingerprint", "local().fingerprint();", LOCAL),
    ("save", "local().save();", LOCAL),
    ("diff", "let a = local(); a.diff(&a);", LOCAL),
    ("diff_replicas", "let a = local(); a.diff_replicas(&a, 1);", LOCAL),
    ("change", "own().with(\"c\");", OWN),
    ("own_fingerprint", "own().fingerprint();", OWN),
    (
        "saved_function",
        "Locator::label_points_of(Topology::new([\"a\"]).unwrap(), Default::default()).unwrap().save();",
        &["cannot be saved", "it contains a function, which cannot be written to a file"],
    ),
];

const LOCAL: &[&str] =
    &["hold only in this process", "need a hasher that is fixed for ever: `Xxh3` (the default)"];
const OWN: &[&str] =
    &["cannot follow a change of nodes or be fingerprinted", "join them by `Locator::from_parts`"];

const BEGINNING: &str = "#![allow(unused)]
use apportion::{*, bucket::*, hash::*, placement::*, ring::*};
fn ring() -> Locator<&'static str> { Locator::ring([\"a\", \"b\"]).unwrap() }
fn local() -> Locator<&'static str, Ring, AHash> { ring().with_hasher(AHash::default()) }
fn own() -> Locator<&'static str, Box<DynPlacement>> {
    let placement: Box<DynPlacement> = Box::new(ring().placement().clone());
    Locator::from_parts(ring().topology().clone(), placement, Xxh3).unwrap()
}
";

#[test]
fn mistakes_are_answered_by_their_remedy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    fs::create_dir_all(&folder).unwrap();
    let manifest = format!(
        "[package]\nname = \"mistakes\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [lib]\npath = \"lib.rs\"\n\
         [dependencies]\napportion = {{ path = {root:?}, features = [\"serde\", \"ahash\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that are there already: nothing is asked of the network.
    if root.join("Cargo.lock").exists() {
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    }
    // One function a line, so that the line of a message tells the mistake.
    let mut text = BEGINNING.to_string();
    for (name, mistake, _) in MISTAKES {
        text += &format!("fn {name}() {{ {mistake} }}\n");
    }
    fs::write(folder.join("lib.rs"), text).unwrap();
    let check = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--color=never", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stderr);
    let messages: Vec<&str> = said.split("\n\n").flat_map(|part| part.split("\nerror")).collect();
    let first_line = BEGINNING.lines().count() + 1;
    for (line, (name, _, expected)) in (first_line..).zip(MISTAKES) {
        let place = format!("lib.rs:{line}:");
        let message = messages.iter().find(|message| message.contains(&place));
        let message = message.unwrap_or_else(|| panic!("{name}: no message\n{said}"));
        for phrase in expected {
            assert!(message.contains(phrase), "{name}: not {phrase:?} in\n{message}");
        }
    }
}
