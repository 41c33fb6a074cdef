//! What cannot be done on the way from one placement to another is an error that says why, and the value
//! stays as it was.

use apportion::hash::SipHash13;
use apportion::migration::{Limits, Migration, StepRules, Transition, Version};
use apportion::partition::TableConfig;
use apportion::{Error, ErrorKind, Locator, Node, PartitionTable, Spread, Topology, Xxh3};

type Move<const R: usize> = Transition<&'static str, Xxh3, R>;

fn ring(nodes: &[&'static str]) -> Locator<&'static str> {
    Locator::ring(nodes.iter().copied()).unwrap()
}

fn table(replicas: u32, partitions: u32) -> Locator<&'static str, PartitionTable> {
    let topology = Topology::new(["a", "b", "c", "d"]).unwrap();
    Locator::table_of(topology, TableConfig::new(partitions, replicas)).unwrap()
}

fn refused<T>(result: Result<T, Error>, kind: ErrorKind, says: &str) {
    let Err(error) = result else { panic!("{says}: no error") };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

/// The state of all partitions and the sets of some keys.
fn shown<const R: usize>(transition: &Move<R>) -> String {
    let sets = (0..200_u64).map(|key| (transition.read_set(&key), transition.write_set(&key)));
    format!("{:?} {:?}", transition.progress(), sets.collect::<Vec<_>>())
}

#[test]
fn an_emptied_cluster_is_no_target() {
    let old = ring(&["a", "b", "c"]);
    let drained = old.reweighted_all([("a", 0), ("b", 0), ("c", 0)]).unwrap();
    let mut transition = Move::<2>::new(Version::of(&old), 32).unwrap();
    transition.change_to(Version::of(&old.with("d").unwrap())).unwrap();
    transition.begin(3).unwrap();
    let before = shown(&transition);
    for empty in [ring(&[]), drained] {
        let says = "the new placement has no live node, so no key would be left";
        refused(transition.change_to(Version::of(&empty)), ErrorKind::InvalidArgument, says);
        assert_eq!(shown(&transition), before);
        // A migration to it copies nothing; its deletions are all replicas.
        let migration = Migration::of(&old.diff_replicas(&empty, 2).unwrap());
        assert_eq!((migration.len(), migration.is_empty()), (0, true));
        assert!(migration.deletions().count() > 0);
    }
    // A table needs a node.
    let last = Locator::table_of(Topology::new(["a"]).unwrap(), TableConfig::new(8, 1)).unwrap();
    assert!(last.without("a").is_err());
}

#[test]
fn a_cluster_begins_empty() {
    let mut transition = Move::<2>::new(Version::of(&ring(&[])), 32).unwrap();
    assert!(transition.is_complete() && transition.write_set(&1_u64).is_empty());
    transition.change_to(Version::of(&ring(&["a", "b", "c"]))).unwrap();
    assert_eq!(transition.remaining(), 32);
    let partition = transition.partition(&1_u64);
    transition.begin(partition).unwrap();
    assert_eq!(transition.new_holders(&1_u64).len(), 2);
    transition.switch(partition).unwrap();
    assert_eq!((transition.read_set(&1_u64).len(), transition.write_set(&1_u64).len()), (2, 2));
}

#[test]
fn a_removed_node_is_unknown_once_no_partition_is_settled_with_it() {
    let old = ring(&["a", "b", "c"]);
    let new = old.without("b").unwrap();
    let mut transition = Move::<2>::new(Version::of(&old), 16).unwrap();
    transition.change_to(Version::of(&new)).unwrap();
    // It still holds what has not moved.
    transition.clone().lose("b").unwrap();
    for partition in 0..16 {
        transition.begin(partition).unwrap();
        transition.switch(partition).unwrap();
        transition.complete(partition).unwrap();
    }
    let before = shown(&transition);
    refused(transition.lose("b"), ErrorKind::UnknownNode, "\"b\"");
    assert_eq!(shown(&transition), before);

    // A migration knows the nodes of both sides.
    let migration = Migration::of(&old.diff_replicas(&new, 2).unwrap());
    let transfers = migration.len();
    assert_eq!(migration.clone().lost(["b"]).unwrap().len(), transfers);
    refused(migration.clone().lost(["x"]), ErrorKind::UnknownNode, "\"x\"");
    refused(migration.schedule(&Limits::each(1, 1).node("x", 1, 1)), ErrorKind::UnknownNode, "x");
    let rules = StepRules::new(8).node_capacity("x", 1);
    refused(migration.steps(&rules).map(|_| ()), ErrorKind::UnknownNode, "x");
}

#[test]
fn hashers_of_two_secrets_are_refused() {
    let keyed = |secret| ring(&["a", "b"]).with_hasher(SipHash13::new([secret; 16]));
    let (one, two) = (keyed(1), keyed(2));
    refused(one.diff_replicas(&two, 2).map(|_| ()), ErrorKind::OtherHasher, "0x");
    let seeded = |seed| ring(&["a", "b"]).with_seed(seed);
    let mut transition = Transition::<_, _, 2>::new(Version::of(&seeded(1)), 8).unwrap();
    refused(transition.change_to(Version::of(&seeded(2))), ErrorKind::OtherHasher, "0x");
    transition.change_to(Version::of(&seeded(1))).unwrap();
}

#[test]
fn more_replicas_than_a_transition_has_are_refused() {
    let says = "the placement has 3 replicas, and the transition is of R = 2: its other replicas would \
                neither be read nor written; use a Transition of R = 3";
    let kind = ErrorKind::InvalidArgument;
    refused(Move::<2>::new(Version::of(&table(3, 16)), 16), kind, says);
    let mut transition = Move::<2>::new(Version::of(&table(2, 16)), 16).unwrap();
    let before = shown(&transition);
    refused(transition.change_to(Version::of(&table(3, 16))), kind, says);
    assert_eq!(shown(&transition), before);
    // A spread has a number of replicas too; a ring alone has none.
    let zoned = ["a", "b", "c", "d"].map(|name| Node::new(name).domain("zone", name));
    let ring = Locator::ring_of(Topology::of(zoned).unwrap(), Default::default()).unwrap();
    let spread = Spread::strict(ring.topology().members(), 3, [("zone", 1)]).unwrap();
    refused(transition.change_to(Version::of(&ring).under(&spread)), kind, says);
    assert_eq!(shown(&transition), before);
    // From two replicas to three, and from three to one.
    let mut raised = Move::<3>::new(Version::of(&table(2, 16)), 16).unwrap();
    raised.change_to(Version::of(&table(3, 16))).unwrap();
    let partition = raised.partition(&1_u64);
    raised.begin(partition).unwrap();
    assert_eq!(raised.write_set(&1_u64).len(), 2 + raised.new_holders(&1_u64).len());
    raised.switch(partition).unwrap();
    raised.complete(partition).unwrap();
    assert_eq!(raised.read_set(&1_u64).len(), 3);
    raised.change_to(Version::of(&table(1, 16))).unwrap();
    assert_eq!(raised.remaining(), 16);
}

#[test]
fn the_partitions_of_a_table_may_be_other_ones() {
    // Partitions of a transition are ranges of hashes; they may cut those of a table.
    let (old, new) = (table(2, 16), table(2, 48));
    let mut transition = Move::<2>::new(Version::of(&old), 10).unwrap();
    transition.change_to(Version::of(&new)).unwrap();
    for partition in 0..10 {
        if transition.begin(partition).is_ok() {
            transition.switch(partition).unwrap();
            transition.complete(partition).unwrap();
        }
    }
    assert!(transition.is_complete());
    for key in 0..500_u64 {
        assert!(transition.read_set(&key).iter().eq(&new.replicas::<2>(&key)));
    }
    // Progress of other partitions is of another transition: it is resumed with its own number.
    let versions = || [Version::of(&old), Version::of(&new)];
    let resumed = Move::<2>::resume(&transition.progress(), versions()).unwrap();
    assert_eq!(resumed.partitions(), 10);
    let other = Move::<3>::resume(&transition.progress(), versions());
    refused(other, ErrorKind::InvalidArgument, "with 2 replicas, and it is resumed with 3");
}
