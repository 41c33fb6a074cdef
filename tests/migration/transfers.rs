//! Transfers and deletions are the differences of the replicas, key by key, and come from holders.

use apportion::diff::Extent;
use apportion::hash::KeyHasher;
use apportion::migration::{Limits, Migration, Optimality, StepRules};
use apportion::partition::TableConfig;
use apportion::placement::Exact;
use apportion::{ErrorKind, KeyHash, Locator, Node, Placement, Topology, Xxh3};
use std::collections::{BTreeMap, BTreeSet};

fn covers(extent: Extent, partitions: u32, hash: u64) -> bool {
    match extent {
        Extent::Hashes { first, last } => (first..=last).contains(&hash),
        Extent::Partition(partition) => {
            u64::from(partition) == ((u128::from(hash) * u128::from(partitions)) >> 64) as u64
        }
        _ => false,
    }
}

/// Every key's unit has its holders on both sides, its transfers lead to the new ones and come from
/// old ones, and its deletions are on those that hold it no more.
fn check<P, Q>(old: &Locator<u32, P>, new: &Locator<u32, Q>, replicas: usize, partitions: u32)
where
    P: Exact + Placement,
    Q: Exact + Placement,
{
    let migration = Migration::of(&old.diff_replicas(new, replicas).unwrap());
    let all = migration.steps(&StepRules::new(u32::MAX)).unwrap();
    let (first, last): (Vec<_>, Vec<_>) =
        (all.after(0).rows().collect(), all.after(1).rows().collect());
    assert!(all.len() <= 1);
    let mut to: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for transfer in migration.transfers() {
        assert!(to.entry(transfer.unit).or_default().insert(*transfer.to));
        let (extent, before) = &first[transfer.unit];
        assert_eq!(*extent, transfer.extent);
        assert!(before.contains(&transfer.from.unwrap()));
    }
    let mut gone: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for deletion in migration.deletions() {
        assert!(gone.entry(deletion.unit).or_default().insert(*deletion.node));
    }
    for i in 0..400_u64 {
        let hash = Xxh3.hash_key(&i).get();
        let unit = first.iter().position(|(extent, _)| covers(*extent, partitions, hash)).unwrap();
        let key = KeyHash::from_hash(hash);
        let held = |nodes: Vec<&u32>| nodes.into_iter().copied().collect::<Vec<u32>>();
        let (before, after) =
            (held(old.replicas_vec(&key, replicas)), held(new.replicas_vec(&key, replicas)));
        let set = |nodes: &[u32]| nodes.iter().copied().collect::<BTreeSet<u32>>();
        assert_eq!(set(&held(first[unit].1.clone())), set(&before));
        assert_eq!(set(&held(last[unit].1.clone())), set(&after));
        let difference = |a: &[u32], b: &[u32]| &set(a) - &set(b);
        assert_eq!(to.get(&unit).cloned().unwrap_or_default(), difference(&after, &before));
        assert_eq!(gone.get(&unit).cloned().unwrap_or_default(), difference(&before, &after));
    }
}

#[test]
fn units_are_the_replicas_of_every_key() {
    let nodes = |ids: &[u32]| Topology::new(ids.iter().copied()).unwrap();
    let (a, b) = (nodes(&[1, 2, 3, 4, 5]), nodes(&[2, 3, 4, 5, 6, 7]));
    for replicas in 1..=3 {
        let config = |partitions| TableConfig::new(partitions, replicas as u32);
        let ring = |topology: &Topology<u32>| {
            Locator::ring_of(topology.clone(), Default::default()).unwrap()
        };
        check(&ring(&a), &ring(&b), replicas, 0);
        let maglev = |topology: &Topology<u32>| {
            Locator::maglev_of(topology.clone(), Default::default()).unwrap()
        };
        check(&maglev(&a), &maglev(&b), replicas, 0);
        let table =
            |topology: &Topology<u32>, p| Locator::table_of(topology.clone(), config(p)).unwrap();
        check(&table(&a, 32), &table(&b, 32), replicas, 32);
        check(&table(&a, 32), &table(&b, 96), replicas, 96);
        check(&table(&a, 96), &table(&b, 32), replicas, 0);
        check(&ring(&a), &table(&b, 32), replicas, 0);
    }
}

