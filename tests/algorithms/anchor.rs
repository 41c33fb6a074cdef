//! JumpBackAnchor: hash4j's answers and states, the paper's arrays, its saved state, wrong input.

use crate::support::anchor::Arrays;
use crate::support::{Draws, holders, weighted};
use apportion::anchor::{AnchorBuckets, JumpBackAnchor};
use apportion::limits::{MAX_ANCHOR_BUCKETS, RESTORE_POINTS};
use apportion::topology::Change;
use apportion::{KeyHash, Locator, NodeIdx, Placement, Topology, Walk};

fn hash(hex: &str) -> KeyHash {
    KeyHash::from_hash(u64::from_str_radix(hex, 16).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rows of the recorded scenarios.
fn recorded() -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = include_str!("../vectors/jump_back_anchor_hash4j.tsv");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap())
}

#[test]
fn answers_and_states_are_those_of_hash4j() {
    let mut buckets = AnchorBuckets::default();
    let (mut keys, mut states) = (0, 0);
    for (what, value) in recorded() {
        match what {
            "buckets" => buckets = AnchorBuckets::new(value.parse().unwrap()).unwrap(),
            "add" => assert_eq!(buckets.add().unwrap(), value.parse::<u32>().unwrap()),
            "remove" => buckets.remove(value.parse().unwrap()).unwrap(),
            "state" => {
                assert_eq!(hex(&buckets.to_state()), value);
                let bytes: Vec<u8> = (0..value.len() / 2)
                    .map(|i| u8::from_str_radix(&value[2 * i..2 * i + 2], 16).unwrap())
                    .collect();
                // What follows is asked of the value that was read.
                let again = AnchorBuckets::from_state(&bytes).unwrap();
                assert_eq!(again.removed(), buckets.removed());
                buckets = again;
                states += 1;
            }
            key => {
                assert_eq!(buckets.bucket(hash(key)), Some(value.parse().unwrap()), "{key}");
                assert_eq!(buckets.locate(hash(key)), Some(NodeIdx::new(value.parse().unwrap())));
                keys += 1;
            }
        }
    }
    assert_eq!((keys, states), (1600, 64));
}

/// In which order buckets leave.
fn orders(size: u32, seed: u64) -> Vec<(&'static str, Vec<u32>)> {
    let mut random: Vec<u32> = (0..size).collect();
    Draws(seed).shuffle(&mut random);
    // Always the one that took the first one's place: the longest chains.
    let chased = std::iter::once(0).chain((1..size).rev()).collect();
    vec![("random", random), ("ascending", (0..size).collect()), ("chased", chased)]
}

#[test]
fn buckets_agree_with_the_arrays_of_the_paper() {
    for size in [2, 3, 5, 17, 64, 65, 300] {
        for (order, removals) in orders(size, u64::from(size)) {
            let mut ours = AnchorBuckets::new(size).unwrap();
            let mut arrays = Arrays::new(size);
            let mut draws = Draws(7);
            for (step, bucket) in removals.iter().take(size as usize - 1).enumerate() {
                ours.remove(*bucket).unwrap();
                if ours.size() < size {
                    // The last one left first: there is no log of that.
                    assert_eq!((step, *bucket), (0, size - 1));
                    break;
                }
                arrays.remove(*bucket);
                assert_eq!(ours.working(), arrays.working());
                assert_eq!(ours.removed(), arrays.removed());
                for key in draws.keys(40) {
                    let expected = arrays.bucket(key);
                    assert_eq!(ours.bucket(key), Some(expected), "{size} {order} {step}");
                    assert!(ours.is_working(expected));
                }
            }
        }
    }
}

#[test]
fn additions_undo_removals() {
    let mut buckets = AnchorBuckets::new(50).unwrap();
    let fresh = buckets.clone();
    let keys = Draws(3).keys(500);
    let mut removed: Vec<u32> = (0..49).collect();
    Draws(4).shuffle(&mut removed);
    for bucket in &removed {
        buckets.remove(*bucket).unwrap();
    }
    assert!(keys.iter().all(|key| buckets.bucket(*key) == Some(49)));
    let state = buckets.to_state();
    assert_eq!(AnchorBuckets::from_state(&state).unwrap().removed(), removed);
    for bucket in removed.iter().rev() {
        assert_eq!(buckets.add().unwrap(), *bucket);
        // Equal to what never had more.
        assert_eq!(AnchorBuckets::from_state(&buckets.to_state()).unwrap(), buckets);
    }
    assert_eq!(buckets, fresh);
    assert!(keys.iter().all(|key| buckets.bucket(*key) == fresh.bucket(*key)));
    assert_eq!((buckets.add().unwrap(), buckets.size()), (50, 51));
}

