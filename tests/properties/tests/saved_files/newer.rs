//! Forms of newer releases, whatever they have, and forms that this release could not have written.

use super::samples;
use super::table::Sample;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Values of shapes that no field has, or another field has.
fn strange() -> [Value; 6] {
    [
        Value::Null,
        json!("a variant of the next release"),
        json!({ "another-variant": [1, { "deep": [null] }] }),
        json!([[["a"], 0.5], -1]),
        json!(u64::MAX),
        json!([]),
    ]
}

pub(crate) fn versioned() -> impl Iterator<Item = (Sample, Map<String, Value>)> {
    samples::all().into_iter().filter(|sample| sample.source.is_some()).map(|sample| {
        let Value::Object(fields) = serde_json::from_str(&sample.json).unwrap() else {
            panic!("{} is no map", sample.name)
        };
        assert!(sample.json.starts_with("{\"version\":1,"), "{}", sample.name);
        (sample, fields)
    })
}

/// The same fields with the version in front, and in the end.
pub(crate) fn both_orders(version: &Value, fields: &Map<String, Value>) -> [String; 2] {
    let fields = fields.iter().filter(|(name, _)| *name != "version");
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name:?}:{value}")).collect();
    let version = format!("\"version\":{version}");
    let join = |parts: [String; 2]| {
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{{{}}}", parts.join(","))
    };
    let fields = fields.join(",");
    [join([version.clone(), fields.clone()]), join([fields, version])]
}

fn refused(sample: &Sample, text: &str) -> String {
    match (sample.accepts)(text) {
        Ok(()) => panic!("{} is accepted: {text}", sample.name),
        Err(error) => error,
    }
}

fn newer(sample: &Sample, version: u64, fields: &Map<String, Value>) {
    says_newer(sample, version, &both_orders(&version.into(), fields));
}

fn says_newer(sample: &Sample, version: u64, texts: &[String]) {
    for text in texts {
        let error = refused(sample, text);
        let says = format!(
            "saved by a newer release: form {version}, but this release reads forms up to 1"
        );
        assert!(error.contains(&says), "{}: {error}: {text}", sample.name);
    }
}

#[test]
fn a_newer_release_is_named_whatever_it_wrote() {
    for (sample, fields) in versioned() {
        newer(&sample, 2, &fields);
        newer(&sample, u32::MAX.into(), &fields);
        newer(&sample, 2, &Map::new());
        for strange in strange() {
            let mut more = fields.clone();
            more.insert("a new field".into(), strange.clone());
            newer(&sample, 2, &more);
        }
        for field in fields.keys().filter(|field| *field != "version") {
            let mut fewer = fields.clone();
            fewer.remove(field);
            newer(&sample, 2, &fewer);
            for strange in strange() {
                let mut other = fields.clone();
                other.insert(field.clone(), strange);
                let [first, last] = both_orders(&json!(2), &other);
                says_newer(&sample, 2, &[first]);
                // A locator's nodes are read at once, because their values may borrow from the
                // input. So they are a list of nodes in a newer form too, which may have any fields
                // more, unless the version comes first.
                if field != "nodes" || sample.source != Some(samples::LOCATOR) {
                    says_newer(&sample, 2, &[last]);
                }
            }
        }
    }
}

/// A form within a form has a version of its own.
#[test]
fn a_newer_part_is_named_too() {
    let mut parts = 0;
    for (sample, fields) in versioned() {
        for (field, value) in &fields {
            if value.get("version").is_none() {
                continue;
            }
            parts += 1;
            let mut other = fields.clone();
            other[field]["version"] = json!(2);
            other[field]["a new field"] = json!([null]);
            for text in both_orders(&json!(1), &other) {
                let error = refused(&sample, &text);
                assert!(error.contains("saved by a newer release: form 2"), "{error}");
            }
        }
    }
    assert!(parts >= 8, "{parts}");
}

/// The number comes first, and nothing after it is looked at.
#[test]
fn compact_forms_of_a_newer_release_are_refused_at_their_first_byte() {
    for (sample, _) in versioned() {
        let refused = |bytes: &[u8]| (sample.read_binary)(bytes).unwrap_err();
        assert_eq!(refused(&[2]), "SerdeDeCustom", "{}", sample.name);
        assert_eq!(refused(&[1]), "DeserializeUnexpectedEnd", "{}", sample.name);
        let mut newer = sample.binary.clone();
        newer[0] = 2;
        assert_eq!(refused(&newer), "SerdeDeCustom", "{}", sample.name);
        for end in 0..sample.binary.len() {
            refused(&sample.binary[..end]);
        }
    }
}

#[test]
fn what_no_release_writes_is_refused_with_the_field() {
    for (sample, fields) in versioned() {
        let name = sample.name;
        let says = |version: Value, fields: &Map<String, Value>, what: &str| {
            for text in both_orders(&version, fields) {
                let error = refused(&sample, &text);
                assert!(error.contains(what), "{name}: {error}, not {what}: {text}");
                assert!(!error.contains("newer"), "{name}: {error}");
            }
        };
        says(json!(0), &fields, "forms are counted from 1");
        says(json!("1"), &fields, "expected u32");
        for strange in strange() {
            let mut more = fields.clone();
            more.insert("a new field".into(), strange);
            says(json!(1), &more, "unknown field `a new field`");
        }
        for field in fields.keys().filter(|field| *field != "version") {
            let mut fewer = fields.clone();
            fewer.remove(field);
            // A field that may be null may be left out.
            let optional = fields[field].is_null()
                || (field == "old" || field == "leaders") && name.starts_with("plan")
                || field == "extra_unit";
            if !optional {
                says(json!(1), &fewer, &format!("missing field `{field}`"));
            }
            let mut other = fields.clone();
            other.insert(field.clone(), json!({ "a new variant": 1 }));
            for text in both_orders(&json!(1), &other) {
                refused(&sample, &text);
            }
        }
        let mut none = fields.clone();
        none.remove("version");
        assert!(refused(&sample, &json!(none).to_string()).contains("missing field `version`"));
        let twice = sample.json.replacen('{', "{\"version\":1,", 1);
        assert!(refused(&sample, &twice).contains("duplicate field `version`"), "{name}");
        for text in ["", "null", "[]", "{}", "1", "\"\"", "[1]"] {
            refused(&sample, text);
        }
    }
}

/// A form that waits for its version is the same value.
#[test]
fn the_version_may_come_last() {
    for (sample, fields) in versioned() {
        for text in both_orders(&json!(1), &fields) {
            let read = (sample.read_json)(&text);
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            assert_eq!(read.0, sample.json);
        }
    }
}

/// Every file of the source with the version of a form has values here.
#[test]
fn no_form_is_forgotten() {
    fn files(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if fs::read_to_string(&path).unwrap().contains("const VERSION: u32") {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let covered: BTreeSet<&str> =
        samples::all().iter().filter_map(|sample| sample.source).collect();
    let missing: Vec<&String> = found
        .iter()
        .filter(|file| !covered.iter().any(|source| file.ends_with(&format!("/src/{source}"))))
        .collect();
    assert!(missing.is_empty(), "no saved value of {missing:?}");
    assert_eq!(found.len(), covered.len(), "{covered:?}");
}
