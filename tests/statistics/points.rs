//! How even a ring can be with few points, whatever rule chooses them: the table of the chapter on
//! choosing.
//!
//! The rings here are lists of (point, node), not the crate's. All rules but the last two make the
//! points of a node without looking at another one, which is what minimal movement takes.

use crate::support::Draws;

type Points = Vec<(u64, u32)>;

/// The points of one node, from draws of its own.
type Rule = fn(&mut Draws, u64) -> Vec<u64>;

/// The whole circle divided by `v`.
fn stratum(v: u64) -> u64 {
    u64::MAX / v
}

/// Any points.
fn random(draws: &mut Draws, v: u64) -> Vec<u64> {
    (0..v).map(|_| draws.next()).collect()
}

/// One point in each of v equal parts of the circle, anywhere in it.
fn jittered(draws: &mut Draws, v: u64) -> Vec<u64> {
    (0..v).map(|i| i * stratum(v) + draws.below(stratum(v))).collect()
}

/// Points at equal distances, turned by a random angle.
fn equidistant(draws: &mut Draws, v: u64) -> Vec<u64> {
    let turn = draws.next();
    (0..v).map(|i| turn.wrapping_add(i * stratum(v))).collect()
}

/// Multiples of the golden ratio, turned by a random angle: low discrepancy for every prefix.
fn golden(draws: &mut Draws, v: u64) -> Vec<u64> {
    let turn = draws.next();
    (0..v).map(|i| turn.wrapping_add(i.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect()
}

fn ring(rule: Rule, n: u64, v: u64, draws: &mut Draws) -> Points {
    let node = |node| rule(&mut Draws(draws.next()), v).into_iter().map(move |p| (p, node as u32));
    (0..n).flat_map(node).collect()
}

/// Nodes with numbers below 2^bits share a lattice: in each part of the circle every number has a
/// place of its own, in an order drawn for that part. As good as stratification can be, but a node
/// needs a number that no other one has, and a full lattice has to be refined.
fn lattice(n: u64, v: u64, draws: &mut Draws) -> Points {
    let size = n.next_power_of_two();
    let part = |i: u64, draws: &mut Draws| {
        let mut places: Vec<u64> = (0..size).collect();
        draws.shuffle(&mut places);
        let at = move |place: u64| i * stratum(v) + place * (stratum(v) / size);
        places.into_iter().take(n as usize).map(at).zip(0..).collect::<Points>()
    };
    (0..v).flat_map(|i| part(i, draws)).collect()
}

/// A node that joins halves the longest arc of the node that has the largest share, v times: what
/// Cassandra's allocator does for one replica, simplified. The points depend on the order of joining.
fn greedy(n: u64, v: u64, draws: &mut Draws) -> Points {
    let mut points: Points = ring(random, 1, v, draws);
    for node in 1..n as u32 {
        for _ in 0..v {
            points.sort_unstable();
            let shares = shares(&points, node as usize + 1);
            let largest = (0..node as usize).max_by_key(|i| shares[*i]).unwrap();
            let arcs = arcs(&points).filter(|(owner, ..)| *owner == largest);
            let (_, start, length) = arcs.max_by_key(|(.., length)| *length).unwrap();
            points.push((start.wrapping_add(length / 2), node));
        }
    }
    points
}

/// The owner, the start and the length of every arc: it ends at the owner's point.
fn arcs(sorted: &Points) -> impl Iterator<Item = (usize, u64, u64)> {
    let before = sorted.last().into_iter().chain(sorted);
    before
        .zip(sorted)
        .map(|((start, _), (end, node))| (*node as usize, *start, end.wrapping_sub(*start)))
}

fn shares(sorted: &Points, n: usize) -> Vec<u128> {
    let mut shares = vec![0; n];
    // One node alone has the whole circle.
    arcs(sorted).for_each(|(node, _, length)| shares[node] += u128::from(length));
    shares
}

/// The largest share over the mean, and the standard deviation of shares over the mean.
fn evenness(mut points: Points, n: u64) -> (f64, f64) {
    points.sort_unstable();
    let all = points.iter().map(|(_, node)| node + 1).max().unwrap() as usize;
    let mean = 2_f64.powi(64) / n as f64;
    let shares = shares(&points, all).into_iter().map(|share| share as f64 / mean);
    let live: Vec<f64> = shares.filter(|share| *share > 0.0).collect();
    let variance = live.iter().map(|share| (share - 1.0).powi(2)).sum::<f64>() / n as f64;
    (live.into_iter().fold(0.0, f64::max), variance.sqrt())
}

/// Means over rounds: the largest share, and the root of the mean square deviation.
fn over_rounds(rounds: u64, n: u64, make: impl Fn(&mut Draws) -> Points) -> (f64, f64) {
    let each = (0..rounds).map(|round| evenness(make(&mut Draws(round * 7919 + n)), n));
    let (peak, squares) = each.fold((0.0, 0.0), |(a, b), (p, s)| (a + p, b + s * s));
    (peak / rounds as f64, (squares / rounds as f64).sqrt())
}

/// Points that do not look at other nodes: what their distance from each other leaves of the
/// deviation, sqrt((n − 1) / ((n + 1) v)), next to that of random points, sqrt((n − 1) / (nv + 1)).
fn bound(n: u64, v: u64) -> (f64, f64) {
    let (n, v) = (n as f64, v as f64);
    (((n - 1.0) / ((n + 1.0) * v)).sqrt(), ((n - 1.0) / (n * v + 1.0)).sqrt())
}

const RULES: [(&str, Rule); 4] = [
    ("random", random),
    ("one in each part", jittered),
    ("equidistant", equidistant),
    ("golden ratio", golden),
];

/// No rule whose points are those of one node alone is better than random ones by more than the
/// bound says.
#[test]
fn points_chosen_without_the_other_nodes_gain_nothing() {
    for (n, v) in [(10, 16), (100, 16), (100, 64)] {
        let (stratified, independent) = bound(n, v);
        let (_, found) = over_rounds(300, n, |draws| ring(random, n, v, draws));
        assert!((found / independent - 1.0).abs() < 0.05, "{n} {v}: {found}, not {independent}");
        for (name, rule) in RULES {
            let (_, found) = over_rounds(300, n, |draws| ring(rule, n, v, draws));
            assert!(found > 0.95 * stratified, "{name} {n} {v}: {found} below {stratified}");
        }
    }
    // With numbers instead of labels the full lattice is even, and half of it is not.
    let (_, full) = over_rounds(20, 64, |draws| lattice(64, 16, draws));
    let (_, half) = over_rounds(100, 65, |draws| lattice(65, 16, draws));
    assert!(full < 1e-9, "{full}");
    assert!((0.15..0.20).contains(&half), "{half}");
}

/// `cargo test --release --test statistics points -- --ignored --nocapture`
#[test]
#[ignore = "prints the table of rules for points in the chapter on choosing"]
fn prints_rules_for_points() {
    for n in [10, 100, 1000] {
        for v in [16, 32, 64, 160, 1000] {
            let rounds = if n * v > 100_000 { 20 } else { 200 };
            let (stratified, independent) = bound(n, v);
            println!("n {n} v {v}: random {independent:.3}, not below {stratified:.3}");
            for (name, rule) in RULES {
                let (peak, deviation) = over_rounds(rounds, n, |draws| ring(rule, n, v, draws));
                println!("{name:>18}: peak {peak:.2} deviation {deviation:.3}");
            }
            for n in [n, n.next_power_of_two(), n.next_power_of_two() / 2 + 1] {
                let (peak, deviation) = over_rounds(rounds, n, |draws| lattice(n, v, draws));
                println!("   lattice {n:>7}: peak {peak:.2} deviation {deviation:.3}");
            }
        }
    }
    for (n, v) in [(10, 16), (100, 16), (100, 32), (100, 64)] {
        let (peak, deviation) = over_rounds(3, n, |draws| greedy(n, v, draws));
        println!("n {n} v {v} greedy: peak {peak:.2} deviation {deviation:.3}");
        // A quarter leaves.
        let left = n - n / 4;
        let fewer = |draws: &mut Draws| {
            let mut numbers: Vec<u32> = (0..n as u32).collect();
            draws.shuffle(&mut numbers);
            numbers.truncate(left as usize);
            greedy(n, v, draws).into_iter().filter(|(_, node)| numbers.contains(node)).collect()
        };
        let (peak, deviation) = over_rounds(3, left, fewer);
        println!("    then {left} of them: peak {peak:.2} deviation {deviation:.3}");
    }
}
