//! Bounded loads, and reports of moves.

use super::super::samples;
use super::super::samples::zoned;
use super::both;
use apportion::analysis::{MoveCounter, SavedMoveReport, count_moves};
use apportion::bounded::{BoundedLoads, LoadFactor, Mode, SavedLoads};
use apportion::{
    Algorithm, AnyPlacement, ErrorKind, Locator, Node, Ring, SipHash13, Topology, Xxh3,
};
use apportion_properties::support::Draws;
use std::sync::Arc;

/// A generator of the next changes, the same for both.
fn next(loads: &mut BoundedLoads<String, Ring>, seed: u64) -> Vec<String> {
    let mut draws = Draws(seed);
    let mut answers = Vec::new();
    for i in 0..1000_u64 {
        let key = draws.below(200);
        let answer = match draws.below(10) {
            0..=4 => format!("{:?}", loads.insert(&key)),
            5..=7 => format!("{:?}", loads.remove(&key)),
            8 => format!("{:?}", loads.get(&key)),
            _ => {
                let id = format!("m{}", draws.below(4));
                let locator = loads.locator();
                let changed = locator.without(&id).or_else(|_| locator.with(id)).unwrap();
                format!("{:?}", loads.change(changed))
            }
        };
        answers.push(format!("{i}: {answer}, {:?}", loads.get(&draws.below(200))));
    }
    answers
}

#[test]
fn bounded_loads_give_the_same_next_answers() {
    for mode in [Mode::Canonical, Mode::Online] {
        for seed in 0..10 {
            let mut original = samples::bounded(mode);
            let start = original.clone();
            let answers = next(&mut original, seed);
            for mut again in both::<_, BoundedLoads<String, Ring>>(&start) {
                assert!(again == start);
                for (node, _) in start.locator().topology() {
                    assert_eq!(again.load(node), start.load(node));
                    assert_eq!(again.cap(node), start.cap(node));
                }
                assert_eq!(next(&mut again, seed), answers);
                assert!(again == original && again != start);
            }
        }
    }
}

#[test]
fn bounded_loads_with_a_secret_and_within_limits() {
    let secret = *b"sixteen byte key";
    let nodes: Vec<String> = (0..40).map(|i| format!("n{i}")).collect();
    let ring = Locator::ring(nodes).unwrap().with_hasher(SipHash13::new(secret));
    let mut loads = BoundedLoads::canonical(ring, LoadFactor::ONE);
    loads.extend(0..40_u64).unwrap();
    let text = serde_json::to_string(&loads.save().unwrap()).unwrap();
    let saved = || serde_json::from_str::<SavedLoads<String>>(&text).unwrap();
    let again = saved().restore::<Ring, _>(SipHash13::new(secret)).unwrap();
    assert!(again == loads);
    let other = saved().restore::<Ring, _>(Xxh3).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::OtherHasher);
    // The ring has 6,400 points; the keys pass a few full nodes.
    assert_eq!(loads.save_within(6399).unwrap_err().kind(), ErrorKind::OverLimit);
    let passes = loads.save_within(6400).unwrap();
    let passes: SavedLoads<String> =
        serde_json::from_str(&serde_json::to_string(&passes).unwrap()).unwrap();
    assert!(passes.restore_within::<Ring, _>(SipHash13::new(secret), 6400).unwrap() == loads);

    // Rendezvous has no points, so that the limit is that of passed nodes alone.
    let nodes: Vec<String> = (0..40).map(|i| format!("n{i}")).collect();
    let mut loads = BoundedLoads::canonical(Locator::rendezvous(nodes).unwrap(), LoadFactor::ONE);
    loads.extend(0..40_u64).unwrap();
    let passed = (0..).find(|max| loads.save_within(*max).is_ok()).unwrap();
    assert!(passed > 20, "{passed}");
    let saved = loads.save().unwrap();
    assert!(
        saved
            .clone()
            .restore_within::<_, Xxh3>(Xxh3, passed)
            .is_ok_and(|again: BoundedLoads<_, apportion::Rendezvous>| again.len() == 40)
    );
    let error = saved.restore_within::<apportion::Rendezvous, _>(Xxh3, passed - 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OverLimit);
    assert!(error.to_string().contains(&format!("pass more than {} full nodes", passed - 1)));
}

