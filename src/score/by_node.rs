//! The order of nodes that have several entries each: every node ranks by its best entry.

use super::score::Scorer;
use super::top_k::INLINE_MAX;
use super::weighted::{WeightedScore, WeightedSeed, end, reach, reached, weighted_score};
use crate::limits::INLINE_CANDIDATES;
use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::steps;
use alloc::vec::Vec;

/// Writes the nodes behind the place of a walk that `accept` admits, each once and by its best entry
/// there, and puts the walk behind the last one. If there are fewer than `out` has room for the walk
/// has ended.
///
/// Up to 64 nodes take a pass over the entries for every 16 and no heap; more take one pass, a sort
/// and 36 bytes a node.
pub(crate) fn next_nodes<I: Iterator<Item = (NodeIdx, WeightedSeed)>>(
    entries: impl Fn() -> I,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(NodeIdx) -> bool,
) -> usize {
    let mut found = 0;
    if out.len() > INLINE_CANDIDATES {
        found = by_sorting(entries(), walk, out, accept);
        if found < out.len() {
            end(walk);
        }
        return found;
    }
    while let Some((before, rest)) = out.split_at_mut_checked(found) {
        let rest = rest.get_mut(..rest.len().min(INLINE_MAX)).unwrap_or_default();
        let new = |node| !before.contains(&node) && accept(node);
        let more = in_one_pass(entries(), walk, rest, new);
        found += more;
        if more < INLINE_MAX {
            break;
        }
    }
    if found < out.len() {
        end(walk);
    }
    found
}

/// Up to [`INLINE_MAX`] nodes in one pass.
fn in_one_pass(
    entries: impl Iterator<Item = (NodeIdx, WeightedSeed)>,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(NodeIdx) -> bool,
) -> usize {
    let (scorer, floor) = (Scorer::new(walk.key()), reached(walk));
    // Sorted, `None` last.
    let mut kept: [Option<(WeightedScore, NodeIdx)>; INLINE_MAX] = [None; INLINE_MAX];
    let kept = kept.get_mut(..out.len()).unwrap_or_default();
    for (node, entry) in entries {
        steps::count(1);
        let worst = kept.last().copied().flatten().map(|(worst, _)| worst);
        let Some(new) = weighted_score(scorer, entry, worst) else { continue };
        if worst.is_some_and(|w| new >= w) || floor.is_some_and(|f| new <= f) {
            continue;
        }
        let known = kept.iter().flatten().any(|(_, other)| *other == node);
        if known || accept(node) {
            insert(kept, (new, node));
        }
    }
    let mut found = 0;
    for (place, (score, node)) in out.iter_mut().zip(kept.iter().flatten()) {
        *place = *node;
        reach(walk, *score);
        found += 1;
    }
    found
}

/// Inserts a node at its rank, and removes its later entry.
fn insert(kept: &mut [Option<(WeightedScore, NodeIdx)>], item: (WeightedScore, NodeIdx)) {
    let mut carried = Some(item);
    for place in kept {
        match (&*place, &carried) {
            (Some((old, node)), Some((new, _))) if old <= new => {
                if *node == item.1 {
                    return; // it has a better entry
                }
            }
            _ => {
                core::mem::swap(place, &mut carried);
                if carried.is_none_or(|(_, node)| node == item.1) {
                    return;
                }
            }
        }
    }
}

/// Any number of nodes in one pass.
fn by_sorting(
    entries: impl Iterator<Item = (NodeIdx, WeightedSeed)>,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(NodeIdx) -> bool,
) -> usize {
    let (scorer, floor) = (Scorer::new(walk.key()), reached(walk));
    let mut best: Vec<Option<WeightedScore>> = Vec::with_capacity(out.len());
    for (node, entry) in entries {
        steps::count(1);
        if best.len() <= node.index() {
            best.resize(node.index() + 1, None);
        }
        let Some(place) = best.get_mut(node.index()) else { continue };
        let Some(new) = weighted_score(scorer, entry, *place) else { continue };
        if floor.is_none_or(|f| new > f) && place.is_none_or(|best| new < best) {
            *place = Some(new);
        }
    }
    let mut nodes: Vec<(WeightedScore, NodeIdx)> = Vec::with_capacity(best.len());
    for (node, score) in (0..).map(NodeIdx::new).zip(best) {
        nodes.extend(score.filter(|_| accept(node)).map(|score| (score, node)));
    }
    if out.len() < nodes.len() {
        nodes.select_nth_unstable(out.len());
        nodes.truncate(out.len());
    }
    nodes.sort_unstable_by_key(|(score, _)| {
        steps::count(1);
        *score
    });
    let mut found = 0;
    for (place, (score, node)) in out.iter_mut().zip(nodes) {
        *place = node;
        reach(walk, score);
        found += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{NodeIdx, Walk, WeightedSeed, next_nodes};
    use crate::hash::KeyHash;
    use crate::hash::mix::mix;
    use crate::score::{Seed, next};
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    /// Compared with a walk from entry to entry that skips nodes seen before, for any batches and
    /// filters.
    #[test]
    fn groups_come_by_their_best_entries() {
        for round in 0..400_u64 {
            let (nodes, slots) = (1 + mix(round) % 90, 1 + mix(round + 1000) % 300);
            let entry = |slot: u64| -> (NodeIdx, WeightedSeed) {
                let node = mix(slot ^ round << 20) % nodes;
                (NodeIdx::new(node as u32), (Seed::new(slot), 1 + mix(slot) % 5))
            };
            let entries = || (0..slots).map(entry);
            let accept = |node: NodeIdx| mix(u64::from(node.get()) ^ round) % 4 > round % 3;
            let key = KeyHash::of_id(round);
            let mut walk = Walk::new(key);
            let mut expected: Vec<NodeIdx> = Vec::new();
            while let Some(node) = next(entries(), &mut walk, accept) {
                if !expected.contains(&node) {
                    expected.push(node);
                }
            }
            let (mut walk, mut found) = (Walk::new(key), Vec::new());
            for size in [round as usize % 70, 3, 16, 17, 64, 65, 100, 1] {
                let mut out = vec![NodeIdx::default(); size];
                let new = |node| accept(node) && !found.contains(&node);
                let n = next_nodes(entries, &mut walk, &mut out, new);
                let more = expected.len() - found.len();
                assert_eq!(n, size.min(more), "{round}: {size} of {more}");
                found.extend_from_slice(&out[..n]);
            }
            assert_eq!(found, expected, "{round}");
        }
    }
}
