//! Online mode: a key stays on its node for as long as the caps allow.

use super::caps::CappedLoads;
use super::factor::LoadFactor;
use super::held_keys::HeldKeys;
use super::succession::Succession;
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Placement, Walk};
use crate::steps;
use crate::topology::Members;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// The keys that must move when the key `leaving` is removed, with their new holders.
///
/// Each node above its cap releases its highest hashes. The released keys of all nodes are placed in
/// descending order, so the result does not depend on slots.
pub(super) fn shed<P: Placement>(
    placement: &P,
    members: &Members,
    factor: LoadFactor,
    held: &HeldKeys,
    leaving: KeyHash,
) -> Result<Vec<(KeyHash, NodeIdx)>, Error> {
    let mut loads = CappedLoads::new(members, factor, held.len().saturating_sub(1));
    for node in members.iter_live() {
        steps::count(1);
        loads.add(node, held.load(node));
    }
    if let Some(node) = held.holder(leaving) {
        loads.take(node);
    }
    let mut surplus = Vec::new();
    for node in members.iter_live() {
        // `leaving` is never among them: either a cap falls by one key, or it still allows all keys.
        // So the holder of `leaving` is not above its cap once that key is gone.
        let mut keys = held.last_of(node);
        while loads.excess(node) > 0 {
            let Some(key) = keys.next() else { break };
            loads.take(node);
            surplus.push(key);
        }
    }
    surplus.sort_unstable_by_key(|key| Reverse(*key));
    surplus.into_iter().map(|key| Ok((key, loads.place(placement, key)?))).collect()
}

/// The assignment after a change of nodes. `kept` has the keys in ascending order, each with its
/// holder if that node is still live.
pub(super) fn follow<P: Placement>(
    placement: &P,
    loads: &mut CappedLoads,
    kept: &[(KeyHash, Option<NodeIdx>)],
    succession: &Succession,
) -> Result<Vec<(KeyHash, NodeIdx)>, Error> {
    kept.iter().filter_map(|(_, node)| *node).for_each(|node| loads.add(node, 1));
    let mut placed = Vec::with_capacity(kept.len());
    for (key, node) in kept {
        let node = node.map_or_else(|| loads.place(placement, *key), Ok)?;
        placed.push((*key, node));
    }
    let mut surplus = Vec::new();
    for entry in placed.iter_mut().rev() {
        if loads.excess(entry.1) > 0 {
            loads.take(entry.1);
            surplus.push(entry);
        }
    }
    for (key, node) in surplus {
        *node = loads.place(placement, *key)?;
    }
    fill(placement, loads, &mut placed, succession);
    Ok(placed)
}

/// Fills each node that joined or gained weight up to its fair load, with keys that prefer it to
/// their holder.
///
/// One such node takes one pass. If there are several, one may reject keys and then lose others to
/// another such node; the keys are then visited again. The passes end, because a key only moves to
/// nodes it prefers.
fn fill<P: Placement>(
    placement: &P,
    loads: &mut CappedLoads,
    placed: &mut [(KeyHash, NodeIdx)],
    succession: &Succession,
) {
    let wants = |loads: &CappedLoads, node| {
        succession.fair(node).is_some_and(|fair| loads.load(node) < fair)
    };
    loop {
        let mut again = false;
        let mut wanting = succession.gaining().filter(|node| wants(loads, *node)).count();
        for (key, holder) in &mut *placed {
            if wanting == 0 {
                break;
            }
            steps::count(1);
            // The first node that wants the key, unless the key prefers its holder to all of them.
            let mut first = |node| node == *holder || wants(loads, node);
            let first = placement.next_candidate_where(&mut Walk::new(*key), &mut first);
            let Some(node) = first.filter(|node| node != holder) else { continue };
            let had_enough = succession.fair(*holder).is_some() && !wants(loads, *holder);
            again |= succession.fair(*holder).is_some();
            loads.take(*holder);
            loads.add(node, 1);
            wanting += usize::from(had_enough && wants(loads, *holder));
            wanting -= usize::from(!wants(loads, node));
            *holder = node;
        }
        if !again {
            return;
        }
    }
}
