//! A step in numbers and names, counted from its tables.

use super::super::change::TableOf;
use super::super::outcome::NodeRow;
use super::cluster::Cluster;
use super::failures::Failures;
use super::groups::Groups;
use super::report::{Bar, Check, Strip, Verdict};
use super::{Given, Shown};
use apportion::{KeyHash, Locator, StableHash, Xxh3};
use std::collections::{BTreeMap, HashMap};

/// Counts by row and column.
type Cells = BTreeMap<(usize, usize), u64>;
/// Copies from a node, if one can give them, to another.
type NodeFlow = (Option<String>, String, u64);

pub(super) struct Step {
    pub(super) label: String,
    pub(super) partitions: u32,
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
    /// What a row of a picture is, and the rows.
    pub(super) of: String,
    pub(super) names: Vec<String>,
    pub(super) strips: Vec<Strip>,
    pub(super) bars: Vec<Bar>,
    /// Copies from row to row; the row after the last gives what no node can give.
    pub(super) flows: Cells,
    pub(super) between_nodes: Vec<NodeFlow>,
    pub(super) leaders: bool,
    pub(super) led_before: HashMap<String, u64>,
    pub(super) zones: Vec<Zone>,
    /// By level: its limit, and the violations before and after.
    pub(super) violations: Vec<(String, u32, Option<u64>, u64)>,
    pub(super) failures: Failures,
    pub(super) rounds: usize,
    pub(super) transfers: Vec<(usize, Option<usize>, usize)>,
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
        limits: &[(String, u32)],
    ) -> Self {
        let Shown { before, after, .. } = *shown;
        let cluster = Cluster::new(before, after, levels);
        let groups = Groups::new(&cluster);
        let (flows, between_nodes) = flows(shown, &groups);
        let violations = limits.iter().map(|(level, limit)| {
            let count = |side| violations(side, level, *limit);
            // A table from a file says nothing of domains, so its nodes are those of the step.
            (level.clone(), *limit, before.map(count), count(after))
        });
        let violations: Vec<_> = violations.collect();
        let zones = zones(&cluster, &shown.rows);
        let lost_nodes = before.into_iter().flat_map(|side| {
            let gone = side.nodes.nodes().filter(|id| !after.nodes.contains(id.as_str()));
            gone.filter(|id| cluster.ids().any(|known| known == *id)).cloned()
        });
        let lost_nodes: Vec<String> = lost_nodes.collect();
        let ways = before.map_or(1, |old| after.table.partitions() / old.table.partitions());
        let lost = before.map_or(0, |side| {
            let loads = side.loads(ways);
            lost_nodes.iter().filter_map(|id| loads.get(id.as_str())).sum()
        });
        let mut step = Self {
            label: shown.label.to_owned(),
            partitions: after.table.partitions(),
            replicas: after.loads(1).values().sum(),
            nodes: after.nodes.len(),
            fresh: before.is_none(),
            split: before.is_some() && shown.plan.is_none(),
            checks: Vec::new(),
            fingerprints: fingerprints(shown),
            potentials: shown.plan.map_or(0, |plan| plan.certificate().potentials().len()),
            rows: shown.rows.clone(),
            strips: strips(before, after, &groups),
            bars: bars(&shown.rows, given, &groups),
            flows,
            between_nodes,
            leaders: given.leaders,
            led_before: owned(before.map(TableOf::led)),
            zones,
            violations,
            failures: Failures::of(after, &cluster, &groups),
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
            of: groups.of,
            names: groups.names,
        };
        step.checks = checks(shown, given, &step, limits);
        step
    }
}

fn owned(led: Option<HashMap<&str, u64>>) -> HashMap<String, u64> {
    led.into_iter().flatten().map(|(id, n)| (id.to_owned(), n)).collect()
}

