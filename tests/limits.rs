//! Every limit at its edge, and errors that name the value.

use apportion::limits::{
    MAX_BOUNDED_KEYS, MAX_BUCKETS, MAX_DOMAIN_BYTES, MAX_DOMAIN_LEVELS, MAX_LABEL_BYTES, MAX_NODES,
    MAX_RING_BUDGET,
};
use apportion::{
    Algorithm, BoundedLoads, BucketHash, Buckets, FlipHash, InFlight, Jump, JumpBack, JumpGuava,
    KeyHash, LoadFactor, Locator, Node, NodeIdx, Placement, RingConfig, Scale, Topology, Weight,
    over_keys,
};

fn error<T>(result: Result<T, apportion::Error>) -> String {
    let error = result.err().unwrap();
    assert_eq!(format!("{error:?}"), error.to_string());
    error.to_string()
}

#[test]
fn nodes() {
    let full = Topology::new(0..MAX_NODES as u64).unwrap();
    assert_eq!(full.members().nodes(), MAX_NODES);
    let expected = "1048577 nodes are more than the 1048576 one topology may hold";
    assert_eq!(error(full.with_node(Node::new(u64::MAX))), expected);
    assert_eq!(error(Topology::new(0..=MAX_NODES as u64)), expected);
    let last = MAX_NODES as u64 - 1;
    let jump = Locator::jump_back_of(full).unwrap();
    assert!(jump.get("key").is_some() && jump.without(&last).is_ok());
}

#[test]
fn labels() {
    let long = "x".repeat(MAX_LABEL_BYTES);
    assert!(Topology::new([long.as_str(), ""]).is_ok());
    let longer = long + "x";
    let message = error(Topology::new([longer.as_str()]));
    assert!(message.starts_with("the label \"xxx") && message.len() < 400, "{message}");
    assert!(message.ends_with("has 65536 bytes, more than 65535"), "{message}");
    assert_eq!(error(Topology::new([300, 300])), "node 0x2c01000000000000 is given twice");
    assert_eq!(error(Topology::new(["a\n", "a\n"])), "node 0x610a is given twice");
}

#[test]
fn domains() {
    let level = |i: usize| format!("level{i}");
    let deep = |n| (0..n).fold(Node::new("a"), |node, i| node.domain(&level(i), "x"));
    let topology = Topology::of([deep(MAX_DOMAIN_LEVELS)]).unwrap();
    let domain = topology.members().domain(NodeIdx::new(0)).unwrap();
    assert_eq!((domain.depth(), domain.at("level7"), domain.at("zone")), (8, Some("x"), None));
    assert_eq!(domain.path().next(), Some(("level0", "x")));
    assert_eq!(
        error(Topology::of([deep(MAX_DOMAIN_LEVELS + 1)])),
        "node \"a\": 9 failure domain levels are more than 8"
    );
    let named = |level: &str, name: &str| Topology::of([Node::new("a").domain(level, name)]);
    assert!(named("zone", &"z".repeat(MAX_DOMAIN_BYTES)).is_ok());
    assert_eq!(
        error(named("zone", &"z".repeat(MAX_DOMAIN_BYTES + 1))),
        "node \"a\": 256 bytes in the failure domain \"zone\" … exceed 255"
    );
    assert_eq!(error(named("", "z")), "node \"a\": a failure domain needs a level's name");
    let twice = Node::new("a").domain("zone", "x").domain("zone", "y");
    assert_eq!(
        error(Topology::of([twice])),
        "node \"a\": the failure domain level \"zone\" is given twice"
    );
}

#[test]
fn buckets() {
    assert!(Buckets::new(Jump, MAX_BUCKETS).is_some());
    assert!(Buckets::new(Jump, MAX_BUCKETS + 1).is_none());
    for hash in 0..2000 {
        let key = KeyHash::of_id(hash);
        for function in [&Jump as &dyn BucketHash, &JumpGuava, &JumpBack, &FlipHash] {
            let largest = function.bucket(key, MAX_BUCKETS);
            assert!(largest < MAX_BUCKETS);
            assert_eq!(function.bucket(key, u32::MAX), largest);
        }
        let all = Buckets::new(JumpBack, MAX_BUCKETS).unwrap();
        let mut five = [NodeIdx::default(); 5];
        assert_eq!(all.replicas(key, &mut five), 5);
        assert!(five.iter().all(|node| node.get() < MAX_BUCKETS));
    }
}

