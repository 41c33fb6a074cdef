//! How many replicas the domains have room for.

use super::levels::{Counts, Levels};
use alloc::vec::Vec;

/// The maximum number of replicas under the first `active` limits.
///
/// It is the rank of a laminar matroid: a node has room for one replica, a domain for the sum of
/// those inside it, up to its limit.
pub(super) fn room(levels: &Levels, active: usize) -> usize {
    let mut rows: Vec<&[u32]> = levels.rows().collect();
    rows.sort_unstable(); // rows of one domain are then adjacent, at every level
    let mut open: Vec<Open> = Vec::with_capacity(active);
    let mut all = 0;
    let close = |open: &mut Vec<Open>, all: &mut usize, depth: usize| {
        while open.len() > depth {
            let Some(Open { holds, limit, .. }) = open.pop() else { break };
            let holds = holds.min(limit as usize);
            *open.last_mut().map_or(&mut *all, |outer| &mut outer.holds) += holds;
        }
    };
    for row in rows {
        let same = open.iter().zip(row).take_while(|(open, domain)| open.domain == **domain);
        let depth = same.count();
        close(&mut open, &mut all, depth);
        for (level, domain) in levels.iter().zip(row).take(active).skip(depth) {
            open.push(Open { domain: *domain, limit: level.limit, holds: 0 });
        }
        *open.last_mut().map_or(&mut all, |inner| &mut inner.holds) += 1;
    }
    close(&mut open, &mut all, 0);
    all
}

struct Open {
    domain: u32,
    limit: u32,
    holds: usize,
}

/// The number of domains of a level that have a live node.
pub(super) fn domains(levels: &Levels, level: usize) -> usize {
    let mut numbers: Vec<&u32> = levels.rows().filter_map(|row| row.get(level)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

/// For the first, second, … replica of an even spread: how many earlier replicas its domains hold.
/// That depends on the number of nodes in each domain and not on the order of candidates.
///
/// If a domain were filled alone, its i-th replica would join i − 1 others. So the nodes of each
/// innermost domain are numbered, in any order; those of the domain around it are numbered in the
/// order of these numbers, and so on. Sorted by their numbers from the outermost level on, the nodes
/// are in the order in which they are chosen.
pub(super) fn even(levels: &Levels, replicas: usize) -> Vec<Counts> {
    let mut nodes: Vec<(&[u32], Counts)> =
        levels.rows().map(|row| (row, Counts::default())).collect();
    for level in (0..levels.len()).rev() {
        nodes.sort_unstable_by_key(|(row, counts)| (row.get(level).copied(), *counts));
        let (mut before, mut number) = (None, 0);
        for (row, counts) in &mut nodes {
            let domain = row.get(level).copied();
            number = if domain == before { number + 1 } else { 0 };
            before = domain;
            if let Some(count) = counts.get_mut(level) {
                *count = number;
            }
        }
    }
    let mut counts: Vec<Counts> = nodes.into_iter().map(|(_, counts)| counts).collect();
    counts.sort_unstable();
    counts.truncate(replicas);
    counts
}
