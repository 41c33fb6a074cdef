//! The exchanges of one unit: one replica after the other, each leaving a row within the limits.

use super::vertices::Vertices;
use alloc::vec::Vec;

/// A replica that is copied, and one that is deleted for it. Where R grows nothing is deleted, where
/// it shrinks nothing is copied. From a node to itself: a lost node that stays gets its replica again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Exchange {
    pub(super) from: Option<u32>,
    pub(super) to: Option<u32>,
}

impl Exchange {
    /// The copy to a lost node that stays.
    pub(super) fn again(node: u32) -> Self {
        Self { from: Some(node), to: Some(node) }
    }

    pub(super) fn is_again(self) -> bool {
        self.from == self.to
    }
}

/// An exchange of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) unit: u32,
    pub(super) exchange: Exchange,
    /// The node to copy from; `NONE` if there is none.
    pub(super) source: u32,
}

/// The exchanges that lead from one row to another. After each of them no domain has more holders
/// than its limit, or than it had before if that was more; and there are never fewer holders than the
/// smaller of both rows has.
///
/// Rows within such limits are the independent sets of a laminar matroid, and between two of these a
/// sequence of single exchanges always exists: where the arrival fills a domain beyond its limit, the
/// new row has fewer nodes there than this one, so one that leaves is in the innermost such domain.
pub(super) fn exchanges(vertices: &Vertices, before: &[u32], after: &[u32]) -> Vec<Exchange> {
    let mut row: Vec<u32> = before.to_vec();
    let mut leaving: Vec<u32> = before.iter().filter(|n| !after.contains(n)).copied().collect();
    let arriving = after.iter().filter(|node| !before.contains(node)).copied();
    let within = |row: &[u32], domain: u32| {
        row.iter().filter(|node| vertices.chain(**node).contains(&domain)).count()
    };
    let mut exchanges = Vec::new();
    for to in arriving {
        let domains = vertices.chain(to).iter().skip(1);
        let full = domains.copied().find(|domain| {
            let limit = (vertices.limit(*domain) as usize).max(within(before, *domain));
            within(&row, *domain) >= limit
        });
        // As close to the arrival as possible, so that as few domains as possible change.
        let common = |from: &u32| {
            let chain = vertices.chain(to);
            vertices.chain(*from).iter().filter(|vertex| chain.contains(vertex)).count()
        };
        let fits = |from: &u32| full.is_none_or(|domain| vertices.chain(*from).contains(&domain));
        let place = (0..leaving.len())
            .filter(|place| leaving.get(*place).is_some_and(fits))
            .max_by_key(|place| leaving.get(*place).map_or(0, common));
        let from = place.map(|place| leaving.remove(place));
        debug_assert!(full.is_none() || from.is_some(), "one that leaves a full domain");
        if let Some(from) = from {
            row.retain(|node| *node != from);
        }
        row.push(to);
        exchanges.push(Exchange { from, to: Some(to) });
    }
    let dropped = leaving.into_iter().map(|from| Exchange { from: Some(from), to: None });
    exchanges.extend(dropped);
    exchanges
}

/// An arrival takes the place of the one that leaves.
pub(super) fn apply(row: &mut Vec<u32>, Exchange { from, to }: Exchange) {
    let place = from.and_then(|from| row.iter().position(|node| *node == from));
    match (place.and_then(|place| row.get_mut(place)), to) {
        (Some(place), Some(to)) => *place = to,
        (None, Some(to)) => row.push(to),
        (Some(_), None) => {
            row.retain(|node| Some(*node) != from);
        }
        (None, None) => {}
    }
}
