//! Combines the results of several machines: a row claims the lowest of their median ratios.
//!
//! `results.json` is one machine's file; the others are in `machines/`, where `-- --machine NAME`
//! writes them. A file has `rows`, each with at least `family`, `question`, `ours`, `theirs`, `n`
//! and `ratio`.

use crate::results::{Entry, Question, path};
use serde_json::Value;
use std::path::PathBuf;

/// A ratio that all machines reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The comparison.
    pub of: Question,
    /// The lowest of the machines' median ratios.
    pub ratio: f64,
    /// The number of machines that measured it.
    pub machines: usize,
}

/// The claims of these entries and of every file in `machines/`.
pub fn claims(entries: &[Entry]) -> Result<Vec<Claim>, String> {
    let first =
        entries.iter().map(|entry| Claim { of: entry.of.clone(), ratio: entry.ratio, machines: 1 });
    let mut all = vec![first.collect()];
    for file in files()? {
        let named = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
        let text = std::fs::read_to_string(&file).map_err(|error| named(&error))?;
        let value: Value = serde_json::from_str(&text).map_err(|error| named(&error))?;
        all.push(read(&value).map_err(|why| named(&why))?);
    }
    Ok(lowest(all))
}

/// The path of another machine's file.
pub fn file(name: &str) -> Result<PathBuf, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!("--machine {name:?}: expected letters, digits, '-' and '_'"));
    }
    Ok(path("machines").join(format!("{name}.json")))
}

fn files() -> Result<Vec<PathBuf>, String> {
    let folder = path("machines");
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
    let files = entries.map(|entry| entry.map(|entry| entry.path()));
    let files: Result<Vec<PathBuf>, _> = files.collect();
    let mut files = files.map_err(|error| format!("{}: {error}", folder.display()))?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    Ok(files)
}

fn read(file: &Value) -> Result<Vec<Claim>, String> {
    let rows = file["rows"].as_array().ok_or("no rows")?;
    rows.iter().map(|row| claim(row).ok_or_else(|| format!("not a row: {row}"))).collect()
}

fn claim(row: &Value) -> Option<Claim> {
    Some(Claim {
        of: Question::read(row)?,
        ratio: row["ratio"].as_f64().filter(|ratio| *ratio > 0.0)?,
        machines: 1,
    })
}

/// The lowest ratio of each row, in the order of the first machine that has the row.
fn lowest(machines: Vec<Vec<Claim>>) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for claim in machines.into_iter().flatten() {
        match claims.iter_mut().find(|known| known.of == claim.of) {
            Some(known) => {
                known.ratio = known.ratio.min(claim.ratio);
                known.machines += 1;
            }
            None => claims.push(claim),
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::{file, files, lowest, read};
    use serde_json::json;

    fn machine(ratios: &[(u32, f64)]) -> serde_json::Value {
        let row = |(n, ratio): &(u32, f64)| json!({"family": "ring", "question": "q", "ours": "a", "theirs": "b", "n": n, "ratio": ratio});
        json!({"rows": ratios.iter().map(row).collect::<Vec<_>>()})
    }

    #[test]
    fn the_lowest_ratio_of_all_machines_is_claimed() {
        let one = read(&machine(&[(10, 4.0), (100, 0.9), (1000, 2.0)])).unwrap();
        let two = read(&machine(&[(100, 1.5), (10, 3.5), (1025, 7.0)])).unwrap();
        let claims = lowest(vec![one, two]);
        let found: Vec<_> = claims.iter().map(|c| (c.of.n, c.ratio, c.machines)).collect();
        assert_eq!(found, [(10, 3.5, 2), (100, 0.9, 2), (1000, 2.0, 1), (1025, 7.0, 1)]);
    }

    #[test]
    fn a_file_without_a_figure_is_refused() {
        assert!(read(&json!({})).is_err());
        assert!(read(&machine(&[(10, 0.0)])).is_err());
        assert!(read(&json!({"rows": [{"family": "ring"}]})).is_err());
        assert!(file("../x").is_err() && file("").is_err() && file("xeon-2").is_ok());
    }

    /// The committed files can be read.
    #[test]
    fn kept_files() {
        for file in files().unwrap() {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!read(&serde_json::from_str(&text).unwrap()).unwrap().is_empty(), "{file:?}");
        }
    }
}
