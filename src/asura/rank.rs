//! A key's order of preference among the slots and nodes of a board.

use super::board::{AsuraBoard, PROMISES};
use super::darts::{Dart, Darts};
use crate::hash::KeyHash;
use crate::limits::INLINE_CANDIDATES;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};
use crate::score::{self, WeightedSeed, next_nodes};
use crate::seen::Seen;
use crate::steps;

impl Placement for AsuraBoard {
    fn slots(&self) -> usize {
        self.weights.len()
    }

    fn live(&self) -> usize {
        self.live.len()
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        owner(self, key.get()).map(NodeIdx::new)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        next(self, walk.key().get(), walk.state(), |_| true).map(NodeIdx::new)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let accept = |slot| accept(NodeIdx::new(slot));
        next(self, walk.key().get(), walk.state(), accept).map(NodeIdx::new)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let slot = |slot| Some(NodeIdx::new(slot));
        next_batch(self, walk.key().get(), walk.state(), out, slot, accept)
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let k = out.len().min(self.live());
        let slot = |slot| Some(NodeIdx::new(slot));
        out.get_mut(..k).map_or(0, |out| first(self, key.get(), out, slot))
    }
}

/// The slot that owns a key.
#[inline]
pub(super) fn owner(board: &AsuraBoard, key: u64) -> Option<u32> {
    let first = Dart::first(key, board.exponent());
    if board.hit(first) & (board.darts() > 0) { Some(first.slot) } else { owner_later(board, key) }
}

fn owner_later(board: &AsuraBoard, key: u64) -> Option<u32> {
    if board.live() == 0 {
        return None;
    }
    let mut darts = Darts::new(key, board.exponent());
    for _ in 0..board.darts() {
        let dart = darts.throw();
        if board.hit(dart) {
            return Some(dart.slot);
        }
    }
    score::best(board.entries(), KeyHash::from_hash(key))
}

/// The first distinct nodes of a key, of which there are no fewer than `out` has room for: those
/// that darts hit, in that order, then by weighted rendezvous hashing among all slots.
pub(super) fn first(
    board: &AsuraBoard,
    key: u64,
    out: &mut [NodeIdx],
    node: impl Fn(u32) -> Option<NodeIdx>,
) -> usize {
    let wanted = out.len();
    let mut chosen = Chosen { out, found: 0 };
    let mut darts = Darts::new(key, board.exponent());
    while chosen.found < wanted && darts.thrown() < u32::from(board.darts()) {
        steps::count(1);
        let dart = darts.throw();
        if board.hit(dart) {
            if let Some(node) = node(dart.slot) {
                chosen.add(node);
            }
        }
    }
    if let Some((chosen, rest)) = chosen.out.split_at_mut_checked(chosen.found) {
        if !rest.is_empty() {
            let mut walk = Walk::new(KeyHash::from_hash(key));
            let new = |node: NodeIdx| !chosen.contains(&node);
            if rest.len() <= INLINE_CANDIDATES {
                return chosen.len() + next_nodes(|| entries(board, &node), &mut walk, rest, new);
            }
            // Each node is asked for once: a set answers faster than a search.
            let mut seen = Seen::new(usize::MAX);
            for node in chosen.iter() {
                seen.insert(*node);
            }
            let new = |node: NodeIdx| !seen.contains(node);
            return chosen.len() + next_nodes(|| entries(board, &node), &mut walk, rest, new);
        }
    }
    wanted
}

/// Distinct nodes in order of arrival.
struct Chosen<'a> {
    out: &'a mut [NodeIdx],
    found: usize,
}

impl Chosen<'_> {
    /// A linear scan: a key's darts hit few nodes.
    fn add(&mut self, node: NodeIdx) {
        let Some((chosen, [place, ..])) = self.out.split_at_mut_checked(self.found) else { return };
        if !chosen.contains(&node) {
            *place = node;
            self.found += 1;
        }
    }
}

/// The live slots with their nodes.
fn entries(
    board: &AsuraBoard,
    node: impl Fn(u32) -> Option<NodeIdx>,
) -> impl Iterator<Item = (NodeIdx, WeightedSeed)> {
    board.entries().filter_map(move |(slot, entry)| Some((node(slot)?, entry)))
}

const DARTS: u64 = 1;
const FALLBACK: u64 = 2;

/// A walk's place: the darts in words 0 to 6, or the fallback's place in words 0 to 3, and which of
/// them in word 7.
#[allow(clippy::large_enum_variant)] // on the stack for one step; a box would be from the heap
enum Place {
    Darts(Darts),
    Fallback(Walk),
}

impl Place {
    fn load(board: &AsuraBoard, key: u64, state: &[u64; 8]) -> Self {
        match state[7] {
            FALLBACK => {
                let mut walk = Walk::new(KeyHash::from_hash(key));
                *walk.state() = *state;
                Self::Fallback(walk)
            }
            DARTS => Self::Darts(Darts::load(key, board.exponent(), state)),
            _ => Self::Darts(Darts::new(key, board.exponent())),
        }
    }

    fn save(&mut self, state: &mut [u64; 8]) {
        match self {
            Self::Darts(darts) => {
                darts.save(state);
                state[7] = DARTS;
            }
            Self::Fallback(walk) => {
                *state = *walk.state();
                state[7] = FALLBACK;
            }
        }
    }

    /// The next slot that a dart hits and `accept` admits; `None` where the fallback begins, in
    /// which the walk then stands.
    fn next_hit(
        &mut self,
        board: &AsuraBoard,
        key: u64,
        mut accept: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let Self::Darts(darts) = self else { return None };
        while darts.thrown() < u32::from(board.darts()) {
            steps::count(1);
            let dart = darts.throw();
            if board.hit(dart) && accept(dart.slot) {
                return Some(dart.slot);
            }
        }
        *self = Self::Fallback(Walk::new(KeyHash::from_hash(key)));
        None
    }
}

/// The next slot in a key's order of preference that `accept` admits; one may come again.
pub(super) fn next(
    board: &AsuraBoard,
    key: u64,
    state: &mut [u64; 8],
    mut accept: impl FnMut(u32) -> bool,
) -> Option<u32> {
    if board.live() == 0 {
        return None;
    }
    let mut place = Place::load(board, key, state);
    let mut slot = place.next_hit(board, key, &mut accept);
    if let Place::Fallback(walk) = &mut place {
        slot = score::next(board.entries(), walk, accept);
    }
    place.save(state);
    slot
}

/// The next nodes in a key's order of preference that `accept` admits, as many as `out` has room
/// for. Of the nodes that come behind the darts, each comes once.
pub(super) fn next_batch(
    board: &AsuraBoard,
    key: u64,
    state: &mut [u64; 8],
    out: &mut [NodeIdx],
    node: impl Fn(u32) -> Option<NodeIdx>,
    accept: &mut dyn FnMut(NodeIdx) -> bool,
) -> usize {
    if board.live() == 0 {
        return 0;
    }
    let mut place = Place::load(board, key, state);
    let mut found = 0;
    while let Some(free) = out.get_mut(found) {
        let hit = place.next_hit(board, key, |slot| node(slot).is_some_and(&mut *accept));
        let Some(node) = hit.and_then(&node) else { break };
        *free = node;
        found += 1;
    }
    if let (Place::Fallback(walk), Some(rest)) = (&mut place, out.get_mut(found..)) {
        found += next_nodes(|| entries(board, &node), walk, rest, accept);
    }
    place.save(state);
    found
}
