//! What the script of the page reads: the tables, the transfers by round and the explanations, in as
//! few bytes as they take.

use super::super::change::TableOf;
use super::super::paper;
use super::gather::Step;
use super::report::Bits;
use super::{Shown, ShownTable};
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
    /// By table of a step: the number and the rows of the last one, if they are in the data.
    last: Vec<Option<(usize, Vec<Vec<u32>>)>>,
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
        self.last.resize(shown.tables.len(), None);
        let mut tables = Vec::new();
        for (at, (table, of)) in shown.tables.iter().zip(&step.tables).enumerate() {
            if let Some(before) = table.before.filter(|_| self.steps.is_empty()) {
                self.table(at, before);
            }
            let before = table.before.and_then(|_| self.number_of(at));
            self.table(at, table.after);
            tables.push(json!({
                "name": of.name,
                "partitions": of.partitions,
                "before": before,
                "table": self.number_of(at),
                "why": self.why(table, shown.tables.len()),
            }));
        }
        let lost: Vec<u32> = step.lost_nodes.iter().map(|id| self.number(id)).collect();
        let entry = json!({
            "label": step.label,
            "fresh": step.fresh,
            "tables": tables,
            "lost": lost,
            "transfers": self.transfers(shown),
        });
        self.steps.push(entry);
    }

    /// The number of the last table of this place.
    fn number_of(&self, at: usize) -> Option<usize> {
        self.last.get(at)?.as_ref().map(|(number, _)| *number)
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
    fn table(&mut self, at: usize, side: TableOf<'_>) {
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
        let alike =
            |(_, old): &&(usize, Vec<Vec<u32>>)| same && old.iter().all(|row| row.len() == first);
        let old = self.last.get(at).and_then(Option::as_ref);
        if let Some((number, old)) = old.filter(alike) {
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
                (bits, delta) = (some, Some((*number, changed.len(), gap)));
            }
        }
        let Some(last) = self.last.get_mut(at) else { return };
        if bits.len() > MAX_TABLE_BYTES || self.bytes + bits.len() > MAX_BYTES {
            *last = None;
            return;
        }
        self.bytes += bits.len();
        let (old, changed, gap) = delta.unwrap_or((0, 0, 0));
        *last = Some((self.tables.len(), rows));
        let partitions = side.table.partitions();
        self.tables.push(json!({
            "partitions": partitions,
            "row": if same { first } else { 0 },
            "node": node,
            "old": delta.map(|_| old),
            "changed": changed,
            "gap": gap,
            "bits": bits.base64(),
        }));
    }

    /// The transfers round by round: partition, source + 1 (0 for none) and destination + 1. Several
    /// tables number their partitions one after the other.
    fn transfers(&mut self, shown: &Shown<'_>) -> Value {
        let Some((change, schedule)) = shown.change.zip(shown.schedule) else {
            return Bits::no_transfers(false);
        };
        let mut all: Vec<(u64, u64, u64)> = Vec::new();
        for (partition, from, to) in change.transfers() {
            let from = from.map_or(0, |from| self.number(from) + 1);
            all.push((partition.into(), from.into(), (self.number(to) + 1).into()));
        }
        let partitions = shown.tables.iter().map(|table| u64::from(table.after.table.partitions()));
        let (bytes, value) =
            Bits::transfers(schedule.iter(), &all, partitions.sum(), self.nodes.len() as u64);
        if self.bytes + bytes > MAX_BYTES {
            return Bits::no_transfers(true);
        }
        self.bytes += bytes;
        value
    }

    /// The library's explanations of partitions that change, as far as they fit; the tables of a step
    /// share the work.
    fn why(&mut self, shown: &ShownTable<'_>, tables: usize) -> Value {
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
        let work = EXPLAIN_WORK / tables.max(1) as u64;
        let max = (work / u64::from(partitions)).max(16) as usize;
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
