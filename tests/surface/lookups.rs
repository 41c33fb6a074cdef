//! Answers as values, as slots and in batches.

use crate::support::scripted::Scripted;
use apportion::ring::RingConfig;
use apportion::{KeyHash, Locator, Node, NodeIdx, Placement, Spread, Topology, Xxh3};
use std::sync::Arc;

#[test]
fn a_hash_is_a_key() {
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    let hash = ring.hash("user:42");
    assert_eq!(
        (ring.get(&hash), ring.locate(&hash)),
        (ring.get("user:42"), ring.locate("user:42"))
    );
    assert_eq!(ring.hash(&hash), hash);
    assert!(ring.replicas::<2>(&hash).iter().eq(ring.replicas::<2>("user:42").iter()));
    let raw = KeyHash::from_hash(7);
    assert_eq!(ring.locate(&raw), ring.placement().locate(raw));
}

#[test]
fn candidates_come_with_their_slots() {
    let ring = Locator::ring(["a", "b", "c", "d"]).unwrap().without("b").unwrap();
    for key in 0..50 {
        let candidates: Vec<(NodeIdx, &&str)> = ring.candidates(&key).collect();
        assert_eq!(candidates.len(), 3);
        assert!(candidates.iter().all(|(at, node)| ring.find(*node) == Some(*at)));
        let mut walk = ring.walk(&key);
        assert_eq!(ring.next_candidate(&mut walk), Some(candidates[0]));
        let (second, _) = candidates[1];
        assert_eq!(ring.next_candidate_where(&mut walk, |at| at == second), Some(candidates[1]));
        assert_eq!(ring.next_candidate_where(&mut walk, |_| false), None);
        assert_eq!(ring.next_candidate(&mut walk), None);
    }
}

#[test]
fn replicas_are_a_list() {
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    let holders = ring.replicas::<3>("key");
    let names: Vec<&str> = holders.into_iter().copied().collect(); // a copy: it is used again
    assert_eq!([holders[0], holders[1], holders[2]], names[..]);
    assert_eq!((holders.len(), holders.iter().len()), (3, 3));
    assert!(holders.iter().rev().eq(names.iter().rev()));
    let slots = holders.indices().iter().map(|at| ring.topology().get(*at));
    assert!(slots.eq(names.iter().map(Some)));
    let mut both = holders.iter();
    assert_eq!((both.next(), both.next_back()), (Some(&names[0]), Some(&names[2])));
    assert_eq!(
        (both.len(), both.next_back(), both.next(), both.len()),
        (1, Some(&names[1]), None, 0)
    );
    assert_eq!((both.next_back(), both.size_hint()), (None, (0, Some(0))));
    // Fewer nodes than replicas, and none.
    let few = ring.replicas::<5>("key");
    assert_eq!((few.len(), few.iter().len(), few.get(3)), (3, 3, None));
    let none = ring.without_all(["a", "b", "c"]).unwrap();
    assert!(
        none.replicas::<2>("key").is_empty() && none.replicas::<2>("key").iter().next().is_none()
    );
    assert!(none.replicas::<0>("key").indices().is_empty());
}

#[test]
#[should_panic(expected = "index 2 is out of range: the key has 2 of 3 replicas")]
fn an_index_beyond_the_replicas_panics() {
    let ring = Locator::ring(["a", "b"]).unwrap();
    let _ = ring.replicas::<3>("key")[2];
}

/// A placement that answers a slot without a node: the length of the replicas stays exact.
#[test]
fn a_slot_without_a_node_is_left_out() {
    let (nodes, _) = Topology::new(["a", "b", "c"]).unwrap().without("b").unwrap();
    let locator =
        Locator::from_parts(nodes, Scripted { nodes: 3, candidates: &[0, 1, 2] }, Xxh3).unwrap();
    let holders = locator.replicas::<3>("key").iter();
    assert_eq!((holders.len(), holders.clone().count()), (2, 2));
    assert!(holders.clone().rev().eq(["c", "a"].iter()));
    assert!(holders.eq(["a", "c"].iter()));
    assert_eq!(locator.replicas_vec("key", 3), [&"a", &"c"]);
}

