//! Sizes are even in histories, alone move nothing, keep all other rules and depend on no order.

use super::{Listed, Nodes, checked, equal, figures, rows, sized, skewed, topology};
use crate::support::Draws;
use apportion::partition::{Affinity, TableConfig};
use apportion::{ErrorKind, Node, PartitionTable, Planner};

/// Steps of a cluster, each dispersed or not: the greatest ratio before and after dispersion.
#[test]
fn sizes_are_even_in_a_history() {
    let draws = &mut Draws(7);
    let sizes = skewed(draws, 600);
    let config = TableConfig::new(600, 3).max_per_domain("zone", 1);
    let mut listed: Listed = (0..12).map(|id| (id, 1 + id % 2, id % 4)).collect();
    let mut last: Option<(PartitionTable, Nodes)> = None;
    for step in 0..10 {
        match step {
            0 => {}
            1 | 4 | 7 => listed.push((20 + step, 2, step % 4)),
            2 | 5 => drop(listed.remove(draws.below(listed.len() as u64) as usize)),
            3 => listed[1].1 = 0,
            _ => listed[2].1 += 1,
        }
        draws.shuffle(&mut listed);
        let nodes = topology(&listed);
        let planner = sized(&nodes, &config, &sizes);
        let plain = Planner::new(nodes.members(), &config).unwrap();
        let from = last.as_ref().map(|(table, nodes)| (table, nodes.members()));
        let plan_of = |planner: &Planner<'_>| match from {
            None => planner.fresh().unwrap(),
            Some((table, members)) => planner.rebalance(table, members).unwrap(),
        };
        let (mut plan, plain) = (plan_of(&planner), plan_of(&plain));
        let old = last.as_ref().map(|(table, nodes)| (table, nodes));
        assert_eq!(plan.moved(), plain.moved(), "{step}");
        assert!(plan.partitions_moved_twice() <= plain.partitions_moved_twice(), "{step}");
        let evened = checked(&planner, &plan, &nodes, &sizes, old);
        let without = planner.max_size_over_fair(plain.table()).unwrap();
        assert!(evened.max_over_fair() <= without, "{step}: {evened:?}, {without}");
        planner.disperse(&mut plan).unwrap();
        let dispersed = checked(&planner, &plan, &nodes, &sizes, old);
        assert!(dispersed.max_over_fair() <= evened.max_over_fair(), "{step}");
        println!(
            "{step}: without {without:.4}, evened {:.4}, dispersed {:.4}, bound {:.4}, moved {} of {}, worst pair {:.3}, plain {:.3}",
            evened.max_over_fair(),
            dispersed.max_over_fair(),
            evened.lower_bound(),
            evened.moved(),
            evened.total(),
            planner.report(plan.table()).worst_pair,
            planner.report(plain.table()).worst_pair
        );
        assert!(step > 0 || evened.max_over_fair() < 1.0001, "{evened:?}");
        last = Some((plan.into_table(), nodes));
    }
}

/// A plan with sizes that is planned again without a change moves nothing, and neither does one whose
/// sizes changed by a few percent: counts require nothing.
#[test]
fn sizes_alone_move_nothing() {
    let draws = &mut Draws(11);
    let sizes = skewed(draws, 400);
    let nodes = topology(&(0..10).map(|id| (id, 1 + id % 3, id % 5)).collect::<Listed>());
    let config = TableConfig::new(400, 3).max_per_domain("zone", 1);
    let planner = sized(&nodes, &config, &sizes);
    let mut plan = planner.fresh().unwrap();
    planner.disperse(&mut plan).unwrap();
    let table = plan.into_table();
    for round in 0..20 {
        let perturbed: Vec<u64> = sizes
            .iter()
            .map(|size| if round == 0 { *size } else { size - size / 100 + draws.below(size / 50) })
            .collect();
        for led in [false, true] {
            let planner = sized(&nodes, &config, &perturbed);
            let planner = if led { planner.balance_leaders() } else { planner };
            let mut again = planner.rebalance(&table, nodes.members()).unwrap();
            planner.disperse(&mut again).unwrap();
            let sorted = |table: &PartitionTable| {
                let mut rows = rows(table, &nodes);
                rows.iter_mut().for_each(|row| row.sort_unstable());
                rows
            };
            assert_eq!(sorted(again.table()), sorted(&table), "{round}");
            assert!(led || *again.table() == table);
            assert_eq!((again.moved(), figures(&again).moved()), (0, 0));
            assert_eq!(figures(&again).gap(), 0.0, "no holder may change");
        }
    }
}

