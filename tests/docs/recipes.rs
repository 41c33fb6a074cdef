//! What the chapter of recipes says beside its programs, which are tests themselves.

use apportion::hash::{Encoder, KeyHasher};
use apportion::rendezvous::RendezvousSlice;
use apportion::ring::RingConfig;
use apportion::{Candidates, KeyHash, Locator, Node, Placement, Topology, Walk, Xxh3};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use uuid::Uuid;

/// The microcontroller's program is that of the crate which is built for microcontrollers. The
/// published package does not hold that crate.
#[test]
fn the_microcontroller_runs_the_same_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dependents = root.join("tests/dependents");
    if !dependents.exists() {
        return;
    }
    let dependent = fs::read_to_string(dependents.join("without_std/src/lib.rs")).unwrap();
    let chapter = fs::read_to_string(root.join("src/docs/recipes.md")).unwrap();
    let (_, recipe) = chapter.split_once("## A microcontroller").unwrap();
    let (_, program) = recipe.split_once("```rust\nuse ").unwrap();
    let (program, _) = program.split_once("\n\nlet first").unwrap();
    assert!(program.lines().count() > 30);
    assert!(dependent.contains(program), "the chapter's program differs from the crate's");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn stack_sizes_are_those_of_the_chapter() {
    // Two vectors more than the chapter says, which is about `core` alone.
    let vectors = 2 * size_of::<Vec<u32>>();
    assert_eq!(size_of::<Candidates<'_, RendezvousSlice<'_>>>(), 456 + vectors);
    assert_eq!((size_of::<Encoder<'_>>(), size_of::<Walk>()), (152, 72));
}

fn abc(c: u64) -> Topology<&'static str> {
    Topology::of([("a", 1), ("b", 1), ("c", c)].map(|(n, w)| Node::new(n).weight(w))).unwrap()
}

#[test]
fn only_a_derived_scale_depends_on_history() {
    let ring = |c, config| Locator::ring_of(abc(c), config).unwrap();
    let points = |ring: &Locator<_>| ring.placement().scale().unwrap().points_of(1);
    let both =
        |config: RingConfig| (ring(1, config.clone()).reweighted("c", 4).unwrap(), ring(4, config));
    let (kept, anew) = both(RingConfig::default());
    assert_eq!((points(&kept), points(&anew)), (160, 160));
    assert_eq!(kept.fingerprint(), anew.fingerprint());
    let (kept, anew) = both(RingConfig::default().points_per_node(160));
    assert_eq!((points(&kept), points(&anew)), (160, 80));
    assert_ne!(kept.fingerprint(), anew.fingerprint());
    let bytes = Topology::of([Node::new("disk").weight(4_000_000_000_000)]).unwrap();
    let refused = Locator::ring_of(bytes, RingConfig::default()).unwrap_err();
    assert!(refused.to_string().contains("over the ring's budget of 16777216"), "{refused}");
}

#[test]
fn a_new_list_brings_its_own_values() {
    let list = |value| ["a", "b"].map(|label| Node::labelled(value, label));
    let old = Locator::rendezvous_of(Topology::of(list("old")).unwrap()).unwrap();
    let values = |pool: &Locator<_, _>| -> Vec<&str> {
        pool.topology().iter().map(|(_, value)| *value).collect()
    };
    assert_eq!(values(&old.reweighted("a", 1).unwrap()), ["old", "old"]);
    assert_eq!(values(&old.replaced_by(list("new")).unwrap()), ["new", "new"]);
}

#[test]
fn an_unknown_figure_is_none() {
    let shards = |ids: Vec<u32>| Locator::jump_back(ids).unwrap();
    let old = shards((0..5).collect());
    let moved = |new| old.diff(&new).unwrap().moved_fraction();
    assert_eq!(moved(shards((0..16).rev().collect())), None);
    assert_eq!(moved(shards((0..16).collect())), Some(11.0 / 16.0));
}

#[test]
fn a_walk_over_another_list_may_leave_nodes_out() {
    let (old, new) = (Locator::rendezvous(0..20).unwrap(), Locator::rendezvous(10..30).unwrap());
    let left_out = |key: &u64| {
        let mut walk = old.walk(key);
        old.next_candidate(&mut walk);
        let mut found = BTreeSet::new();
        while let Some((_, node)) = new.next_candidate(&mut walk) {
            assert!(found.insert(*node));
        }
        assert!(found.iter().all(|node| (10..30).contains(node)));
        found.len() < 20
    };
    let keys = (0..1000).filter(left_out).count();
    assert!((1..1000).contains(&keys));
}

#[test]
fn spellings_of_keys() {
    let id = Uuid::from_u128(0x0190_2b1e_44f8_7c51_9d3a_5be2_70c4_11d7);
    let bytes = Xxh3.hash_key(id.as_bytes());
    assert_eq!(id.as_bytes()[..3], [0x01, 0x90, 0x2b]);
    assert_ne!(Xxh3.hash_key(&id.as_u128()), bytes);
    assert_eq!(Xxh3.hash_key(&id.as_u128().swap_bytes()), bytes);
    let small = "01902b1e-44f8-7c51-9d3a-5be270c411d7";
    let large = small.to_uppercase();
    assert_ne!(Xxh3.hash_key(small), Xxh3.hash_key(&large));
    assert_eq!([small, &large].map(|text| text.parse::<Uuid>().unwrap()), [id, id]);
    assert_ne!(Xxh3.hash_key("042"), Xxh3.hash_key("42"));
    assert_eq!(Xxh3.hash_key(&-1_i64), Xxh3.hash_key(&u64::MAX));
    assert_ne!(Xxh3.hash_key(&42_u128), Xxh3.hash_key(&42_u64));

    let ring = Locator::ring(["a", "b", "c", "d"]).unwrap();
    let owners = |hash: fn(u64) -> KeyHash| -> BTreeSet<_> {
        (0..1_000_000).map(|id| ring.placement().locate(hash(id)).unwrap()).collect()
    };
    assert_eq!(owners(KeyHash::from_hash).len(), 1);
    assert_eq!(owners(KeyHash::of_id).len(), 4);
}

#[test]
fn a_list_lets_nodes_join_in_its_order() {
    let names = |n| (0..n).map(|i| format!("shard-{i}"));
    let eight = Locator::jump_back(names(8)).unwrap();
    let listed = eight.replaced_by(names(16).map(Node::new)).unwrap();
    let shard = |i: usize| listed.topology().get(listed.placement().numbering()[i]).unwrap();
    assert_eq!((shard(8).as_str(), shard(15).as_str()), ("shard-8", "shard-15"));
    assert_eq!(listed.fingerprint(), Locator::jump_back(names(16)).unwrap().fingerprint());
    // One after the other they are numbered as in the whole list.
    let one_by_one = (8..16).try_fold(eight, |shards, i| shards.with(format!("shard-{i}")));
    let whole = Locator::jump_back(names(16)).unwrap();
    assert_eq!(one_by_one.unwrap().fingerprint(), whole.fingerprint());
}
