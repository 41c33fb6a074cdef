//! Tests of complexities, in steps at n and 2n, and of the fallback if shortest paths ever failed.

use super::augment::augment;
use super::potentials::Potentials;
use super::residual::Residual;
use super::{is_right, start, targets};
use crate::hash::mix::word;
use crate::partition::TableConfig;
use crate::partition::old_rows::PartitionsByLeaf;
use crate::partition::work::Work;
use crate::steps::{assert_growth, during};
use crate::{Node, PartitionTable, Planner, Topology};
use alloc::format;
use alloc::vec::Vec;

fn nodes(n: usize, zones: usize, racks: usize, weight: impl Fn(u64) -> u64) -> Topology<u32> {
    let node = |i: usize| {
        let mut node = Node::new(i as u32).weight(weight(i as u64));
        if zones > 0 {
            node = node.domain("zone", &format!("z{}", i % zones));
        }
        if racks > 0 {
            node = node.domain("rack", &format!("r{}", i / zones % racks));
        }
        node
    };
    Topology::of((0..n).map(node)).unwrap()
}

fn fresh(nodes: &Topology<u32>, config: &TableConfig) -> PartitionTable {
    Planner::new(nodes.members(), config).unwrap().fresh().unwrap().into_table()
}

/// Steps of a change from one cluster to another.
fn change((old, before): (&PartitionTable, &Topology<u32>), planner: &Planner<'_>) -> u64 {
    let (plan, steps) = during(|| planner.rebalance(old, before.members()).unwrap());
    assert!(plan.moved() > 0 || old.replication_factor() < plan.table().replication_factor());
    steps
}

/// Few replicas per node and no levels: every replica may move to every node.
#[test]
fn all_weights_are_new() {
    let weight = |stream: u64| move |i: u64| 1 + word(stream, i) % 10;
    // A search looks at each replica at most once, and the number of searches grows with the
    // logarithm or the square root of the size. Listing all leaves for each arc would quadruple the
    // steps.
    assert_growth("all weights are new, 4/3 partitions per node", 8000, 3.2, |n| {
        let of_one = |seed: u64| {
            let (a, b) = (nodes(n, 0, 0, weight(seed)), nodes(n, 0, 0, weight(seed + 100)));
            let config = TableConfig::new(n as u32 * 4 / 3, 3);
            let old = fresh(&a, &config);
            change((&old, &a), &Planner::new(b.members(), &config).unwrap())
        };
        (0..6).map(of_one).sum()
    });
}

#[test]
fn all_weights_are_new_under_two_limits() {
    let weight = |stream: u64| move |i: u64| 1 + word(stream, i) % 10;
    let (a, b) = (nodes(300, 10, 6, weight(1)), nodes(300, 10, 6, weight(2)));
    assert_growth("two limits, all weights are new", 4096, 2.5, |partitions| {
        let config = TableConfig::new(partitions as u32, 4)
            .max_per_domain("zone", 2)
            .max_per_domain("rack", 1);
        let old = fresh(&a, &config);
        change((&old, &a), &Planner::new(b.members(), &config).unwrap())
    });
}

#[test]
fn every_node_lacks_a_replica() {
    for zones in [0, 1] {
        assert_growth("one replica added to every partition", 4000, 2.3, |n| {
            let a = nodes(n, zones * n, 0, |_| 1);
            let config = TableConfig::new(n as u32, 2);
            let config = if zones > 0 { config.max_per_domain("zone", 1) } else { config };
            let old = fresh(&a, &config);
            let more = config.sized(n as u32, 3);
            change((&old, &a), &Planner::new(a.members(), &more).unwrap())
        });
    }
}

