//! Exact differences beside brute force: of two rings over all intervals of hashes, of the other
//! placements by their formulas, written down a second time.

use super::diff_formulas;
use super::diff_pieces::{Piece, pieces};
use super::diff_sides::{Side, label};
use super::input::Input;
use apportion::diff::Extent;
use apportion::{Diff, SipHash13};
use std::collections::{BTreeMap, BTreeSet};

/// A holder before and a holder after.
pub type Ends<'a> = (Option<&'a str>, Option<&'a str>);

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    if input.below(4) == 3 {
        return diff_formulas::run(&mut input);
    }
    let Some(old) = Side::read(&mut input, None) else { return };
    let old = old.stepped(&mut input);
    let apart = input.below(4) == 3;
    let new = if apart { Side::read(&mut input, Some(&old)) } else { Some(old.clone()) };
    let Some(mut new) = new.map(|new| new.stepped(&mut input)) else { return };
    if input.below(4) == 0 {
        new = new.renewed();
    }

    let pieces = pieces(&old, &new);
    let back: Vec<Piece<'_>> = pieces.iter().map(Piece::reversed).collect();
    let more = 5 + input.below(6);
    for replicas in [1, 2, 3, 4, more] {
        let moved = check(&old, &new, &pieces, replicas);
        assert_eq!(check(&new, &old, &back, replicas), moved, "the way back moves as much");
    }
    let still: Vec<Piece<'_>> = pieces.iter().map(Piece::unchanged).collect();
    assert_eq!(check(&old, &old, &still, more), 0);
    refusals(&old, &new, &mut input);
}

/// Everything one diff says; gives what moves.
fn check(old: &Side, new: &Side, pieces: &[Piece<'_>], replicas: usize) -> u128 {
    let diff = old.ring.diff_replicas(&new.ring, replicas).unwrap();
    assert_eq!(diff.replicas(), replicas);
    let expected = Expected::new(pieces, replicas);
    let held = [old, new].map(|side| replicas.min(side.live()) as u128);
    let whole = held[0].max(held[1]).max(1) << 64;
    assert_eq!(diff.moved(), Some((expected.moved, whole)));
    close(diff.moved_fraction().unwrap(), expected.moved as f64 / whole as f64);
    let sums = moves(&diff, pieces, replicas);
    let known = |side: &Side, value: Option<&String>| value.is_none_or(|value| side.has(value));
    assert!(diff.moves().all(|m| known(old, m.from) && known(new, m.to)), "values of both sides");
    matrix(&diff, &sums, whole);
    for (ends, expected) in [(true, &expected.from), (false, &expected.to)] {
        let mut found: BTreeMap<Option<&str>, u128> = BTreeMap::new();
        for ((from, to), sum) in &sums {
            *found.entry(if ends { *from } else { *to }).or_default() += sum;
        }
        assert_eq!(found, *expected);
    }
    minimum(&diff, &expected, held, changed(old, new) == Some(1));
    ideal(&diff, old, new);
    expected.moved
}

/// What follows from the pieces: who gives how much, who gets it, who holds how much.
#[derive(Default)]
struct Expected<'a> {
    moved: u128,
    from: BTreeMap<Option<&'a str>, u128>,
    to: BTreeMap<Option<&'a str>, u128>,
    held: BTreeMap<&'a str, [u128; 2]>,
}

