//! The harness's output: a JSON object for each operation.

use crate::counts::Instructions;
use serde_json::Value;

/// The instructions of each operation, by the name of its function and of its case.
pub(crate) fn instructions(output: &str) -> Result<Instructions, String> {
    let mut counts = Instructions::new();
    for line in output.lines().filter(|line| line.starts_with('{')) {
        let summary: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let text = |field: &str| summary[field].as_str().unwrap_or_default();
        let name = format!("{}/{}", text("function_name"), text("id"));
        let count = count(&summary).ok_or_else(|| format!("no count of {name} in {line}"))?;
        if counts.insert(name.clone(), count).is_some() {
            return Err(format!("{name} was counted twice"));
        }
    }
    if counts.is_empty() {
        return Err("expected a JSON object for each operation; run .ci/instructions".to_owned());
    }
    Ok(counts)
}

/// The event `Ir`, instructions read, of this run. Beside it there may be that of an earlier one.
fn count(summary: &Value) -> Option<u64> {
    let metrics = summary.pointer("/profiles/0/data/total/metrics/Ir/values/new")?;
    metrics.as_u64()
}

#[cfg(test)]
mod tests {
    use super::instructions;

    /// As gungraun 0.20 writes it, without what is not read.
    fn line(function: &str, id: &str, values: &str) -> String {
        let metrics = format!(r#"{{"Ir":{{"values":{values}}}}}"#);
        let data = format!(r#"{{"parts":[],"total":{{"metrics":{metrics},"regressions":[]}}}}"#);
        format!(
            r#"{{"function_name":"{function}","id":"{id}","profiles":[{{"data":{data},"tool":"Callgrind"}}]}}"#
        )
    }

    #[test]
    fn counts_of_this_run() {
        let first = line("locate", "ring", r#"{"new":76587}"#);
        let second = line("build", "ring", r#"{"new":17,"old":16}"#);
        let counts = instructions(&format!("{first}\n\n{second}\n")).unwrap();
        let list: Vec<(&str, u64)> = counts.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(list, [("build/ring", 17), ("locate/ring", 76587)]);
    }

    #[test]
    fn other_output() {
        let old = line("locate", "ring", r#"{"old":76587}"#);
        for output in ["", "no valgrind\n", "{", &old] {
            assert!(instructions(output).is_err(), "{output}");
        }
        let twice = line("locate", "ring", r#"{"new":1}"#).repeat(2).replace("}{", "}\n{");
        assert!(instructions(&twice).unwrap_err().contains("twice"));
    }
}
