//! What moves between two Asura boards, slot by slot.

use super::boards_history::{Side, owner};
use super::diff::{Ends, close, names};
use super::diff_formulas::rest;
use super::formulas::word;
use super::reference::{Board, FULL};
use apportion::KeyHash;
use apportion::diff::Extent;
use std::collections::BTreeMap;

const KEYS: u64 = 24;
/// A diff answers where fewer keys than this come to the fallback.
const NEGLIGIBLE: f64 = 1e-13;

/// Everything a diff says, or that it has to refuse.
pub fn check(old: &Side, new: &Side, keys: &[KeyHash]) {
    let refused = old.pool.diff_replicas(&new.pool, 2).unwrap_err().to_string();
    assert!(refused.starts_with("asura has exact figures for 1 replica, not for 2"), "{refused}");
    let (a, b) = (old.model.board(), new.model.board());
    let empty = sum(&a) == 0 || sum(&b) == 0;
    let missing = if empty { 0.0 } else { missing(&a, &b) };
    let diff = match old.pool.diff(&new.pool) {
        Ok(diff) => diff,
        Err(error) => {
            assert!(missing > 0.9 * NEGLIGIBLE, "{missing}");
            assert!(error.to_string().contains("too empty"), "{error}");
            return;
        }
    };
    assert!(missing < 1.1 * NEGLIGIBLE, "{missing}");
    let expected = if empty { from_or_to_nobody(old, new) } else { matrix(old, new) };
    let mut found: BTreeMap<Ends<'_>, f64> = BTreeMap::new();
    for transfer in diff.matrix().expect("always known") {
        assert_eq!(transfer.exact, None);
        let ends = names(transfer.from, transfer.to);
        assert!(expected.contains_key(&ends), "nothing can go {ends:?}");
        assert!(found.insert(ends, transfer.fraction).is_none(), "{ends:?} twice");
    }
    for (ends, fraction) in &expected {
        close(found.get(ends).copied().expect("something goes there"), *fraction);
    }
    close(diff.moved_fraction().unwrap(), expected.values().sum());
    // Exactly, not nearly: nothing moves where nothing can.
    assert_eq!(diff.moved_fraction() == Some(0.0), expected.is_empty());
    assert_eq!((diff.moved(), diff.minimum()), (None, None));
    let gained: f64 = held(old, new).values().map(|(x, y)| (y - x).max(0.0)).sum();
    let least = if !empty { gained } else { f64::from(u8::from(sum(&a) != sum(&b))) };
    close(diff.minimum_fraction(), least);
    rest(&diff);
    assert!(diff.moves().all(|m| m.extent == Extent::Scattered));

    let seed = keys.first().map_or(0, |key| key.get());
    let more = (0..KEYS).map(|i| KeyHash::from_hash(word(seed, i)));
    for key in keys.iter().copied().chain(more) {
        let ends = (owner(&old.pool, key), owner(&new.pool, key));
        assert!(ends.0 == ends.1 || expected.contains_key(&ends), "{key:?} goes {ends:?}");
    }
}

fn sum(board: &Board) -> u64 {
    board.weights.iter().sum()
}

/// Weights of a slot before and after.
fn weights((a, b): (&Board, &Board), slot: usize) -> (u64, u64) {
    let of = |board: &Board| board.weights.get(slot).copied().unwrap_or(0);
    (of(a), of(b))
}

/// The chance that all darts miss on both; on boards of which one has more slots or more darts,
/// that they miss on the emptier one.
fn missing(a: &Board, b: &Board) -> f64 {
    let slots = a.weights.len().max(b.weights.len());
    let either = (0..slots).map(|slot| weights((a, b), slot)).map(|(x, y)| x.max(y)).sum();
    let alike = a.b == b.b && a.darts == b.darts;
    let hit = if alike { either } else { sum(a).min(sum(b)) };
    let whole = FULL as f64 * 2_f64.powi(a.b.max(b.b) as i32);
    (1.0 - hit as f64 / whole).powi(a.darts.min(b.darts) as i32)
}

/// Shares before and after by name.
fn held<'a>(old: &'a Side, new: &'a Side) -> BTreeMap<&'a str, (f64, f64)> {
    let (a, b) = (old.model.board(), new.model.board());
    let mut held: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for slot in 0..a.weights.len().max(b.weights.len()) {
        let (x, y) = weights((&a, &b), slot);
        let (from, to) = (old.model.owner(slot as u64), new.model.owner(slot as u64));
        from.into_iter().for_each(|n| held.entry(n).or_default().0 += x as f64 / sum(&a) as f64);
        to.into_iter().for_each(|n| held.entry(n).or_default().1 += y as f64 / sum(&b) as f64);
    }
    held
}

fn from_or_to_nobody<'a>(old: &'a Side, new: &'a Side) -> BTreeMap<Ends<'a>, f64> {
    let all = held(old, new).into_iter();
    let ends = all.flat_map(|(n, (x, y))| [((Some(n), None), x), ((None, Some(n)), y)]);
    ends.filter(|(_, part)| *part > 0.0).collect()
}

/// The first dart that hits on either board falls into a slot at some height: where that is live
/// on both sides it decides for both, where it is live on one the other goes on, to anybody by
/// weight.
fn matrix<'a>(old: &'a Side, new: &'a Side) -> BTreeMap<Ends<'a>, f64> {
    let (a, b) = (old.model.board(), new.model.board());
    let held = held(old, new);
    let slots = a.weights.len().max(b.weights.len());
    let all = |(x, y): (u64, u64)| x.max(y) as f64;
    let either: f64 = (0..slots).map(|slot| all(weights((&a, &b), slot))).sum();
    let mut matrix: BTreeMap<Ends<'_>, f64> = BTreeMap::new();
    let mut add = |from: Option<&'a str>, to: Option<&'a str>, part: f64| {
        if from != to && part > 0.0 {
            *matrix.entry((from, to)).or_default() += part / either;
        }
    };
    for slot in 0..slots {
        let (x, y) = weights((&a, &b), slot);
        let (from, to) = (old.model.owner(slot as u64), new.model.owner(slot as u64));
        let both = x.min(y);
        add(from, to, both as f64);
        for (name, shares) in &held {
            add(from, Some(name), (x - both) as f64 * shares.1);
            add(Some(name), to, (y - both) as f64 * shares.0);
        }
    }
    matrix
}
