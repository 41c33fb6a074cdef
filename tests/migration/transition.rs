//! States, errors and sets of transitions.

use apportion::hash::KeyHasher;
use apportion::migration::{PartitionState, Transition, Version};
use apportion::partition::TableConfig;
use apportion::{ErrorKind, Locator, Node, SipHash13, Spread, Topology};

fn ring(nodes: &[&'static str]) -> Locator<&'static str> {
    Locator::ring(nodes.iter().copied()).unwrap()
}

/// From a, b, c to a, b, c, d by ring.
fn one_more() -> Transition<&'static str, apportion::Xxh3, 2> {
    let mut transition = Transition::new(Version::of(&ring(&["a", "b", "c"])), 16).unwrap();
    transition.change_to(Version::of(&ring(&["a", "b", "c", "d"]))).unwrap();
    transition
}

#[test]
fn sets_follow_the_state() {
    let (old, new) = (ring(&["a", "b", "c"]), ring(&["a", "b", "c", "d"]));
    let mut transition = one_more();
    let key =
        (0..1000_u64).find(|key| new.replicas::<2>(key).iter().any(|node| *node == "d")).unwrap();
    let partition = transition.partition(&key);
    let before: Vec<_> = old.replicas::<2>(&key).iter().copied().collect();
    let after: Vec<_> = new.replicas::<2>(&key).iter().copied().collect();
    let both = |first: &[&'static str], second: &[&'static str]| {
        let mut both = first.to_vec();
        both.extend(second.iter().filter(|node| !first.contains(node)));
        both
    };
    let sets = |transition: &Transition<&'static str, _, 2>| {
        let read: Vec<_> = transition.read_set(&key).iter().copied().collect();
        let write: Vec<_> = transition.write_set(&key).iter().copied().collect();
        let copied: Vec<_> = transition.new_holders(&key).iter().copied().collect();
        let deleted: Vec<_> = transition.old_holders(&key).iter().copied().collect();
        (read, write, copied, deleted)
    };
    let none = Vec::new();
    let gone: Vec<_> = before.iter().filter(|node| !after.contains(node)).copied().collect();
    assert_eq!(sets(&transition), (before.clone(), before.clone(), none.clone(), none.clone()));
    transition.begin(partition).unwrap();
    let write = both(&before, &after);
    assert_eq!(sets(&transition), (before.clone(), write, vec!["d"], none.clone()));
    transition.switch(partition).unwrap();
    let write = both(&after, &before);
    assert_eq!(sets(&transition), (after.clone(), write.clone(), none.clone(), gone.clone()));
    transition.step_back(partition).unwrap();
    assert_eq!(transition.state(partition), Some(PartitionState::Copying));
    transition.switch(partition).unwrap();
    transition.complete(partition).unwrap();
    assert_eq!(sets(&transition), (after.clone(), after, none.clone(), none));
    assert_eq!((transition.remaining(), transition.is_complete()), (15, false));
    assert_eq!(transition.new_holders(&key).len(), 0);
}

#[test]
fn every_wrong_step_is_refused_and_changes_nothing() {
    let mut transition = one_more();
    let refused = |result: Result<(), apportion::Error>, says: &str| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains(says), "{error}");
    };
    refused(
        transition.switch(3),
        "partition 3 is waiting, and this step is for a partition that is copying",
    );
    refused(transition.complete(3), "partition 3 is waiting");
    refused(transition.step_back(3), "partition 3 is waiting");
    refused(transition.begin(16), "there is no partition 16: the transition has 16 partitions");
    transition.begin(3).unwrap();
    refused(transition.begin(3), "partition 3 is copying");
    refused(transition.complete(3), "partition 3 is copying");
    transition.switch(3).unwrap();
    transition.complete(3).unwrap();
    refused(transition.step_back(3), "partition 3 is complete");
    assert_eq!(transition.lose("e").unwrap_err().kind(), ErrorKind::UnknownNode);
    assert_eq!(transition.state(3), Some(PartitionState::Complete));
    assert_eq!(transition.remaining(), 15);
}