#[test]
fn a_smaller_number_of_replicas_is_deletions_alone_and_a_larger_one_transfers() {
    let nodes = Topology::new(0..6_u32).unwrap();
    let table =
        |replicas| Locator::table_of(nodes.clone(), TableConfig::new(64, replicas)).unwrap();
    let three = table(3);
    let fewer = three.placement().config().clone().sized(64, 2);
    let planner = apportion::Planner::new(nodes.members(), &fewer).unwrap();
    let plan = planner.rebalance(three.placement(), nodes.members()).unwrap();
    let two = Locator::from_parts(nodes.clone(), plan.into_table(), Xxh3).unwrap();
    let down = Migration::of(&three.diff_replicas(&two, 3).unwrap());
    assert_eq!((down.len(), down.deletions().count()), (0, 64));
    let up = Migration::of(&two.diff_replicas(&three, 3).unwrap());
    assert_eq!((up.len(), up.deletions().count()), (64, 0));
    assert_eq!(up.total_size(), 64);
    let sized = up.sized(|extent| match extent {
        Extent::Partition(partition) => u64::from(partition),
        _ => 0,
    });
    assert_eq!(sized.total_size(), (0..64).sum());
}

#[test]
fn the_survivors_give_what_a_lost_node_held() {
    let config = TableConfig::new(128, 3);
    let old = Locator::table_of(Topology::new(0..8_u32).unwrap(), config).unwrap();
    let new = old.without(&3_u32).unwrap();
    let migration = Migration::of(&old.diff_replicas(&new, 3).unwrap());
    // While it is there, it may give copies too.
    assert!(migration.transfers().any(|transfer| transfer.from == Some(&3)));
    let migration = migration.lost([3_u32]).unwrap();
    assert!(migration.transfers().all(|transfer| transfer.from.is_some_and(|from| *from != 3)));
    assert_eq!((migration.without_source(), migration.deletions().count()), (0, 0));
    // 48 copies by seven nodes: seven of one.
    assert_eq!((migration.len(), migration.busiest_source().map(|(_, n)| n)), (48, Some(7)));
    assert_eq!(migration.busiest_source_bound(), 7);
    // By size the busiest gives at most the largest size more than it must, and no unit is forgotten.
    let size = |extent| match extent {
        Extent::Partition(partition) => 1 << (partition % 20),
        _ => panic!("{extent:?}"),
    };
    let sized = migration.clone().sized(size);
    let gives = |node: u32| -> u128 {
        let given = sized.transfers().filter(|transfer| transfer.from == Some(&node));
        given.map(|transfer| u128::from(transfer.size)).sum()
    };
    let (node, most) = sized.busiest_source().unwrap();
    assert_eq!((gives(*node), (0..8).map(gives).max()), (most, Some(most)));
    let bound = sized.busiest_source_bound();
    assert!(bound <= most && most <= bound + (1 << 19), "{bound} {most}");
    assert!(bound >= sized.total_size().div_ceil(7).max(1 << 19), "{bound}");
    // The sources of sizes differ from those of numbers, which would leave one with far more.
    let by_number: u128 = (0..8)
        .map(|node| {
            let given = migration.transfers().filter(|transfer| transfer.from == Some(&node));
            given.map(|transfer| u128::from(size(transfer.extent))).sum()
        })
        .max()
        .unwrap();
    assert!(most <= by_number, "{most} {by_number}");
    let refused = migration.clone().lost([9_u32]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::UnknownNode);
    // With one replica nobody is left.
    let one = Locator::ring([1_u32, 2, 3]).unwrap();
    let diff = one.without(&2_u32).unwrap();
    let migration = Migration::of(&one.diff(&diff).unwrap()).lost([2_u32]).unwrap();
    assert!(!migration.is_empty() && migration.without_source() == migration.len());
    assert_eq!(migration.busiest_source(), None);
}

