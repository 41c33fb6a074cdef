//! The generator makes every kind of question it promises, and the same ones for the same seed.

use apportion_properties::plan_oracle::{
    Instance, Shape, bounds, legal_sets, min_moves, random_instance, tiny_instance,
};
use apportion_properties::support::Draws;
use std::collections::BTreeMap;

/// What is special about an instance.
fn traits(instance: &Instance) -> Vec<&'static str> {
    let n = instance.nodes.len();
    let zones = instance.domains().iter().filter(|d| d.path.len() == 1).count();
    let weights = || instance.nodes.iter().map(|node| node.weight);
    let live = weights().filter(|&w| w > 0).min().unwrap_or(1);
    let spread = weights().max().unwrap_or(1) / live;
    let old = || instance.old.iter().flatten();
    let (r_old, r) = (instance.old_replicas(), instance.replicas);
    let moves = min_moves(instance);
    let above = |set: &Vec<usize>| {
        instance.domains().iter().any(|d| {
            let held = set.iter().filter(|v| d.nodes.contains(v)).count() as u64;
            d.cap.is_some_and(|cap| held > cap)
        })
    };
    let caps = || instance.caps.iter().flatten();
    let told = [
        ("no level", instance.caps.is_empty()),
        ("one level", instance.caps.len() == 1),
        ("two levels", instance.caps.len() == 2),
        ("three levels", instance.caps.len() == 3),
        ("zones = R, cap 1", zones == r && instance.caps[0] == Some(1)),
        ("one node a zone", zones == n),
        ("cap 1", caps().any(|&cap| cap == 1)),
        ("cap 2", caps().any(|&cap| cap == 2)),
        ("cap 3", caps().any(|&cap| cap == 3)),
        ("weights 1 : 100", spread >= 100),
        ("weights 1 : 2^32", spread >= 1 << 32),
        ("drained", weights().any(|w| w == 0)),
        ("drained holder", old().flatten().any(|&v| v < n && instance.nodes[v].weight == 0)),
        ("one partition", instance.partitions == 1),
        ("no old table", instance.old.is_none()),
        ("nodes left", old().flatten().any(|&v| v >= n)),
        ("empty node", instance.old.is_some() && instance.held().contains(&0)),
        ("R raised", r_old > 0 && r_old < r),
        ("R lowered", r_old > r),
        ("old breaks caps", old().any(above)),
        ("pins", !instance.pins.is_empty()),
        ("frozen", !instance.frozen.is_empty()),
        ("no quotas", bounds(instance).is_err()),
        ("no table", bounds(instance).is_ok() && moves.is_none()),
        ("nothing moves", moves == Some(0)),
        ("something moves", moves.is_some_and(|moves| moves > 0)),
    ];
    told.into_iter().filter_map(|(name, holds)| holds.then_some(name)).collect()
}

fn well_formed(instance: &Instance, shape: Shape) {
    let (n, p) = (instance.nodes.len(), instance.partitions);
    assert!(0 < n && n as u64 <= shape.nodes, "{instance:?}");
    assert!(0 < p && p as u64 <= shape.partitions, "{instance:?}");
    assert!((1..=shape.replicas).contains(&(instance.replicas as u64)), "{instance:?}");
    assert!(instance.caps.len() as u64 <= shape.levels);
    assert!(instance.nodes.iter().all(|node| node.path.len() == instance.caps.len()));
    let old = instance.old.as_ref();
    assert!(old.is_none_or(|old| old.len() == p));
    for set in old.into_iter().flatten() {
        assert_eq!(set.len(), instance.old_replicas());
        assert!((1..set.len()).all(|i| !set[..i].contains(&set[i])), "{instance:?}");
    }
    assert!(instance.pins.iter().all(|&(q, v)| q < p && v < n));
    assert!(instance.frozen.iter().all(|&q| q < p));
}

#[test]
fn covers_everything() {
    for (make, shape) in [
        (random_instance as fn(&mut Draws) -> Instance, Shape::ORDINARY),
        (tiny_instance, Shape::TINY),
    ] {
        let mut draws = Draws(8);
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for _ in 0..1000 {
            let instance = make(&mut draws);
            well_formed(&instance, shape);
            for name in traits(&instance) {
                *seen.entry(name).or_default() += 1;
            }
        }
        let kinds = if shape.levels == 3 { 26 } else { 25 };
        assert!(seen.len() == kinds && seen.values().all(|&count| count >= 10), "{seen:?}");
        assert!(seen["something moves"] > 500, "{seen:?}");
        assert!(seen["no quotas"] + seen["no table"] < 300, "{seen:?}");
    }
}

#[test]
fn same_seed_same_instances() {
    let told = |seed| {
        let mut draws = Draws(seed);
        (0..20).map(|_| format!("{:?}", random_instance(&mut draws))).collect::<Vec<_>>()
    };
    assert_eq!(told(9), told(9));
    assert_ne!(told(9), told(10));
}

#[test]
fn names() {
    let mut instance = crate::instance(1, 1, &[1, 0], &[(&[4, 7], 1), (&[4, 8], 1)]);
    instance.old = Some(vec![vec![3]]);
    let named = |level: &str, name: &str| (level.to_owned(), name.to_owned());
    assert_eq!(instance.domain(1), [named("l0", "d4"), named("l1", "d8")]);
    assert_eq!((Instance::label(3), instance.indices()), ("n3".to_owned(), 4));
    assert_eq!(legal_sets(&instance), [[0], [1]]);
    assert_eq!(instance.caps, [Some(1), None]);
}
