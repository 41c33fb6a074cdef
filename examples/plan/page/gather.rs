//! A step in numbers and names, counted from its tables.

use super::super::change::TableOf;
use super::super::outcome::NodeRow;
use super::cluster::{Cluster, in_order};
use super::per_table::TableStep;
use super::report::{Bar, Check, Groups, Transfer, Verdict};
use super::text::{counted, short};
use super::{Given, OneTable, Shown};
use apportion::{KeyHash, Locator, StableHash, Topology, Xxh3};
use std::collections::HashMap;

pub(super) struct Step {
    pub(super) label: String,
    /// One, or those that are planned together.
    pub(super) tables: Vec<TableStep>,
    pub(super) replicas: u64,
    pub(super) nodes: usize,
    pub(super) fresh: bool,
    pub(super) split: bool,
    pub(super) checks: Vec<Check>,
    /// What is fingerprinted, and the fingerprint.
    pub(super) fingerprints: Vec<(String, String)>,
    /// How many potentials the certificate has.
    pub(super) potentials: usize,
    pub(super) rows: Vec<NodeRow>,
    /// The rows of pictures.
    pub(super) groups: Groups,
    pub(super) bars: Vec<Bar>,
    pub(super) leaders: bool,
    pub(super) zones: Vec<Zone>,
    pub(super) rounds: usize,
    pub(super) transfers: Vec<Transfer>,
    /// Transfers and deletions of each bounded step.
    pub(super) bounded: Option<Vec<(u64, u64)>>,
    pub(super) copied: u64,
    pub(super) deleted: u64,
    /// Replicas on nodes that are gone.
    pub(super) lost: u64,
    pub(super) lost_nodes: Vec<String>,
}

/// What a failure domain holds.
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) nodes: u64,
    pub(super) before: u64,
    pub(super) after: u64,
    pub(super) quota: f64,
}

impl Step {
    pub(super) fn of(
        shown: &Shown<'_>,
        given: &Given,
        levels: &[String],
        tables: &[OneTable],
    ) -> Self {
        let nodes = Nodes::of(shown);
        let cluster = Cluster::new(nodes.before, nodes.after, levels);
        let groups = cluster.groups();
        let zones = zones(&cluster, &shown.rows);
        let lost_nodes = nodes.before.into_iter().flat_map(|before| {
            let gone = before.nodes().filter(|id| !nodes.after.contains(id.as_str()));
            gone.filter(|id| cluster.ids().any(|known| known == *id)).cloned()
        });
        let lost_nodes: Vec<String> = lost_nodes.collect();
        let lost = shown.tables.iter().filter_map(|table| {
            let before = table.before?;
            let ways = table.after.table.partitions() / before.table.partitions();
            let loads = before.loads(ways);
            Some(lost_nodes.iter().filter_map(|id| loads.get(id.as_str())).sum::<u64>())
        });
        let lost = lost.sum();
        let all = shown.tables.iter().zip(tables).enumerate();
        let tables: Vec<TableStep> = all
            .map(|(at, (table, given))| {
                TableStep::of(table, given, &cluster, &groups, &moves(shown, at))
            })
            .collect();
        let fresh = nodes.before.is_none();
        let mut step = Self {
            label: shown.label.to_owned(),
            replicas: tables.iter().map(|table| table.replicas).sum(),
            nodes: nodes.after.len(),
            fresh,
            split: !fresh && shown.certificate.is_none(),
            checks: Vec::new(),
            fingerprints: fingerprints(shown, nodes),
            potentials: shown.certificate.map_or(0, |proof| proof.potentials().len()),
            rows: shown.rows.clone(),
            bars: bars(&shown.rows, given, &groups),
            leaders: given.leaders,
            zones,
            rounds: shown.schedule.map_or(0, |schedule| schedule.rounds() as usize),
            transfers: transfers(shown, &groups),
            bounded: shown.steps.map(|steps| {
                let counts = |step: apportion::migration::Step<'_, String>| {
                    (step.transfers().count() as u64, step.deletions().count() as u64)
                };
                steps.iter().map(counts).collect()
            }),
            copied: shown.change.map_or(0, |change| change.transfers().count() as u64),
            deleted: shown.change.map_or(0, |change| change.deletions().count() as u64),
            lost,
            lost_nodes,
            groups,
            tables,
        };
        step.checks = checks(shown, given, &step, nodes.after);
        step
    }

    /// True if several tables are planned together.
    pub(super) fn joint(&self) -> bool {
        self.tables.iter().any(|table| !table.name.is_empty())
    }

    pub(super) fn partitions(&self) -> u64 {
        self.tables.iter().map(|table| u64::from(table.partitions)).sum()
    }
}