impl<'a> Expected<'a> {
    fn new(pieces: &[Piece<'a>], replicas: usize) -> Self {
        let mut expected = Self::default();
        for piece in pieces {
            let (sets, len) = (piece.sets(replicas), piece.len());
            let moves = sets.gone.len().max(sets.came.len());
            expected.moved += len * moves as u128;
            for (set, sums) in [(&sets.gone, &mut expected.from), (&sets.came, &mut expected.to)] {
                // Where one side has fewer holders, nobody is the other end.
                let nobody = (set.len()..moves).map(|_| None);
                for end in set.iter().map(|name| Some(*name)).chain(nobody) {
                    *sums.entry(end).or_default() += len;
                }
            }
            for (side, set) in [sets.before, sets.after].into_iter().enumerate() {
                for name in set {
                    expected.held.entry(name).or_default()[side] += len;
                }
            }
        }
        expected
    }
}

/// The moves one by one: in order, as few intervals as there can be, and in each piece exactly
/// the holders that are gone and those that came. Gives the hashes by pairs.
fn moves<'a>(
    diff: &Diff<'a, String>,
    pieces: &[Piece<'_>],
    replicas: usize,
) -> BTreeMap<Ends<'a>, u128> {
    let mut sums: BTreeMap<Ends<'a>, u128> = BTreeMap::new();
    let mut intervals: Vec<(u64, u64, BTreeSet<Ends<'a>>)> = Vec::new();
    for found in diff.moves() {
        let Extent::Hashes { first, last } = found.extent else { panic!("rings have intervals") };
        let ends = names(found.from, found.to);
        assert!(first <= last && ends.0 != ends.1, "{first}..={last} {ends:?}");
        *sums.entry(ends).or_default() += u128::from(last - first) + 1;
        match intervals.last_mut() {
            Some((f, l, here)) if (*f, *l) == (first, last) => {
                assert!(here.insert(ends), "{ends:?} twice");
            }
            other => {
                assert!(other.is_none_or(|o| o.1 < first), "out of order, or one over another");
                intervals.push((first, last, BTreeSet::from([ends])));
            }
        }
    }
    for pair in intervals.windows(2) {
        let joined = pair[0].1.checked_add(1) == Some(pair[1].0);
        assert!(!joined || pair[0].2 != pair[1].2, "two intervals that are one: {pair:?}");
    }
    let mut intervals = intervals.into_iter().peekable();
    for piece in pieces {
        let (first, last) = (piece.first, piece.last);
        let sets = piece.sets(replicas);
        while intervals.next_if(|(_, l, _)| *l < first).is_some() {}
        let here = intervals.peek().filter(|(f, ..)| *f <= last);
        if let Some((f, l, _)) = here {
            assert!(*f <= first && last <= *l, "{f}..={l} ends within {first}..={last}");
        }
        let ends: Vec<Ends<'_>> = here.into_iter().flat_map(|h| h.2.iter().copied()).collect();
        let from: BTreeSet<&str> = ends.iter().filter_map(|e| e.0).collect();
        let to: BTreeSet<&str> = ends.iter().filter_map(|e| e.1).collect();
        assert_eq!((&from, &to), (&sets.gone, &sets.came), "{first}..={last}");
        assert_eq!(ends.len(), from.len().max(to.len()), "{first}..={last}: {ends:?}");
    }
    sums
}

/// The matrix says what the moves add up to.
fn matrix(diff: &Diff<'_, String>, sums: &BTreeMap<Ends<'_>, u128>, whole: u128) {
    let matrix = diff.matrix().expect("rings always have one");
    assert_eq!(matrix.len(), sums.len());
    for transfer in matrix {
        let sum = sums.get(&names(transfer.from, transfer.to)).copied();
        assert_eq!(transfer.exact, sum.map(|sum| (sum, whole)));
        close(transfer.fraction, sum.unwrap_or_default() as f64 / whole as f64);
    }
}

/// The sum of what nodes gain as shares, and how much more moves.
fn minimum(diff: &Diff<'_, String>, expected: &Expected<'_>, [a, b]: [u128; 2], one_change: bool) {
    let (part, of) = diff.minimum().expect("a ratio of integers");
    close(diff.minimum_fraction(), part as f64 / of as f64);
    if a == 0 || b == 0 {
        // From nobody to somebody, or the other way round, is everything.
        let least = if a == b { 0 } else { of };
        assert_eq!((part, diff.excess()), (least, Some(0.0)));
        return;
    }
    // In parts of a · b · 2^64, of which a hash is b before and a after.
    let gained = |[x, y]: [u128; 2]| (y * a).saturating_sub(x * b);
    let least: u128 = expected.held.values().copied().map(gained).sum();
    let moved = expected.moved * a.min(b);
    let unit = (a * b) << 64;
    assert_eq!((part * (unit / of), unit % of), (least, 0));
    assert!(least <= moved, "less than the least");
    assert!(!one_change || moved == least, "one change moves no more than it has to");
    let excess = diff.excess();
    match (moved, least) {
        (0, 0) => assert_eq!(excess, Some(0.0)),
        (_, 0) => assert_eq!(excess, None),
        _ if moved == least && a == b => assert_eq!(excess, Some(0.0)),
        _ => close(excess.expect("something has to move"), moved as f64 / least as f64 - 1.0),
    }
}

/// Half the sum of the differences of all weights' shares, or everything.
fn ideal(diff: &Diff<'_, String>, old: &Side, new: &Side) {
    let total = |side: &Side| side.model.nodes.iter().map(|m| m.weight as f64).sum::<f64>();
    let (a, b) = (total(old), total(new));
    if a == 0.0 || b == 0.0 {
        return close(diff.ideal(), if a == b { 0.0 } else { 1.0 });
    }
    let share = |side: &Side, name, total| side.model.weight(name) as f64 / total;
    let differences = names_of(old, new).into_iter();
    let differences = differences.map(|n| (share(old, n, a) - share(new, n, b)).abs());
    close(diff.ideal(), differences.sum::<f64>() / 2.0);
}

fn names_of<'a>(old: &'a Side, new: &'a Side) -> BTreeSet<&'a str> {
    old.model.nodes.iter().chain(&new.model.nodes).map(|m| m.name.as_str()).collect()
}

/// How many weights differ; `None` between two scales.
fn changed(old: &Side, new: &Side) -> Option<usize> {
    let differs = |name: &&str| old.model.weight(name) != new.model.weight(name);
    let same_scale = old.model.scale == new.model.scale;
    same_scale.then(|| names_of(old, new).into_iter().filter(differs).count())
}

/// What cannot be compared.
fn refusals(old: &Side, new: &Side, input: &mut Input<'_>) {
    let replicas = input.below(4);
    assert_eq!(old.ring.diff_replicas(&new.ring, replicas).is_ok(), replicas > 0);
    let (a, b) = (input.byte() % 4, input.byte() % 4);
    let keyed = |side: &Side, secret| side.ring.clone().with_hasher(SipHash13::new([secret; 16]));
    let (ours, theirs) = (keyed(old, a), keyed(new, b));
    let diff = ours.diff(&theirs);
    assert_eq!(diff.is_ok(), a == b);
    if let Ok(diff) = diff {
        assert_eq!(diff.moved(), old.ring.diff(&new.ring).unwrap().moved());
    }
}

pub fn names<'a>(from: Option<&'a String>, to: Option<&'a String>) -> Ends<'a> {
    (from.map(|value| label(value)), to.map(|value| label(value)))
}

pub fn close(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(error <= 1e-12 * expected.abs().max(1.0), "{found} instead of {expected}");
}
