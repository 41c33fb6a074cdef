//! The conformance vectors in `spec/vectors`: answers by which other programs can check that they
//! follow SPEC.md. This computes all of them through the public interface and compares them with
//! the files.
//!
//! With the environment variable `APPORTION_WRITE_SPEC_VECTORS=1` it writes the files instead. New
//! cases are added at the end of a topic; a difference in an old one is a placement-breaking change.

mod bounded;
mod case;
mod domains;
mod functions;
mod histories;
mod keys;
mod leaders;
mod plan_history;
mod planned;
mod plans;
mod tables;

use serde_json::Value;

type Cases = fn() -> Vec<Value>;

/// Every file, with the cases that belong in it.
const TOPICS: [(&str, Cases); 10] = [
    ("keys", keys::cases),
    ("functions", functions::cases),
    ("histories", histories::cases),
    ("rings", histories::rings),
    ("tables", tables::cases),
    ("domains", domains::cases),
    ("bounded", bounded::cases),
    ("plans", plans::cases),
    ("plan-history", plan_history::cases),
    ("leaders", leaders::cases),
];

/// A list with one case on each line, so that a difference shows its case.
fn text(cases: &[Value]) -> String {
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
fn vectors() {
    for (topic, cases) in TOPICS {
        let path = format!("{}/spec/vectors/{topic}.json", env!("CARGO_MANIFEST_DIR"));
        let computed = cases();
        if std::env::var_os("APPORTION_WRITE_SPEC_VECTORS").is_some_and(|value| value == "1") {
            std::fs::write(&path, text(&computed)).unwrap();
            continue;
        }
        let recorded = std::fs::read_to_string(&path).unwrap();
        let recorded: Vec<Value> = serde_json::from_str(&recorded).unwrap();
        assert_eq!(recorded.len(), computed.len(), "number of cases in {path}");
        for (i, (recorded, computed)) in recorded.iter().zip(&computed).enumerate() {
            assert!(recorded == computed, "an answer changed: case {i} (from 0) of {path}");
        }
    }
}
