//! The files under `tests/saved`.

use super::samples;
use super::table::Sample;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../saved")
}

fn version(sample: &Sample) -> u64 {
    let json: serde_json::Value = serde_json::from_str(&sample.json).unwrap();
    if sample.source.is_some() { json["version"].as_u64().unwrap() } else { 1 }
}

/// The files that this release writes of a value.
fn written(sample: &Sample) -> [(PathBuf, String); 2] {
    let stem = format!("{}.v{}", sample.name, version(sample));
    let hex: Vec<String> = sample
        .binary
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    [("json", &sample.json), ("postcard", &hex.join("\n"))]
        .map(|(ending, text)| (folder().join(format!("{stem}.{ending}")), format!("{text}\n")))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[test]
fn what_this_release_writes_is_what_is_kept() {
    for sample in samples::all() {
        for (path, text) in written(&sample) {
            let kept = fs::read_to_string(&path);
            let kept = kept.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(kept, text, "{}", path.display());
        }
    }
}

#[test]
fn every_file_is_read_for_ever() {
    let samples = samples::all();
    let names: BTreeSet<&str> = samples.iter().map(|sample| sample.name).collect();
    assert_eq!(names.len(), samples.len(), "a name is there twice");
    let mut read = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut parts = name.split('.');
        let sample = parts.next().and_then(|name| samples.iter().find(|s| s.name == name));
        let sample = sample.unwrap_or_else(|| panic!("{name} is of no value"));
        let text = fs::read_to_string(&path).unwrap();
        let ending = parts.nth(1);
        let again = match ending {
            Some("json") => (sample.read_json)(text.trim_end()),
            Some("postcard") => (sample.read_binary)(&bytes(&text)),
            _ => panic!("{name} is neither JSON nor postcard"),
        };
        let again = again.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&again.0, &again.1), (&sample.json, &sample.binary), "{name}");
        read.insert((sample.name, ending.map(String::from)));
    }
    assert_eq!(read.len(), 2 * samples.len(), "a value without files");
}

/// Writes the files of values that have none.
#[test]
#[ignore = "writes files"]
fn write_missing_files() {
    for (path, text) in samples::all().iter().flat_map(written) {
        if !path.exists() {
            fs::write(&path, text).unwrap();
            println!("{}", path.display());
        }
    }
}
