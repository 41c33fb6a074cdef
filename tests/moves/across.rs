//! Exact differences between two algorithms, under a spread, and of single keys: each against
//! lookups.

use crate::support::{self, Draws};
use apportion::diff::Extent;
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::placement::Exact;
use apportion::ring::{GivenPointsConfig, LabelPointsConfig, RingConfig, Rule};
use apportion::{Diff, KeyHash, Locator, Node, NodeIdx, Placement, Spread, Topology};
use std::collections::BTreeSet;

type Named<P> = Locator<String, P>;
type Ends = (Option<String>, Option<String>);

fn nodes(names: std::ops::Range<u64>) -> Topology<String> {
    let node = |i: u64| {
        Node::new(format!("n{i}")).weight(1 + i % 3).domain("zone", &format!("z{}", i % 4))
    };
    Topology::of(names.map(node)).unwrap()
}

fn range(part: Extent, partitions: Option<u32>) -> (u64, u64) {
    match (part, partitions) {
        (Extent::Hashes { first, last }, _) => (first, last),
        (Extent::Partition(p), Some(n)) => {
            let start = |p: u128| (p << 64).div_ceil(n.into());
            (start(p.into()) as u64, (start(u128::from(p) + 1) - 1) as u64)
        }
        (part, _) => panic!("{part:?} is no interval"),
    }
}

/// What moves of a key, as pairs in no order: all that goes with all that comes.
fn sides(moves: &[Ends]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (from, to): (Vec<_>, Vec<_>) = moves.iter().cloned().unzip();
    (from.into_iter().flatten().collect(), to.into_iter().flatten().collect())
}

/// A diff against the holders before and after that these lookups give.
fn check(
    diff: &Diff<'_, String>,
    partitions: Option<u32>,
    before: &dyn Fn(KeyHash) -> BTreeSet<String>,
    after: &dyn Fn(KeyHash) -> BTreeSet<String>,
) {
    let named = |(from, to): (Option<&String>, Option<&String>)| (from.cloned(), to.cloned());
    let moves: Vec<((u64, u64), Ends)> =
        diff.moves().map(|m| (range(m.extent, partitions), named((m.from, m.to)))).collect();
    let mut draws = Draws(71);
    for i in 0..4000 {
        // Random hashes, and those at both ends of what moves.
        let hash = match moves.get(i / 4) {
            Some(((first, last), _)) if i % 4 > 1 => [*first, *last][i % 2],
            _ => draws.next(),
        };
        let key = KeyHash::from_hash(hash);
        let here = moves.iter().filter(|((first, last), _)| (*first..=*last).contains(&hash));
        let here: Vec<Ends> = here.map(|(_, ends)| ends.clone()).collect();
        let (old, new) = (before(key), after(key));
        let gone: BTreeSet<String> = old.difference(&new).cloned().collect();
        let came: BTreeSet<String> = new.difference(&old).cloned().collect();
        assert_eq!(sides(&here), (gone.clone(), came.clone()), "{hash:016x}");
        let of_key: Vec<Ends> = diff.moves_of(key).into_iter().map(named).collect();
        assert_eq!(sides(&of_key), (gone, came), "{hash:016x}");
        assert_eq!(diff.of(key).map(named), of_key.first().cloned());
    }
    let length = |(first, last): (u64, u64)| u128::from(last - first) + 1;
    let sum: u128 = moves.iter().map(|(range, _)| length(*range)).sum();
    let (moved, whole) = diff.moved().unwrap();
    assert_eq!(moved, sum);
    let matrix = diff.matrix().unwrap();
    assert_eq!(matrix.iter().map(|flow| flow.exact.unwrap().0).sum::<u128>(), sum);
    assert!(matrix.iter().all(|flow| flow.exact.unwrap().1 == whole));
    let by_pair = diff.moves_by_pair();
    let pairs: BTreeSet<Ends> = by_pair.iter().map(|p| named((p.from, p.to))).collect();
    assert_eq!(pairs.len(), by_pair.len(), "a pair comes once");
    for pair in &by_pair {
        let ends = named((pair.from, pair.to));
        let ranges = pair.extents.iter().map(|part| range(*part, partitions));
        let expected = moves.iter().filter(|m| m.1 == ends).map(|m| m.0);
        assert!(ranges.eq(expected), "{ends:?}");
    }
    let least = diff.minimum_fraction();
    assert!(diff.moved_fraction().unwrap() >= least - 1e-12);
    if let Some((part, of)) = diff.minimum() {
        assert!((part as f64 / of as f64 - least).abs() < 1e-12);
    }
}

fn holders<P: Placement>(value: &Named<P>, k: usize, key: KeyHash) -> BTreeSet<String> {
    let slots = support::holders(value.placement(), key, k);
    slots.iter().map(|slot| value.topology().get(*slot).unwrap().clone()).collect()
}

fn across<P: Exact, Q: Exact>(old: &Named<P>, new: &Named<Q>, most: usize) {
    for k in 1..=most {
        let diff = old.diff_replicas(new, k).unwrap();
        check(&diff, None, &|key| holders(old, k, key), &|key| holders(new, k, key));
    }
}

