//! What the script of the page reads: the tables, the transfers by round and the explanations, in as
//! few bytes as they take.

use super::super::change::TableOf;
use super::super::paper;
use super::Shown;
use super::gather::Step;
use super::report::Bits;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A table's bits above this are left out; the page says so.
const MAX_TABLE_BYTES: usize = 1_600_000;
/// The bytes that all steps together may have.
const MAX_BYTES: usize = 1_900_000;
/// The bytes of explanations in all steps.
const MAX_EXPLAINED: usize = 400_000;
/// About how many bytes the explanation of a partition has.
const EXPLAINED_BYTES: usize = 480;
/// Explaining a partition takes time in proportion to the partitions: about so many of them are
/// looked at in all for the explanations of a step.
const EXPLAIN_WORK: u64 = 1 << 22;

#[derive(Default)]
pub(super) struct Data {
    nodes: Vec<String>,
    numbers: HashMap<String, u32>,
    tables: Vec<Value>,
    steps: Vec<Value>,
    /// The rows of the last table, if it is in the data.
    last: Option<Vec<Vec<u32>>>,
    bytes: usize,
    explained: usize,
}

impl Data {
    pub(super) fn json(&self) -> String {
        let data = json!({
            "kind": "plan",
            "nodes": self.nodes,
            "tables": self.tables,
            "steps": self.steps,
        });
        data.to_string()
    }

    pub(super) fn add(&mut self, shown: &Shown<'_>, step: &Step) {
        if let Some(before) = shown.before.filter(|_| self.steps.is_empty()) {
            self.table(before);
        }
        let before =
            shown.before.and(self.tables.len().checked_sub(1)).filter(|_| self.last.is_some());
        self.table(shown.after);
        let table = self.tables.len().checked_sub(1).filter(|_| self.last.is_some());
        let lost: Vec<u32> = step.lost_nodes.iter().map(|id| self.number(id)).collect();
        let entry = json!({
            "label": step.label,
            "partitions": step.partitions,
            "fresh": step.fresh,
            "before": before,
            "table": table,
            "lost": lost,
            "transfers": self.transfers(shown),
            "why": self.why(shown),
        });
        self.steps.push(entry);
    }

    fn number(&mut self, id: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.nodes.len() as u32;
        self.nodes.push(id.to_owned());
        self.numbers.insert(id.to_owned(), number);
        number
    }

    /// Adds a table: whole, or what changed since the one before, whichever is smaller.
    fn table(&mut self, side: TableOf<'_>) {
        let mut rows: Vec<Vec<u32>> = Vec::with_capacity(side.table.partitions() as usize);
        for row in side.rows() {
            rows.push(row.into_iter().map(|id| self.number(id)).collect());
        }
        let node = Bits::width(self.nodes.len() as u64);
        let first = rows.first().map_or(0, Vec::len);
        let same = first > 0 && rows.iter().all(|row| row.len() == first);
        let push = |bits: &mut Bits, row: &[u32]| {
            if !same {
                bits.push(row.len() as u64, 7);
            }
            row.iter().for_each(|number| bits.push(u64::from(*number), node));
        };
        let mut bits = Bits::default();
        rows.iter().for_each(|row| push(&mut bits, row));
        let mut delta = None;
        // Rows of different lengths are written whole.
        let alike = |old: &&Vec<Vec<u32>>| same && old.iter().all(|row| row.len() == first);
        if let Some(old) = self.last.as_ref().filter(alike) {
            let ways = rows.len() / old.len().max(1);
            let changed = (0..rows.len()).filter(|p| rows.get(*p) != old.get(p / ways.max(1)));
            let changed: Vec<usize> = changed.collect();
            let mut next = 0;
            let gaps: Vec<u64> = changed
                .iter()
                .map(|p| {
                    let gap = p - next;
                    next = p + 1;
                    gap as u64
                })
                .collect();
            let gap = Bits::width(gaps.iter().copied().max().unwrap_or(0));
            let mut some = Bits::default();
            for (p, skipped) in changed.iter().zip(&gaps) {
                some.push(*skipped, gap);
                let (new, old) = (rows.get(*p), old.get(p / ways.max(1)));
                for (new, old) in new.into_iter().flatten().zip(old.into_iter().flatten()) {
                    some.push(u64::from(new != old), 1);
                    if new != old {
                        some.push(u64::from(*new), node);
                    }
                }
            }
            if some.len() < bits.len() {
                (bits, delta) = (some, Some((changed.len(), gap)));
            }
        }
        if bits.len() > MAX_TABLE_BYTES || self.bytes + bits.len() > MAX_BYTES {
            self.last = None;
            return;
        }
        self.bytes += bits.len();
        let (changed, gap) = delta.unwrap_or((0, 0));
        self.tables.push(json!({
            "partitions": rows.len(),
            "row": if same { first } else { 0 },
            "node": node,
            "whole": delta.is_none(),
            "changed": changed,
            "gap": gap,
            "bits": bits.base64(),
        }));
        self.last = Some(rows);
    }

