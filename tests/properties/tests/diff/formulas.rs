//! Formulas of diffs, against counts over keys and against fractions.

use crate::{Ends, Named, any};
use apportion::analysis::count_moves;
use apportion::anchor::AnchorConfig;
use apportion::asura::AsuraConfig;
use apportion::placement::Exact;
use apportion::{Algorithm, AnyPlacement, Locator, Node, Topology};
use apportion_properties::support::{self, Draws, level};
use std::collections::BTreeMap;

/// Chance of counts at least this far from a matrix of fractions.
fn agreement<P: Exact>(
    old: &Named<P>,
    new: &Named<P>,
    keys: u64,
    matrix: &BTreeMap<Ends, f64>,
) -> f64 {
    let mut counts: BTreeMap<Ends, u64> = BTreeMap::new();
    let movement = count_moves(old, new, 1, (0..keys).map(|key| (key, 0))).unwrap();
    for flow in movement.flows() {
        counts.insert((flow.from.cloned(), flow.to.cloned()), flow.keys);
    }
    let (mut seen, mut expected) = (Vec::new(), Vec::new());
    let (mut rest, mut rest_expected) = (keys - movement.moved(), keys as f64);
    for (ends, fraction) in matrix {
        let (count, here) = (counts.remove(ends).unwrap_or(0), fraction * keys as f64);
        // Too few for the approximation: counted with what stays.
        if here < 5.0 {
            rest += count;
            continue;
        }
        seen.push(count);
        expected.push(here);
        rest_expected -= here;
    }
    assert!(counts.is_empty(), "moves where none can be: {counts:?}");
    seen.push(rest);
    expected.push(rest_expected);
    support::chi_squared(&seen, &expected)
}

fn matrix_of<P: Exact>(old: &Named<P>, new: &Named<P>) -> BTreeMap<Ends, f64> {
    let diff = old.diff(new).unwrap();
    let matrix = diff.matrix().unwrap().into_iter();
    let matrix: BTreeMap<Ends, f64> =
        matrix.map(|t| ((t.from.cloned(), t.to.cloned()), t.fraction)).collect();
    let sum: f64 = matrix.values().sum();
    let moved = diff.moved_fraction().unwrap();
    assert!((sum - moved).abs() < 1e-12, "{sum} {moved}");
    assert!((diff.minimum_fraction() - diff.ideal()).abs() < 1e-12);
    assert_eq!(diff.moves().count(), matrix.len());
    matrix
}