/// Pins, frozen partitions, copies, slots, cordoned nodes and leaders, beside sizes.
#[test]
fn sizes_keep_all_other_rules() {
    let mut falls = 0;
    for seed in 0..60 {
        let draws = &mut Draws(seed);
        let partitions = 24 + draws.below(60) as u32;
        let zones = 3 + draws.below(3);
        let mut listed: Listed =
            (0..8 + draws.below(5)).map(|id| (id, 1 + draws.below(3), id % zones)).collect();
        let config = TableConfig::new(partitions, 2).max_per_domain("zone", 1);
        let copied = draws.below(3) == 0;
        let config = if copied { config.copies([(0, 3), (5, 1), (7, 3)]) } else { config };
        let before = topology(&listed);
        let sizes = skewed(draws, partitions);
        let old = sized(&before, &config, &sizes).fresh().unwrap().into_table();
        listed.push((30, 2, draws.below(zones)));
        if draws.below(2) == 0 {
            listed.remove(draws.below(8) as usize);
        }
        let nodes = topology(&listed);
        let pin = nodes.find(&30).unwrap();
        let closed = old.row(9).find_map(|node| nodes.find(before.get(node).unwrap()));
        let build = |with: bool| {
            let planner = Planner::new(nodes.members(), &config).unwrap();
            let planner = if with {
                planner.sizes((0..).zip(sizes.iter().copied())).unwrap()
            } else {
                planner
            };
            let planner = planner.pinned([(3, pin)]).unwrap();
            let near = Affinity::domain("zone", "z1").partitions(10..20).at_least(1);
            let near = (seed % 4 == 0).then_some(near);
            let planner = planner.affinity(near).unwrap();
            let soft = planner.frozen_if_possible((0..partitions).step_by(3)).unwrap();
            let planner = match (seed % 3, closed) {
                (0, Some(node)) => soft.cordoned([node], &old, before.members()).ok()?,
                (1, _) => soft.balance_leaders(),
                _ => soft,
            };
            Some(planner)
        };
        let Some((planner, plain)) = build(true).zip(build(false)) else { continue };
        let from = Some((&old, &before));
        let Ok(plain_plan) = plain.rebalance(&old, before.members()) else { continue };
        let mut plan = planner.rebalance(&old, before.members()).unwrap();
        assert_eq!(plan.moved(), plain_plan.moved(), "{seed}");
        assert!(plan.partitions_moved_twice() <= plain_plan.partitions_moved_twice(), "{seed}");
        assert!(plan.thawed().len() <= plain_plan.thawed().len(), "{seed}");
        let evened = checked(&planner, &plan, &nodes, &sizes, from);
        let without = planner.max_size_over_fair(plain_plan.table()).unwrap();
        // Without sizes other exchanges bring leaders into proportion, which may be more even by chance.
        assert!(evened.max_over_fair() <= without * 1.2, "{seed}: {evened:?}, {without}");
        falls += u64::from(evened.max_over_fair() < without);
        planner.disperse(&mut plan).unwrap();
        let dispersed = checked(&planner, &plan, &nodes, &sizes, from);
        let limit = evened.max_over_fair().max(1.000_001);
        assert!(dispersed.max_over_fair() <= limit, "{seed}: {evened:?}, {dispersed:?}");
        if planner.balances_leaders() {
            assert_eq!(planner.report(plan.table()).leaders_outside_floor_ceil, 0);
        }
    }
    assert!(falls >= 30, "{falls}");
}

/// The order of the nodes, their slots and the order of sizes decide nothing.
#[test]
fn sizes_depend_on_no_order() {
    let draws = &mut Draws(5);
    let mut listed: Listed = (0..9).map(|id| (id, 1 + id % 2, id % 3)).collect();
    let sizes = skewed(draws, 90);
    let config = TableConfig::new(90, 2).max_per_domain("zone", 1);
    let mut first = None;
    for _ in 0..4 {
        let before = topology(&listed);
        let mut pairs: Vec<(u32, u64)> = (0..).zip(sizes.iter().copied()).collect();
        draws.shuffle(&mut pairs);
        let planner = Planner::new(before.members(), &config).unwrap();
        let planner = planner.sizes(pairs.iter().copied()).unwrap();
        let mut plan = planner.fresh().unwrap();
        planner.disperse(&mut plan).unwrap();
        let (after, _) = before.with_node(Node::new(40).domain("zone", "z1")).unwrap();
        let planner = Planner::new(after.members(), &config).unwrap().sizes(pairs).unwrap();
        let change = planner.rebalance(plan.table(), before.members()).unwrap();
        let found = (rows(plan.table(), &before), rows(change.table(), &after));
        assert_eq!(*first.get_or_insert_with(|| found.clone()), found);
        draws.shuffle(&mut listed);
    }
}

/// Without sizes, or with none above 0, plans are as they were; a size of 0 need not be given.
#[test]
fn sizes_of_zero_are_none() {
    let nodes = equal(5, 5);
    let config = TableConfig::new(20, 2);
    let plain = Planner::new(nodes.members(), &config).unwrap();
    let plan = plain.fresh().unwrap();
    assert!(plan.sizes().is_none() && plain.max_size_over_fair(plan.table()).is_none());
    for none in [vec![], vec![(3, 0), (4, 0)]] {
        let planner = plain.clone().sizes([(1, 7)]).unwrap().sizes(none).unwrap();
        assert_eq!(planner.fresh().unwrap(), plan);
        planner.disperse(&mut plan.clone()).unwrap();
    }
    let named = plain.clone().sizes([(1, 7), (2, 0)]).unwrap();
    let mut sparse = plain.clone().sizes([(1, 7)]).unwrap().fresh().unwrap();
    named.disperse(&mut sparse).unwrap();
    assert_eq!(figures(&sparse).total(), 14);
    let error = plain.disperse(&mut sparse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    // One partition of two replicas over five nodes: a node that holds it has 2.5 times its fair size.
    assert_eq!((figures(&sparse).max_over_fair(), figures(&sparse).gap()), (2.5, 0.0));
}
