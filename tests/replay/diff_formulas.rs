//! The exact differences that follow from formulas, beside the same formulas as slow as they read,
//! over the labels themselves.

use super::diff::{Ends, close, names};
use super::diff_sides::read_nodes;
use super::formulas::word;
use super::input::Input;
use super::model::{Kind, Member, Model};
use apportion::diff::Extent;
use apportion::{AnyPlacement, Diff, KeyHash, Locator, Placement, Topology};
use std::collections::{BTreeMap, BTreeSet};

const KEYS: u64 = 32;

type Any = Locator<String, AnyPlacement>;
type Matrix<'a, T> = BTreeMap<Ends<'a>, T>;

pub fn run(input: &mut Input<'_>) {
    let kinds =
        [Kind::Jump, Kind::JumpGuava, Kind::JumpBack, Kind::Rendezvous, Kind::WeightedRendezvous];
    let kind = input.pick(&kinds);
    let old = read(input, kind, &[]);
    // Often nearly the same nodes, in this order or another, and some of them new.
    let (more, again) = (input.below(16), input.below(4) < 3);
    let kept: Vec<Member> = if again { old.nodes.clone() } else { Vec::new() };
    let mut new = read(input, kind, &kept);
    let nodes = new.nodes.len();
    if input.below(2) == 0 {
        new.nodes.rotate_left(more % nodes.max(1));
    } else {
        new.nodes.truncate(nodes.saturating_sub(more));
    }
    let new = Model::fresh(kind, new.nodes).unwrap();

    let built = [&old, &new].map(|model| {
        let topology = Topology::of(model.nodes.iter().map(Member::node)).unwrap();
        Locator::any_of(topology, kind.algorithm()).unwrap()
    });
    let seed = input.word();
    for (a, b, before, after) in [(0, 1, &old, &new), (1, 0, &new, &old), (0, 0, &old, &old)] {
        let (ours, theirs) = (&built[a], &built[b]);
        let two = ours.diff_replicas(theirs, 2);
        assert!(two.is_err(), "known for one replica only");
        let diff = ours.diff(theirs).unwrap();
        let by_weight = matches!(kind, Kind::Rendezvous | Kind::WeightedRendezvous);
        let formula = if by_weight { weights } else { numberings };
        let pairs = formula(&diff, before, after);
        keys(ours, theirs, &pairs, seed);
        rest(&diff);
    }
}

/// Nodes of one weight, and some of none, unless weights count.
fn read(input: &mut Input<'_>, kind: &Kind, others: &[Member]) -> Model {
    let mut nodes = read_nodes(input, others);
    if !kind.has_weights() {
        nodes.iter_mut().for_each(|node| node.weight = node.weight.min(1));
    }
    Model::fresh(kind, [others, &nodes].concat()).unwrap()
}

fn label(model: &Model, at: usize) -> Option<&str> {
    model.order.get(at).map(String::as_str)
}

/// Of n · m equal parts, those that go from one node to another, if every old bucket gives alike
/// to every new one.
fn parts<'a>(old: &'a Model, new: &'a Model) -> Matrix<'a, u128> {
    let (n, m) = (old.order.len(), new.order.len());
    let mut parts = BTreeMap::new();
    for i in 0..n.max(1) {
        for j in 0..m.max(1) {
            let (from, to) = (label(old, i), label(new, j));
            let stays = if i == j { n.min(m) as u128 } else { 0 };
            let goes = if n == 0 || m == 0 || i >= m || j >= n { 1 } else { stays };
            if from != to && goes > 0 {
                *parts.entry((from, to)).or_default() += goes;
            }
        }
    }
    parts
}

fn numberings<'a>(diff: &Diff<'_, String>, old: &'a Model, new: &'a Model) -> BTreeSet<Ends<'a>> {
    let (n, m) = (old.order.len(), new.order.len());
    let whole = (n.max(1) * m.max(1)) as u128;
    let expected = parts(old, new);
    // JumpBack's buckets give alike to one new bucket, and within an octave.
    let octave = |buckets: usize| buckets.next_power_of_two();
    let even =
        old.kind != Kind::JumpBack || n.min(m) == 0 || n.abs_diff(m) < 2 || octave(n) == octave(m);
    let matrix = diff.matrix();
    assert_eq!(matrix.is_some(), even);
    for transfer in matrix.iter().flatten() {
        let part = expected[&names(transfer.from, transfer.to)];
        let (x, of) = transfer.exact.expect("a ratio of integers");
        assert_eq!(x * whole, part * of);
        close(transfer.fraction, part as f64 / whole as f64);
    }
    assert_eq!(matrix.map_or(expected.len(), |m| m.len()), expected.len());

    // A node that has another number now may meet itself: how often, only even buckets tell.
    let (shared, all) = (n.min(m), n.max(m));
    let twice = |at: usize, old: &Model, new: &Model| {
        let beyond = label(old, at).or(label(new, at));
        (0..shared).any(|i| label(old, i) == beyond || label(new, i) == beyond)
    };
    let met = shared > 0 && (shared..all).any(|at| twice(at, old, new));
    let sum: u128 = expected.values().sum();
    let moved = diff.moved();
    assert_eq!(moved.is_some(), even || !met);
    assert!(moved.is_none_or(|(x, of)| x * whole == sum * of), "{moved:?}");

    let buckets = |model: &Model, name: &String| u128::from(model.order.contains(name));
    let gained = |name: &String| {
        (buckets(new, name) * n.max(1) as u128)
            .saturating_sub(buckets(old, name) * m.max(1) as u128)
    };
    let least = match (n, m) {
        (0, 0) => 0,
        (0, _) | (_, 0) => whole,
        _ => new.order.iter().map(gained).sum(),
    };
    let (x, of) = diff.minimum().expect("a ratio of integers");
    assert_eq!(x * whole, least * of);
    expected.into_keys().collect()
}

