//! The flow and the dynamic program against all tables there are, and against one another.

use crate::instance;
use apportion_properties::plan_oracle::{
    Instance, Limit, Report, Shape, bounds, check, check_within, lower_bound,
    min_doubles_and_moves, min_moves, min_moves_and_doubles, min_table, random_instance, search,
    tiny_instance,
};
use apportion_properties::support::Draws;

/// All sets of so many of `n` nodes.
fn sets(n: usize, size: usize) -> Vec<Vec<usize>> {
    let members = |bits: u32| (0..n).filter(|v| bits >> v & 1 == 1).collect::<Vec<usize>>();
    (0..1_u32 << n).map(members).filter(|set| set.len() == size).collect()
}

/// What `check` says of every balanced legal table.
fn all_good(instance: &Instance) -> Vec<Report> {
    let Ok(bounds) = bounds(instance) else { return vec![] };
    let sets = sets(instance.nodes.len(), instance.replicas);
    let tables = sets.len().pow(instance.partitions as u32);
    let table = |mut number: usize| {
        let mut digit = || {
            let set = sets[number % sets.len()].clone();
            number /= sets.len();
            set
        };
        (0..instance.partitions).map(|_| digit()).collect::<Vec<_>>()
    };
    let reports =
        (0..tables).map(|number| check_within(instance, &bounds, &table(number)).unwrap());
    reports.filter(Report::is_good).collect()
}

#[test]
fn oracle_plans_equal_the_best_of_all_tables() {
    let mut draws = Draws(3);
    let shape = Shape { partitions: 3, nodes: 5, replicas: 3, levels: 2 };
    let (mut done, mut moved, mut doubled, mut none) = (0, 0, 0, 0);
    while done < 1000 {
        let instance = shape.instance(&mut draws);
        let each = sets(instance.nodes.len(), instance.replicas).len();
        if each.pow(instance.partitions as u32) > 1000 {
            continue;
        }
        done += 1;
        let good = all_good(&instance);
        let moves = good.iter().map(|r| r.moved).min();
        let first = good.iter().map(|r| (r.moved, r.doubles)).min();
        let second = good.iter().map(|r| (r.doubles, r.moved)).min();
        assert_eq!(min_moves(&instance), moves, "{instance:?}");
        assert_eq!(min_moves_and_doubles(&instance), first, "{instance:?}");
        assert_eq!(min_doubles_and_moves(&instance), second, "{instance:?}");
        none += u32::from(first.is_none());
        moved += u32::from(first.is_some_and(|(moves, _)| moves > 0));
        doubled += u32::from(first.is_some_and(|(_, doubles)| doubles > 0));
    }
    assert!(none > 50 && moved > 500 && doubled > 30, "{none} {moved} {doubled}");
}

/// The flow, the dynamic program with its limits and without, and the bound.
#[test]
fn the_oracles_agree_with_one_another() {
    let mut draws = Draws(4);
    let unlimited = Limit { moves: u64::MAX, doubles: u64::MAX };
    for round in 0..400 {
        let instance = tiny_instance(&mut draws);
        let both = min_moves_and_doubles(&instance);
        assert_eq!(min_moves(&instance), both.map(|(moves, _)| moves), "{instance:?}");
        if round % 4 == 0 {
            let plain = search(&instance, unlimited, |moves, doubles| (moves, doubles));
            assert_eq!(plain, both, "{instance:?}");
            let plain = search(&instance, unlimited, |moves, doubles| (doubles, moves));
            assert_eq!(plain, min_doubles_and_moves(&instance), "{instance:?}");
        }
    }
}

#[test]
fn tables_of_the_flow_are_good() {
    let mut draws = Draws(5);
    let (mut solved, mut refused) = (0, 0);
    for _ in 0..500 {
        let instance = random_instance(&mut draws);
        let Some(table) = min_table(&instance) else {
            let fixed = !instance.pins.is_empty() || !instance.frozen.is_empty();
            assert!(bounds(&instance).is_err() || fixed, "{instance:?}");
            refused += 1;
            continue;
        };
        let report = check(&instance, &table).unwrap();
        assert!(report.is_good(), "{report:?} {instance:?}");
        assert_eq!(min_moves(&instance), Some(report.moved));
        assert!(lower_bound(&instance).unwrap() <= report.moved, "{instance:?}");
        solved += 1;
    }
    assert!(solved > 400 && refused > 20, "{solved} {refused}");
}