#[test]
fn as_many_replicas_as_are_known_at_run_time() {
    let names: Vec<String> = (0..9).map(|i| format!("n{i}")).collect();
    let ring = Locator::ring(names).unwrap().reweighted("n4", 0).unwrap();
    for key in 0..50 {
        let three: Vec<&String> = ring.replicas::<3>(&key).into_iter().collect();
        assert_eq!(ring.replicas_vec(&key, 3), three);
        assert_eq!(ring.replicas_vec(&key, 1), [ring.get(&key).unwrap()]);
        assert!(ring.replicas_vec(&key, 0).is_empty());
        let all = ring.replicas_vec(&key, usize::MAX);
        assert_eq!((all.len(), all.contains(&&"n4".to_owned())), (8, false));
        assert_eq!(all[..3], three);
        let mut slots = vec![NodeIdx::NONE; 12];
        assert_eq!(ring.replicas_into(&key, &mut slots), 8);
        assert!(slots[..8].iter().map(|at| ring.topology().get(*at)).eq(all.into_iter().map(Some)));
        assert_eq!(slots[8..], [NodeIdx::NONE; 4]);
    }
    assert!(ring.without_all(["n0", "n1"]).unwrap().replicas_vec("key", 7).len() == 6);
    assert!(Locator::ring([0_u8; 0]).unwrap().replicas_vec("key", 3).is_empty());
}

#[test]
fn as_many_replicas_as_a_spread_was_compiled_for() {
    let nodes = (0..12).map(|i| Node::new(format!("n{i}")).domain("zone", &format!("z{}", i % 4)));
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    let spread = Spread::strict(ring.topology().members(), 3, [("zone", 1)]).unwrap();
    for key in 0..50 {
        let three = ring.replicas_under::<3>(&spread, &key);
        assert!(ring.replicas_under_vec(&spread, &key).into_iter().eq(three));
    }
    let fewer = ring.with_hasher(Xxh3);
    let two = Spread::best_effort(fewer.topology().members(), 2, [("zone", 1)]).unwrap();
    assert_eq!(fewer.replicas_under_vec(&two, "key").len(), 2);
}

/// In batches: every length about the ends of a chunk, and outputs that are shorter or longer.
#[test]
fn batches_are_the_single_answers() {
    for algorithm in ["ring", "jump", "maglev", "rendezvous"] {
        let names = Topology::new((0..9).map(|i| format!("n{i}"))).unwrap();
        let locator = Locator::any_of(names, algorithm.parse().unwrap()).unwrap();
        let hashes: Vec<u64> = (0..300).map(|key| locator.hash(&key).get()).collect();
        for (given, room) in
            [(0, 3), (1, 1), (63, 64), (64, 64), (65, 65), (300, 300), (300, 70), (70, 300)]
        {
            let (mut nodes, mut slots) = (vec![None; room], vec![NodeIdx::NONE; room]);
            let done = locator.get_batch(&hashes[..given], &mut nodes);
            assert_eq!(
                (done, locator.locate_batch(&hashes[..given], &mut slots)),
                (given.min(room), done)
            );
            for (key, (node, slot)) in nodes.iter().zip(&slots).enumerate() {
                let key = key as i32;
                let (owner, at) = (locator.get(&key), locator.locate(&key).unwrap());
                let expected =
                    if (key as usize) < done { (owner, at) } else { (None, NodeIdx::NONE) };
                assert_eq!((*node, *slot), expected, "{given} {room}: {key}");
            }
        }
    }
    // No node is live: nothing is written.
    let none = Locator::ring(["a"]).unwrap().reweighted("a", 0).unwrap();
    let mut out = [Some(&"before"); 2];
    assert_eq!((none.get_batch(&[1, 2], &mut out), out), (0, [Some(&"before"); 2]));
}

#[test]
fn owners_are_handed_out_as_they_are_shared() {
    let ring = Locator::ring(["a".to_owned(), "b".to_owned()]).unwrap();
    for key in 0..20 {
        let (owner, at) = (ring.get_arc(&key).unwrap(), ring.locate(&key).unwrap());
        assert_eq!(Some(owner.as_ref()), ring.get(&key));
        assert!(Arc::ptr_eq(owner, ring.topology().get_arc(at).unwrap()));
    }
}
