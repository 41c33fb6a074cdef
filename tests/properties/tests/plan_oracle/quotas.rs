//! Quotas against numbers found by hand and against what characterises them.

use crate::instance;
use apportion_properties::plan_oracle::{
    Infeasible, Instance, NodeSpec, Shape, bounds, domain_quotas, quotas, random_instance,
};
use apportion_properties::support::Draws;
use num_rational::BigRational;

fn ratios(parts: &[(u64, u64)]) -> Vec<BigRational> {
    parts.iter().map(|&(num, den)| BigRational::new(num.into(), den.into())).collect()
}

#[test]
fn by_weight_without_limits() {
    let three = instance(10, 1, &[], &[(&[], 1), (&[], 2), (&[], 4)]);
    assert_eq!(quotas(&three).unwrap(), ratios(&[(10, 7), (20, 7), (40, 7)]));
    assert_eq!(bounds(&three).unwrap().nodes, [(1, 2), (2, 3), (5, 6)]);
    // The heavy node is full at 12; what is left goes 3 : 1.
    let full = instance(12, 2, &[], &[(&[], 8), (&[], 3), (&[], 1)]);
    assert_eq!(quotas(&full).unwrap(), ratios(&[(12, 1), (9, 1), (3, 1)]));
    // A second one fills up only because the first did.
    let chain = instance(12, 3, &[], &[(&[], 100), (&[], 5), (&[], 1), (&[], 1)]);
    assert_eq!(quotas(&chain).unwrap(), ratios(&[(12, 1), (12, 1), (6, 1), (6, 1)]));
    let drained = instance(10, 1, &[], &[(&[], 0), (&[], 3)]);
    assert_eq!(quotas(&drained).unwrap(), ratios(&[(0, 1), (10, 1)]));
}

/// By proportion node 0 is above its own cap too; but its domain is full first, and its
/// neighbour must not end with nothing.
#[test]
fn the_first_to_be_full_freezes() {
    let nodes: [(&[u32], u64); 4] = [(&[0], 100), (&[0], 1), (&[1], 1), (&[2], 1)];
    let one = instance(101, 2, &[1], &nodes);
    assert_eq!(quotas(&one).unwrap(), ratios(&[(100, 1), (1, 1), (101, 2), (101, 2)]));
    assert_eq!(domain_quotas(&one).unwrap(), ratios(&[(101, 1), (101, 2), (101, 2)]));
    assert_eq!(bounds(&one).unwrap().domains, [(101, 101), (50, 51), (50, 51)]);
}

/// Rack (0, 0) is full first, then its zone; the other rack takes what the first left.
#[test]
fn nested_caps() {
    let nodes: [(&[u32], u64); 6] =
        [(&[0, 0], 3), (&[0, 0], 1), (&[0, 1], 2), (&[0, 2], 1), (&[1, 0], 1), (&[1, 1], 2)];
    let nested = instance(12, 3, &[2, 1], &nodes);
    let expected = ratios(&[(9, 1), (3, 1), (8, 1), (4, 1), (4, 1), (8, 1)]);
    assert_eq!(quotas(&nested).unwrap(), expected);
    assert_eq!(domain_quotas(&nested).unwrap()[0], ratios(&[(24, 1)])[0]);
}

#[test]
fn not_enough_room() {
    let two: [(&[u32], u64); 3] = [(&[0], 1), (&[0], 1), (&[1], 5)];
    assert_eq!(quotas(&instance(4, 3, &[1], &two)), Err(Infeasible));
    assert_eq!(quotas(&instance(4, 3, &[0], &two)).unwrap(), ratios(&[(4, 1); 3]));
    assert_eq!(quotas(&instance(4, 2, &[1], &two)).unwrap(), ratios(&[(2, 1), (2, 1), (4, 1)]));
    assert_eq!(quotas(&instance(1, 1, &[], &[(&[], 0)])), Err(Infeasible));
    assert_eq!(quotas(&instance(1, 1, &[], &[])), Err(Infeasible));
}

