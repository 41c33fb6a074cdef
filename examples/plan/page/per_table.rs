//! A table of a step in numbers and names.

use super::super::change::TableOf;
use super::cluster::Cluster;
use super::failures::Failures;
use super::report::{Cells, Groups, MAX_BINS, NodeFlow, Strip};
use super::text::short;
use super::{OneTable, ShownTable};
use std::collections::{BTreeMap, HashMap};

pub(super) struct TableStep {
    /// Empty for the only table.
    pub(super) name: String,
    pub(super) partitions: u32,
    pub(super) replicas: u64,
    pub(super) strips: Vec<Strip>,
    /// Copies from row to row; the row after the last gives what no node can give.
    pub(super) flows: Cells,
    /// The largest first.
    pub(super) largest: Vec<NodeFlow>,
    pub(super) violations: Vec<Violations>,
    pub(super) failures: Failures,
    /// How many partitions each node leads.
    pub(super) led_before: HashMap<String, u64>,
    pub(super) led: HashMap<String, u64>,
}

/// Pairs of a partition and a domain of a level that has more of its replicas than the limit.
pub(super) struct Violations {
    pub(super) level: String,
    pub(super) limit: u32,
    /// `None` for a fresh table.
    pub(super) before: Option<u64>,
    pub(super) after: u64,
}

impl TableStep {
    pub(super) fn of(
        shown: &ShownTable<'_>,
        given: &OneTable,
        cluster: &Cluster,
        groups: &Groups,
        moves: &[(Option<&str>, &str)],
    ) -> Self {
        let ShownTable { before, after, .. } = *shown;
        let (flows, largest) = flows(moves, groups);
        let violations = given.limits.iter().map(|(level, limit)| {
            let count = |side| violations(side, level, *limit);
            // A table from a file says nothing of domains, so its nodes are those of the step.
            let (before, after) = (before.map(count), count(after));
            Violations { level: level.clone(), limit: *limit, before, after }
        });
        Self {
            name: given.name.clone(),
            partitions: after.table.partitions(),
            replicas: after.loads(1).values().sum(),
            strips: strips(before, after, groups),
            flows,
            largest,
            violations: violations.collect(),
            failures: Failures::of(after, cluster, groups),
            led_before: before.map_or_else(HashMap::new, led),
            led: led(after),
        }
    }

    /// A title, with the name of the table if it is not the only one.
    pub(super) fn titled(&self, title: &str) -> String {
        if self.name.is_empty() {
            return title.to_owned();
        }
        format!("{}: {title}", short(&self.name))
    }
}

fn led(side: TableOf<'_>) -> HashMap<String, u64> {
    side.led().into_iter().map(|(id, n)| (id.to_owned(), n)).collect()
}

/// Copies between rows, and the largest between nodes.
fn flows(moves: &[(Option<&str>, &str)], groups: &Groups) -> (Cells, Vec<NodeFlow>) {
    let mut nodes: BTreeMap<(Option<&str>, &str), u64> = BTreeMap::new();
    for (from, to) in moves {
        *nodes.entry((*from, to)).or_default() += 1;
    }
    let flow = |((from, to), n): ((Option<&str>, &str), u64)| NodeFlow {
        from: from.map(str::to_owned),
        to: Some(to.to_owned()),
        n,
    };
    let mut flows: Vec<NodeFlow> = nodes.into_iter().map(flow).collect();
    let cells = NodeFlow::cells(flows.iter(), groups);
    NodeFlow::sort(&mut flows);
    (cells, flows)
}

/// What each row keeps, gives and gets, along the partitions.
fn strips(before: Option<TableOf<'_>>, after: TableOf<'_>, groups: &Groups) -> Vec<Strip> {
    let Some(before) = before else { return Vec::new() };
    let partitions = u64::from(after.table.partitions());
    let bins = partitions.min(MAX_BINS);
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

/// Counts the violations of a limit.
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