#[test]
fn sizes_are_checked() {
    let version = || Version::of(&ring(&["a"]));
    let kind = |result: Result<Transition<&str, apportion::Xxh3, 1>, apportion::Error>| {
        result.unwrap_err().kind()
    };
    assert_eq!(kind(Transition::new(version(), 0)), ErrorKind::InvalidConfiguration);
    assert_eq!(kind(Transition::new(version(), u32::MAX)), ErrorKind::InvalidConfiguration);
    let none: Result<Transition<_, _, 0>, _> = Transition::new(version(), 1);
    assert_eq!(none.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn another_hasher_is_refused() {
    let keyed = |secret| ring(&["a", "b"]).with_hasher(SipHash13::new([secret; 16]));
    let mut transition = Transition::<_, _, 1>::new(Version::of(&keyed(1)), 8).unwrap();
    let refused = transition.change_to(Version::of(&keyed(2))).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::OtherHasher);
    let ids = [1, 2]
        .map(|secret| format!("0x{:016x}", apportion::Portable::id(&SipHash13::new([secret; 16]))));
    assert!(ids.iter().all(|id| refused.to_string().contains(id)), "{refused}");
    assert!(transition.is_complete());
    // A hasher of another type does not compile; an equal one is no obstacle.
    transition.change_to(Version::of(&keyed(1))).unwrap();
    let _ = SipHash13::new([1; 16]).hash_key(&1_u64);
}

#[test]
fn going_back_completes_what_never_left() {
    let mut transition = one_more();
    for partition in 0..4 {
        transition.begin(partition).unwrap();
    }
    transition.switch(0).unwrap();
    transition.switch(1).unwrap();
    transition.complete(1).unwrap();
    transition.change_to(Version::of(&ring(&["c", "b", "a"]))).unwrap();
    // 0 had switched and 1 was complete; both are at the target that was given up.
    let waiting: Vec<u32> =
        (0..16).filter(|p| transition.state(*p) == Some(PartitionState::Waiting)).collect();
    assert_eq!(waiting, [0, 1]);
    assert_eq!(transition.remaining(), 2);
    // The same target again is no change.
    transition.begin(0).unwrap();
    transition.change_to(Version::of(&ring(&["a", "b", "c"]))).unwrap();
    assert_eq!(transition.state(0), Some(PartitionState::Copying));
}

#[test]
fn a_lost_node_is_left_out_until_it_comes_back() {
    let mut transition =
        Transition::<_, _, 2>::new(Version::of(&ring(&["a", "b", "c"])), 16).unwrap();
    let key = (0..1000_u64).find(|key| transition.read_set(key).iter().any(|n| *n == "b")).unwrap();
    transition.lose("b").unwrap();
    assert_eq!(transition.read_set(&key).len(), 1);
    assert_eq!(transition.write_set(&key).len(), 1);
    // It returns with an empty disk: its keys are copied to it.
    transition.change_to(Version::of(&ring(&["a", "b", "c"]))).unwrap();
    assert_eq!(transition.remaining(), 16);
    transition.begin(transition.partition(&key)).unwrap();
    assert!(transition.new_holders(&key).iter().eq(&["b"]));
    assert_eq!((transition.read_set(&key).len(), transition.write_set(&key).len()), (1, 2));
}

/// A version taken from a transition is a version like one of its locator: nothing is lost in it.
#[test]
fn versions_are_taken_in_with_all_their_nodes() {
    let all = ring(&["a", "b", "c"]);
    let mut transition = Transition::<_, _, 2>::new(Version::of(&all), 16).unwrap();
    let whole = transition.progress();
    transition.lose("b").unwrap();
    let lost = transition.progress();
    let taken = transition.target().clone();
    let fresh = Transition::<_, _, 2>::new(taken.clone(), 16).unwrap();
    let again = Transition::<_, _, 2>::resume(&whole, [taken.clone()]).unwrap();
    for other in [&fresh, &again] {
        assert_eq!(other.progress(), whole);
        assert!((0..100_u64).all(|key| other.read_set(&key).len() == 2));
    }
    let resumed = Transition::<_, _, 2>::resume(&lost, [taken.clone()]).unwrap();
    assert_eq!(resumed.progress(), lost);
    transition.change_to(taken).unwrap();
    assert_eq!(transition.remaining(), 16);
}

#[test]
fn the_wrong_topology_is_refused_on_resume_with_both_fingerprints() {
    let mut transition = one_more();
    transition.begin(5).unwrap();
    let progress = transition.progress();
    let (old, new) = (ring(&["a", "b", "c"]), ring(&["a", "b", "c", "d"]));
    let other = ring(&["a", "b", "x"]);
    let resume = |given: [&Locator<&'static str>; 2]| {
        Transition::<_, _, 2>::resume(&progress, given.map(Version::of))
    };
    assert_eq!(resume([&new, &old]).unwrap().state(5), Some(PartitionState::Copying));
    let refused = resume([&other, &new]).unwrap_err().to_string();
    for locator in [&old, &other, &new] {
        assert!(refused.contains(&format!("0x{:016x}", locator.fingerprint())), "{refused}");
    }
    let replicas = Transition::<_, _, 3>::resume(&progress, [Version::of(&old), Version::of(&new)]);
    assert!(
        replicas.unwrap_err().to_string().contains("with 2 replicas, and it is resumed with 3")
    );
}

#[test]
fn tables_of_other_sizes_rings_and_spreads_are_versions_alike() {
    let zone = |name: &'static str, zone| Node::new(name).domain("zone", zone);
    let four = [zone("a", "x"), zone("b", "x"), zone("c", "y"), zone("d", "y")];
    let topology = Topology::of(four).unwrap();
    let ring = Locator::ring_of(topology.clone(), Default::default()).unwrap();
    let spread = Spread::strict(topology.members(), 2, [("zone", 1)]).unwrap();
    let version = Version::of(&ring).under(&spread);
    assert_ne!(version.fingerprint(), Version::of(&ring).fingerprint());
    let table = Locator::table_of(topology, TableConfig::new(64, 2)).unwrap();
    let mut transition = Transition::<_, _, 2>::new(Version::of(&table), 128).unwrap();
    transition.change_to(version).unwrap();
    for partition in 0..128 {
        transition.begin(partition).unwrap();
        transition.switch(partition).unwrap();
        transition.complete(partition).unwrap();
    }
    assert!(transition.is_complete());
    for key in 0..1000_u64 {
        let zones = transition.read_set(&key).iter().map(|node| *node < "c").collect::<Vec<_>>();
        assert!(zones.len() == 2 && zones[0] != zones[1]);
    }
}