/// Paths that end early are in no deeper domain.
#[test]
fn ragged_paths() {
    let nodes: [(&[u32], u64); 4] = [(&[], 1), (&[0], 1), (&[0, 0], 1), (&[0, 0], 1)];
    let ragged = instance(6, 2, &[2, 1], &nodes);
    assert_eq!(quotas(&ragged).unwrap(), ratios(&[(3, 1); 4]));
    let tight = instance(6, 3, &[2, 1], &nodes);
    assert_eq!(quotas(&tight).unwrap(), ratios(&[(6, 1), (6, 1), (3, 1), (3, 1)]));
}

/// Everything that may not hold more than so much, as (nodes, most).
fn limits(instance: &Instance) -> Vec<(Vec<usize>, u64)> {
    let p = instance.partitions as u64;
    let domains = instance.domains().into_iter();
    let mut all: Vec<_> = domains.filter_map(|d| Some((d.nodes, d.cap? * p))).collect();
    all.extend((0..instance.nodes.len()).map(|v| (vec![v], p)));
    all
}

fn held(quotas: &[BigRational], nodes: &[usize]) -> BigRational {
    nodes.iter().fold(BigRational::from_integer(0.into()), |sum, &v| sum + &quotas[v])
}

/// Max-min fair is: within all limits, and each live node has a limit that is reached and under
/// which nobody has more for its weight (Bertsekas and Gallager). The sum is such a limit.
fn assert_fair(instance: &Instance, quotas: &[BigRational]) {
    let all: Vec<usize> = (0..quotas.len()).collect();
    let total = |n: u64| BigRational::from_integer(n.into());
    let mut limits = limits(instance);
    limits.push((all.clone(), instance.total()));
    assert!(limits.iter().all(|(nodes, most)| held(quotas, nodes) <= total(*most)));
    let rate = |v: usize| &quotas[v] / total(instance.nodes[v].weight);
    let live = |v: &usize| instance.nodes[*v].weight > 0;
    limits.retain(|(nodes, most)| held(quotas, nodes) == total(*most));
    for v in all.iter().copied().filter(live) {
        let binds = |(nodes, _): &(Vec<usize>, u64)| {
            nodes.contains(&v) && nodes.iter().filter(|u| live(u)).all(|&u| rate(u) <= rate(v))
        };
        assert!(limits.iter().any(binds), "node {v}: {instance:?}");
    }
    assert!(all.iter().all(|&v| live(&v) || quotas[v] == total(0)));
    assert_eq!(held(quotas, &all), total(instance.total()));
}

/// Most that the nodes under a path can hold together.
fn room(instance: &Instance, path: &[u32]) -> u64 {
    let p = instance.partitions as u64;
    let here = |n: &&NodeSpec| n.path == path && n.weight > 0;
    let own = instance.nodes.iter().filter(here).count() as u64 * p;
    let inner = instance
        .domains()
        .into_iter()
        .filter(|d| d.path.len() == path.len() + 1 && d.path.starts_with(path));
    let most = |cap: Option<u64>| cap.map_or(u64::MAX, |cap| cap * p);
    own + inner.map(|d| room(instance, &d.path).min(most(d.cap))).sum::<u64>()
}

#[test]
fn are_max_min_fair() {
    let mut draws = Draws(1);
    let (mut solved, mut refused) = (0, 0);
    let tiny = |draws: &mut Draws| Shape::TINY.instance(draws);
    for round in 0..800 {
        let make = if round % 2 == 0 { random_instance } else { tiny };
        let instance = make(&mut draws);
        let enough = room(&instance, &[]) >= instance.total();
        assert_eq!(quotas(&instance).is_ok(), enough, "{instance:?}");
        if let Ok(quotas) = quotas(&instance) {
            assert_fair(&instance, &quotas);
            solved += 1;
        } else {
            refused += 1;
        }
    }
    assert!(solved > 600 && refused > 20, "{solved} {refused}");
}
