//! Partitions of which no replica moves are complete from the start; all others are not.

use apportion::diff::Extent;
use apportion::migration::{Migration, PartitionState, Transition, Version};
use apportion::partition::TableConfig;
use apportion::placement::{Build, Exact};
use apportion::{Locator, Maglev, Node, PartitionTable, Spread, Topology, Xxh3};
use std::collections::BTreeSet;

type Move = Transition<u32, Xxh3, 2>;

fn topology(nodes: impl IntoIterator<Item = u32>) -> Topology<u32> {
    Topology::new(nodes).unwrap()
}

fn table(nodes: impl IntoIterator<Item = u32>, partitions: u32) -> Locator<u32, PartitionTable> {
    Locator::table_of(topology(nodes), TableConfig::new(partitions, 2)).unwrap()
}

fn ring(nodes: impl IntoIterator<Item = u32>) -> Locator<u32> {
    Locator::ring(nodes).unwrap()
}

fn maglev(nodes: impl IntoIterator<Item = u32>) -> Locator<u32, Maglev> {
    Locator::maglev_of(topology(nodes), Default::default()).unwrap()
}

fn waiting(transition: &Move) -> BTreeSet<u32> {
    let is_waiting = |p: &u32| transition.state(*p) == Some(PartitionState::Waiting);
    (0..transition.partitions()).filter(is_waiting).collect()
}

fn changed(partitions: u32, versions: impl IntoIterator<Item = Version<u32, Xxh3>>) -> Move {
    let mut versions = versions.into_iter();
    let mut transition = Transition::new(versions.next().unwrap(), partitions).unwrap();
    versions.for_each(|version| transition.change_to(version).unwrap());
    transition
}

/// Partitions in which a migration copies or deletes a replica, by the hashes or the partitions that it
/// lists.
fn touched(migration: &Migration<u32>, partitions: u32) -> BTreeSet<u32> {
    let partition_of = |hash: u64| ((u128::from(hash) * u128::from(partitions)) >> 64) as u32;
    let parts = |extent| match extent {
        Extent::Partition(partition) => partition..=partition,
        Extent::Hashes { first, last } => partition_of(first)..=partition_of(last),
        other => panic!("{other:?}"),
    };
    let copied = migration.transfers().flat_map(|transfer| parts(transfer.extent));
    copied.chain(migration.deletions().flat_map(|deletion| parts(deletion.extent))).collect()
}

/// Compares with the exact diff. Returns how many partitions move.
fn agrees<P, Q>(old: &Locator<u32, P>, new: &Locator<u32, Q>, partitions: u32) -> usize
where
    P: Exact + Build + 'static,
    Q: Exact + Build + 'static,
{
    let transition = changed(partitions, [Version::of(old), Version::of(new)]);
    let migration = Migration::of(&old.diff_replicas(new, 2).unwrap());
    let expected = touched(&migration, partitions);
    assert_eq!(waiting(&transition), expected);
    assert_eq!(transition.remaining() as usize, expected.len());
    expected.len()
}

#[test]
fn as_the_exact_diff_says() {
    // A table moves a fifth of its replicas, at most one in nearly all of its partitions.
    let old = table(0..4, 256);
    let new = old.with(4).unwrap();
    assert!((90..=110).contains(&agrees(&old, &new, 256)));
    assert_eq!(agrees(&old, &table(0..4, 256), 256), 0);
    // Rings and Maglev tables in partitions that are smaller than their pieces, and as large.
    let (old, new) = (ring(0..6), ring(0..7));
    assert!(agrees(&old, &new, 1 << 14) < 1 << 13);
    assert!(agrees(&new, &old, 1 << 10) > 1 << 8);
    agrees(&old, &ring(1..7), 4099);
    let (old, new) = (maglev(0..6), maglev(0..7));
    let moved = agrees(&old, &new, 1 << 17);
    assert!(moved > 0 && moved < 1 << 17);
    // Of different algorithms, and of tables of two sizes.
    assert!(agrees(&ring(0..2), &table(0..2, 64), 128) == 0, "both nodes hold every key");
    agrees(&ring(0..4), &maglev(0..4), 1 << 12);
    agrees(&table(0..4, 60), &table(0..4, 64), 960);
}

