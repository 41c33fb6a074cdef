//! Words for replicas that a row of the table to start from lacks. The library sees each as one on a
//! node of its own that is lost; what is printed speaks of replicas that were missing.

use super::change::{Held, TableOf};
use super::outcome::Tried;
use super::start::is_missing;
use super::text::{counted, quoted};
use std::collections::HashMap;

/// What the nodes of a step hold before and at the most, without those that stand for missing
/// replicas.
pub(crate) struct Real<'a> {
    pub(crate) held: HashMap<&'a str, Held>,
    pub(crate) lost: Vec<&'a str>,
    /// How many replicas were missing.
    pub(crate) missing: u64,
    pub(crate) in_steps: bool,
}

/// The lines of an explanation in which no missing replica is a node.
pub(crate) fn explained(before: TableOf<'_>, lines: Vec<String>) -> Vec<String> {
    let ids = before.nodes.nodes().filter(|id| is_missing(id));
    let names: Vec<String> = ids.map(|id| format!("node {}", quoted(id.as_bytes()))).collect();
    let told = |mut line: String| {
        for name in &names {
            if line.starts_with(&format!("is dropped from {name}")) {
                return None;
            }
            line = line
                .replace(&format!("moves from {name} to "), "is placed on ")
                .replace(&format!("{name} was removed"), "a replica was missing")
                .replace(name, "a missing replica");
        }
        Some(line)
    };
    lines.into_iter().filter_map(told).collect()
}

impl Real<'_> {
    /// Words the findings that count missing replicas as nodes anew.
    pub(crate) fn reword(&self, tried: &mut Tried) {
        for check in &mut tried.checks {
            let finding = match (check.name.as_str(), check.verdict.as_str()) {
                ("nodes", "PASS" | "WARN") => {
                    // What is left of the partitions is true as it stands.
                    let rest = check.finding.rsplit_once("; ").map_or("", |(_, rest)| rest);
                    format!("{}; {rest}", self.gone())
                }
                ("peak", "PASS") => self.peak(),
                _ => continue,
            };
            tried.text = tried.text.replacen(&check.finding, &finding, 1);
            check.finding = finding;
        }
        let lines = tried.text.lines().map(|line| match line.split_once("; deleted: ") {
            Some((copied, deleted)) if copied.starts_with("copied: ") => {
                let digits: String = deleted.chars().filter(char::is_ascii_digit).collect();
                let deleted = digits.parse::<u64>().unwrap_or(0).saturating_sub(self.missing);
                format!("{copied}; deleted: {}", counted(deleted, "replica"))
            }
            _ => line.to_owned(),
        });
        tried.text = lines.collect::<Vec<_>>().join("\n");
    }

    fn gone(&self) -> String {
        let missing = counted(self.missing, "replica");
        let Some(first) = self.lost.iter().min() else {
            return format!("no node leaves, but {missing} were missing before")
                .replace("1 replica were", "1 replica was");
        };
        let replicas = self.lost.iter().filter_map(|id| self.held.get(id)).map(|held| held.before);
        format!(
            "{} lost with {}, {} first; {missing} missing before",
            counted(self.lost.len() as u64, "node"),
            counted(replicas.sum(), "replica"),
            quoted(first.as_bytes()),
        )
    }

    fn peak(&self) -> String {
        let most = self.held.iter().max_by_key(|(id, held)| (held.peak, std::cmp::Reverse(**id)));
        let (id, peak) = most.map_or(("", 0), |(id, held)| (id, held.peak));
        let (peak, id) = (counted(peak, "replica"), quoted(id.as_bytes()));
        let how = if self.in_steps { "" } else { ", even if all copies come at once" };
        format!("no node exceeds {peak}, which node {id} reaches{how}")
    }
}
