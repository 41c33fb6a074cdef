//! Small moves of weighted rendezvous hashing against exact fractions.

use apportion::{Algorithm, AnyPlacement, Diff, Locator, Node, Topology};
use apportion_properties::support::Draws;
use num_rational::BigRational;
use std::collections::BTreeMap;

/// Weights before and after by name; 0 for a node that is not there.
type Weights = Vec<(u64, u64)>;

fn exactly(x: u64, y: u64) -> BigRational {
    BigRational::new(x.into(), y.into())
}

fn zero() -> BigRational {
    exactly(0, 1)
}

/// To 13 digits, however small.
fn close(found: f64, exact: &BigRational) -> bool {
    let found = BigRational::from_float(found).expect("a finite number");
    let off = if found > *exact { &found - exact } else { exact - &found };
    off * exactly(10_000_000_000_000, 1) <= *exact
}

/// 1 − Σ_i 1 / Σ_k max(a_k/a_i, b_k/b_i): exactly, subtracting from one does no harm.
fn moved(weights: &Weights) -> BigRational {
    let stay = weights.iter().filter(|(x, y)| *x > 0 && *y > 0).map(|(x, y)| {
        let (x, y) = (u128::from(*x), u128::from(*y));
        let largest = weights.iter().map(|(v, w)| {
            let larger = (u128::from(*v) * y).max(u128::from(*w) * x);
            BigRational::from_integer(larger.into())
        });
        BigRational::from_integer((x * y).into()) / largest.fold(zero(), |sum, part| sum + part)
    });
    exactly(1, 1) - stay.fold(zero(), |sum, part| sum + part)
}

fn shares(weights: &Weights) -> Vec<(BigRational, BigRational)> {
    let sum = |side: fn(&(u64, u64)) -> u64| -> BigRational {
        weights.iter().map(|pair| exactly(side(pair), 1)).fold(zero(), |sum, part| sum + part)
    };
    let (before, after) = (sum(|pair| pair.0), sum(|pair| pair.1));
    weights.iter().map(|(x, y)| (exactly(*x, 1) / &before, exactly(*y, 1) / &after)).collect()
}

/// Σ max(0, share after − share before).
fn gained(weights: &Weights) -> BigRational {
    let gains = shares(weights).into_iter().filter(|(a, b)| b > a).map(|(a, b)| b - a);
    gains.fold(zero(), |sum, part| sum + part)
}

/// a_i · b_j · ∫ from a_j/b_j to a_i/b_i of dr / (Σ_k max(a_k, b_k · r))², cut at all ratios.
fn goes(weights: &Weights, i: usize, j: usize) -> BigRational {
    let shares = shares(weights);
    let ratio = |k: usize| (shares[k].1 > zero()).then(|| &shares[k].0 / &shares[k].1);
    let mut cuts: Vec<Option<BigRational>> = (0..shares.len()).map(ratio).collect();
    // `None` is infinity.
    cuts.sort_by(|a, b| match (a, b) {
        (None, None) => std::cmp::Ordering::Equal,
        (None, _) => std::cmp::Ordering::Greater,
        (_, None) => std::cmp::Ordering::Less,
        (Some(a), Some(b)) => a.cmp(b),
    });
    cuts.dedup();
    let place = |k: usize| cuts.iter().position(|cut| *cut == ratio(k)).unwrap();
    let mut integral = zero();
    for at in place(j)..place(i) {
        let r = cuts[at].clone().expect("infinity is the last");
        let upper = |k: &usize| place(*k) > at;
        let a = (0..shares.len()).filter(upper).fold(zero(), |sum, k| sum + &shares[k].0);
        let b = (0..shares.len()).filter(|k| !upper(k)).fold(zero(), |sum, k| sum + &shares[k].1);
        integral += match &cuts[at + 1] {
            Some(s) => (s - &r) / ((&a + &b * &r) * (&a + &b * s)),
            None => exactly(1, 1) / (&b * (&a + &b * &r)),
        };
    }
    &shares[i].0 * &shares[j].1 * integral
}