/// A share before and a share after by label.
fn shares<'a>(old: &'a Model, new: &'a Model) -> Vec<(&'a str, f64, f64)> {
    let names: BTreeSet<&str> =
        old.nodes.iter().chain(&new.nodes).map(|m| m.name.as_str()).collect();
    let share = |model: &Model, name: &str| {
        let total: u128 = model.nodes.iter().map(|m| u128::from(m.weight)).sum();
        model.weight(name) as f64 / total.max(1) as f64
    };
    names.into_iter().map(|name| (name, share(old, name), share(new, name))).collect()
}

/// What goes from i to j: a_i · b_j · ∫ from a_j/b_j to a_i/b_i of dr / (Σ_k max(a_k, b_k · r))²,
/// cut at all ratios.
fn goes(shares: &[(&str, f64, f64)], i: usize, j: usize) -> f64 {
    let ratio = |k: usize| shares[k].1 / shares[k].2;
    let (from, to) = (ratio(j), ratio(i));
    let inner = (0..shares.len()).map(ratio).filter(|r| from < *r && *r < to);
    let mut cuts: Vec<f64> = inner.chain([from, to]).collect();
    cuts.sort_by(f64::total_cmp);
    let mut integral = 0.0;
    for pair in cuts.windows(2) {
        let (r, s) = (pair[0], pair[1]);
        let larger = |(_, a, b): &&(&str, f64, f64)| a / b >= s;
        let a: f64 = shares.iter().filter(larger).map(|k| k.1).sum();
        let b: f64 = shares.iter().filter(|k| !larger(k)).map(|k| k.2).sum();
        integral += if s.is_finite() {
            (s - r) / ((a + b * r) * (a + b * s))
        } else {
            1.0 / (b * (a + b * r))
        };
    }
    shares[i].1 * shares[j].2 * integral
}

fn weights<'a>(diff: &Diff<'_, String>, old: &'a Model, new: &'a Model) -> BTreeSet<Ends<'a>> {
    let shares = shares(old, new);
    let [before, after] = [old, new].map(|model| model.live() > 0);
    let weight = |k: usize| {
        let name = shares[k].0;
        (u128::from(old.weight(name)), u128::from(new.weight(name)))
    };
    // The exact comparison of two ratios; nodes without weight on both sides have none.
    let larger = |i: usize, j: usize| weight(i).0 * weight(j).1 > weight(j).0 * weight(i).1;
    let mut expected = Matrix::new();
    for (i, (name, a, b)) in shares.iter().enumerate() {
        match (before, after) {
            (true, true) => {
                for j in (0..shares.len()).filter(|j| larger(i, *j)) {
                    expected.insert((Some(*name), Some(shares[j].0)), goes(&shares, i, j));
                }
            }
            (true, false) if *a > 0.0 => drop(expected.insert((Some(name), None), *a)),
            (false, true) if *b > 0.0 => drop(expected.insert((None, Some(name)), *b)),
            _ => {}
        }
    }
    let mut found: Matrix<'_, f64> = BTreeMap::new();
    for transfer in diff.matrix().expect("always known") {
        assert_eq!(transfer.exact, None);
        let ends = names(transfer.from, transfer.to);
        assert!(expected.contains_key(&ends), "nothing can go {ends:?}");
        assert!(found.insert(ends, transfer.fraction).is_none(), "{ends:?} twice");
    }
    for (ends, fraction) in &expected {
        close(found.get(ends).copied().unwrap_or_default(), *fraction);
    }
    assert_eq!((diff.moved(), diff.minimum()), (None, None));
    close(diff.moved_fraction().unwrap(), expected.values().sum());
    let gained: f64 = shares.iter().map(|(_, a, b)| (b - a).max(0.0)).sum();
    close(diff.minimum_fraction(), if before == after { gained } else { 1.0 });
    close(diff.ideal(), diff.minimum_fraction());
    if expected.is_empty() {
        // Not nearly: where nothing moves, nothing has to.
        assert_eq!((diff.moved_fraction(), diff.excess()), (Some(0.0), Some(0.0)));
    }
    expected.into_keys().collect()
}

/// Keys go only where the formula lets them.
fn keys(old: &Any, new: &Any, pairs: &BTreeSet<Ends<'_>>, seed: u64) {
    for i in 0..KEYS {
        let key = KeyHash::from_hash(word(seed, i));
        let at = |any: &Any| any.placement().locate(key);
        let [before, after] = [(old, at(old)), (new, at(new))]
            .map(|(any, slot)| slot.and_then(|slot| any.topology().get(slot)));
        let ends = names(before, after);
        assert!(before == after || pairs.contains(&ends), "{key:?} goes {ends:?}");
    }
}

/// What one figure says of another.
pub fn rest(diff: &Diff<'_, String>) {
    let mut found = BTreeSet::new();
    for pair in diff.moves() {
        assert_eq!(pair.extent, Extent::Scattered);
        assert!(found.insert(names(pair.from, pair.to)), "twice");
    }
    if let Some(matrix) = diff.matrix() {
        assert_eq!(found, matrix.iter().map(|t| names(t.from, t.to)).collect());
        close(diff.moved_fraction().unwrap(), matrix.iter().map(|t| t.fraction).sum());
    }
    let least = diff.minimum_fraction();
    let Some(moved) = diff.moved_fraction() else {
        assert_eq!((diff.moved(), diff.excess()), (None, None));
        return;
    };
    assert!(moved >= least - 1e-12, "{moved} is less than the least, {least}");
    match diff.excess() {
        Some(excess) => close((1.0 + excess) * least, moved),
        None => assert!(least == 0.0 && moved > 0.0),
    }
}