/// Pairs of values, several nodes changed at once among them.
fn formula_cases() -> Vec<(Named<AnyPlacement>, Named<AnyPlacement>)> {
    let list = |names: &[&str]| -> Vec<Node<String>> {
        names.iter().map(|n| Node::new(n.to_string())).collect()
    };
    let mut cases = Vec::new();
    for algorithm in [Algorithm::Jump, Algorithm::JumpGuava, Algorithm::JumpBack, Algorithm::Flip] {
        let five = any(algorithm.clone(), &[1; 5]);
        cases.push((five.clone(), any(algorithm.clone(), &[1; 6])));
        cases.push((any(algorithm.clone(), &[1; 6]), five.clone()));
        cases.push((five.clone(), any(algorithm.clone(), &[1; 8])));
        cases.push((five.clone(), five.replaced_by(list(&["n0", "n1", "n2", "n3", "x"])).unwrap()));
    }
    for algorithm in [Algorithm::Jump, Algorithm::Flip] {
        cases.push((any(algorithm.clone(), &[1; 4]), any(algorithm, &[1; 16])));
    }
    // Built apart, in another order: a node meets itself under another number.
    let five = any(Algorithm::Jump, &[1; 5]);
    let apart = |algorithm| {
        Locator::any_of(Topology::of(list(&["n3", "n0", "n4"])).unwrap(), algorithm).unwrap()
    };
    cases.push((five.clone(), apart(Algorithm::Jump)));
    cases.push((apart(Algorithm::Jump), five));
    let plain = any(Algorithm::Rendezvous, &[1; 5]);
    cases.push((plain.clone(), plain.replaced_by(list(&["n0", "n1", "n2", "x", "y"])).unwrap()));
    cases.push((plain.clone(), plain.without("n3").unwrap()));
    let swapped = any(Algorithm::Rendezvous, &[1; 2]);
    cases.push((swapped.clone(), swapped.replaced_by(list(&["n0", "x"])).unwrap()));
    let anchor = any(Algorithm::JumpBackAnchor, &[1; 6]);
    let fewer = anchor.without("n4").unwrap().without("n1").unwrap();
    let fewest = fewer.without("n5").unwrap();
    cases.push((anchor.clone(), fewer.clone()));
    cases.push((fewest.clone(), anchor.clone()));
    cases.push((fewer.clone(), fewest.clone()));
    cases.push((fewer.clone(), fewer.replaced_by(list(&["n0", "n2", "n3", "x"])).unwrap()));
    cases.push((anchor.clone(), anchor.with("x".into()).unwrap()));
    // A fixed capacity: from four to sixteen alike, and nodes that left before and after others.
    let capacity =
        |weights: &[u64]| any(Algorithm::Anchor(AnchorConfig::default().capacity(20)), weights);
    let (four, six) = (capacity(&[1; 4]), capacity(&[1; 6]));
    cases.push((four.clone(), capacity(&[1; 16])));
    cases.push((capacity(&[1; 20]), four.clone()));
    cases.push((six.clone(), six.without("n5").unwrap().without("n1").unwrap()));
    cases.push((six.without("n1").unwrap().without("n5").unwrap(), six.clone()));
    cases.push((six.clone(), six.with("x".into()).unwrap()));
    let fewer = six.without("n4").unwrap();
    cases.push((fewer.clone(), fewer.replaced_by(list(&["n0", "n1", "n2", "x"])).unwrap()));
    // Boards: slots handed over, free, reweighted, one that grows, units and rests.
    let asura = any(Algorithm::Asura(AsuraConfig::default()), &[1, 2, 3, 4, 0, 7]);
    let many = |weights: &[u64]| asura.replaced_by(support::weighted(weights)).unwrap();
    cases.push((asura.clone(), asura.reweighted("n1", 9).unwrap()));
    cases.push((asura.clone(), asura.with("x".into()).unwrap().without("n3").unwrap()));
    cases.push((asura.clone(), asura.without("n5").unwrap().with("x".into()).unwrap()));
    cases.push((asura.clone(), many(&[5, 2, 1, 4, 3])));
    cases.push((asura.clone(), many(&[0, 0, 3, 8, 1, 7, 2, 2])));
    let rests = Algorithm::Asura(AsuraConfig::default().unit(4).board(3));
    let rests = any(rests, &[3, 1, 9, 6]);
    cases.push((rests.clone(), rests.reweighted("n2", 2).unwrap()));
    cases.push((rests.reweighted("n2", 2).unwrap(), rests.with("x".into()).unwrap()));
    let weighted = any(Algorithm::WeightedRendezvous, &[1, 2, 3, 4, 0, 7]);
    cases.push((weighted.clone(), weighted.reweighted("n1", 9).unwrap()));
    let many = |weights: &[u64]| weighted.replaced_by(support::weighted(weights)).unwrap();
    cases.push((weighted.clone(), many(&[5, 2, 1, 4, 3])));
    cases.push((weighted.clone(), many(&[0, 0, 3, 8, 1, 7, 2, 2])));
    cases
}

