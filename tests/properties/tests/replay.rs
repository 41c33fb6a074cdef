//! The fuzz targets on stable Rust: every file of their corpora, every case found, and a fixed
//! stream of random bytes.
//!
//! The corpora are not part of the published package; without them the random bytes remain.

#[path = "../../replay/mod.rs"]
mod targets;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the corpora of `fuzz/` are kept to.
const MOST_FILES: usize = 60;
const MOST_BYTES: usize = 4096;

/// Says which input it was if the target panics.
struct Running<'a>(String, &'a [u8]);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut hex = String::new();
            self.1.iter().for_each(|b| write!(hex, "{b:02x}").unwrap());
            eprintln!("{}: {hex}", self.0);
        }
    }
}

fn run(target: fn(&[u8]), name: String, data: &[u8]) {
    let _running = Running(name, data);
    target(data);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Corpus and found cases; a package without `fuzz/corpus` has neither.
fn recorded(target: fn(&[u8]), name: &str) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    if !fuzz.join("corpus").exists() {
        return;
    }
    let corpus = files(&fuzz.join("corpus").join(name));
    assert!((1..=MOST_FILES).contains(&corpus.len()), "{} files for {name}", corpus.len());
    for file in corpus.into_iter().chain(files(&fuzz.join("regressions").join(name))) {
        let data = fs::read(&file).unwrap();
        assert!(data.len() <= MOST_BYTES, "{} is too long", file.display());
        run(target, file.display().to_string(), &data);
    }
}

/// Random bytes of all lengths, short ones more often.
fn random(target: fn(&[u8]), inputs: u64) {
    for i in 0..inputs {
        let draw = |c| targets::word(i, c);
        let len = draw(0) % (8 << (draw(1) % 7));
        let bytes: Vec<u8> = (0..len).map(|at| draw(2 + at) as u8).collect();
        run(target, format!("input {i}"), &bytes);
    }
}

macro_rules! targets {
    ($($(#[$meta:meta])* $name:ident: $inputs:expr;)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::{random, recorded, targets::$name::run};

            #[test]
            fn recorded_inputs() { recorded(run, stringify!($name)); }
            #[test]
            fn random_inputs() { random(run, $inputs); }
        }
    )*};
}

targets! {
    anchors: 8_000;
    boards: 4_000;
    bounded: 1_000;
    diff: 6_000;
    history: 15_000;
    #[cfg(feature = "interop")]
    interop: 4_000;
    #[cfg(all(feature = "md5", feature = "sha1"))]
    keys: 20_000;
    maglev: 6_000;
    picks: 15_000;
    plans: 1_000;
    rings: 150;
    #[cfg(feature = "serde")]
    saved: 15_000;
    #[cfg(feature = "serde")]
    saved_values: 15_000;
    #[cfg(feature = "serde")]
    scenarios: 3_000;
    #[cfg(feature = "serde")]
    tables: 6_000;
    transitions: 6_000;
    walks: 15_000;
    weighted: 6_000;
}
