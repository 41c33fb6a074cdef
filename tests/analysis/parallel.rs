//! Counting on several threads gives the same figures as on one.

use apportion::analysis::{self, Balance, MoveCounter};
use apportion::replica::Spread;
use apportion::{Algorithm, AnyPlacement, Locator, Node, Topology};
use rayon::iter::ParallelBridge;

type Any = Locator<String, AnyPlacement>;

/// Nodes with weights where the algorithm takes them.
fn value(algorithm: &Algorithm, n: u64) -> Any {
    let nodes = |weighted: bool| {
        let node = move |i: u64| {
            let node = Node::new(format!("n{i}")).weight(if weighted { 1 + i % 4 } else { 1 });
            node.domain("zone", &(i % 3).to_string())
        };
        Topology::of((0..n).map(node)).unwrap()
    };
    Locator::any_of(nodes(true), algorithm.clone())
        .or_else(|_| Locator::any_of(nodes(false), algorithm.clone()))
        .unwrap()
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn sized(key: u64) -> (u64, u64) {
    // Near the end of the range, where sums saturate.
    (key, if key % 1000 == 0 { u64::MAX / 7 } else { key % 97 })
}

#[test]
fn figures_do_not_depend_on_threads() {
    for algorithm in Algorithm::all() {
        let (old, new) = (value(&algorithm, 12), value(&algorithm, 13));
        let keys: Vec<(u64, u64)> = (0..9_000).map(sized).collect();
        let moved = analysis::count_moves(&old, &new, 2, keys.iter().copied()).unwrap();
        let balance = Balance::of_keys(&old, 3, 0..9_000_u64).unwrap();
        let compared = analysis::compare(&old, &new, 1, keys.iter().copied()).unwrap();
        for threads in [1, 2, 3, 8] {
            with_threads(threads, || {
                let name = format!("{algorithm} on {threads}");
                let parallel = analysis::par_count_moves(&old, &new, 2, keys.clone()).unwrap();
                assert_eq!(parallel, moved, "{name}");
                // An iterator of unknown length, in whatever order threads take from it.
                let bridged = keys.iter().copied().par_bridge();
                assert_eq!(analysis::par_count_moves(&old, &new, 2, bridged).unwrap(), moved);
                assert_eq!(Balance::par_of_keys(&old, 3, 0..9_000_u64).unwrap(), balance, "{name}");
                let both = analysis::par_compare(&old, &new, 1, keys.clone()).unwrap();
                assert_eq!(both.counted, compared.counted, "{name}");
                assert_eq!(both.fraction(), compared.fraction(), "{name}");
            });
        }
    }
}

#[test]
fn spreads_and_counts_so_far() {
    let old = value(&Algorithm::Rendezvous, 12);
    let new = value(&Algorithm::Rendezvous, 13);
    let spread = |value: &Any| Spread::strict(value.topology().members(), 3, [("zone", 1)]);
    let (before, after) = (spread(&old).unwrap(), spread(&new).unwrap());
    let mut one = MoveCounter::under(&old, &before, &new, &after);
    (0..8_000).map(sized).for_each(|(key, bytes)| one.record(&key, bytes));
    for threads in [1, 2, 3, 8] {
        let mut many = MoveCounter::under(&old, &before, &new, &after);
        (0..500).map(sized).for_each(|(key, bytes)| many.record(&key, bytes));
        let rest: Vec<_> = (500..8_000).map(sized).collect();
        with_threads(threads, || many.par_record(rest));
        assert_eq!(many.report(), one.report(), "{threads}");
    }
    assert!(one.report().moved() > 500);
}

#[test]
fn no_keys_and_no_replicas() {
    let ring = Locator::ring(["a", "b"]).unwrap();
    let none: Vec<u64> = Vec::new();
    let balance = Balance::par_of_keys(&ring, 1, none.clone()).unwrap();
    assert_eq!(balance, Balance::of_keys(&ring, 1, none).unwrap());
    assert_eq!((balance.keys(), balance.nodes().len()), (0, 2));
    let keys = || vec![(1_u64, 1)];
    let errors = [
        Balance::par_of_keys(&ring, 0, vec![1_u64]).err(),
        analysis::par_count_moves(&ring, &ring, 0, keys()).err(),
        analysis::par_compare(&ring, &ring, 0, keys()).err(),
    ];
    let expected = Balance::of_keys(&ring, 0, [1_u64]).unwrap_err().to_string();
    for error in errors {
        assert_eq!(error.unwrap().to_string(), expected);
    }
}