    /// The transfers round by round: partition, source + 1 (0 for none) and destination + 1.
    fn transfers(&mut self, shown: &Shown<'_>) -> Value {
        let none = json!({"rounds": [], "partition": 1, "node": 1, "bits": ""});
        let Some((change, schedule)) = shown.change.zip(shown.schedule) else { return none };
        let mut all: Vec<(u32, u32, u32)> = Vec::new();
        for (partition, from, to) in change.transfers() {
            let from = from.map_or(0, |from| self.number(from) + 1);
            all.push((partition, from, self.number(to) + 1));
        }
        let (partition, node) = (
            Bits::width(u64::from(shown.after.table.partitions())),
            Bits::width(self.nodes.len() as u64 + 1),
        );
        let mut bits = Bits::default();
        let mut rounds: Vec<usize> = Vec::new();
        for round in schedule.iter() {
            rounds.push(round.len());
            for (at, from, to) in round.iter().filter_map(|number| all.get(*number as usize)) {
                bits.push(u64::from(*at), partition);
                bits.push(u64::from(*from), node);
                bits.push(u64::from(*to), node);
            }
        }
        if self.bytes + bits.len() > MAX_BYTES {
            return json!({"rounds": [], "partition": 1, "node": 1, "bits": "", "left_out": true});
        }
        self.bytes += bits.len();
        json!({"rounds": rounds, "partition": partition, "node": node, "bits": bits.base64()})
    }

    /// The library's explanations of partitions that change, as far as they fit.
    fn why(&mut self, shown: &Shown<'_>) -> Value {
        let mut why = serde_json::Map::new();
        let (Some(plan), Some(before)) = (shown.plan, shown.before) else {
            return Value::Object(why);
        };
        let partitions = shown.after.table.partitions();
        let ways = partitions / before.table.partitions();
        let moves = |partition: &u32| {
            let (old, new) = (before.row(partition / ways), shown.after.row(*partition));
            old.len() != new.len() || old.iter().any(|id| !new.contains(id))
        };
        let moved: Vec<u32> = (0..partitions).filter(moves).collect();
        let max = (EXPLAIN_WORK / u64::from(partitions)).max(16) as usize;
        let room = MAX_EXPLAINED.saturating_sub(self.explained) / EXPLAINED_BYTES;
        let every = moved.len().div_ceil(max.min(room.max(1))).max(1);
        for partition in moved.into_iter().step_by(every) {
            let lines = paper::explain(Some(plan), Some(before), shown.after.table, partition);
            // The first line only names the partition.
            let lines: Vec<String> = lines.into_iter().flatten().skip(1).collect();
            self.explained += lines.iter().map(String::len).sum::<usize>();
            if self.explained > MAX_EXPLAINED {
                break;
            }
            why.insert(partition.to_string(), json!(lines));
        }
        Value::Object(why)
    }
}
