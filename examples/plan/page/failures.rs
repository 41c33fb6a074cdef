//! If a node or a failure domain fails: who takes over, and what is left of the partitions.

use super::super::change::TableOf;
use super::cluster::{Cluster, in_order};
use super::report::{Cells, Groups};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Failures {
    /// Partitions led by nodes of a row that the next holders, of another row, lead then.
    pub(super) by_row: Cells,
    pub(super) nodes: Vec<NodeFails>,
    pub(super) domains: Vec<DomainFails>,
}

/// A node fails.
pub(super) struct NodeFails {
    pub(super) id: String,
    pub(super) holds: u64,
    pub(super) leads: u64,
    /// Partitions that no other node holds.
    pub(super) alone: u64,
    /// How many nodes take over its partitions, and the one that takes the most.
    pub(super) takers: u64,
    pub(super) most: Option<(String, u64)>,
}

/// All nodes of a failure domain fail.
pub(super) struct DomainFails {
    pub(super) name: String,
    /// Partitions that keep all their replicas, that lose one, that lose more, and that lose all.
    pub(super) partitions: [u64; 4],
}

impl Failures {
    pub(super) fn of(after: TableOf<'_>, cluster: &Cluster, groups: &Groups) -> Self {
        let mut takes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        let (mut leads, mut alone) = (BTreeMap::new(), BTreeMap::new());
        let mut losses: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
        let mut domains: Vec<(&str, usize)> = Vec::new();
        for row in after.rows() {
            if let Some(first) = row.first() {
                *leads.entry(*first).or_insert(0_u64) += 1;
                match row.get(1) {
                    Some(second) => *takes.entry((*first, *second)).or_default() += 1,
                    None => *alone.entry(*first).or_insert(0_u64) += 1,
                }
            }
            domains.clear();
            for id in &row {
                let domain = cluster.domain(id);
                match domains.iter_mut().find(|(known, _)| *known == domain) {
                    Some((_, n)) => *n += 1,
                    None => domains.push((domain, 1)),
                }
            }
            for (domain, lost) in &domains {
                let at = if *lost == row.len() { 3 } else { 1 + usize::from(*lost > 1) };
                if let Some(place) = losses.entry(domain).or_default().get_mut(at) {
                    *place += 1;
                }
            }
        }
        let mut by_row = Cells::new();
        for ((from, to), n) in &takes {
            if let Some(cell) = groups.row(from).zip(groups.row(to)) {
                *by_row.entry(cell).or_default() += n;
            }
        }
        let loads = after.loads(1);
        let mut nodes: Vec<NodeFails> = Vec::new();
        for id in after.nodes.nodes() {
            let id = id.as_str();
            let takers = || takes.range((id, "")..).take_while(|((from, _), _)| *from == id);
            let most = takers().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
            nodes.push(NodeFails {
                id: id.to_owned(),
                holds: loads.get(id).copied().unwrap_or(0),
                leads: leads.get(id).copied().unwrap_or(0),
                alone: alone.get(id).copied().unwrap_or(0),
                takers: takers().count() as u64,
                most: most.map(|((_, to), n)| ((*to).to_owned(), *n)),
            });
        }
        nodes.sort_by(|a, b| cluster.order(&a.id, &b.id));
        let all = u64::from(after.table.partitions());
        let mut domains: Vec<DomainFails> = Vec::new();
        for (name, mut partitions) in losses.into_iter().filter(|_| cluster.level().is_some()) {
            let [intact, ..] = &mut partitions;
            *intact = 0;
            partitions[0] = all - partitions.iter().sum::<u64>();
            domains.push(DomainFails { name: name.to_owned(), partitions });
        }
        domains.sort_by(|a, b| in_order(&a.name, &b.name));
        Self { by_row, nodes, domains }
    }
}
