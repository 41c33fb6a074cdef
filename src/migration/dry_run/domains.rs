//! Limits and quotas, counted from paths of names alone: not as the planner counts them.

use super::count::Counts;
use crate::node::NodeIdx;
use crate::partition::{Plan, Planner};
use crate::topology::Domain;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A domain with more replicas of a partition than its limit, or a node with two of them.
pub(super) struct Violation {
    pub(super) partition: u32,
    /// The path of names; `None` for a node.
    pub(super) domain: Option<String>,
    pub(super) held: u32,
    pub(super) limit: u32,
}

/// The names of a domain's path down to a level, the outermost first.
fn path(domain: &Domain, levels: usize) -> Vec<&str> {
    domain.path().take(levels).map(|(_, name)| name).collect()
}

/// The number of violations of the limits, and the first one. O(P·R²·levels).
pub(super) fn violations(plan: &Plan) -> (u64, Option<Violation>) {
    let (table, members) = (plan.table(), plan.members());
    // For each limited level, the number of each slot's domain.
    let mut levels: Vec<(u32, Vec<u32>, Vec<String>)> = Vec::new();
    for (level, limit) in table.config().limits() {
        let mut known: BTreeMap<Vec<&str>, u32> = BTreeMap::new();
        let mut numbers = vec![u32::MAX; members.slots()];
        let mut names = Vec::new();
        for (slot, member) in members.entries() {
            let depth = member.domain.path().position(|(known, _)| known == level);
            let Some(depth) = depth else { continue };
            let path = path(&member.domain, depth + 1);
            let next = known.len() as u32;
            let number = *known.entry(path.clone()).or_insert(next);
            if number == next {
                names.push(path.join("/"));
            }
            if let Some(entry) = numbers.get_mut(slot.index()) {
                *entry = number;
            }
        }
        levels.push((limit, numbers, names));
    }
    let (mut count, mut first) = (0, None);
    let mut found = |violation: Violation| {
        count += 1;
        first.get_or_insert(violation);
    };
    let mut row: Vec<NodeIdx> = Vec::new();
    for partition in 0..table.partitions() {
        row.clear();
        row.extend(table.row(partition));
        for (place, node) in row.iter().enumerate() {
            let same = row.iter().filter(|other| *other == node).count() as u32;
            let earlier = row.iter().take(place);
            if same > 1 && !earlier.clone().any(|other| other == node) {
                found(Violation { partition, domain: None, held: same, limit: 1 });
            }
            for (limit, numbers, names) in &levels {
                let of = |node: &NodeIdx| numbers.get(node.index()).copied();
                let domain = of(node);
                if domain.is_none() || earlier.clone().any(|other| of(other) == domain) {
                    continue;
                }
                let held = row.iter().filter(|other| of(other) == domain).count() as u32;
                if held > *limit {
                    let name = domain.and_then(|domain| names.get(domain as usize)).cloned();
                    let domain = Some(name.unwrap_or_default());
                    found(Violation { partition, domain, held, limit: *limit });
                }
            }
        }
    }
    (count, first)
}

/// A node or failure domain outside its quota.
pub(super) struct OutsideQuota {
    pub(super) name: String,
    pub(super) holds: u64,
    pub(super) quota: (u64, u64),
}

/// The number of nodes and failure domains outside their quotas, and the first of them.
/// O(n·levels · log n).
pub(super) fn outside_quota(planner: &Planner<'_>, counts: &Counts) -> (u64, Option<OutsideQuota>) {
    let mut domains: BTreeMap<Vec<&str>, (u64, (u64, u64))> = BTreeMap::new();
    let (mut count, mut first) = (0, None);
    let mut check = |name: String, holds: u64, quota: (u64, u64)| {
        if !(quota.0..=quota.1).contains(&holds) {
            count += 1;
            first.get_or_insert(OutsideQuota { name, holds, quota });
        }
    };
    for node in &counts.nodes {
        let Some(slot) = node.new else { continue };
        let mut quotas = planner.quotas_of(slot);
        let Some(own) = quotas.next() else { continue };
        check(alloc::format!("node {}", node.label.shown()), node.after.replicas, own);
        let Some(domain) = planner.members().domain(slot) else { continue };
        // The innermost domain comes first.
        for (levels, quota) in (1..=domain.depth()).rev().zip(quotas) {
            let entry = domains.entry(path(domain, levels)).or_insert((0, quota));
            entry.0 += node.after.replicas;
        }
    }
    for (path, (holds, quota)) in &domains {
        check(alloc::format!("failure domain {:?}", path.join("/")), *holds, *quota);
    }
    (count, first)
}
