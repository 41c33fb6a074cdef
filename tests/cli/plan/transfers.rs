//! Reads the file of `--dump-schedule` and counts again, from it and the tables alone, what a step
//! copies.

use super::recount::{Asked, Row};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A line: round, partition, source and destination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Transfer {
    pub(crate) round: u64,
    pub(crate) partition: usize,
    pub(crate) from: Option<String>,
    pub(crate) to: String,
}

/// The transfers of each label, in the order of the file.
pub(crate) fn read(schedule: &str) -> BTreeMap<String, Vec<Transfer>> {
    let mut found: BTreeMap<String, Vec<Transfer>> = BTreeMap::new();
    for line in schedule.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [label, round, partition, from, to] = fields[..] else { panic!("five fields: {line}") };
        let transfer = Transfer {
            round: round.parse().expect("a round"),
            partition: partition.parse().expect("a partition"),
            from: (from != "-").then(|| from.to_owned()),
            to: to.to_owned(),
        };
        found.entry(label.to_owned()).or_default().push(transfer);
    }
    found
}

/// How often each node occurs.
pub(crate) fn counts<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<&'a String, u64> {
    let mut counts = BTreeMap::new();
    ids.for_each(|id| *counts.entry(id).or_default() += 1);
    counts
}

/// What `--schedule SEND,RECEIVE` promises, of one step from old to new rows.
pub(crate) fn check(
    transfers: &[Transfer],
    (old, new): (&[Row], &[Row]),
    asked: &Asked,
    report: &Value,
    (send, receive): (u64, u64),
) {
    let ways = new.len() / old.len();
    // Each new replica once, from a node that held it and is still there.
    let mut arrivals: BTreeSet<(usize, &String)> = BTreeSet::new();
    for (partition, row) in new.iter().enumerate() {
        let before = &old[partition / ways];
        arrivals.extend(row.iter().filter(|id| !before.contains(id)).map(|id| (partition, id)));
    }
    let listed: BTreeSet<(usize, &String)> =
        transfers.iter().map(|transfer| (transfer.partition, &transfer.to)).collect();
    assert_eq!((&listed, listed.len()), (&arrivals, transfers.len()));
    let survivors = |partition: usize| -> Vec<&String> {
        let there = |id: &&String| asked.nodes.contains_key(*id);
        old[partition / ways].iter().filter(there).collect()
    };
    for transfer in transfers {
        let may = survivors(transfer.partition);
        match &transfer.from {
            Some(from) => assert!(may.contains(&from), "{transfer:?}"),
            None => assert!(may.is_empty(), "{transfer:?}"),
        }
    }
    let order = |transfer: &Transfer| (transfer.round, transfer.partition, transfer.to.clone());
    assert!(transfers.is_sorted_by_key(order));
    // The rounds are 1 to the last one, each within the limits.
    let rounds: BTreeSet<u64> = transfers.iter().map(|transfer| transfer.round).collect();
    assert!(rounds.iter().copied().eq(1..=rounds.len() as u64), "{rounds:?}");
    for round in &rounds {
        let now = || transfers.iter().filter(|transfer| transfer.round == *round);
        let most = |counts: BTreeMap<&String, u64>| counts.into_values().max().unwrap_or(0);
        assert!(most(counts(now().filter_map(|transfer| transfer.from.as_ref()))) <= send);
        assert!(most(counts(now().map(|transfer| &transfer.to))) <= receive);
        let partitions: BTreeSet<usize> = now().map(|transfer| transfer.partition).collect();
        assert_eq!(partitions.len(), now().count(), "round {round}");
    }
    // The bound, and whether it is met.
    let sends = counts(transfers.iter().filter_map(|transfer| transfer.from.as_ref()));
    let receives = counts(transfers.iter().map(|transfer| &transfer.to));
    let mut each: BTreeMap<usize, u64> = BTreeMap::new();
    transfers.iter().for_each(|transfer| *each.entry(transfer.partition).or_default() += 1);
    let needed = |counts: &BTreeMap<&String, u64>, limit: u64| {
        counts.values().map(|count| count.div_ceil(limit)).max().unwrap_or(0)
    };
    let alone = needed(&sends, send).max(needed(&receives, receive));
    let bound = alone.max(each.values().copied().max().unwrap_or(0));
    let is = |field: &str, counted: u64| assert_eq!(report[field], counted, "{field}: {report}");
    is("transfers", transfers.len() as u64);
    is("rounds", rounds.len() as u64);
    is("round_bound", bound);
    if each.values().all(|count| *count == 1) {
        is("rounds", bound);
    }
    if rounds.len() as u64 == bound {
        assert_eq!(
            (&report["guarantee"], &report["extra_partition"]),
            (&"optimal".into(), &Value::Null)
        );
    } else {
        let extra = report["extra_partition"].as_u64().expect("a partition") as usize;
        assert!(each[&extra] > 1, "{report}");
    }
    let busiest = sends.values().copied().max().unwrap_or(0);
    let fewer = busiest.saturating_sub(1);
    let choices: Vec<Vec<&String>> = transfers
        .iter()
        .filter(|transfer| transfer.from.is_some())
        .map(|transfer| survivors(transfer.partition))
        .collect();
    assert!(busiest == 0 || !assignable(&choices, fewer), "{busiest} from one node, {fewer} do");
}

/// Whether each transfer can come from one of its nodes so that none gives more than a limit: by
/// augmenting paths, one transfer after the other.
fn assignable(choices: &[Vec<&String>], limit: u64) -> bool {
    fn assign<'a>(
        transfer: usize,
        choices: &[Vec<&'a String>],
        limit: u64,
        given: &mut BTreeMap<&'a String, Vec<usize>>,
        seen: &mut BTreeSet<&'a String>,
    ) -> bool {
        for node in &choices[transfer] {
            if !seen.insert(node) {
                continue;
            }
            let list = given.entry(node).or_default();
            if (list.len() as u64) < limit {
                list.push(transfer);
                return true;
            }
            for (place, other) in list.clone().into_iter().enumerate() {
                if assign(other, choices, limit, given, seen) {
                    given.get_mut(*node).expect("it is there")[place] = transfer;
                    return true;
                }
            }
        }
        false
    }
    let mut given = BTreeMap::new();
    (0..choices.len())
        .all(|transfer| assign(transfer, choices, limit, &mut given, &mut BTreeSet::new()))
}