/// The nodes that all tables of a step share.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'a> {
    before: Option<&'a Topology<String>>,
    after: &'a Topology<String>,
}

impl<'a> Nodes<'a> {
    fn of(shown: &Shown<'a>) -> Self {
        let [first, ..] = shown.tables.as_slice() else { unreachable!("a step has a table") };
        Self { before: first.before.map(|side| side.nodes), after: first.after.nodes }
    }
}

/// The copies of a table: where from, if a node can give them, and where to.
fn moves<'a>(shown: &Shown<'a>, table: usize) -> Vec<(Option<&'a str>, &'a str)> {
    let partitions = |at: usize| -> u32 {
        shown.tables.iter().take(at).map(|table| table.after.table.partitions()).sum()
    };
    let own = partitions(table)..partitions(table + 1);
    let all = shown.change.into_iter().flat_map(|change| change.transfers());
    all.filter(|(at, ..)| own.contains(at)).map(|(_, from, to)| (from, to)).collect()
}

/// The checks of the dry run, and those of the input and of what is left if a domain fails.
fn checks(shown: &Shown<'_>, given: &Given, step: &Step, nodes: &Topology<String>) -> Vec<Check> {
    let tables = match step.tables.len() {
        1 => String::new(),
        n => format!("{}, ", counted(n as u64, "table")),
    };
    let mut checks = vec![Check::new(
        "input",
        Verdict::Pass,
        format!(
            "well-formed: {tables}{}, {} and {}",
            counted(step.nodes as u64, "node"),
            counted(step.partitions(), "partition"),
            counted(step.replicas, "replica"),
        ),
    )];
    for check in &shown.checks {
        let verdict = match check.verdict.as_str() {
            "PASS" => Verdict::Pass,
            "WARN" => Verdict::Warn,
            _ => Verdict::Fail,
        };
        checks.push(Check::new(&check.name, verdict, check.finding.clone()));
    }
    if step.split {
        let finding = "partitions are split, and nothing is copied or deleted";
        checks.push(Check::new("movement", Verdict::Pass, finding));
    }
    let over = step.rows.iter().filter_map(|row| {
        let slots = given.slots.get(&row.id)?;
        (row.peak > *slots).then(|| format!("{}: {} of {slots}", short(&row.id), row.peak))
    });
    let over: Vec<String> = over.collect();
    if !given.slots.is_empty() {
        let nodes = counted(given.slots.len() as u64, "node");
        checks.push(match over.first() {
            None => {
                Check::new("slots", Verdict::Pass, format!("no peak is above the slots of {nodes}"))
            }
            Some(first) => {
                let over = counted(over.len() as u64, "node");
                let finding = format!("{over} above the slots on the way, such as {first}");
                Check::new("slots", Verdict::Warn, finding)
            }
        });
    }
    for (table, of) in shown.tables.iter().zip(&step.tables) {
        let factor = table.after.table.replication_factor().into();
        checks.extend(spare_domain(step, of, factor, nodes));
    }
    checks
}

/// Whether the limit of the outermost level can be kept without one of its domains.
fn spare_domain(
    step: &Step,
    table: &TableStep,
    factor: u64,
    nodes: &Topology<String>,
) -> Option<Check> {
    let outermost = table.violations.iter().find(|found| {
        let first = nodes.iter().next();
        let path = first.and_then(|(node, _)| nodes.members().domain(node));
        path.and_then(|domain| domain.path().next()).is_some_and(|(name, _)| name == found.level)
    })?;
    let needed = factor.div_ceil(u64::from(outermost.limit));
    let there = step.zones.iter().filter(|zone| zone.quota > 0.0).count() as u64;
    let (verdict, rest) = if there > needed {
        (Verdict::Pass, "one can be lost, and the limit still has a table")
    } else {
        (Verdict::Warn, "if one is lost, no table keeps the limit")
    };
    let there = counted(there, &outermost.level);
    let finding = format!("{factor} replicas need {needed} of {there}: {rest}");
    Some(Check::new(&table.titled("spare domain"), verdict, finding))
}

