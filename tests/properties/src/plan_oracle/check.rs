//! Whether a table is legal and balanced, by counting.

use super::{Bounds, Instance, Table, bounds};

/// A node or domain that does not hold the floor or the ceiling of its quota.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outside {
    /// The node; none for a domain.
    pub node: Option<usize>,
    /// The domain's path, or the node's.
    pub path: Vec<u32>,
    pub held: u64,
    pub floor: u64,
    pub ceil: u64,
}

/// A rule that a partition breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// Not R nodes.
    Size { p: usize, nodes: usize },
    /// A node twice.
    Twice { p: usize, v: usize },
    /// More replicas in a domain than its level allows.
    Cap { p: usize, path: Vec<u32>, held: u64 },
    /// Without a node it is pinned to.
    Pin { p: usize, v: usize },
    /// Frozen, and not its old set.
    Frozen { p: usize },
}

/// What a table is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    pub moved: u64,
    /// Partitions with two or more moves.
    pub doubles: u64,
    pub outside: Vec<Outside>,
    pub violations: Vec<Violation>,
}

impl Report {
    pub fn is_good(&self) -> bool {
        self.outside.is_empty() && self.violations.is_empty()
    }
}

/// Counts everything. An error if the table is not one of these partitions and nodes, or if there
/// are no quotas.
pub fn check(instance: &Instance, new: &[Vec<usize>]) -> Result<Report, String> {
    let bounds = bounds(instance).map_err(|_| "no quotas".to_owned())?;
    check_within(instance, &bounds, new)
}

/// [`check`], for many tables of one instance.
pub fn check_within(
    instance: &Instance,
    bounds: &Bounds,
    new: &[Vec<usize>],
) -> Result<Report, String> {
    if new.len() != instance.partitions {
        return Err(format!("{} partitions, not {}", new.len(), instance.partitions));
    }
    if let Some(v) = new.iter().flatten().find(|&&v| v >= instance.nodes.len()) {
        return Err(format!("no node {v}"));
    }
    let outside = outside(instance, bounds, new);
    let violations = (0..new.len()).flat_map(|p| violations(instance, p, &new[p])).collect();
    let (mut kept, mut doubles) = (0, 0);
    for (p, set) in new.iter().enumerate() {
        let same = (0..instance.nodes.len())
            .filter(|v| set.contains(v) && instance.held_before(p, *v))
            .count() as u64;
        kept += same;
        doubles += u64::from(instance.keepable().saturating_sub(same) >= 2);
    }
    let moved = (instance.partitions as u64 * instance.keepable()).saturating_sub(kept);
    Ok(Report { moved, doubles, outside, violations })
}

fn outside(instance: &Instance, bounds: &Bounds, new: &[Vec<usize>]) -> Vec<Outside> {
    let held = |nodes: &[usize]| new.iter().flatten().filter(|v| nodes.contains(v)).count() as u64;
    let node = |v: usize| (Some(v), instance.nodes[v].path.clone(), held(&[v]));
    let nodes = (0..instance.nodes.len()).map(node).zip(&bounds.nodes);
    let domains = instance.domains().into_iter().map(|d| (None, d.path, held(&d.nodes)));
    let all = nodes.chain(domains.zip(&bounds.domains));
    let told =
        all.map(|((node, path, held), &(floor, ceil))| Outside { node, path, held, floor, ceil });
    told.filter(|o| o.held != o.floor && o.held != o.ceil).collect()
}

/// What one partition's set breaks.
fn violations(instance: &Instance, p: usize, set: &[usize]) -> Vec<Violation> {
    let mut found = Vec::new();
    if set.len() != instance.replicas {
        found.push(Violation::Size { p, nodes: set.len() });
    }
    for (i, &v) in set.iter().enumerate() {
        if set[..i].contains(&v) {
            found.push(Violation::Twice { p, v });
        }
    }
    for domain in instance.domains() {
        let held = set.iter().filter(|&v| domain.nodes.contains(v)).count() as u64;
        if domain.cap.is_some_and(|cap| held > cap) {
            found.push(Violation::Cap { p, path: domain.path, held });
        }
    }
    let missing = instance.pins.iter().filter(|(q, v)| *q == p && !set.contains(v));
    found.extend(missing.map(|&(p, v)| Violation::Pin { p, v }));
    if instance.frozen.contains(&p) {
        let sorted = |set: &[usize]| {
            let mut set = set.to_vec();
            set.sort_unstable();
            set
        };
        let stays = |old: &Table| sorted(&old[p]) == sorted(set);
        if !instance.old.as_ref().is_some_and(stays) {
            found.push(Violation::Frozen { p });
        }
    }
    found
}