#[test]
fn a_multiple_of_the_partitions_moves_as_the_partitions_do() {
    let old = table(0..5, 32);
    let new = old.without(&2).unwrap();
    let coarse = waiting(&changed(32, [Version::of(&old), Version::of(&new)]));
    let fine = waiting(&changed(96, [Version::of(&old), Version::of(&new)]));
    assert!(!coarse.is_empty() && coarse.len() < 32);
    assert_eq!(fine, coarse.iter().flat_map(|p| 3 * p..3 * p + 3).collect());
}

#[test]
fn a_replica_less_is_a_partition_that_moves() {
    let wide = Locator::table_of(topology(0..3), TableConfig::new(16, 2)).unwrap();
    let narrow = Locator::table_of(topology(0..3), TableConfig::new(16, 1)).unwrap();
    let mut transition = changed(16, [Version::of(&wide), Version::of(&narrow)]);
    assert_eq!(transition.remaining(), 16);
    // What the second holder has must not be read once it may be deleted.
    let key = 7_u64;
    let partition = transition.partition(&key);
    transition.begin(partition).unwrap();
    assert!(transition.new_holders(&key).is_empty() || narrow.get(&key) != wide.get(&key));
    transition.switch(partition).unwrap();
    assert!(!transition.old_holders(&key).is_empty());
}

#[test]
fn each_of_several_versions_is_compared() {
    let first = table(0..4, 64);
    let second = first.with(4).unwrap();
    let third = second.without(&0).unwrap();
    let mut transition = changed(64, [Version::of(&first), Version::of(&second)]);
    let moving: Vec<u32> = waiting(&transition).into_iter().collect();
    let (completed, left) = moving.split_at(moving.len() / 2);
    for partition in completed {
        transition.begin(*partition).unwrap();
        transition.switch(*partition).unwrap();
        transition.complete(*partition).unwrap();
    }
    transition.change_to(Version::of(&third)).unwrap();
    let rows = |locator: &Locator<u32, PartitionTable>, partition| {
        locator.holders(partition).copied().collect::<BTreeSet<u32>>()
    };
    for partition in 0..64 {
        let from = if left.contains(&partition) { &first } else { &second };
        let moves = rows(from, partition) != rows(&third, partition);
        assert_eq!(waiting(&transition).contains(&partition), moves, "partition {partition}");
    }
    assert!((1..64).contains(&transition.remaining()));
    // Over a restart nothing is computed anew.
    let versions = [&first, &second, &third].map(Version::of);
    let again = Move::resume(&transition.progress(), versions).unwrap();
    assert_eq!(waiting(&again), waiting(&transition));
}

#[test]
fn what_a_lost_node_held_moves_when_it_comes_back() {
    let all = table(0..4, 64);
    let mut transition = changed(64, [Version::of(&all)]);
    transition.lose(&1).unwrap();
    assert!(transition.is_complete());
    transition.change_to(Version::of(&all)).unwrap();
    let held: BTreeSet<u32> = all.partitions_of(&1).collect();
    assert_eq!(held.len(), 32);
    assert_eq!(waiting(&transition), held);
}

#[test]
fn under_spreads() {
    let node = |name: u32| Node::new(name).domain("zone", &format!("{}", name % 3));
    let ring = |nodes: u32| {
        Locator::ring_of(Topology::of((0..nodes).map(node)).unwrap(), Default::default()).unwrap()
    };
    let spread = |locator: &Locator<u32>| {
        Spread::strict(locator.topology().members(), 2, [("zone", 1)]).unwrap()
    };
    let (old, new) = (ring(6), ring(7));
    let spreads = (spread(&old), spread(&new));
    let versions = [Version::of(&old).under(&spreads.0), Version::of(&new).under(&spreads.1)];
    let transition = changed(1 << 13, versions);
    let diff = old.diff_under(&spreads.0, &new, &spreads.1).unwrap();
    assert_eq!(waiting(&transition), touched(&Migration::of(&diff), 1 << 13));
    assert!((1 << 10..1 << 13).contains(&transition.remaining()));
}

#[test]
fn other_algorithms_move_all_partitions() {
    let rendezvous = Locator::rendezvous_of(topology(0..4)).unwrap();
    let new = rendezvous.with(4).unwrap();
    let mut transition = changed(64, [Version::of(&rendezvous), Version::of(&new)]);
    assert_eq!(transition.remaining(), 64);
    // Back to where they are settled, which needs no comparison.
    transition.change_to(Version::of(&rendezvous)).unwrap();
    assert!(transition.is_complete());
}