/// Fingerprints of the nodes, the tables and the certificate.
fn fingerprints(shown: &Shown<'_>, nodes: Nodes<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |what: String, print: u64| all.push((what, format!("{print:016x}")));
    let table = |side: TableOf<'_>| {
        let locator = Locator::from_parts(side.nodes.clone(), side.table.clone(), Xxh3);
        locator.ok().map(|locator| locator.fingerprint())
    };
    let name = |side: TableOf<'_>| match (shown.tables.len(), side.table.config().name()) {
        (1, _) => "table".to_owned(),
        (_, name) => format!("table {}", short(name)),
    };
    if let Some(before) = nodes.before {
        add("nodes before".to_owned(), before.fingerprint());
        for before in shown.tables.iter().filter_map(|table| table.before) {
            let print = table(before);
            print.into_iter().for_each(|print| add(format!("{} before", name(before)), print));
        }
    }
    add("nodes after".to_owned(), nodes.after.fingerprint());
    for one in &shown.tables {
        let print = table(one.after);
        print.into_iter().for_each(|print| add(format!("{} after", name(one.after)), print));
    }
    if let Some(certificate) = shown.certificate.filter(|_| nodes.before.is_some()) {
        let potentials = certificate.potentials().iter();
        let bytes: Vec<u8> = potentials.flat_map(|potential| potential.to_le_bytes()).collect();
        let hash: KeyHash = bytes.as_slice().hash_whole(&Xxh3);
        add("certificate".to_owned(), hash.get());
    }
    all
}

/// The transfers by round and row.
fn transfers(shown: &Shown<'_>, groups: &Groups) -> Vec<Transfer> {
    let Some((change, schedule)) = shown.change.zip(shown.schedule) else { return Vec::new() };
    let transfers = change.transfers().enumerate();
    let rows = transfers.filter_map(|(number, (_, from, to))| {
        let round = schedule.round_of(number)? as usize;
        Some((round, from.and_then(|from| groups.row(from)), groups.row(to)?))
    });
    rows.collect()
}

fn bars(rows: &[NodeRow], given: &Given, groups: &Groups) -> Vec<Bar> {
    let mut bars: Vec<Bar> = groups.names.iter().map(|name| Bar::empty(name)).collect();
    // What the nodes of a row can hold: known if it is of all that are to hold anything.
    let mut capacities: HashMap<usize, Option<u64>> = HashMap::new();
    for row in rows {
        let Some(at) = groups.row(&row.id) else { continue };
        let Some(bar) = bars.get_mut(at) else { continue };
        bar.before += row.before();
        bar.peak += row.peak;
        bar.after += row.load;
        bar.quota += row.quota;
        if row.quota > 0.0 || groups.are_nodes() {
            let sum = capacities.entry(at).or_insert(Some(0));
            *sum = sum.zip(given.slots.get(&row.id)).map(|(sum, slots)| sum.saturating_add(*slots));
        }
    }
    for (at, capacity) in capacities {
        if let Some(bar) = bars.get_mut(at) {
            bar.capacity = capacity;
        }
    }
    bars
}

fn zones(cluster: &Cluster, rows: &[NodeRow]) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    if cluster.level().is_none() {
        return zones;
    }
    for row in rows {
        let name = cluster.domain(&row.id);
        let at = zones.iter().position(|zone| zone.name == name).unwrap_or_else(|| {
            let name = name.to_owned();
            zones.push(Zone { name, nodes: 0, before: 0, after: 0, quota: 0.0 });
            zones.len() - 1
        });
        let Some(zone) = zones.get_mut(at) else { continue };
        zone.nodes += u64::from(row.weight.is_some());
        zone.before += row.before();
        zone.after += row.load;
        zone.quota += row.quota;
    }
    zones.sort_by(|a, b| in_order(&a.name, &b.name));
    zones
}
