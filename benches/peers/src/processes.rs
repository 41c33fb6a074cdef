//! Measures in several processes. Some conditions are fixed for the life of a process (the place of
//! the heap, its huge pages, the alignment of code), so they vary between processes. A ratio that
//! depends on them shows it in the distance between its minimum and maximum.

use crate::pass::Timing;
use crate::report::Row;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// The argument that makes a process print its outcomes instead of a report.
pub const RAW: &str = "--raw";

/// Runs this program `processes` times with these arguments, one after the other, and joins the
/// outcomes.
pub fn measure(arguments: &[String], processes: usize) -> Result<Vec<Row>, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let mut rows = Vec::new();
    for process in 1..=processes {
        eprintln!("process {process} of {processes}");
        let mut command = Command::new(&program);
        let output = command.args(arguments).arg(RAW).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("process {process}: {error}"))?;
        if !output.status.success() {
            return Err(format!("process {process} ended with {}", output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        join(&mut rows, &text).map_err(|why| format!("process {process}: {why}"))?;
    }
    Ok(rows)
}

/// The outcomes of this process, for the process that started it.
pub fn raw(rows: &[Row]) -> String {
    let both = |timing: &Timing| json!([timing.median, timing.min]);
    let outcomes = |row: &Row| -> Value {
        row.outcomes.iter().map(|(ours, theirs)| json!([both(ours), both(theirs)])).collect()
    };
    let row =
        |row: &Row| json!([row.family, row.question, row.ours, row.theirs, row.n, outcomes(row)]);
    rows.iter().map(row).collect::<Value>().to_string()
}

/// Adds the outcomes of one process to those of the others.
fn join(rows: &mut Vec<Row>, raw: &str) -> Result<(), String> {
    let all: Value = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    for one in all.as_array().ok_or("no rows")? {
        let new = row(one).ok_or_else(|| format!("no row: {one}"))?;
        match rows.iter_mut().find(|row| row.is(new.question, new.ours, new.theirs, new.n)) {
            Some(row) => row.outcomes.extend(new.outcomes),
            None => rows.push(new),
        }
    }
    Ok(())
}

fn row(value: &Value) -> Option<Row> {
    // There are few names, so leaking them for the life of the process is fine.
    let text = |i: usize| Some(&*value[i].as_str()?.to_owned().leak());
    let timing =
        |value: &Value| Some(Timing { median: value[0].as_f64()?, min: value[1].as_f64()? });
    let outcome = |value: &Value| Some((timing(&value[0])?, timing(&value[1])?));
    let outcomes: Option<Vec<_>> = value[5].as_array()?.iter().map(outcome).collect();
    Some(Row {
        family: text(0)?,
        question: text(1)?,
        ours: text(2)?,
        theirs: text(3)?,
        n: value[4].as_u64()?.try_into().ok()?,
        outcomes: outcomes.filter(|outcomes| !outcomes.is_empty())?,
    })
}

#[cfg(test)]
mod tests {
    use super::{join, raw};
    use crate::pass::Timing;
    use crate::report::Row;

    fn one(question: &'static str, ours: f64, theirs: f64) -> Row {
        let timing = |median| Timing { median, min: median / 2.0 };
        let outcomes = vec![(timing(ours), timing(theirs))];
        Row { family: "ring", question, ours: "apportion ring", theirs: "other", n: 10, outcomes }
    }

    #[test]
    fn processes_are_joined_row_by_row() {
        let mut rows = Vec::new();
        for (ours, theirs) in [(2.0, 8.0), (2.0, 3.0), (1.0, 2.0)] {
            let process = [one("lookup", ours, theirs), one("build", theirs, ours)];
            join(&mut rows, &raw(&process)).unwrap();
        }
        assert_eq!(rows.len(), 2);
        let (lookup, build) = (rows[0].json(), rows[1].json());
        assert_eq!(rows[0].outcomes.len(), 3);
        assert_eq!((&lookup["ratio"], &lookup["ratio_lowest"]), (&2.0.into(), &1.5.into()));
        assert_eq!(lookup["ratio_highest"], 4.0);
        assert_eq!(lookup["ratio_each_time"], serde_json::json!([4.0, 1.5, 2.0]));
        assert_eq!(lookup["absolute"]["ours_min"], 1.0);
        assert_eq!((&build["ratio"], &build["ratio_lowest"]), (&0.5.into(), &0.25.into()));
        assert_eq!(rows[0].entry().ratio, 2.0);
    }

    #[test]
    fn what_is_no_outcome_is_refused() {
        for wrong in ["", "{}", "[[1]]", r#"[["a","b","c","d",10,[]]]"#] {
            assert!(join(&mut Vec::new(), wrong).is_err(), "{wrong}");
        }
    }
}
