//! What moves between any two values of a history of anchors: refused, or what buckets and keys
//! say.

use super::anchors_kinds::{Capacity, Kind};
use super::anchors_nodes::{Model, Side};
use super::diff::{Ends, close, names};
use super::diff_formulas::rest;
use super::formulas::word;
use super::laws::name_of;
use apportion::KeyHash;
use std::collections::{BTreeMap, BTreeSet};

const KEYS: usize = 500;
/// Seen in the part of so many keys that moves, this much off has a chance below 1e-26.
const FAR: f64 = 0.25;

pub fn check<K: Kind>(history: &[Side<K>], seed: u64) {
    let keys = (0..KEYS as u64).map(|i| KeyHash::from_hash(word(seed, i)));
    let keys: Vec<KeyHash> = keys.collect();
    let mut owners: Vec<Vec<Option<&str>>> = Vec::new();
    for Side { pool, .. } in history {
        let owner = |key: &KeyHash| pool.placement().locate(*key).map(name_of(pool));
        owners.push(keys.iter().map(owner).collect());
    }
    for (old, before) in history.iter().zip(&owners) {
        for (new, after) in history.iter().zip(&owners) {
            pair(old, new, before, after);
        }
    }
}

fn pair<K: Kind>(old: &Side<K>, new: &Side<K>, before: &[Option<&str>], after: &[Option<&str>]) {
    assert!(old.pool.diff_replicas(&new.pool, 2).is_err(), "known for one replica only");
    let shares = Shares::between(&old.model, &new.model);
    let diff = match (old.pool.diff(&new.pool), &shares) {
        (Ok(diff), Some(_)) => diff,
        (Err(error), None) => {
            assert!(error.to_string().contains("one log of removed buckets to begin"), "{error}");
            return;
        }
        (result, _) => panic!("{result:?}: {:?} {:?}", old.model, new.model),
    };
    let shares = shares.expect("it was looked at");
    let pairs: BTreeSet<Ends<'_>> = diff.moves().map(|m| names(m.from, m.to)).collect();
    let mut moved = 0;
    for ends in before.iter().zip(after) {
        let ends = (*ends.0, *ends.1);
        moved += usize::from(ends.0 != ends.1);
        assert!(ends.0 == ends.1 || pairs.contains(&ends), "a key goes {ends:?}");
    }
    let fraction = diff.moved_fraction();
    assert!(fraction != Some(0.0) || moved == 0);
    let counted = moved as f64 / before.len() as f64;
    assert!(fraction.is_none_or(|f| (f - counted).abs() < FAR), "{fraction:?} {counted}");
    rest(&diff);

    if let Some((part, whole)) = diff.moved() {
        close(fraction.unwrap(), part as f64 / whole as f64);
    }
    let least = diff.minimum().expect("a ratio of integers");
    assert_eq!(least.0 * shares.whole, shares.minimum(&old.model, &new.model) * least.1);
    let sum: u128 = shares.parts.values().sum();
    if let Some((part, whole)) = diff.moved() {
        assert_eq!(part * shares.whole, sum * whole);
    }
    let matrix = diff.matrix();
    // JumpBack between octaves: the old buckets do not give alike to the new ones.
    assert_eq!(matrix.is_none(), shares.between_octaves);
    assert!(diff.moved().is_some() || matrix.is_none());
    let Some(matrix) = matrix else { return };
    assert_eq!(matrix.len(), shares.parts.len());
    for transfer in matrix {
        let ends = names(transfer.from, transfer.to);
        let (part, whole) = transfer.exact.expect("a ratio of integers");
        assert_eq!(part * shares.whole, shares.parts[&ends] * whole, "{ends:?}");
        close(transfer.fraction, part as f64 / whole as f64);
    }
}

/// Of n · m equal parts, those that go from one node to another.
struct Shares<'a> {
    parts: BTreeMap<Ends<'a>, u128>,
    whole: u128,
    between_octaves: bool,
}

impl<'a> Shares<'a> {
    /// `None` unless one log of removed buckets begins with the other, or no bucket is removed in either.
    fn between(old: &'a Model, new: &'a Model) -> Option<Self> {
        let (n, m) = (old.buckets.len(), new.buckets.len());
        let alike = old.removed.is_empty() && new.removed.is_empty();
        let fixed = old.capacity.is_some();
        if old.capacity.map(Capacity::now) != new.capacity.map(Capacity::now) {
            return None;
        }
        // With a capacity, buckets that were never in use were removed at first, the highest first.
        let unused = |buckets: usize| buckets as u32..n.max(m) as u32;
        let removed = |model: &Model| -> Vec<u32> {
            unused(model.buckets.len()).rev().chain(model.removed.iter().copied()).collect()
        };
        let (a, b) = (removed(old), removed(new));
        if !alike && ((n != m && !fixed) || !(a.starts_with(&b) || b.starts_with(&a))) {
            return None;
        }
        let octave = |buckets: usize| buckets.next_power_of_two();
        let between_octaves =
            !fixed && alike && n.min(m) > 0 && n.abs_diff(m) > 1 && octave(n) != octave(m);
        let whole = (old.live().max(1) * new.live().max(1)) as u128;
        let mut parts = BTreeMap::new();
        let mut add = |from: Option<&'a str>, to: Option<&'a str>, part: usize| {
            if from != to {
                *parts.entry((from, to)).or_default() += part as u128;
            }
        };
        let name = |model: &'a Model, bucket: usize| model.buckets.get(bucket)?.as_deref();
        let all = |model: &'a Model| -> Vec<Option<&'a str>> {
            let names: Vec<_> = model.buckets.iter().flatten().map(|n| Some(n.as_str())).collect();
            if names.is_empty() { vec![None] } else { names }
        };
        for bucket in 0..n.max(m) {
            match (name(old, bucket), name(new, bucket)) {
                (Some(from), Some(to)) => add(Some(from), Some(to), old.live().min(new.live())),
                // A bucket that is gone gives alike to all that work, one that came takes so.
                (from @ Some(_), None) => all(new).into_iter().for_each(|to| add(from, to, 1)),
                (None, to @ Some(_)) => all(old).into_iter().for_each(|from| add(from, to, 1)),
                (None, None) => {}
            }
        }
        Some(Self { parts, whole, between_octaves })
    }

    fn minimum(&self, old: &Model, new: &Model) -> u128 {
        if (old.live() == 0) != (new.live() == 0) {
            return self.whole;
        }
        let held = |model: &Model, name: &str| u128::from(model.weight(name) > 0);
        let (n, m) = (old.live() as u128, new.live() as u128);
        let live = new.buckets.iter().flatten();
        live.map(|name| (held(new, name) * n).saturating_sub(held(old, name) * m)).sum()
    }
}
