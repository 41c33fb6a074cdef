//! `check` finds every kind of fault, and nothing in a good table.

use crate::instance;
use apportion_properties::plan_oracle::{
    Instance, Outside, Violation, bounds, check, fresh_table, random_instance,
};
use apportion_properties::support::Draws;

/// Two zones of two, at most one in each; every node has the quota 2.
fn square() -> Instance {
    let nodes: [(&[u32], u64); 4] = [(&[0], 1), (&[0], 1), (&[1], 1), (&[1], 1)];
    let mut square = instance(4, 2, &[1], &nodes);
    square.old = Some(vec![vec![0, 2], vec![0, 3], vec![1, 9], vec![7, 9]]);
    square
}

fn good() -> Vec<Vec<usize>> {
    vec![vec![2, 0], vec![3, 0], vec![1, 2], vec![1, 3]]
}

fn violations(instance: &Instance, table: &[Vec<usize>]) -> Vec<Violation> {
    check(instance, table).unwrap().violations
}

#[test]
fn counts_moves_and_doubles() {
    let report = check(&square(), &good()).unwrap();
    assert!(report.is_good());
    assert_eq!((report.moved, report.doubles), (3, 1));
    let three = instance(4, 3, &[2], &[(&[0], 1), (&[0], 1), (&[1], 1), (&[1], 1)]);
    let three = Instance { old: square().old, ..three };
    let table = vec![vec![0, 1, 2], vec![0, 1, 3], vec![1, 2, 3], vec![0, 2, 3]];
    let report = check(&three, &table).unwrap();
    assert!(report.is_good());
    assert_eq!((report.moved, report.doubles), (3, 1));
    let one = instance(4, 1, &[1], &[(&[0], 1), (&[0], 1), (&[1], 1), (&[1], 1)]);
    let one = Instance { old: square().old, ..one };
    let report = check(&one, &[vec![2], vec![0], vec![1], vec![3]]).unwrap();
    assert_eq!((report.moved, report.doubles, report.is_good()), (1, 0, true));
    let fresh = Instance { old: None, ..square() };
    let report = check(&fresh, &good()).unwrap();
    assert_eq!((report.moved, report.doubles, report.is_good()), (0, 0, true));
}

#[test]
fn finds_each_fault() {
    let square = square();
    let with = |p: usize, set: &[usize]| {
        let mut table = good();
        table[p] = set.to_vec();
        table
    };
    assert_eq!(violations(&square, &with(0, &[2])), [Violation::Size { p: 0, nodes: 1 }]);
    let cap = |held| Violation::Cap { p: 0, path: vec![0], held };
    let wide = violations(&square, &with(0, &[0, 1, 2]));
    assert_eq!(wide, [Violation::Size { p: 0, nodes: 3 }, cap(2)]);
    assert_eq!(violations(&square, &with(0, &[0, 0])), [Violation::Twice { p: 0, v: 0 }, cap(2)]);
    assert_eq!(violations(&square, &with(0, &[0, 1])), [cap(2)]);
    let pinned = Instance { pins: vec![(0, 0), (1, 1)], ..square.clone() };
    assert_eq!(violations(&pinned, &good()), [Violation::Pin { p: 1, v: 1 }]);
    let frozen = Instance { frozen: vec![0, 1, 2], ..square.clone() };
    assert_eq!(violations(&frozen, &good()), [Violation::Frozen { p: 2 }]);
    let unheard = Instance { frozen: vec![1], old: None, ..square.clone() };
    assert_eq!(violations(&unheard, &good()), [Violation::Frozen { p: 1 }]);

    let told = check(&square, &with(0, &[2, 1])).unwrap();
    let node = |v, held| Outside { node: Some(v), path: vec![0], held, floor: 2, ceil: 2 };
    assert_eq!((told.violations, told.outside), (vec![], vec![node(0, 1), node(1, 3)]));
    assert!(check(&square, &good()[..3]).is_err());
    assert!(check(&square, &with(0, &[4, 0])).is_err());
    assert!(check(&Instance { replicas: 3, ..square }, &good()).is_err());
}

/// Each node holds the floor or the ceiling of 5 1/3; a domain with two ceilings has 12, and 10 2/3
/// are due.
#[test]
fn finds_a_domain_outside() {
    let nodes: [(&[u32], u64); 6] =
        [(&[0], 1), (&[0], 1), (&[1], 1), (&[1], 1), (&[2], 1), (&[2], 1)];
    let six = instance(31, 1, &[1], &nodes);
    let table = |counts: [usize; 6]| {
        let held = counts.iter().enumerate().flat_map(|(v, &n)| vec![vec![v]; n]);
        held.collect::<Vec<Vec<usize>>>()
    };
    assert!(check(&six, &table([6, 5, 5, 5, 5, 5])).unwrap().is_good());
    let more = instance(32, 1, &[1], &nodes);
    assert!(check(&more, &table([6, 5, 6, 5, 5, 5])).unwrap().is_good());
    let report = check(&more, &table([6, 6, 5, 5, 5, 5])).unwrap();
    let outside = Outside { node: None, path: vec![0], held: 12, floor: 10, ceil: 11 };
    assert_eq!((report.violations, report.outside), (vec![], vec![outside]));
}

/// Where there are quotas there is a table, and `check` has nothing against it.
#[test]
fn fresh_tables_are_good() {
    let mut draws = Draws(2);
    for _ in 0..200 {
        let mut instance = random_instance(&mut draws);
        instance.pins.clear();
        instance.frozen.clear();
        let table = fresh_table(&instance, &mut draws);
        assert_eq!(table.is_some(), bounds(&instance).is_ok(), "{instance:?}");
        if let Some(table) = table {
            assert!(check(&instance, &table).unwrap().is_good(), "{instance:?}");
        }
    }
}
