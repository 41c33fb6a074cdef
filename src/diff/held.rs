//! The number of hashes that each node holds as one of the first k owners.

use crate::node::NodeIdx;
use crate::placement::{Entries, OnCircle, Rows};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Hashes out of 2^64 of which each slot holds one of `k` replicas, by any rule but that of the
/// nearest point. O(points), whatever `k` is.
pub(crate) fn on_circle(view: &OnCircle<'_>, slots: usize, k: usize) -> Vec<u128> {
    let points = view.circle.iter();
    // Hashes beyond the last point belong to the first one.
    let beyond = view.circle.end().previous_point().map_or(0, |last| u128::from(u64::MAX - last));
    let mut before = None;
    let pieces = points.map(move |(point, owner)| {
        let length = match before.replace(point) {
            Some(before) => u128::from(point - before),
            None => u128::from(point) + 1 + beyond,
        };
        (owner, length)
    });
    held(pieces, slots, k.min(view.live))
}

/// The number of table entries of which each slot holds one of `k` replicas, for a number of live
/// nodes. O(entries).
pub(crate) fn in_entries(view: Entries<'_>, slots: usize, k: usize) -> Vec<u128> {
    let entries = (0..view.owners.len()).filter_map(|at| Some((view.owners.get(at)?, 1)));
    held(entries, slots, k)
}

/// Hashes out of 2^64 of which each slot holds one of the first `k` replicas. O(partitions · k).
pub(crate) fn in_rows(rows: &Rows<'_>, slots: usize, k: usize) -> Vec<u128> {
    let mut held = vec![0; slots];
    let mut before = 0;
    for partition in 0..rows.partitions {
        let end = u128::from(rows.last_hash(partition)) + 1;
        for node in rows.row(partition).take(k) {
            if let Some(held) = held.get_mut(node.index()) {
                *held += end - before;
            }
        }
        before = end;
    }
    held
}

/// The state of a slot.
#[derive(Clone, Default)]
struct Slot {
    /// The number of pieces in the window that it owns.
    pieces: u32,
    /// The position of the window when the slot entered it.
    since: u128,
    held: u128,
}

/// For each slot, the total length of the pieces of which it is among the first `k` owners. There
/// are at least `k` owners.
///
/// A window starts at a piece and ends where it has `k` distinct owners, the first `k` from there on.
/// Moving its start by one piece removes at most one owner; then its end moves on until there are `k`
/// owners again.
fn held(
    pieces: impl Iterator<Item = (NodeIdx, u128)> + Clone,
    slots: usize,
    k: usize,
) -> Vec<u128> {
    let mut slots = vec![Slot::default(); slots];
    let mut ahead = pieces.clone().chain(pieces.clone());
    let (mut owners, mut at) = (0, 0);
    for (first, length) in pieces {
        steps::count(1);
        while owners < k {
            steps::count(1);
            let Some((next, _)) = ahead.next() else { break };
            let Some(slot) = slots.get_mut(next.index()) else { continue };
            if slot.pieces == 0 {
                slot.since = at;
                owners += 1;
            }
            slot.pieces += 1;
        }
        at += length;
        let Some(slot) = slots.get_mut(first.index()).filter(|slot| slot.pieces > 0) else {
            continue;
        };
        slot.pieces -= 1;
        if slot.pieces == 0 {
            slot.held += at - slot.since;
            owners -= 1;
        }
    }
    let rest = |slot: Slot| if slot.pieces > 0 { at - slot.since } else { 0 };
    slots.into_iter().map(|slot| slot.held + rest(slot.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::{NodeIdx, held};
    use crate::hash::mix::word;
    use alloc::vec;
    use alloc::vec::Vec;

    /// By walking on from every piece: empty ones, owners twice in a row, slots that own nothing.
    #[test]
    fn by_walking() {
        for case in 0..500_u64 {
            let draw = |i: u64, below: u64| word(case, i) % below;
            let (slots, count) = (1 + draw(0, 7), 1 + draw(1, 30));
            let piece = |i: u64| (draw(2 * i + 2, slots) as usize, u128::from(draw(2 * i + 3, 4)));
            let pieces: Vec<(usize, u128)> = (0..count).map(piece).collect();
            let mut owners: Vec<usize> = pieces.iter().map(|piece| piece.0).collect();
            owners.sort_unstable();
            owners.dedup();
            for k in 0..=owners.len() {
                let mut expected = vec![0; slots as usize];
                for (at, (_, length)) in pieces.iter().enumerate() {
                    let mut first: Vec<usize> = Vec::new();
                    for (owner, _) in pieces.iter().cycle().skip(at) {
                        if first.len() == k {
                            break;
                        }
                        if !first.contains(owner) {
                            first.push(*owner);
                        }
                    }
                    for owner in first {
                        expected[owner] += length;
                    }
                }
                let circle = pieces.iter().map(|(at, len)| (NodeIdx::new(*at as u32), *len));
                assert_eq!(held(circle, slots as usize, k), expected, "{case} {k}: {pieces:?}");
            }
        }
    }
}
