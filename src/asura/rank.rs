//! In which order a key prefers what the slots of a board stand for.

use super::AsuraBoard;
use super::darts::{Dart, Darts};
use crate::draws;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Placement, Walk};

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
    draws::best(board.entries(), KeyHash::from_hash(key))
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
        let dart = darts.throw();
        if board.hit(dart) {
            if let Some(node) = node(dart.slot) {
                chosen.add(node);
            }
        }
    }
    let mut walk = Walk::new(KeyHash::from_hash(key));
    while chosen.found < wanted {
        let slot = draws::next(board.entries(), &mut walk);
        let Some(node) = slot.and_then(&node) else { break };
        chosen.add(node);
    }
    chosen.found
}

/// Distinct nodes, in the order in which they come.
struct Chosen<'a> {
    out: &'a mut [NodeIdx],
    found: usize,
}

impl Chosen<'_> {
    fn has(&self, node: NodeIdx) -> bool {
        self.out.iter().take(self.found).any(|other| *other == node)
    }

    fn add(&mut self, node: NodeIdx) {
        if !self.has(node) {
            if let Some(place) = self.out.get_mut(self.found) {
                *place = node;
                self.found += 1;
            }
        }
    }
}

const DARTS: u64 = 1;
const FALLBACK: u64 = 2;

/// The next slot in a key's order of preference; one may come again. The walk keeps the
/// darts in words 0 to 6, or the fallback's place in words 0 to 3, and which of them in word 7.
pub(super) fn next(board: &AsuraBoard, key: u64, state: &mut [u64; 8]) -> Option<u32> {
    if board.live() == 0 {
        return None;
    }
    let [_, .., begun] = *state;
    if begun != FALLBACK {
        let mut darts = match begun {
            DARTS => Darts::load(key, board.exponent(), state),
            _ => Darts::new(key, board.exponent()),
        };
        while darts.thrown() < u32::from(board.darts()) {
            let dart = darts.throw();
            if board.hit(dart) {
                darts.save(state);
                state[7] = DARTS;
                return Some(dart.slot);
            }
        }
        *state = [0; 8];
        state[7] = FALLBACK;
    }
    let mut walk = Walk::new(KeyHash::from_hash(key));
    *walk.state() = *state;
    let slot = draws::next(board.entries(), &mut walk);
    *state = *walk.state();
    slot
}