/// The checks of the dry run, and those of the input and of what is left if a domain fails.
fn checks(shown: &Shown<'_>, given: &Given, step: &Step, limits: &[(String, u32)]) -> Vec<Check> {
    let count = |n: u64, what: &str| super::text::counted(n, what);
    let mut checks = vec![Check::new(
        "input",
        Verdict::Pass,
        format!(
            "well-formed: {}, {} and {}",
            count(step.nodes as u64, "node"),
            count(step.partitions.into(), "partition"),
            count(step.replicas, "replica"),
        ),
    )];
    for check in &shown.checks {
        let verdict = match check.verdict.as_str() {
            "PASS" => Verdict::Pass,
            "WARN" => Verdict::Warn,
            _ => Verdict::Fail,
        };
        checks.push(Check::new(check.name, verdict, check.finding.clone()));
    }
    if step.split {
        let finding = "partitions are split, and nothing is copied or deleted";
        checks.push(Check::new("movement", Verdict::Pass, finding));
    }
    let over = step.rows.iter().filter_map(|row| {
        let slots = given.slots.get(&row.id)?;
        (row.peak > *slots)
            .then(|| format!("{}: {} of {slots}", super::text::short(&row.id), row.peak))
    });
    let over: Vec<String> = over.collect();
    if !given.slots.is_empty() {
        checks.push(match over.first() {
            None => Check::new(
                "slots",
                Verdict::Pass,
                format!(
                    "no peak is above the slots of {}",
                    count(given.slots.len() as u64, "node")
                ),
            ),
            Some(first) => Check::new(
                "slots",
                Verdict::Warn,
                format!(
                    "{} above the slots on the way, such as {first}",
                    count(over.len() as u64, "node")
                ),
            ),
        });
    }
    // The limit of the outermost level says how many of its domains a partition needs.
    let factor = u64::from(shown.after.table.replication_factor());
    let outermost = limits.iter().find(|(level, _)| {
        let first = shown.after.nodes.iter().next();
        let path = first.and_then(|(node, _)| shown.after.nodes.members().domain(node));
        path.and_then(|domain| domain.path().next()).is_some_and(|(name, _)| name == level)
    });
    if let Some((level, limit)) = outermost {
        let needed = factor.div_ceil(u64::from(*limit));
        let there = step.zones.iter().filter(|zone| zone.quota > 0.0).count() as u64;
        let (verdict, rest) = if there > needed {
            (Verdict::Pass, "one can be lost, and the limit still has a table")
        } else {
            (Verdict::Warn, "if one is lost, no table keeps the limit")
        };
        let there = count(there, level);
        let finding = format!("{factor} replicas need {needed} of {there}: {rest}");
        checks.push(Check::new("spare domain", verdict, finding));
    }
    checks
}

/// Fingerprints of the nodes, the tables and the certificate.
fn fingerprints(shown: &Shown<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |what: &str, print: u64| all.push((what.to_owned(), format!("{print:016x}")));
    let table = |side: TableOf<'_>| {
        let locator = Locator::from_parts(side.nodes.clone(), side.table.clone(), Xxh3);
        locator.ok().map(|locator| locator.fingerprint())
    };
    if let Some(before) = shown.before {
        add("nodes before", before.nodes.fingerprint());
        table(before).into_iter().for_each(|print| add("table before", print));
    }
    add("nodes after", shown.after.nodes.fingerprint());
    table(shown.after).into_iter().for_each(|print| add("table after", print));
    if let Some(plan) = shown.plan.filter(|_| shown.before.is_some()) {
        let potentials = plan.certificate().potentials().iter();
        let bytes: Vec<u8> = potentials.flat_map(|potential| potential.to_le_bytes()).collect();
        let hash: KeyHash = bytes.as_slice().hash_whole(&Xxh3);
        add("certificate", hash.get());
    }
    all
}

/// Copies between rows, and the largest between nodes.
fn flows(shown: &Shown<'_>, groups: &Groups) -> (Cells, Vec<NodeFlow>) {
    let mut rows = BTreeMap::new();
    let mut nodes: BTreeMap<(Option<&str>, &str), u64> = BTreeMap::new();
    for (_, from, to) in shown.change.into_iter().flat_map(|change| change.transfers()) {
        let none = groups.names.len();
        let from_row = from.and_then(|from| groups.row(from)).unwrap_or(none);
        *rows.entry((from_row, groups.row(to).unwrap_or(none))).or_default() += 1;
        *nodes.entry((from, to)).or_default() += 1;
    }
    let mut nodes: Vec<_> = nodes.into_iter().collect();
    nodes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    nodes.truncate(10);
    let own =
        |((from, to), n): ((Option<&str>, &str), u64)| (from.map(str::to_owned), to.to_owned(), n);
    (rows, nodes.into_iter().map(own).collect())
}