#[test]
fn weights() {
    let heavy = |n: u64| (0..n).map(|i| Node::new(i).weight(u64::MAX - i));
    let topology = Topology::of(heavy(100)).unwrap();
    assert_eq!(topology.members().total_weight(), 100 * u128::from(u64::MAX) - 4950);
    let ring = Locator::ring_of(topology.clone(), RingConfig::default()).unwrap();
    assert!(
        (15_900..=16_000).contains(&ring.placement().points()),
        "{}",
        ring.placement().points()
    );
    let weighted = Locator::weighted_rendezvous_of(topology).unwrap();
    assert!(weighted.replicas::<100>("key").len() == 100);
    // One unit beside 2^63: it keeps a point, and a share that nobody will meet.
    let nodes = [Node::new("big").weight(1 << 63), Node::new("small").weight(1)];
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    assert_eq!(ring.placement().points(), 320);
}

#[test]
fn ring_budget_and_scale() {
    let topology = || Topology::new(["a", "b"]).unwrap();
    let ring = |config| Locator::ring_of(topology(), config);
    let config = RingConfig::default;
    assert_eq!(error(ring(config().budget(0))), "a ring's budget must lie in 1..=268435456, not 0");
    assert!(ring(config().budget(MAX_RING_BUDGET)).is_ok());
    assert_eq!(
        error(ring(config().budget(MAX_RING_BUDGET + 1))),
        "a ring's budget must lie in 1..=268435456, not 268435457"
    );
    assert_eq!(
        error(ring(config().points_per_node(0))),
        "a ring's number of points to a node must lie in 1..=268435456, not 0"
    );
    assert_eq!(
        error(ring(config().scale(0, 1))),
        "a ring's points in the scale must lie in 1..=18446744073709551615, not 0"
    );
    assert_eq!(
        error(ring(config().scale(1, 0))),
        "a ring's weight in the scale must lie in 1..=18446744073709551615, not 0"
    );
    // The default scale shrinks to the budget when the ring is built, and is kept from then on.
    let tight = ring(config().budget(100)).unwrap();
    assert_eq!((tight.placement().points(), tight.placement().scale()), (100, Scale::new(50, 1)));
    assert_eq!(
        error(tight.with("c")),
        "node \"c\" needs 50 points, which makes 150, over the ring's budget of 100"
    );
    assert_eq!(tight.placement().points(), 100, "the old value is as it was");
    assert!(tight.without("a").unwrap().with("c").is_ok());
    let scaled = ring(config().scale(3, 2)).unwrap().reweighted("a", 5).unwrap();
    assert_eq!(scaled.placement().points(), 7 + 1);
    assert_eq!(scaled.placement().scale().unwrap().to_string(), "3 points to 2 of weight");
    let message = error(scaled.reweighted("a", u64::MAX));
    assert_eq!(
        message,
        "node \"a\" needs 27670116110564327422 points, which makes 27670116110564327422, over the \
         ring's budget of 16777216"
    );
    let rescaled = scaled.rescaled(&config()).unwrap();
    assert_eq!(rescaled.placement().points(), 266 + 53);
    // A million of weight: points follow the average, not the number.
    let bytes = [Node::new("a").weight(1 << 40), Node::new("b").weight(3 << 40)];
    let bytes = Locator::ring_of(Topology::of(bytes).unwrap(), config()).unwrap();
    assert_eq!(bytes.placement().points(), 320);
    let units = [Node::new("a").weight(1), Node::new("b").weight(3)];
    let units = Locator::ring_of(Topology::of(units).unwrap(), config()).unwrap();
    assert!((0..1000).all(|key| units.locate(&key) == bytes.locate(&key)));
}