#[test]
fn most_is_frozen_or_half_is_pinned() {
    let (a, b) = (nodes(200, 10, 0, |_| 1), nodes(210, 10, 0, |_| 1));
    let planner = |partitions: usize| {
        let config = TableConfig::new(partitions as u32, 3).max_per_domain("zone", 1);
        (fresh(&a, &config), Planner::new(b.members(), &config).unwrap())
    };
    assert_growth("nine of ten partitions are frozen", 8192, 2.3, |partitions| {
        let (old, planner) = planner(partitions);
        let frozen = (0..partitions as u32).filter(|p| word(7, u64::from(*p)) % 10 > 0);
        change((&old, &a), &planner.frozen(frozen).unwrap())
    });
    assert_growth("half of the partitions have a pin", 8192, 2.3, |partitions| {
        let (old, planner) = planner(partitions);
        let pins = (0..partitions as u32).filter(|p| word(8, u64::from(*p)) % 2 == 0);
        let pins = pins.map(|p| {
            let holder = old.row(p).next().unwrap();
            (p, b.members().find(a.members().label(holder).unwrap()).unwrap())
        });
        let pins: Vec<_> = pins.collect();
        change((&old, &a), &planner.pinned(pins).unwrap())
    });
}

/// The effort spent on partitions that move twice is bounded by the size of the table.
#[test]
fn effort_is_bounded_by_size() {
    assert_growth("partitions that have to move twice", 80, 2.2, |n| {
        let weight = |stream: u64| move |i: u64| 1 + word(stream, i) % 10;
        let (a, b) = (nodes(4 * n, 5, 6, weight(3)), nodes(4 * n, 5, 6, weight(4)));
        let config =
            TableConfig::new(n as u32, 8).max_per_domain("zone", 2).max_per_domain("rack", 1);
        let old = fresh(&a, &config);
        change((&old, &a), &Planner::new(b.members(), &config).unwrap())
    });
}

/// Every partition of a split table keeps one of many old holders: it looks at one of them, not at
/// all. With twice as many replicas in the old rows only reading them takes longer.
#[test]
fn fewer_replicas_after_a_split() {
    let nodes = nodes(64, 0, 0, |_| 1);
    let lowered = |replicas: usize, ways: u32| {
        let old = fresh(&nodes, &TableConfig::new(64, replicas as u32));
        let config = TableConfig::new(64 * ways, 1);
        let planner = Planner::new(nodes.members(), &config).unwrap();
        let before = planner.problem.rows_of(&old, nodes.members()).unwrap();
        let mut work = Work::new(
            &planner.problem.tree,
            &planner.problem.constraints,
            64 * ways,
            &planner.problem.sizes,
            before,
        );
        let ceils = &planner.problem.quotas.ceils[planner.problem.tree.domains()..];
        let ((), steps) = during(|| start::start(&mut work, ceils));
        assert!(!work.rows.contains(&crate::partition::tree::NONE));
        steps
    };
    assert_growth("a split table keeps one of many", 16, 1.3, |replicas| lowered(replicas, 64));
    assert_growth("a table keeps one of many", 16, 2.2, |replicas| lowered(replicas, 1));
    let (read, chosen) = (64 * 32, 64 * 64);
    assert_eq!(lowered(32, 64), read + chosen);
}

/// If the potentials were ever wrong, any paths would finish the plan: it is legal and balanced.
#[test]
fn without_potentials_a_plan_is_legal_and_balanced() {
    for seed in 0..200 {
        let weight = |stream: u64| move |i: u64| 1 + word(seed + stream, i) % 10;
        let (a, b) = (nodes(20, 5, 2, weight(1000)), nodes(20, 5, 2, weight(2000)));
        let config = TableConfig::new(40, 3).max_per_domain("zone", 1 + (seed % 2) as u32);
        let old = fresh(&a, &config);
        let planner = Planner::new(b.members(), &config).unwrap();
        let before = planner.problem.rows_of(&old, a.members()).unwrap();
        let mut work = Work::new(
            &planner.problem.tree,
            &planner.problem.constraints,
            40,
            &planner.problem.sizes,
            before,
        );
        start::start(&mut work, &planner.problem.quotas.ceils[planner.problem.tree.domains()..]);
        let by_leaf = PartitionsByLeaf::before(20, &work.before);
        let mut targets =
            targets::targets(&planner.problem.tree, &planner.problem.quotas, &work.loads);
        let mut search = Residual::new(&work, &by_leaf, Potentials::zero(&work));
        search.ignore_costs(&work, true);
        augment(&mut work, &mut targets, &planner.problem.quotas, &mut search, None).unwrap();
        assert!(is_right(&work, &targets, &planner.problem.quotas), "{seed}");
    }
}