#[test]
fn a_report_of_moves_is_read_without_its_locators() {
    let old = Locator::ring_of(zoned(6), Default::default()).unwrap();
    let new = old.reweighted("n0", 0).unwrap().with("n9".into()).unwrap();
    let report = count_moves(&old, &new, 2, (0..3000_u64).map(|key| (key, 1 + key % 5))).unwrap();
    for saved in both::<_, SavedMoveReport<String>>(&report) {
        let again = saved.report();
        assert_eq!(again, report);
        assert_eq!(again.excess(), report.excess());
        assert_eq!(again.moved(), report.moved());
        assert_eq!(serde_json::to_string(&saved).unwrap(), serde_json::to_string(&report).unwrap());
    }
    // Without keys and without nodes.
    let empty = Locator::<String>::ring([]).unwrap();
    let report = count_moves(&empty, &old, 1, (0..0_u64).map(|key| (key, 1))).unwrap();
    for saved in both::<_, SavedMoveReport<String>>(&report) {
        assert_eq!(saved.report(), report);
    }
}

/// Whatever two locators are compared, the report is read: their nodes may have values of their own,
/// be drained or gone, or be fewer than the replicas.
#[test]
fn every_report_of_moves_is_read() {
    let read = |old: &Locator<String, AnyPlacement>, new: &Locator<String, AnyPlacement>| {
        for (replicas, keys) in [(1, 200), (3, 100), (9, 5), (2, 1), (2, 0)] {
            let sizes = (0..keys).map(|key: u64| (key, if key == 7 { u64::MAX } else { key % 3 }));
            let report = count_moves(old, new, replicas, sizes.clone()).unwrap();
            let mut counter = MoveCounter::new(old, new, replicas).unwrap();
            let mut second = MoveCounter::new(old, new, replicas).unwrap();
            for (key, bytes) in sizes {
                let part = if key % 2 == 0 { &mut counter } else { &mut second };
                part.record(&key, bytes);
            }
            counter.merge(&second).unwrap();
            assert_eq!(counter.report(), report);
            for saved in both::<_, SavedMoveReport<String>>(&report) {
                assert_eq!(saved.report(), report);
            }
        }
    };
    for name in Algorithm::NAMES.iter().filter(|name| !["asura", "maglev"].contains(*name)) {
        let algorithm: Algorithm = name.parse().unwrap();
        let of = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_string());
            Locator::any_of(Topology::new(names).unwrap(), algorithm.clone()).unwrap()
        };
        let (none, one, four) = (of(&[]), of(&["d"]), of(&["a", "b", "c", "d"]));
        let mut all = vec![none, one, of(&["a", "b", "c", "e", "d"]), of(&["d", "x", "b"])];
        let changes = [
            four.with("e".into()),
            four.without("d"),
            four.reweighted("d", 0),
            four.reweighted("a", u64::MAX),
        ];
        all.extend(changes.into_iter().flatten());
        all.push(four);
        for old in &all {
            all.iter().for_each(|new| read(old, new));
        }
    }
}

/// Several nodes may have one value, and a value may pass from one node to another. A report knows
/// values alone, so flows from a value to itself are in it.
#[test]
fn a_report_of_nodes_that_share_values_is_read() {
    let shared = ["x", "y"].map(|value| Arc::new(value.to_string()));
    let empty = Locator::rendezvous(Vec::<String>::new()).unwrap();
    let of = |nodes: &[(&'static str, usize)]| {
        let value = |name| nodes.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
        let nodes = nodes.iter().map(|(name, _)| Node::new(*name));
        let value = |name, _: Option<&Arc<String>>| Arc::clone(&shared[value(name).unwrap()]);
        empty.replaced_by_with(nodes, value).unwrap()
    };
    let all = [
        of(&[("a", 0), ("b", 0), ("c", 1)]),
        of(&[("a", 1), ("b", 0), ("d", 0)]),
        of(&[("e", 0), ("f", 1), ("a", 0), ("g", 0)]),
        of(&[("b", 1)]),
    ];
    for (old, new) in all.iter().flat_map(|old| all.iter().map(move |new| (old, new))) {
        for replicas in 1..4 {
            let report = count_moves(old, new, replicas, (0..300_u64).map(|key| (key, 1))).unwrap();
            for saved in both::<_, SavedMoveReport<String>>(&report) {
                assert_eq!(saved.report(), report);
            }
        }
    }
}