#[test]
fn what_an_algorithm_cannot_do() {
    let unequal =
        || Topology::of([Node::new("a").weight(2), Node::new("b"), Node::new("c")]).unwrap();
    for name in ["jump", "jump-guava", "jump-back", "flip", "rendezvous"] {
        let algorithm: Algorithm = name.parse().unwrap();
        let expected = format!(
            "{name} has no weights, but node \"b\" has weight 1 and node \"a\" has weight 2"
        );
        assert_eq!(error(Locator::any_of(unequal(), algorithm.clone())), expected);
        let equal = Topology::new(["a", "b", "c"]).unwrap();
        let any = Locator::any_of(equal, algorithm).unwrap();
        assert!(error(any.reweighted("c", 2)).contains("node \"c\" has weight 2"));
        // All at once is fine.
        let all = ["a", "b", "c"].map(|n| Node::new(n).weight(9));
        assert!(any.replaced_by(all).is_ok());
        assert_eq!(error(any.without("x")), "there is no node \"x\"");
        assert_eq!(error(any.reweighted("", 1)), "there is no node \"\"");
        if name != "rendezvous" {
            let expected = format!(
                "{name} can only lose its last buckets, and node \"b\" is bucket 1 of 0..=2"
            );
            assert_eq!(error(any.without("b")), expected);
            assert_eq!(error(any.reweighted("b", 0)), expected);
            let keep =
                |names: &[&'static str]| any.replaced_by(names.iter().map(|n| Node::new(*n)));
            assert_eq!(keep(&["a"]).unwrap().get("key"), Some(&"a"), "the last two together");
            assert_eq!(error(keep(&["a", "c"])), expected);
            // The last gives way to another.
            let swapped = keep(&["a", "b", "d"]).unwrap();
            let moved = over_keys(&any, &swapped, 1, (0..1000).map(|k| (k, 1))).unwrap();
            assert!(moved.flows().iter().all(|f| (f.from, f.to) == (Some(&"c"), Some(&"d"))));
            let drained = any.reweighted("c", 0).unwrap();
            assert_eq!(drained.placement().live(), 2);
            assert_eq!(drained.reweighted("c", 1).unwrap().fingerprint(), any.fingerprint());
        }
    }
    let unknown = "tree".parse::<Algorithm>();
    assert_eq!(
        error(unknown),
        "unknown algorithm \"tree\"; known are ring, jump, jump-guava, jump-back, flip, \
         jump-back-anchor, asura, maglev, rendezvous, weighted-rendezvous"
    );
    let ring = Locator::ring(["a"]).unwrap();
    assert_eq!(error(over_keys(&ring, &ring, 0, [("k", 1)])), "0 replicas: at least 1 is needed");
}

/// `MAX_BOUNDED_KEYS` and `MAX_IN_FLIGHT` themselves are tested beside the code that counts.
#[test]
fn bounded_loads() {
    assert_eq!(
        error(LoadFactor::new(9, 10)),
        "the load factor 9/10 is below 1: the caps would not add up to the keys"
    );
    assert_eq!(error(LoadFactor::new(1, 0)), "the load factor 1/0 is no ratio: it divides by 0");
    // The largest product there is: 32, 32 and 64 bits.
    let widest = LoadFactor::new(u32::MAX, 1).unwrap();
    let cap = widest.cap(MAX_BOUNDED_KEYS, Weight::new(u64::MAX), u64::MAX.into());
    assert_eq!(cap, u64::from(u32::MAX) * u64::from(MAX_BOUNDED_KEYS));
    let narrow = LoadFactor::new(u32::MAX, u32::MAX).unwrap();
    let total = u128::from(u64::MAX) * MAX_NODES as u128;
    assert_eq!(narrow.cap(MAX_BOUNDED_KEYS, Weight::new(u64::MAX), total), 4096);

    let drained =
        Locator::rendezvous_of(Topology::of([Node::new("a").weight(0)]).unwrap()).unwrap();
    let mut held = BoundedLoads::online(drained.clone(), LoadFactor::ONE);
    assert_eq!(error(held.insert("key")), "no node is live to hold 1 key");
    let live = drained.reweighted("a", u64::MAX).unwrap();
    held.change(live.clone()).unwrap();
    held.extend(["x", "y", "x"]).unwrap();
    assert_eq!(error(held.change(drained.clone())), "no node is live to hold 2 keys");
    assert_eq!((held.get("x"), held.load(NodeIdx::new(0))), (Some(&"a"), 2));
    let in_flight = InFlight::new(drained.topology().members(), LoadFactor::ONE);
    let candidates = live.candidates("key").map(|(node, _)| node);
    assert!(in_flight.acquire(candidates).is_none() && in_flight.total() == 0);
}
