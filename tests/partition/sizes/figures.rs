//! Wrong sizes and figures, saved plans, and how long large tables take.

use super::{checked, equal, figures, sized, skewed};
use crate::support::Draws;
use apportion::partition::TableConfig;
use apportion::{ErrorKind, Planner};

#[test]
fn wrong_sizes_are_refused() {
    let nodes = equal(4, 4);
    let config = TableConfig::new(8, 2).copies([(5, 3)]);
    let refused = |sizes: &[(u32, u64)], kind, named: &str| {
        let planner = Planner::new(nodes.members(), &config).unwrap();
        let error = planner.sizes(sizes.iter().copied()).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(named), "{error}");
    };
    let (argument, limit) = (ErrorKind::InvalidArgument, ErrorKind::OverLimit);
    refused(&[(8, 1)], argument, "sizes: the partition 8 is out of range: there are 8 partitions");
    refused(&[(1, 1), (1, 1)], argument, "sizes: partition 1 is given twice");
    let half = u64::MAX / 2;
    refused(&[(1, half), (2, 1)], limit, "which 2 replicas of size 1 of partition 2 exceed");
    refused(
        &[(5, half)],
        limit,
        "which 3 replicas of size 9223372036854775807 of partition 5 exceed",
    );
    // As much as fits, on four nodes and on one.
    let (config_of_one, one) = (TableConfig::new(1, 1), equal(1, 1));
    let planner = Planner::new(one.members(), &config_of_one).unwrap();
    let plan = planner.sizes([(0, u64::MAX)]).unwrap().fresh().unwrap();
    assert_eq!((figures(&plan).max_over_fair(), figures(&plan).gap()), (1.0, 0.0));
    let planner = Planner::new(nodes.members(), &config).unwrap();
    let planner = planner.sizes([(5, 1), (1, half - 1)]).unwrap();
    let mut plan = planner.fresh().unwrap();
    planner.disperse(&mut plan).unwrap();
    assert_eq!(figures(&plan).total(), u64::MAX);
    assert!(planner.verify(&plan, None).is_ok());
}

/// A plan is checked against the sizes of the planner that verifies it, or its own.
#[test]
fn wrong_figures_are_found() {
    let nodes = equal(6, 3);
    let (before, _) = nodes.without(&2).unwrap();
    let config = TableConfig::new(60, 2);
    let sizes = skewed(&mut Draws(9), 60);
    let old = sized(&before, &config, &sizes).fresh().unwrap().into_table();
    let planner = sized(&nodes, &config, &sizes);
    let plan = planner.rebalance(&old, before.members()).unwrap();
    let from = Some((&old, before.members()));
    let plain = Planner::new(nodes.members(), &config).unwrap();
    assert!(plain.verify(&plan, from).is_ok() && planner.verify(&plan, from).is_ok());
    for (p, named) in [(0, "units of size"), (17, "units of size"), (59, "units of size")] {
        let mut others = sizes.clone();
        others[p] += 1;
        let error = sized(&nodes, &config, &others).verify(&plan, from).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotVerified);
        assert!(error.to_string().contains(named), "{error}");
    }
}

/// Only leaders change: all holders stay, and the ratio is the bound.
#[test]
fn leaders_alone_change_no_sizes() {
    let nodes = equal(5, 5);
    let config = TableConfig::new(30, 3);
    let sizes = skewed(&mut Draws(2), 30);
    let plain = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap();
    let planner = sized(&nodes, &config, &sizes);
    let led = planner.lead(plain.table(), nodes.members()).unwrap();
    let planner = planner.clone().balance_leaders();
    let from = Some((plain.table(), &nodes));
    let found = checked(&planner, &led, &nodes, &sizes, from);
    assert_eq!((found.gap(), found.moved()), (0.0, 0));
}

