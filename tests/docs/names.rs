//! The lists of public names in `DESIGN.md` are those of the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Names at the root that a first program may meet.
const ROOT_MAX: usize = 30;

fn source(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// The names that a file makes public: `pub use`, and items of its own.
fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("pub use ").filter(|(at, _)| starts_line(text, *at)) {
        let body = text[at + 8..].split(';').next().unwrap();
        let list = match body.split_once('{') {
            Some((_, list)) => list.trim_end_matches('}'),
            None => body.rsplit("::").next().unwrap(),
        };
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        names.extend(entries.map(String::from));
    }
    for line in text.lines().filter_map(|line| line.strip_prefix("pub ")) {
        let line = line.replacen("const fn", "fn", 1);
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let kind = words.next().unwrap_or_default();
        if ["fn", "struct", "enum", "trait", "type", "const"].contains(&kind) {
            names.extend(words.next().map(String::from));
        }
    }
    names.remove("ReadmeDoctests");
    names
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

#[test]
fn names_are_those_of_the_source() {
    let lib = source("src/lib.rs").unwrap();
    let mut found = BTreeMap::from([("root".to_string(), names(&lib))]);
    for module in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        let file = source(&format!("src/{module}/mod.rs"));
        let file = file.or_else(|| source(&format!("src/{module}.rs"))).unwrap();
        if module != "docs" {
            found.insert(module.to_string(), names(&file));
        }
    }
    let design = source("DESIGN.md").unwrap();
    let lists = design.split("<!-- names: begin -->").nth(1).unwrap();
    let lists = lists.split("<!-- names: end -->").next().unwrap();
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lists.lines().filter(|line| line.starts_with("- **")) {
        let (module, names) = line.trim_start_matches("- **").split_once("**: ").unwrap();
        let names = names.split(", ").map(|name| name.trim_matches('`').to_string());
        listed.insert(module.trim_matches('`').to_string(), names.collect());
    }
    let modules = |lists: &BTreeMap<String, _>| lists.keys().cloned().collect::<Vec<_>>();
    assert_eq!(modules(&listed), modules(&found));
    for (module, names) in &found {
        assert_eq!(&listed[module], names, "{module}");
    }
    assert!(found["root"].len() <= ROOT_MAX, "{} names at the root", found["root"].len());
}
