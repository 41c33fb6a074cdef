//! What a diff of two rings says, against the holders of every interval of hashes.

use crate::{Ends, Named};
use apportion::diff::Extent;
use apportion::ring::PointScheme;
use apportion::{KeyHash, Placement, Ring};
use apportion_properties::support;
use std::collections::{BTreeMap, BTreeSet};

/// Everything a diff of two rings says, from the holders of every interval of hashes.
#[derive(Default)]
struct BruteForce {
    moved: u128,
    matrix: BTreeMap<Ends, u128>,
    pieces: Vec<(u64, u64, BTreeSet<Ends>)>,
    held: BTreeMap<String, (u128, u128)>,
}

fn holders<S: PointScheme>(ring: &Named<Ring<S>>, hash: u64, k: usize) -> Vec<String> {
    let slots = support::holders(ring.placement(), KeyHash::from_hash(hash), k);
    slots.iter().map(|slot| ring.topology().get(*slot).unwrap().clone()).collect()
}

fn brute_force<S: PointScheme, T: PointScheme>(
    old: &Named<Ring<S>>,
    new: &Named<Ring<T>>,
    k: usize,
) -> BruteForce {
    let mut ends = BTreeSet::from([u64::MAX]);
    // Owners of neighbours may agree, but a point ends every interval of holders.
    ends.extend(old.placement().arcs().map(|arc| arc.last));
    ends.extend(new.placement().arcs().map(|arc| arc.last));
    let mut result = BruteForce::default();
    let mut first = 0;
    for last in ends {
        let len = u128::from(last - first) + 1;
        let (before, after) = (holders(old, last, k), holders(new, last, k));
        assert_eq!(before, holders(old, first, k), "an interval has one list of holders");
        before.iter().for_each(|n| result.held.entry(n.clone()).or_default().0 += len);
        after.iter().for_each(|n| result.held.entry(n.clone()).or_default().1 += len);
        let mut gone = before.iter().filter(|n| !after.contains(n)).cloned();
        let mut came = after.iter().filter(|n| !before.contains(n)).cloned();
        let mut here = BTreeSet::new();
        loop {
            let ends = (gone.next(), came.next());
            if ends == (None, None) {
                break;
            }
            result.moved += len;
            *result.matrix.entry(ends.clone()).or_default() += len;
            here.insert(ends);
        }
        result.pieces.push((first, last, here));
        first = last.wrapping_add(1);
    }
    result
}

/// Everything that a diff says is what brute force finds.
pub(crate) fn check<S: PointScheme, T: PointScheme>(
    old: &Named<Ring<S>>,
    new: &Named<Ring<T>>,
    k: usize,
) {
    let diff = old.diff_replicas(new, k).unwrap();
    let expected = brute_force(old, new, k);
    let most = |live: usize| k.min(live) as u128;
    let (a, b) = (most(old.placement().live()), most(new.placement().live()));
    let whole = a.max(b).max(1) << 64;
    assert_eq!(diff.moved(), Some((expected.moved, whole)));
    assert!((diff.moved_fraction().unwrap() - expected.moved as f64 / whole as f64).abs() < 1e-12);

    let named = |node: Option<&String>| node.cloned();
    let matrix: BTreeMap<Ends, u128> = diff
        .matrix()
        .unwrap()
        .into_iter()
        .map(|t| ((named(t.from), named(t.to)), t.exact.unwrap().0))
        .collect();
    assert_eq!(matrix, expected.matrix);

    // The moves one by one cover the pieces, without overlap of the same ends, neighbours joined.
    let mut covered: BTreeMap<(u64, u64), BTreeSet<Ends>> = BTreeMap::new();
    let mut previous = None;
    for m in diff.moves() {
        let Extent::Hashes { first, last } = m.extent else { panic!("rings have intervals") };
        assert!(first <= last && previous.is_none_or(|p| p <= (first, last)), "in order");
        previous = Some((first, last));
        let ends = (named(m.from), named(m.to));
        assert_ne!(ends.0, ends.1);
        assert!(covered.entry((first, last)).or_default().insert(ends), "twice");
    }
    for pair in covered.iter().collect::<Vec<_>>().windows(2) {
        let joins = pair[0].0.1.checked_add(1) == Some(pair[1].0.0) && pair[0].1 == pair[1].1;
        assert!(pair[0].0.1 < pair[1].0.0 && !joins, "neighbours are not joined");
    }
    for (first, last, here) in &expected.pieces {
        let inside = covered.range(..=(*first, u64::MAX)).next_back();
        let inside = inside.filter(|((f, l), _)| f <= first && last <= l).map(|(_, ends)| ends);
        assert_eq!(inside.cloned().unwrap_or_default(), *here, "{first}..={last}");
    }

    let share = |held: u128, most: u128| held as f64 / most.max(1) as f64 / 2_f64.powi(64);
    let gains = |sign: f64| -> f64 {
        let held = expected.held.values();
        held.map(|(x, y)| (sign * (share(*y, b) - share(*x, a))).max(0.0)).sum()
    };
    // Gains and losses are alike unless one side has nobody.
    let least = gains(1.0).max(gains(-1.0));
    assert!((diff.minimum_fraction() - least).abs() < 1e-9, "{} {least}", diff.minimum_fraction());
    if a == b && a > 0 {
        let exact: u128 = expected.held.values().map(|(x, y)| y.saturating_sub(*x)).sum();
        let (part, of) = diff.minimum().unwrap();
        assert_eq!((part, of), (exact, whole));
        assert!(expected.moved >= exact, "below the least");
    }
}