/// The bound by trying every floor and ceiling.
#[test]
fn bound_by_all_counts() {
    let mut draws = Draws(6);
    for _ in 0..500 {
        let instance = tiny_instance(&mut draws);
        let Ok(bounds) = bounds(&instance) else {
            assert_eq!(lower_bound(&instance), None);
            continue;
        };
        let held = instance.held();
        let kept = |up: u32| {
            let counts = bounds.nodes.iter().enumerate();
            let counts: Vec<u64> = counts
                .map(|(v, (floor, ceil))| if up >> v & 1 == 1 { *ceil } else { *floor })
                .collect();
            let fits = instance.domains().iter().zip(&bounds.domains).all(|(d, (floor, ceil))| {
                let sum: u64 = d.nodes.iter().map(|&v| counts[v]).sum();
                sum == *floor || sum == *ceil
            });
            let all = counts.iter().sum::<u64>() == instance.total();
            (fits && all)
                .then(|| counts.iter().zip(&held).map(|(n, held)| n.min(held)).sum::<u64>())
        };
        let kept = (0..1 << bounds.nodes.len()).filter_map(kept).max().unwrap();
        let bound = instance.partitions as u64 * instance.keepable() - kept;
        assert_eq!(lower_bound(&instance), Some(bound), "{instance:?}");
    }
}

/// A node joins a cluster whose table was full: with
/// ceilings alone nothing would move.
#[test]
fn a_new_node_is_filled_to_its_floor() {
    let mut three = instance(4, 1, &[], &[(&[], 1), (&[], 1), (&[], 1)]);
    three.old = Some(vec![vec![0], vec![0], vec![1], vec![1]]);
    assert_eq!(min_moves(&three), Some(1));
    assert_eq!(lower_bound(&three), Some(1));
    three.frozen = vec![0, 1, 2];
    assert_eq!(min_moves(&three), Some(1));
    three.frozen = vec![0, 1, 2, 3];
    assert_eq!(min_moves(&three), None);
    three.frozen = vec![];
    three.pins = vec![(0, 2), (2, 2)];
    assert_eq!(min_moves(&three), Some(2));
    // Node 0 gave both away and needs one.
    three.pins = vec![(0, 2), (1, 2)];
    assert_eq!(min_moves(&three), Some(3));
    three.pins = vec![(0, 2), (1, 2), (2, 2)];
    assert_eq!(min_moves(&three), None);
}

/// The fewest moves and one replica of a partition at a time can exclude one another. A and B give
/// up one replica each, X and Y get one each. All that holds A or B and lacks X or Y is the first
/// partition, so two moves are both there; in three moves it goes through C.
#[test]
fn fewest_moves_may_need_a_double() {
    let [a, b, c, d, x, y] = [0, 1, 2, 3, 4, 5];
    let weights = [1, 1, 2, 1, 4, 3].map(|weight| (&[][..], weight));
    let mut six = instance(4, 3, &[], &weights);
    six.old = Some(vec![vec![a, b, c], vec![a, x, y], vec![b, x, y], vec![c, d, x]]);
    let good = |table: Vec<Vec<usize>>| {
        let report = check(&six, &table).unwrap();
        assert!(report.is_good());
        (report.moved, report.doubles)
    };
    let rest = vec![vec![a, x, y], vec![b, x, y], vec![c, d, x]];
    assert_eq!(good([vec![vec![x, y, c]], rest].concat()), (2, 1));
    assert_eq!(good(vec![vec![x, b, c], vec![a, x, y], vec![c, x, y], vec![y, d, x]]), (3, 0));
    assert_eq!(min_moves(&six), Some(2));
    assert_eq!(min_moves_and_doubles(&six), Some((2, 1)));
    assert_eq!(min_doubles_and_moves(&six), Some((0, 3)));
    assert!(all_good(&six).iter().all(|r| r.moved > 2 || r.doubles > 0));
}
