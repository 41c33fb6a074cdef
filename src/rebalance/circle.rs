//! How much of a circle each node holds as one of the first k from each piece on.

use crate::maglev::Maglev;
use crate::node::NodeIdx;
use crate::placement::Placement as _;
use crate::ring::Circle;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Hashes out of 2^64 of which each slot holds one of `k` replicas. O(points), whatever `k` is.
pub(crate) fn on_circle(circle: &Circle, slots: usize, k: usize) -> Vec<u128> {
    let points = circle.all_points();
    // The circle closes: beyond the last point hashes belong to the first one.
    let beyond = points.last().map_or(0, |last| u128::from(u64::MAX - last));
    let piece = |(at, point): (usize, &u64)| {
        let before = at.checked_sub(1).and_then(|before| points.get(before));
        let length = match before {
            Some(before) => u128::from(point - before),
            None => u128::from(*point) + 1 + beyond,
        };
        Some((circle.owner_at(at)?, length))
    };
    let pieces = points.iter().enumerate().filter_map(piece);
    held(pieces, slots, k.min(circle.live()))
}

/// Entries of the table from which each slot holds one of `k` replicas. O(entries).
pub(crate) fn in_table(maglev: &Maglev, k: usize) -> Vec<u128> {
    let entries = (0..maglev.table_size() as usize).filter_map(|at| Some((maglev.owner(at)?, 1)));
    held(entries, maglev.slots(), k.min(maglev.live()))
}

/// What is known of a slot.
#[derive(Clone, Default)]
struct Slot {
    /// Pieces in the window that it owns.
    pieces: u32,
    /// Where the window was when it came in.
    since: u128,
    held: u128,
}

/// The lengths of the pieces of which each slot is among the first `k` owners, itself included;
/// there are that many owners.
///
/// A window that begins at a piece and has `k` owners holds the first `k` from there on. One piece
/// further it has lost one owner at most, and grows at its end until it has another.
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
