//! Partition tables from strangers: saved forms, certificates and scenarios of any bytes.

use super::forms::restored;
use super::input::Input;
use super::meter::most_held;
use super::plans_cluster::Cluster;
use super::saved_edit::{edit_bytes, edit_value};
use super::{tables_proofs, tables_scenario};
use apportion::saved::Saved;
use apportion::{Candidates, KeyHash, Locator, Node, NodeIdx, PartitionTable, Placement};
use serde_json::Value;
use std::collections::BTreeSet;

type Of = Locator<String, PartitionTable>;

/// Changes of larger tables take too long here.
const REPLANNED: usize = 256;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    match input.below(10) {
        0 => json(input.rest()),
        1 => postcard(input.rest()),
        2 | 3 => {
            let Some(valid) = valid(&mut input) else { return };
            let mut value = serde_json::to_value(valid).unwrap();
            for _ in 0..=input.below(3) {
                // Mostly what is the table's own.
                match value.pointer_mut("/placement/partition-table") {
                    Some(state) if input.below(4) > 0 => edit_value(state, &mut input),
                    _ => edit_value(&mut value, &mut input),
                }
            }
            json(&serde_json::to_vec(&value).unwrap());
        }
        4 => {
            let Some(valid) = valid(&mut input) else { return };
            let mut text = serde_json::to_vec(&valid).unwrap();
            edit_bytes(&mut text, &mut input);
            json(&text);
        }
        5 => {
            let Some(valid) = valid(&mut input) else { return };
            let mut bytes = postcard::to_allocvec(&valid).unwrap();
            edit_bytes(&mut bytes, &mut input);
            postcard(&bytes);
        }
        6 | 7 => tables_proofs::run(&mut input),
        8 => tables_scenario::run(input.rest()),
        _ => tables_scenario::edited(&mut input),
    }
}

/// A planned table, perhaps with holes among the slots.
fn valid(input: &mut Input<'_>) -> Option<Of> {
    let mut cluster = Cluster::read(input);
    let turn = input.byte();
    let table = Locator::table_of(cluster.topology(turn), cluster.config()).ok()?;
    if turn < 128 {
        return Some(table);
    }
    (0..input.below(4)).for_each(|_| cluster.change(None, input));
    let changed = table.replaced_by(cluster.turned(turn));
    Some(changed.unwrap_or(table))
}

fn json(text: &[u8]) {
    let (saved, held) = most_held(|| serde_json::from_slice::<Saved<String>>(text).ok());
    in_proportion(held, text.len());
    let direct = most_held(|| serde_json::from_slice::<Of>(text).ok());
    read(saved, direct, text.len());
}

fn postcard(bytes: &[u8]) {
    let (saved, held) = most_held(|| postcard::from_bytes::<Saved<String>>(bytes).ok());
    in_proportion(held, bytes.len());
    let direct = most_held(|| postcard::from_bytes::<Of>(bytes).ok());
    read(saved, direct, bytes.len());
}

/// A hole or a holder takes one byte in the most compact form; a list that says how long it is may
/// be given up to a megabyte before its items are seen.
fn in_proportion(held: usize, input: usize) {
    let most = (2 << 20) + (64 << 10) + 700 * input;
    assert!(held <= most, "{held} bytes held for {input}");
}

/// What is read keeps all rules, and so does what is only refused because it was altered.
fn read(saved: Option<Saved<String>>, (direct, held): (Option<Of>, usize), len: usize) {
    in_proportion(held, len);
    let Some(saved) = saved else {
        assert!(direct.is_none());
        return;
    };
    let value = serde_json::to_value(&saved).unwrap();
    if let Some(table) = &direct {
        assert_eq!(value["fingerprint"], format!("{:016x}", table.fingerprint()));
        whole(table);
    }
    let (again, held) = most_held(|| restored::<PartitionTable>(value));
    // Two of them, and the value that is altered.
    in_proportion(held / 4, len);
    if let Some(table) = again {
        assert!(direct.is_none_or(|direct| direct.fingerprint() == table.fingerprint()));
        whole(&table);
    }
}

/// The rules hold, it is the same after another round, and it goes on to change.
fn whole(table: &Of) {
    laws(table);
    let text = serde_json::to_string(table).unwrap();
    let bytes = postcard::to_allocvec(table).unwrap();
    let again: [Of; 2] =
        [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()];
    for again in again {
        assert_eq!(again.fingerprint(), table.fingerprint());
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
    let (members, placement) = (table.topology().members(), table.placement());
    let places = placement.partitions() as usize * placement.replication_factor() as usize;
    if places > REPLANNED {
        return;
    }
    let last = members.iter().last().and_then(|slot| members.label(slot));
    let last = last.and_then(|label| std::str::from_utf8(label).ok()).unwrap_or_default();
    let path = members.iter().next().and_then(|slot| members.domain(slot));
    let new = Node::new("a name that was not there".to_owned());
    let new = path.iter().flat_map(|domain| domain.path()).fold(new, |n, (l, d)| n.domain(l, d));
    for changed in [table.without(last), table.reweighted(last, 0), table.with_node(new)] {
        match changed {
            Ok(changed) => laws(&changed),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// Distinct live holders within every limit, however they are asked for.
fn laws(locator: &Of) {
    let (members, table) = (locator.topology().members(), locator.placement());
    let each = table.replication_factor() as usize;
    assert_eq!((table.slots(), table.live()), (members.slots(), members.live()));
    for p in 0..table.partitions() {
        let row: Vec<NodeIdx> = table.row(p).collect();
        assert_eq!(row.len(), each);
        for (i, node) in row.iter().enumerate() {
            assert!(members.weight(*node).is_some_and(apportion::Weight::is_live), "{p}: {node:?}");
            assert!(!row[..i].contains(node), "{p}: {node:?} twice");
        }
        for (level, limit) in table.config().limits() {
            let domain = |node: NodeIdx| -> Vec<(&str, &str)> {
                let path: Vec<_> = members.domain(node).unwrap().path().collect();
                let depth = path.iter().position(|(name, _)| *name == level);
                path[..=depth.expect("a level that the node has")].to_vec()
            };
            let within =
                |node: &NodeIdx| row.iter().filter(|n| domain(**n) == domain(*node)).count();
            let within = row.iter().map(within).max();
            assert!(within <= Some(limit as usize), "{p}: more than {limit} in one {level}");
        }
    }
    for key in (0..4).map(|i: u64| KeyHash::from_hash(i.wrapping_mul(0x5555_5555_5555_5555))) {
        let p = ((u128::from(key.get()) * u128::from(table.partitions())) >> 64) as u32;
        let row: Vec<NodeIdx> = table.row(p).collect();
        assert_eq!(table.locate(key), row.first().copied());
        let all: Vec<NodeIdx> = Candidates::new(table, key).take(2 * each + 70).collect();
        assert_eq!(all[..each], row);
        assert_eq!(all.len(), members.live().min(2 * each + 70));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let mut three = [NodeIdx::default(); 3];
        let found = table.replicas(key, &mut three);
        assert_eq!(three[..found], row[..each.min(3)]);
    }
    assert_eq!(table.row(table.partitions()).len(), 0);
}

/// Where a number of partitions stands, the largest of them.
pub fn most_partitions(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(most_partitions).max().unwrap_or_default(),
        Value::Object(fields) => {
            let own = fields.get("partitions").and_then(Value::as_u64).unwrap_or_default();
            fields.values().map(most_partitions).max().unwrap_or_default().max(own)
        }
        _ => 0,
    }
}
