//! Asura boards beside their specification, which throws every dart and sorts all slots.

use super::boards_history;
use super::diff::close;
use super::formulas::{Entry, PHI, by_logarithm, unmix};
use super::input::Input;
use super::laws;
use super::reference::Board;
use apportion::asura::AsuraBoard;
use apportion::limits::{MAX_ASURA_DARTS, MAX_ASURA_SLOTS};
use apportion::{KeyHash, NodeIdx, Placement, Walk};

const SLOTS: u8 = 32;
const FULL: u32 = AsuraBoard::FULL;
const MAX_EXPONENT: u32 = 31;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    if input.below(3) == 0 { board(&mut input) } else { boards_history::run(&mut input) }
}

/// A board, weights and all, and what was asked for.
struct Side {
    board: AsuraBoard,
    slow: Board,
}

fn board(input: &mut Input<'_>) {
    let (exponent, darts) = (read_exponent(input), read_darts(input));
    let keys: Vec<KeyHash> = (0..2).map(|_| KeyHash::from_hash(read_hash(input))).collect();
    let weights = read_weights(input, exponent, keys[0]);
    let Some(side) = Side::agreed(exponent, darts, &weights) else { return };
    side.check(&keys);
    let (b, live) = (side.slow.b, |slot: NodeIdx| side.board.weight(slot.get()) > 0);
    let bound = u64::from(darts) + side.board.live() as u64;
    laws::hostile_walk(&side.board, live, bound, input);

    // The same slots on the smallest board, and on a larger one.
    let end = side.board.slots();
    let smallest = (0..).find(|b| 1 << b >= end).expect("a board has less than 2^64 slots");
    let compact = Side::agreed(smallest, darts, &weights[..end]).unwrap();
    assert_eq!(side.board.compact(), compact.board);
    compact.check(&keys[..1]);
    let larger = (b as u32 + 1 + input.below(4) as u32).min(MAX_EXPONENT);
    Side::agreed(larger, darts, &weights).unwrap().check(&keys[..1]);
}

impl Side {
    /// `None` where it is refused, which the error has to say.
    fn agreed(exponent: u32, darts: u16, weights: &[u32]) -> Option<Self> {
        let board = AsuraBoard::new(exponent, weights.iter().copied());
        let board = board.and_then(|board| board.with_darts(darts));
        if let Some(message) = refusal(exponent, darts, weights) {
            assert_eq!(board.unwrap_err().to_string(), message);
            return None;
        }
        let weights = weights.iter().map(|weight| u64::from(*weight)).collect();
        let slow = Board { b: exponent as usize, darts: darts.into(), weights };
        Some(Self { board: board.unwrap(), slow })
    }

    fn check(&self, keys: &[KeyHash]) {
        let Self { board, slow } = self;
        let live: Vec<usize> = (0..slow.weights.len()).filter(|s| slow.weights[*s] > 0).collect();
        assert_eq!((board.exponent(), usize::from(board.darts())), (slow.b as u32, slow.darts));
        assert_eq!(board.live(), live.len());
        assert_eq!(board.slots(), live.last().map_or(0, |last| last + 1));
        for (slot, weight) in (0..).zip(slow.weights.iter().copied().chain([0, 0])) {
            assert_eq!(u64::from(board.weight(slot)), weight);
        }
        let sum: u64 = slow.weights.iter().sum();
        close(board.occupancy(), sum as f64 / (f64::from(FULL) * 2_f64.powi(slow.b as i32)));
        for key in keys {
            let order = slow.rank(key.get(), live.len(), |slot| slot as u32);
            laws::answers(board, *key, &order, NodeIdx::get);
            walk(board, *key, &raw_walk(slow, key.get(), |slot| slot as u32), NodeIdx::get);
        }
    }
}

/// Everything a walk gives: the darts that hit, one after the other, then all live slots by the
/// logarithmic method.
pub fn raw_walk<T>(slow: &Board, hash: u64, owner: impl Fn(u64) -> T) -> Vec<T> {
    let weight = |slot: u64| slow.weights.get(slot as usize).copied().unwrap_or(0);
    let darts = slow.darts_of(hash).into_iter().filter(|(slot, height)| *height < weight(*slot));
    let entries = (0..slow.weights.len()).filter(|at| slow.weights[*at] > 0);
    let entry = |at| Entry { at, identity: at as u64, weight: slow.weights[at] };
    let entries: Vec<Entry> = entries.map(entry).collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let rest = by_logarithm(KeyHash::from_hash(hash), entries);
    let slots = darts.map(|(slot, _)| slot).chain(rest.into_iter().map(|e| e.at as u64));
    slots.map(owner).collect()
}