fn formulas_agree_with_counts(keys: u64) {
    let cases = formula_cases();
    for (i, (old, new)) in cases.iter().enumerate() {
        let p = agreement(old, new, keys, &matrix_of(old, new));
        let name = old.placement().algorithm();
        assert!(p > level(cases.len() as u32), "case {i}, {name}: p = {p:e}");
    }
    // JumpBack from 4 to 16 does not give alike: the same test rejects it, and the diff does not
    // claim it.
    let (four, sixteen) = (any(Algorithm::JumpBack, &[1; 4]), any(Algorithm::JumpBack, &[1; 16]));
    let uniform = matrix_of(&any(Algorithm::Jump, &[1; 4]), &any(Algorithm::Jump, &[1; 16]));
    assert!(agreement(&four, &sixteen, keys, &uniform) < 1e-12);
    let diff = four.diff(&sixteen).unwrap();
    assert!(diff.matrix().is_none());
    assert_eq!(
        (diff.moved(), diff.minimum(), diff.excess()),
        (Some((12, 16)), Some((48, 64)), Some(0.0))
    );
    assert_eq!(diff.moves().count(), 4 * 12);
    // Built apart, it may meet itself, and nobody knows how often.
    let names = ["n15", "n1", "n2", "n3"].map(|name| Node::new(name.to_string()));
    let apart = Locator::any_of(Topology::of(names).unwrap(), Algorithm::JumpBack).unwrap();
    for (old, new) in [(&apart, &sixteen), (&sixteen, &apart)] {
        let diff = old.diff(new).unwrap();
        assert!(diff.moved().is_none() && diff.matrix().is_none() && diff.excess().is_none());
        assert_eq!(diff.moved_fraction(), None);
    }
    let moved =
        count_moves(&four, &sixteen, 1, (0..keys).map(|key| (key, 0))).unwrap().moved_fraction();
    assert!((moved - 0.75).abs() < 4.0 * (0.25 * 0.75 / keys as f64).sqrt());
}

#[test]
fn formulas_agree_with_half_a_million_keys() {
    formulas_agree_with_counts(500_000);
}

#[test]
#[ignore = "ten million keys: cargo test --release --test diff -- --ignored"]
fn formulas_agree_with_ten_million_keys() {
    formulas_agree_with_counts(10_000_000);
}

/// The formula against fractions of integers: for equal weights and whole changes everything is
/// rational. One node of two swapped moves 2/3, not the 3/4 of two changes one after the other.
#[test]
fn formulas_are_exact_to_twelve_digits() {
    let close = |old: &Named<AnyPlacement>, new: &Named<AnyPlacement>, exact: f64| {
        let moved = old.diff(new).unwrap().moved_fraction().unwrap();
        assert!((moved - exact).abs() < 1e-12, "{moved} {exact}");
    };
    let list = |names: std::ops::Range<usize>| -> Vec<Node<String>> {
        names.map(|n| Node::new(format!("n{n}"))).collect()
    };
    for algorithm in [Algorithm::Rendezvous, Algorithm::WeightedRendezvous] {
        // n nodes, d of them swapped: all of n + d draw, and a key stays if one of the n − d that
        // stay draws best: 1 − (n − d)/(n + d).
        for (n, d) in [(2, 1), (3, 1), (10, 3), (100, 50), (500, 1)] {
            let old = any(algorithm.clone(), &vec![1; n]);
            let new = old.replaced_by(list(d..n + d)).unwrap();
            close(&old, &new, 1.0 - (n - d) as f64 / (n + d) as f64);
            matrix_of(&old, &new);
        }
        // From n to m: 1 − n/m.
        for (n, m) in [(1, 2), (7, 9), (100, 300)] {
            let (old, new) =
                (any(algorithm.clone(), &vec![1; n]), any(algorithm.clone(), &vec![1; m]));
            close(&old, &new, 1.0 - n as f64 / m as f64);
            close(&new, &old, 1.0 - n as f64 / m as f64);
        }
    }
    // Weights a to b: a single change moves the difference of the shares.
    let weighted = any(Algorithm::WeightedRendezvous, &[3, 5, 9]);
    close(&weighted, &weighted.reweighted("n1", 13).unwrap(), 13.0 / 25.0 - 5.0 / 17.0);
    close(&weighted, &weighted.without("n2").unwrap(), 9.0 / 17.0);
    // A removal gives w_x/W · w_y/(W − w_x) to y.
    let smaller = weighted.without("n2").unwrap();
    let matrix = matrix_of(&weighted, &smaller);
    let to = |y: &str| matrix[&(Some("n2".into()), Some(y.into()))];
    assert!((to("n0") - 9.0 / 17.0 * 3.0 / 8.0).abs() < 1e-12);
    assert!((to("n1") - 9.0 / 17.0 * 5.0 / 8.0).abs() < 1e-12);
    let none = Locator::any_of(Topology::<String>::default(), Algorithm::Rendezvous).unwrap();
    close(&none, &any(Algorithm::Rendezvous, &[1; 3]), 1.0);
    close(&none, &none, 0.0);
}