/// Replicas leave removed buckets out and keep their order.
#[test]
fn replicas_leave_removed_buckets_out_and_keep_their_order() {
    for (order, removals) in orders(40, 1) {
        let mut buckets = AnchorBuckets::new(40).unwrap();
        for bucket in removals.iter().take(39) {
            let before = buckets.clone();
            buckets.remove(*bucket).unwrap();
            for key in Draws(u64::from(*bucket)).keys(20) {
                let old = holders(&before, key, 40);
                let new = holders(&buckets, key, 40);
                assert_eq!(new.len(), buckets.live());
                let set = |list: &[NodeIdx], k: usize| {
                    let mut list: Vec<_> = list.iter().take(k).map(|n| n.get()).collect();
                    list.sort_unstable();
                    list
                };
                for k in [1, 2, 3, 7] {
                    let (a, b) = (set(&old, k), set(&new, k));
                    let came = b.iter().filter(|x| !a.contains(x)).count();
                    let gone: Vec<_> = a.iter().filter(|x| !b.contains(x)).collect();
                    assert!(came <= 1 && gone.iter().all(|x| *x == bucket), "{order} {k}");
                    assert!(gone.len() <= 1);
                }
            }
        }
    }
}

/// As a placement, buckets are the slots; walk and list are the same.
#[test]
fn buckets_are_slots() {
    let mut buckets = AnchorBuckets::new(7).unwrap();
    for bucket in [2, 5] {
        buckets.remove(bucket).unwrap();
    }
    assert_eq!((buckets.slots(), buckets.live()), (7, 5));
    let working: Vec<u32> = (0..9).filter(|bucket| buckets.is_working(*bucket)).collect();
    assert_eq!(working, [0, 1, 3, 4, 6]);
    for key in Draws(9).keys(50) {
        let list = holders(&buckets, key, 9);
        let mut walk = Walk::new(key);
        let walked = std::iter::from_fn(|| buckets.next_candidate(&mut walk)).take(9);
        assert!(walked.eq(list.iter().copied()));
        let mut sorted: Vec<u32> = list.iter().map(|bucket| bucket.get()).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, working);
    }
}

/// In one step a node of a low slot joins while one of a high slot leaves.
#[test]
fn one_step_may_add_and_remove() {
    let pool = |weights: &[u64]| Topology::of(weighted(weights)).unwrap();
    let old = Locator::jump_back_anchor_of(pool(&[0, 1, 1, 1])).unwrap();
    let new = old.replaced_by(weighted(&[1, 1, 1, 0])).unwrap();
    let placement = new.placement();
    assert_eq!((old.placement().live(), placement.live()), (3, 3));
    for key in Draws(10).keys(200) {
        let mut all: Vec<u32> = holders(placement, key, 4).iter().map(|node| node.get()).collect();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    }
}

#[test]
fn wrong_input_is_named() {
    let text = |error: apportion::Error| error.to_string();
    let mut three = AnchorBuckets::new(3).unwrap();
    assert_eq!(
        text(three.remove(3).unwrap_err()),
        "there is no bucket 3: the anchor has 3 buckets, numbered from 0"
    );
    three.remove(1).unwrap();
    assert_eq!(text(three.remove(1).unwrap_err()), "bucket 1 is already removed");
    three.remove(0).unwrap();
    let before = three.clone();
    assert_eq!(
        text(three.remove(2).unwrap_err()),
        "bucket 2 is the only working bucket and cannot be removed; add another one first"
    );
    assert_eq!(three, before);
    assert_eq!(
        text(AnchorBuckets::new(MAX_ANCHOR_BUCKETS + 1).unwrap_err()),
        "an anchor has at most 67108864 buckets, got 67108865"
    );
    let mut most = AnchorBuckets::new(MAX_ANCHOR_BUCKETS).unwrap();
    assert!(most.bucket(KeyHash::of_id(1)).is_some());
    assert!(most.add().is_err());
    assert_eq!(most.size(), MAX_ANCHOR_BUCKETS);
}