#[cfg(feature = "serde")]
#[test]
fn saved_plans_keep_their_figures() {
    use apportion::partition::SavedPlan;
    let nodes = equal(7, 7);
    let (before, _) = nodes.without(&2).unwrap();
    let config = TableConfig::new(70, 2);
    let sizes = skewed(&mut Draws(4), 70);
    let old = sized(&before, &config, &sizes).fresh().unwrap().into_table();
    let planner = sized(&nodes, &config, &sizes);
    let mut plan = planner.rebalance(&old, before.members()).unwrap();
    for _ in 0..2 {
        let text = serde_json::to_string(&plan).unwrap();
        let saved: SavedPlan = serde_json::from_str(&text).unwrap();
        let again = saved.clone().restore(&planner, Some((&old, before.members()))).unwrap();
        assert_eq!((again.sizes(), &again), (plan.sizes(), &plan));
        // Sizes are part of what identifies the planner.
        let plain = Planner::new(nodes.members(), &config).unwrap();
        assert!(saved.restore(&plain, Some((&old, before.members()))).is_err());
        planner.disperse(&mut plan).unwrap();
    }
}

#[test]
#[ignore = "large, and prints how long it takes"]
fn large_tables() {
    let draws = &mut Draws(3);
    for (nodes, zones, partitions) in
        [(1000, 20, 1 << 18), (1000, 3, 1 << 18), (24, 3, 10_000), (4, 4, 1 << 16)]
    {
        let sizes = skewed(draws, partitions);
        let config = TableConfig::new(partitions, 3).max_per_domain("zone", 1);
        let before = equal(nodes, zones);
        let started = std::time::Instant::now();
        let plain = Planner::new(before.members(), &config).unwrap().fresh().unwrap();
        let without = started.elapsed();
        let plain_planner = Planner::new(before.members(), &config).unwrap();
        let started = std::time::Instant::now();
        let mut dispersed = plain.clone();
        plain_planner.disperse(&mut dispersed).unwrap();
        println!(
            "plain disperse {:?}, worst pair {}",
            started.elapsed(),
            plain_planner.report(dispersed.table()).worst_pair
        );
        let planner = sized(&before, &config, &sizes);
        let unevened = planner.max_size_over_fair(plain.table()).unwrap();
        let started = std::time::Instant::now();
        let mut plan = planner.fresh().unwrap();
        let with = started.elapsed();
        let evened = figures(&plan);
        let started = std::time::Instant::now();
        planner.disperse(&mut plan).unwrap();
        let disperse = started.elapsed();
        let report = planner.report(plan.table());
        println!(
            "{nodes} in {zones}: fresh {without:?}, with sizes {with:?}, disperse {disperse:?}; {unevened:.5} -> {:.7}, bound {:.7}, worst pair {:.3}",
            evened.max_over_fair(),
            evened.lower_bound(),
            report.worst_pair
        );
        let after = equal(nodes + zones, zones);
        let started = std::time::Instant::now();
        let plain = Planner::new(after.members(), &config).unwrap();
        let plain = plain.rebalance(plan.table(), before.members()).unwrap();
        let without = started.elapsed();
        let planner = sized(&after, &config, &sizes);
        let unevened = planner.max_size_over_fair(plain.table()).unwrap();
        let started = std::time::Instant::now();
        let change = planner.rebalance(plan.table(), before.members()).unwrap();
        let with = started.elapsed();
        let evened = figures(&change);
        println!(
            "  {zones} more: {without:?}, with sizes {with:?}; {unevened:.5} -> {:.7}, bound {:.7}",
            evened.max_over_fair(),
            evened.lower_bound()
        );
        let (fewer, _) = before.without(&0).unwrap();
        let planner = sized(&fewer, &config, &sizes);
        let started = std::time::Instant::now();
        let change = planner.rebalance(plan.table(), before.members()).unwrap();
        let with = started.elapsed();
        let evened = figures(&change);
        println!(
            "  one less: with sizes {with:?}; {:.7}, bound {:.7}",
            evened.max_over_fair(),
            evened.lower_bound()
        );
    }
}