/// Numberings that were made apart: a node may meet itself under another number.
#[test]
fn renumbered_buckets() {
    let mut draws = Draws(31);
    for n in 1..7_usize {
        for m in 1..7_usize {
            let old = any(Algorithm::Jump, &vec![1; n]);
            let mut nodes = support::weighted(&vec![1; m]);
            draws.shuffle(&mut nodes);
            let new = Locator::any_of(Topology::of(nodes).unwrap(), Algorithm::Jump).unwrap();
            let diff = old.diff(&new).unwrap();
            let sum: f64 = diff.matrix().unwrap().iter().map(|t| t.fraction).sum();
            assert!((diff.moved_fraction().unwrap() - sum).abs() < 1e-12, "{n} {m}: {sum}");
            let counted = count_moves(&old, &new, 1, (0..40_000_u64).map(|key| (key, 0))).unwrap();
            assert!((counted.moved_fraction() - sum).abs() < 0.02, "{n} {m}");
            assert!((counted.minimum() - diff.minimum_fraction()).abs() < 0.02);
        }
    }
}

/// Clusters that begin and end: one end of every move is missing.
#[test]
fn the_first_node_and_the_last() {
    for algorithm in Algorithm::all() {
        let none = any(algorithm.clone(), &[0]);
        let two = any(algorithm.clone(), &[0, 1, 1]);
        for (old, new, ends) in [(&none, &two, 1), (&two, &none, 0)] {
            let diff = old.diff(new).unwrap();
            let all = (diff.moved_fraction(), diff.minimum_fraction(), diff.ideal());
            assert_eq!(all, (Some(1.0), 1.0, 1.0), "{algorithm}");
            assert_eq!(diff.excess(), Some(0.0), "{algorithm}");
            let matrix = diff.matrix().unwrap();
            assert_eq!(matrix.len(), 2, "{algorithm}");
            assert!((matrix.iter().map(|t| t.fraction).sum::<f64>() - 1.0).abs() < 1e-12);
            let is_there = |m: (Option<&String>, Option<&String>)| [m.0.is_some(), m.1.is_some()];
            let expected = [ends == 0, ends == 1];
            assert!(matrix.iter().all(|t| is_there((t.from, t.to)) == expected), "{algorithm}");
            assert!(diff.moves().all(|m| is_there((m.from, m.to)) == expected), "{algorithm}");
            assert!(diff.moves().count() >= 2, "{algorithm}");
        }
        for side in [&none, &two] {
            let diff = side.diff(side).unwrap();
            let all = (diff.moved_fraction(), diff.minimum_fraction(), diff.ideal());
            assert_eq!((all, diff.excess()), ((Some(0.0), 0.0, 0.0), Some(0.0)), "{algorithm}");
            assert!(diff.matrix().unwrap().is_empty() && diff.moves().next().is_none());
        }
    }
}

/// The shares are the same, and rounded sums would not say so.
#[test]
fn equal_shares_move_nothing() {
    for weights in [[1, 2, 3], [3, 3, 3], [u64::MAX, 7, 1]] {
        let old = any(Algorithm::WeightedRendezvous, &weights);
        let diff = old.diff(&old).unwrap();
        assert_eq!(
            (diff.moved_fraction(), diff.ideal(), diff.excess()),
            (Some(0.0), 0.0, Some(0.0))
        );
    }
    let once = any(Algorithm::WeightedRendezvous, &[1, 2, 0, 3]);
    let twice = any(Algorithm::WeightedRendezvous, &[2, 4, 0, 6]);
    let diff = once.diff(&twice).unwrap();
    assert_eq!((diff.moved_fraction(), diff.ideal(), diff.excess()), (Some(0.0), 0.0, Some(0.0)));
}