fn sides(weights: &Weights) -> [Locator<String, AnyPlacement>; 2] {
    [0, 1].map(|side| {
        let weight = |(x, y): &(u64, u64)| if side == 0 { *x } else { *y };
        let nodes = weights.iter().enumerate().filter(|(_, pair)| weight(pair) > 0);
        let nodes = nodes.map(|(i, pair)| Node::new(format!("n{i}")).weight(weight(pair)));
        Locator::any_of(Topology::of(nodes).unwrap(), Algorithm::WeightedRendezvous).unwrap()
    })
}

fn check(weights: &Weights) {
    let [old, new] = sides(weights);
    let diff: Diff<'_, String> = old.diff(&new).unwrap();
    let (moved, least) = (moved(weights), gained(weights));
    let found = diff.moved_fraction().unwrap();
    assert!(close(found, &moved), "{weights:?}: {found} {moved}");
    assert!(close(diff.ideal(), &least), "{weights:?}: {} {least}", diff.ideal());
    assert!(close(diff.minimum_fraction(), &least));
    let excess = if least == zero() { zero() } else { &moved / &least - exactly(1, 1) };
    let found = BigRational::from_float(diff.excess().expect("known")).expect("finite");
    let off = if found > excess { &found - &excess } else { &excess - &found };
    assert!(off * exactly(10_000_000_000_000, 1) <= exactly(1, 1) + &excess, "{weights:?}");

    let name = |i: usize| format!("n{i}");
    let mut expected: BTreeMap<(String, String), BigRational> = BTreeMap::new();
    for i in 0..weights.len() {
        for j in 0..weights.len() {
            let [(x, y), (v, w)] = [weights[i], weights[j]];
            if u128::from(x) * u128::from(w) > u128::from(v) * u128::from(y) {
                expected.insert((name(i), name(j)), goes(weights, i, j));
            }
        }
    }
    let ends =
        |from: Option<&String>, to: Option<&String>| (from.unwrap().clone(), to.unwrap().clone());
    let matrix = diff.matrix().unwrap();
    assert_eq!(matrix.len(), expected.len());
    for transfer in &matrix {
        let exact = &expected[&ends(transfer.from, transfer.to)];
        assert!(close(transfer.fraction, exact), "{weights:?}: {} {exact}", transfer.fraction);
    }
    let mut pairs: Vec<_> = diff.moves().map(|m| ends(m.from, m.to)).collect();
    pairs.sort();
    assert!(pairs.iter().eq(expected.keys()), "{weights:?}");
}

/// One unit more on one of a few nodes, from weights of 1 to weights of 2^60.
#[test]
fn one_more_unit_of_weight() {
    for exponent in 0..=60 {
        let weight = 1_u64 << exponent;
        for nodes in [1, 2, 3, 10] {
            let mut weights = vec![(weight, weight); nodes];
            weights[0].1 += 1;
            check(&weights);
            weights.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
            check(&weights);
        }
    }
}

/// A few nodes of any weights, of which some get a little more, some a little less, some anything,
/// and some join or leave.
#[test]
fn every_small_change_of_weights() {
    for case in 0..2000 {
        let mut draws = Draws(case);
        let nodes = 2 + draws.below(5);
        let alike = draws.below(61);
        let weight = |draws: &mut Draws| {
            let exponent = if draws.below(2) == 0 { alike } else { draws.below(61) };
            (1 << exponent) + draws.below(1 << exponent)
        };
        let mut weights: Weights = Vec::new();
        for _ in 0..nodes {
            let before = weight(&mut draws);
            let near = 1 + draws.below(3);
            weights.push(match draws.below(8) {
                0 => (before, before + near),
                1 => (before, before.saturating_sub(near).max(1)),
                2 => (before, weight(&mut draws)),
                3 => (0, before),
                4 => (before, 0),
                _ => (before, before),
            });
        }
        if weights.iter().any(|pair| pair.0 > 0) && weights.iter().any(|pair| pair.1 > 0) {
            check(&weights);
        }
    }
}