#[test]
fn diffs_between_algorithms_equal_lookups() {
    let label = |rule| {
        let point = |label: &[u8], i: u32| {
            Draws(u64::from(i) << 32 | label.iter().map(|byte| u64::from(*byte)).sum::<u64>())
                .next()
        };
        LabelPointsConfig::per_weight(20, point).rule(rule)
    };
    let ring = Locator::ring_of(nodes(0..9), RingConfig::default().scale(20, 1)).unwrap();
    let backward = Locator::label_points_of(nodes(1..10), label(Rule::LastAtOrBefore)).unwrap();
    let nearest = Locator::label_points_of(nodes(2..10), label(Rule::Nearest)).unwrap();
    let maglev = Locator::maglev_of(nodes(0..10), MaglevConfig::default().table_size(251)).unwrap();
    let table = Locator::table_of(nodes(0..8), TableConfig::new(100, 3)).unwrap();
    across(&ring, &maglev, 3);
    across(&maglev, &ring, 2);
    across(&ring, &backward, 3);
    across(&backward, &maglev, 3);
    across(&ring, &table, 3);
    across(&table, &maglev, 3);
    across(&nearest, &table, 1);
    across(&maglev, &nearest, 1);
    // A table has no more replicas than its rows.
    across(&table, &ring, 5);
    let smaller = Locator::table_of(nodes(0..7), TableConfig::new(100, 3)).unwrap();
    let diff = table.diff_replicas(&smaller, 3).unwrap();
    check(&diff, Some(100), &|key| holders(&table, 3, key), &|key| holders(&smaller, 3, key));
}

#[test]
fn diffs_from_and_to_empty_values() {
    let ring = |n| Locator::ring_of(nodes(0..n), RingConfig::default().scale(5, 1)).unwrap();
    let maglev =
        |n| Locator::maglev_of(nodes(0..n), MaglevConfig::default().table_size(13)).unwrap();
    across(&ring(0), &maglev(0), 2);
    across(&ring(3), &maglev(0), 2);
    across(&ring(0), &maglev(3), 2);
    across(&maglev(2), &ring(1), 4);
}

#[test]
fn diffs_under_a_spread_equal_lookups() {
    let spreads = |value: &Topology<String>| {
        let members = value.members();
        [
            Spread::strict(members, 3, [("zone", 1)]).unwrap(),
            Spread::best_effort(members, 6, [("zone", 1)]).unwrap(),
            Spread::even(members, 5, ["zone"]).unwrap(),
        ]
    };
    fn under<P: Exact, Q: Exact>(
        old: (&Named<P>, &[Spread; 3]),
        new: (&Named<Q>, &[Spread; 3]),
    ) -> Vec<f64> {
        let held = |spread: &Spread, value: &dyn Placement, names: &Topology<String>, key| {
            let mut slots = [NodeIdx::default(); 8];
            let found = spread.replicas(value, key, &mut slots);
            let name = |slot: &NodeIdx| names.get(*slot).unwrap().clone();
            slots[..found].iter().map(name).collect::<BTreeSet<String>>()
        };
        let one = |(a, b): (&Spread, &Spread)| {
            let diff = old.0.diff_under(a, new.0, b).unwrap();
            check(&diff, None, &|key| held(a, old.0.placement(), old.0.topology(), key), &|key| {
                held(b, new.0.placement(), new.0.topology(), key)
            });
            diff.moved_fraction().unwrap()
        };
        old.1.iter().zip(new.1).map(one).collect()
    }
    let ring = |nodes| Locator::ring_of(nodes, RingConfig::default().scale(10, 1)).unwrap();
    let maglev =
        |nodes| Locator::maglev_of(nodes, MaglevConfig::default().table_size(101)).unwrap();
    let (few, many) = (nodes(0..9), nodes(0..10));
    let (a, b) = (spreads(&few), spreads(&many));
    let joined = under((&ring(few.clone()), &a), (&ring(many.clone()), &b));
    // The node that joins takes about its part of the zone, and nothing else moves.
    assert!(joined.iter().all(|moved| (0.02..0.25).contains(moved)), "{joined:?}");
    under((&maglev(few.clone()), &a), (&maglev(many.clone()), &b));
    under((&ring(few.clone()), &a), (&maglev(many), &b));
    // Another rule over the same nodes.
    let [strict, best, even] = &a;
    let swapped = [even.clone(), strict.clone(), best.clone()];
    under((&ring(few.clone()), &a), (&ring(few), &swapped));
}

#[test]
fn diffs_that_cannot_be_exact_are_refused() {
    let zoned = nodes(0..6);
    let ring = Locator::ring_of(zoned.clone(), RingConfig::default()).unwrap();
    let spread = Spread::strict(zoned.members(), 2, [("zone", 1)]).unwrap();
    let table = Locator::table_of(zoned.clone(), TableConfig::new(16, 2)).unwrap();
    let message = |result: Result<Diff<'_, String>, apportion::Error>| {
        result.map(|diff| diff.replicas()).unwrap_err().to_string()
    };
    let tail = "count the difference over your own keys";
    assert_eq!(
        message(table.diff_under(&spread, &table, &spread)),
        format!(
            "exact figures under a spread are known for rings and Maglev, not for partition-table; \
             {tail}"
        )
    );
    let scored = Locator::weighted_rendezvous_of(zoned.clone()).unwrap();
    assert_eq!(
        message(scored.diff_under(&spread, &scored, &spread)),
        format!(
            "exact figures under a spread are known for rings and Maglev, not for \
             weighted-rendezvous; {tail}"
        )
    );
    assert_eq!(
        message(ring.diff(&scored)),
        format!(
            "one side is ring, the other weighted-rendezvous, and exact figures need the same \
             algorithm; {tail}"
        )
    );
    let lists = GivenPointsConfig::default().rule(Rule::Nearest).points("n0", [1, 2]);
    let nearest = Locator::given_points_of(nodes(0..1), lists).unwrap();
    assert_eq!(
        message(nearest.diff_under(&spread, &ring, &spread)),
        format!(
            "exact figures under a spread are known for rings and Maglev, not for a ring by \
             nearest points; {tail}"
        )
    );
}