#[test]
fn invalid_saved_states_are_refused() {
    let state = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    let refused = |bytes: &[u8]| AnchorBuckets::from_state(bytes).unwrap_err().to_string();
    let length =
        |bytes| format!("an anchor's state is a non-empty multiple of 4 bytes, got {bytes} bytes");
    assert_eq!(refused(&[]), length(0));
    assert_eq!(refused(&[1, 0, 0]), length(3));
    assert_eq!(refused(&[1, 0, 0, 0, 0]), length(5));
    assert_eq!(
        refused(&state(&[4, 9])),
        "there is no bucket 9: the anchor has 4 buckets, numbered from 0"
    );
    assert_eq!(refused(&state(&[4, 1, 1])), "bucket 1 is already removed");
    assert_eq!(
        refused(&state(&[2, 0, 1])),
        "bucket 1 is the only working bucket and cannot be removed; add another one first"
    );
    assert_eq!(
        refused(&state(&[4, 3])),
        "invalid anchor state: its first removal is the highest bucket (3), which would have shrunk the \
         anchor instead"
    );
    assert_eq!(
        refused(&state(&[0, 0])),
        "there is no bucket 0: the anchor has 0 buckets, numbered from 0"
    );
    assert_eq!(refused(&[0xFF; 4]), "an anchor has at most 67108864 buckets, got 4294967295");
    let high = RESTORE_POINTS as u32;
    assert_eq!(
        refused(&state(&[high + 2, 5, high])),
        "invalid anchor state: it removes bucket 2097152, but a state of this length has only \
         buckets below 2097152"
    );
    let large = AnchorBuckets::from_state_within(&state(&[high + 2, 5, high]), u64::MAX).unwrap();
    assert_eq!(large.to_state(), state(&[high + 2, 5, high]));
    assert!(AnchorBuckets::from_state(&state(&[high + 2, 5, high - 1])).is_ok());
    assert_eq!(AnchorBuckets::from_state(&state(&[0])).unwrap(), AnchorBuckets::default());
}

/// The saved form says who has which bucket.
#[test]
fn nodes_follow_the_log() {
    let names = |l: &Locator<&'static str, JumpBackAnchor>| -> Vec<Option<&'static str>> {
        let anchor = l.placement();
        let name = |bucket| anchor.node(bucket).and_then(|at| l.topology().get(at)).copied();
        (0..anchor.buckets().size()).map(name).collect()
    };
    let pool = Locator::jump_back_anchor(["a", "b", "c", "d"]).unwrap();
    let pool = pool.without("b").unwrap().without("a").unwrap();
    assert_eq!(names(&pool), [None, None, Some("c"), Some("d")]);
    let pool = pool.with("e").unwrap();
    assert_eq!(names(&pool), [Some("e"), None, Some("c"), Some("d")]);
    let drained = pool.reweighted("d", 0).unwrap();
    assert_eq!(names(&drained), [Some("e"), None, Some("c"), None]);
    assert_eq!(names(&drained.reweighted("d", 1).unwrap()), names(&pool));
    // Nobody is left: what comes next starts anew.
    let empty = pool.without("c").unwrap().without("d").unwrap().without("e").unwrap();
    assert_eq!((empty.placement().live(), empty.get("key")), (0, None));
    assert_eq!(names(&empty.with("z").unwrap()), [Some("z")]);
    let all_new = pool.replaced_by(["x", "y"].map(apportion::Node::new)).unwrap();
    assert_eq!(names(&all_new), [Some("x"), Some("y")]);
    let unequal = pool.reweighted("e", 2).unwrap_err().to_string();
    assert!(unequal.starts_with("jump-back-anchor has no weights, but node"), "{unequal}");
}

/// The order of the changes of one step is that of the topology, so it is the same everywhere.
#[test]
fn one_step_is_the_same_as_its_parts() {
    let (old, changes) = Topology::new(["a", "b", "c", "d", "e"])
        .unwrap()
        .replaced_by(["b", "d", "x", "y"].map(apportion::Node::new))
        .unwrap();
    assert_eq!(old.members().live(), 4);
    assert!(matches!(
        changes[..],
        [Change::Remove(_), Change::Remove(_), Change::Remove(_), Change::Add(_), Change::Add(_)]
    ));
    let at_once = Locator::jump_back_anchor(["a", "b", "c", "d", "e"]).unwrap();
    let parts = at_once.without("a").unwrap().without("c").unwrap().without("e").unwrap();
    let parts = parts.with("x").unwrap().with("y").unwrap();
    let at_once = at_once.replaced_by(["b", "d", "x", "y"].map(apportion::Node::new)).unwrap();
    assert_eq!(at_once.fingerprint(), parts.fingerprint());
}