/// A node that crashed and stays comes back empty: it gets all it is to hold, and is counted as empty.
#[test]
fn a_lost_node_that_stays_gets_its_replicas_again() {
    let config = TableConfig::new(24, 2);
    let old = Locator::table_of(Topology::new(["a", "b", "c"]).unwrap(), config).unwrap();
    let new = old.with("d").unwrap();
    let migration = Migration::of(&old.diff_replicas(&new, 2).unwrap());
    let stays = |node: &&str| *node == "b";
    let all = migration.steps(&StepRules::new(1000)).unwrap();
    let on_b = all.after(all.len()).rows().filter(|(_, row)| row.contains(&&"b")).count();
    assert!(on_b > 0 && migration.transfers().all(|transfer| *transfer.to == "d"));
    let before = migration.len();
    let migration = migration.lost(["b"]).unwrap();
    let to_b = migration.transfers().filter(|transfer| *transfer.to == "b");
    assert_eq!((to_b.count(), migration.len()), (on_b, before + on_b));
    assert!(migration.transfers().all(|transfer| transfer.from.is_some_and(|from| *from != "b")));
    assert!(migration.deletions().all(|deletion| *deletion.node != "b"));
    assert!(migration.clone().lost(["b"]).unwrap() == migration);
    for rules in [StepRules::new(1), StepRules::new(5), StepRules::new(1000)] {
        let steps = migration.steps(&rules).unwrap();
        let peaks: Vec<_> = steps.peaks().filter(|(node, ..)| stays(node)).collect();
        assert_eq!(peaks, [(&"b", on_b as u64, on_b as u128)]);
        assert!(steps.after(0).rows().all(|(_, row)| row.len() == 2));
        let last: usize = steps.after(steps.len()).rows().map(|(_, row)| row.len()).sum();
        assert_eq!(last, 48);
        let moved: usize = steps.iter().map(|step| step.transfers().count()).sum();
        assert_eq!(moved, migration.len());
    }
}

#[test]
fn the_order_of_the_nodes_does_not_matter() {
    let nodes = |ids: &[u32]| Topology::of(ids.iter().map(|id| Node::new(*id))).unwrap();
    let config = TableConfig::new(64, 2);
    let table = |ids: &[u32]| Locator::table_of(nodes(ids), config.clone()).unwrap();
    let list = |old: &[u32], new: &[u32]| {
        let (old, new) = (table(old), table(new));
        let migration = Migration::of(&old.diff_replicas(&new, 2).unwrap());
        let transfers = migration.transfers().map(|t| (t.unit, t.from.copied(), *t.to));
        transfers.collect::<Vec<_>>()
    };
    assert_eq!(list(&[1, 2, 3, 4], &[1, 2, 3, 4, 5]), list(&[4, 2, 3, 1], &[5, 1, 3, 2, 4]));
}

#[test]
fn scattered_keys_are_transferred_by_pair_of_nodes() {
    let old = Locator::rendezvous([1_u32, 2, 3]).unwrap();
    let new = old.with(4).unwrap();
    let migration = Migration::of(&old.diff(&new).unwrap());
    let pairs: Vec<_> = migration.transfers().map(|t| (t.extent, t.from.copied(), *t.to)).collect();
    let expected = [1, 2, 3].map(|from| (Extent::Scattered, Some(from), 4));
    assert_eq!(pairs, expected);
    let schedule = migration.schedule(&Limits::each(1, 1)).unwrap();
    assert_eq!((schedule.rounds(), schedule.optimality()), (3, Optimality::Optimal));
    let zero = migration.schedule(&Limits::each(0, 1)).unwrap_err();
    assert_eq!(zero.kind(), ErrorKind::InvalidConfiguration);
}

#[test]
fn an_emptied_cluster_moves_nothing_anywhere() {
    let old = Locator::ring([1_u32, 2]).unwrap();
    let none = Locator::ring([0_u32; 0]).unwrap();
    let away = Migration::of(&old.diff(&none).unwrap());
    assert!(away.is_empty() && away.deletions().count() > 0);
    let back = Migration::of(&none.diff(&old).unwrap());
    assert!(back.len() == back.without_source() && back.deletions().count() == 0);
}