/// The transfers by round and row.
fn transfers(shown: &Shown<'_>, groups: &Groups) -> Vec<(usize, Option<usize>, usize)> {
    let Some((change, schedule)) = shown.change.zip(shown.schedule) else { return Vec::new() };
    let transfers = change.transfers().enumerate();
    let rows = transfers.filter_map(|(number, (_, from, to))| {
        let round = schedule.round_of(number)? as usize;
        Some((round, from.and_then(|from| groups.row(from)), groups.row(to)?))
    });
    rows.collect()
}

/// What each row keeps, gives and gets, along the partitions.
fn strips(before: Option<TableOf<'_>>, after: TableOf<'_>, groups: &Groups) -> Vec<Strip> {
    let Some(before) = before else { return Vec::new() };
    let partitions = u64::from(after.table.partitions());
    let bins = partitions.min(super::report::MAX_BINS);
    let ways = after.table.partitions() / before.table.partitions();
    let strip = |name: &String| Strip { name: name.clone(), bins: vec![(0, 0, 0); bins as usize] };
    let mut strips: Vec<Strip> = groups.names.iter().map(strip).collect();
    for partition in 0..after.table.partitions() {
        let bin = (u64::from(partition) * bins / partitions) as usize;
        let (old, new) = (before.row(partition / ways), after.row(partition));
        let mut add = |id: &str, place: fn(&mut (u64, u64, u64)) -> &mut u64| {
            let strip = groups.row(id).and_then(|row| strips.get_mut(row));
            if let Some(bin) = strip.and_then(|strip| strip.bins.get_mut(bin)) {
                *place(bin) += 1;
            }
        };
        for id in &old {
            add(id, if new.contains(id) { |bin| &mut bin.0 } else { |bin| &mut bin.1 });
        }
        new.iter().filter(|id| !old.contains(id)).for_each(|id| add(id, |bin| &mut bin.2));
    }
    strips
}

fn bars(rows: &[NodeRow], given: &Given, groups: &Groups) -> Vec<Bar> {
    let mut bars: Vec<Bar> = groups.names.iter().map(|name| Bar::empty(name)).collect();
    for row in rows {
        let Some(bar) = groups.row(&row.id).and_then(|at| bars.get_mut(at)) else { continue };
        bar.before += row.before();
        bar.peak += row.peak;
        bar.after += row.load;
        bar.quota += row.quota;
        if groups.are_nodes() {
            bar.capacity = given.slots.get(&row.id).copied();
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
    zones.sort_by(|a, b| super::cluster::in_order(&a.name, &b.name));
    zones
}

/// Pairs of a partition and a domain of a level that has more of its replicas than the limit.
fn violations(side: TableOf<'_>, level: &str, limit: u32) -> u64 {
    let members = side.nodes.members();
    let mut numbers: HashMap<Vec<&str>, usize> = HashMap::new();
    // The number of each node's domain, which is its whole path down to the level.
    let mut domain_of: Vec<Option<usize>> = vec![None; members.slots()];
    for (node, _) in side.nodes.iter() {
        let Some(domain) = members.domain(node) else { continue };
        let mut path = Vec::new();
        for (name, at) in domain.path() {
            path.push(at);
            if name == level {
                let next = numbers.len();
                let number = *numbers.entry(path.clone()).or_insert(next);
                if let Some(place) = domain_of.get_mut(node.index()) {
                    *place = Some(number);
                }
            }
        }
    }
    let mut over = 0;
    let mut row: Vec<usize> = Vec::new();
    for partition in 0..side.table.partitions() {
        row.clear();
        let nodes = side.table.row(partition);
        row.extend(nodes.filter_map(|node| domain_of.get(node.index()).copied().flatten()));
        row.sort_unstable();
        over +=
            row.chunk_by(|a, b| a == b).filter(|same| same.len() > limit as usize).count() as u64;
    }
    over
}