pub fn walk<T: PartialEq + std::fmt::Debug>(
    placement: &impl Placement,
    key: KeyHash,
    expected: &[T],
    name: impl Fn(NodeIdx) -> T,
) {
    let mut walk = Walk::new(key);
    let step = || placement.next_candidate(&mut walk).map(&name);
    let walked: Vec<T> = std::iter::from_fn(step).take(expected.len() + 1).collect();
    assert_eq!(walked, expected, "{key:?}");
    assert!((0..3).all(|_| placement.next_candidate(&mut walk).is_none()), "it goes on");
}

fn refusal(exponent: u32, darts: u16, weights: &[u32]) -> Option<String> {
    if exponent > MAX_EXPONENT {
        return Some(format!("an Asura board has at most 2^31 slots, got 2^{exponent}"));
    }
    assert!(weights.len() < MAX_ASURA_SLOTS);
    let slots = 1 << exponent;
    for (slot, weight) in weights.iter().enumerate() {
        if slot == slots {
            let count = slots + 1;
            let s = if count == 1 { "" } else { "s" };
            return Some(format!(
                "an Asura board of 2^{exponent} slots has no room for {count} slot{s}; use a larger \
                 board"
            ));
        }
        if *weight > FULL {
            return Some(format!(
                "slot {slot} has weight {weight}, but the maximum is {FULL}, a full slot"
            ));
        }
    }
    (darts > MAX_ASURA_DARTS)
        .then(|| format!("an Asura board takes at most {MAX_ASURA_DARTS} darts, got {darts}"))
}

/// Mostly of boards that can be full.
pub fn read_exponent(input: &mut Input<'_>) -> u32 {
    match input.below(16) {
        15 => input.below(40) as u32,
        small => small as u32 % 8,
    }
}

pub fn read_darts(input: &mut Input<'_>) -> u16 {
    match input.below(16) {
        15 => input.number() as u16,
        i => [256, 256, 0, 1, 2, 5, 33, MAX_ASURA_DARTS][i % 8],
    }
}

/// Any hash, or one of which a word is a small number or near a power of two: its coins are alike.
pub fn read_hash(input: &mut Input<'_>) -> u64 {
    match input.below(4) {
        0 => {
            let place = input.below(3) as u64 + 1;
            unmix(input.number()).wrapping_sub(place.wrapping_mul(PHI))
        }
        _ => input.word(),
    }
}

/// A share of dead slots, from none to all; the others tiny, full, or just above or below the
/// height of a dart.
fn read_weights(input: &mut Input<'_>, exponent: u32, key: KeyHash) -> Vec<u32> {
    let slots = 1_u64 << exponent.min(MAX_EXPONENT);
    let most = slots.min(SLOTS.into()) as u8;
    let count = match input.below(4) {
        0 => most,
        1 => input.below(SLOTS) as u8,
        _ => input.below(most + 1) as u8,
    };
    let thrown = Board { b: exponent.min(MAX_EXPONENT) as usize, darts: 64, weights: Vec::new() };
    let thrown = thrown.darts_of(key.get());
    let height =
        |slot: u8| thrown.iter().find(|dart| dart.0 == u64::from(slot)).map(|d| d.1 as u32);
    let dead = input.byte();
    let mut weight = |slot| {
        if input.byte() < dead {
            return 0;
        }
        match input.below(16) {
            0 => 1,
            1 => FULL - 1,
            2..=4 => height(slot).unwrap_or(FULL / 2),
            5..=7 => height(slot).unwrap_or(FULL / 2) + 1,
            8 | 9 => (input.number() % u64::from(FULL)) as u32 + 1,
            10 => FULL + (input.byte() / 240) as u32,
            _ => FULL,
        }
    };
    (0..count).map(&mut weight).collect()
}
