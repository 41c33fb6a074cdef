//! Every limit at its edge, and errors that name the value.

use crate::support;
use apportion::analysis::count_moves;
use apportion::bounded::{BoundedLoads, InFlight, LoadFactor};
use apportion::bucket::{BucketHash, Buckets, FlipHash, Jump, JumpGuava};
use apportion::limits::{
    MAX_BOUNDED_KEYS, MAX_BUCKETS, MAX_DOMAIN_BYTES, MAX_DOMAIN_LEVELS, MAX_LABEL_BYTES, MAX_NODES,
    MAX_RING_BUDGET,
};
use apportion::ring::{RingConfig, Scale};
use apportion::{
    Algorithm, JumpBack, KeyHash, Locator, Node, NodeIdx, Placement, Topology, Weight,
};

fn error<T>(result: Result<T, apportion::Error>) -> String {
    let error = result.err().unwrap();
    assert_eq!(format!("{error:?}"), error.to_string());
    error.to_string()
}

#[test]
fn limits_of_nodes() {
    let full = Topology::new(0..MAX_NODES as u64).unwrap();
    assert_eq!(full.members().len(), MAX_NODES);
    let expected = "a topology holds at most 1048576 nodes, got 1048577";
    assert_eq!(error(full.with_node(Node::new(u64::MAX))), expected);
    assert_eq!(error(Topology::new(0..=MAX_NODES as u64)), expected);
    let last = MAX_NODES as u64 - 1;
    let jump = Locator::jump_back_of(full).unwrap();
    assert!(jump.get("key").is_some() && jump.without(&last).is_ok());
}

#[test]
fn limits_of_labels() {
    let long = "x".repeat(MAX_LABEL_BYTES);
    assert!(Topology::new([long.as_str(), ""]).is_ok());
    let longer = long + "x";
    let message = error(Topology::new([longer.as_str()]));
    assert!(
        message.starts_with("a label has at most 65535 bytes, got 65536 in \"xxx"),
        "{message}"
    );
    assert!(message.len() < 400, "{message}");
}

#[test]
fn limits_of_domains() {
    let level = |i: usize| format!("level{i}");
    let deep = |n| (0..n).fold(Node::new("a"), |node, i| node.domain(&level(i), "x"));
    let topology = Topology::of([deep(MAX_DOMAIN_LEVELS)]).unwrap();
    let domain = topology.members().domain(NodeIdx::new(0)).unwrap();
    assert_eq!((domain.depth(), domain.at("level7"), domain.at("zone")), (8, Some("x"), None));
    assert_eq!(domain.path().next(), Some(("level0", "x")));
    assert_eq!(
        error(Topology::of([deep(MAX_DOMAIN_LEVELS + 1)])),
        "node \"a\": a node has at most 8 failure domain levels, got 9"
    );
    let named = |level: &str, name: &str| Topology::of([Node::new("a").domain(level, name)]);
    assert!(named("zone", &"z".repeat(MAX_DOMAIN_BYTES)).is_ok());
    assert_eq!(
        error(named("zone", &"z".repeat(MAX_DOMAIN_BYTES + 1))),
        "node \"a\": a failure domain's level and name have at most 255 bytes each, got 256 at level \
         \"zone\""
    );
    assert_eq!(
        error(named("", "z")),
        "node \"a\": a failure domain needs the name of its level, for example \"zone\""
    );
    let twice = Node::new("a").domain("zone", "x").domain("zone", "y");
    assert_eq!(
        error(Topology::of([twice])),
        "node \"a\": the failure domain level \"zone\" is given twice; give each level once"
    );
}

#[test]
fn limits_of_buckets() {
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
fn limits_of_weights() {
    let heavy = |n: u64| (0..n).map(|i| Node::new(i).weight(u64::MAX - i));
    let topology = Topology::of(heavy(100)).unwrap();
    assert_eq!(topology.members().total_weight(), 100 * u128::from(u64::MAX) - 4950);
    let per_node = RingConfig::default().points_per_node(160);
    let ring = Locator::ring_of(topology.clone(), per_node.clone()).unwrap();
    assert!(
        (15_900..=16_000).contains(&ring.placement().points()),
        "{}",
        ring.placement().points()
    );
    let weighted = Locator::weighted_rendezvous_of(topology).unwrap();
    assert!(weighted.replicas::<100>("key").len() == 100);
    // One unit beside 2^63: it keeps a point, and a share that nobody will meet.
    let nodes = [Node::new("big").weight(1 << 63), Node::new("small").weight(1)];
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), per_node).unwrap();
    assert_eq!(ring.placement().points(), 320);
}

#[test]
fn limits_of_ring_budget_and_scale() {
    let topology = || Topology::new(["a", "b"]).unwrap();
    let ring = |config| Locator::ring_of(topology(), config);
    let config = RingConfig::default;
    assert_eq!(error(ring(config().budget(0))), "a ring's budget must be in 1..=268435456, got 0");
    assert!(ring(config().budget(MAX_RING_BUDGET)).is_ok());
    assert_eq!(
        error(ring(config().budget(MAX_RING_BUDGET + 1))),
        "a ring's budget must be in 1..=268435456, got 268435457"
    );
    assert_eq!(
        error(ring(config().points_per_node(0))),
        "a ring's points per node must be in 1..=268435456, got 0"
    );
    assert_eq!(
        error(ring(config().scale(0, 1))),
        "a ring's points in the scale must be in 1..=18446744073709551615, got 0"
    );
    assert_eq!(
        error(ring(config().scale(1, 0))),
        "a ring's weight in the scale must be in 1..=18446744073709551615, got 0"
    );
    assert_eq!(
        error(ring(config().budget(100))),
        "2 nodes need 320 points, 160 points for a weight of 1, over the ring's budget of 100; node \
         \"b\" needs 160 of them: build the ring with `.scale(25, 1)` or `.budget(512)`"
    );
    // A derived scale shrinks to the budget when the ring is built, and is kept from then on.
    let tight = ring(config().points_per_node(160).budget(100)).unwrap();
    assert_eq!((tight.placement().points(), tight.placement().scale()), (100, Scale::new(50, 1)));
    assert_eq!(
        error(tight.with("c")),
        "3 nodes need 150 points, 50 points for a weight of 1, over the ring's budget of 100; node \
         \"b\" needs 50 of them: build the ring with `.scale(16, 1)` or `.budget(1024)`"
    );
    assert_eq!(tight.placement().points(), 100, "the old value is as it was");
    assert!(tight.without("a").unwrap().with("c").is_ok());
    let scaled = ring(config().scale(3, 2)).unwrap().reweighted("a", 5).unwrap();
    assert_eq!(scaled.placement().points(), 7 + 1);
    assert_eq!(scaled.placement().scale().unwrap().to_string(), "3/2");
    assert_eq!(
        error(scaled.reweighted("a", u64::MAX)),
        "2 nodes need 27670116110564327423 points, 3 points for a weight of 2, over the ring's budget \
         of 16777216; node \"a\" needs 27670116110564327422 of them: build the ring with \
         `.scale(1, 36028797018963968)`"
    );
    // More points than 128 bits count.
    for scale in [(u64::MAX, 1), (u64::MAX, 2)] {
        let huge = ["a", "b", "c"].map(|id| Node::new(id).weight(u64::MAX));
        let huge = Topology::of(huge).unwrap();
        let message = error(Locator::ring_of(huge, config().scale(scale.0, scale.1)));
        let expected = "3 nodes need at least 340282366920938463463374607431768211455 points, ";
        assert!(message.starts_with(expected), "{message}");
    }
    let rescaled = scaled.rescaled(&config()).unwrap();
    assert_eq!(rescaled.placement().points(), 6 * 160);
    // Points per node follow the average weight, not the number.
    let bytes = [Node::new("a").weight(1 << 40), Node::new("b").weight(3 << 40)];
    let per_node = config().points_per_node(160);
    let bytes = Locator::ring_of(Topology::of(bytes).unwrap(), per_node.clone()).unwrap();
    assert_eq!(bytes.placement().points(), 320);
    let units = [Node::new("a").weight(1), Node::new("b").weight(3)];
    let units = Locator::ring_of(Topology::of(units).unwrap(), per_node).unwrap();
    assert!((0..1000).all(|key| units.locate(&key) == bytes.locate(&key)));
}

/// The configuration that an error says to build the ring with, as many as it names.
fn advised(message: &str, config: &RingConfig) -> Vec<RingConfig> {
    let (_, advice) = message.split_once("build the ring with ").expect(message);
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    let parsed = |config: RingConfig, call: &str| match call.split_once('(').unwrap() {
        (".scale", pair) => {
            let (points, weight) = pair.trim_end_matches([')', '`']).split_once(',').unwrap();
            config.scale(number(points), number(weight))
        }
        (".budget", points) => config.budget(number(points.trim_end_matches([')', '`']))),
        other => panic!("{other:?}"),
    };
    let calls = |part: &str| {
        part.split(" and ").fold(config.clone(), |c, call| parsed(c, call.trim_matches('`')))
    };
    advice.split(" or ").map(calls).collect()
}

/// What the errors advise works, and leaves room for another node.
#[test]
fn what_a_budget_error_advises_works() {
    let mut draws = support::Draws(77);
    let (mut refused, mut lowered) = (0, 0);
    for case in 0..1500_u64 {
        let nodes = 1 + draws.below(if case % 10 == 0 { 3000 } else { 40 });
        let bits = 1 + draws.below(64);
        let weight = |draws: &mut support::Draws| match draws.below(4) {
            0 => 1,
            1 => draws.next() >> 1 >> draws.below(62),
            _ => 1 + (draws.next() >> (64 - bits)),
        };
        let list: Vec<_> = (0..nodes).map(|i| Node::new(i).weight(weight(&mut draws))).collect();
        let topology = Topology::of(list).unwrap();
        let budget = 1 + draws.below(20_000);
        let config = match case % 3 {
            0 => RingConfig::default(),
            1 => RingConfig::default().scale(1 + draws.below(1000), 1 + draws.below(1000)),
            _ => RingConfig::default().points_per_node(1 + draws.below(300) as u32),
        };
        let config = config.budget(budget);
        let message = match Locator::ring_of(topology.clone(), config.clone()) {
            Ok(ring) => {
                assert!(ring.placement().points() as u64 <= budget);
                lowered += u32::from(case % 3 == 2);
                continue;
            }
            Err(error) => error.to_string(),
        };
        refused += 1;
        if case % 3 == 2 {
            // A derived scale fits wherever the nodes have room for a point each.
            assert!(topology.members().live() as u64 > budget, "{message}");
        }
        // Larger rings take too long to build here.
        let small =
            |better: &RingConfig| (18..=28).all(|bits| *better != config.clone().budget(1 << bits));
        for better in advised(&message, &config).into_iter().filter(small) {
            let ring = Locator::ring_of(topology.clone(), better.clone());
            let ring = ring.unwrap_or_else(|e| panic!("{message}\n{better:?}: {e}"));
            if topology.members().live() as u64 * 2 <= budget {
                assert!(ring.with_node(Node::new(u64::MAX).weight(1)).is_ok(), "{message}");
            }
        }
    }
    assert!(refused > 200 && lowered > 200, "{refused} {lowered}");
}

/// Light nodes need a point each: a derived scale gives way to them, no more than it must.
#[test]
fn a_derived_scale_makes_room_for_light_nodes() {
    let nodes = (0..9).map(|i| Node::new(i).weight(if i == 0 { 1000 } else { 1 }));
    let topology = Topology::of(nodes).unwrap();
    let config = RingConfig::default().points_per_node(160);
    let ring = Locator::ring_of(topology.clone(), config.clone().budget(16)).unwrap();
    assert_eq!(ring.placement().points(), 16);
    let least = Locator::ring_of(topology.clone(), config.clone().budget(9)).unwrap();
    assert_eq!(least.placement().points(), 9);
    assert_eq!(
        error(Locator::ring_of(topology, config.budget(8))),
        "9 nodes need 9 points, 1 point for a weight of 1008, over the ring's budget of 8; node 0 \
         needs 1 of them: build the ring with `.budget(2048)`"
    );
}

/// As many equal nodes as once filled the budget to the last point.
#[test]
fn rings_of_131_072_nodes() {
    let ids = || Topology::new(0..131_072_u64).unwrap();
    let message = error(Locator::ring_of(ids(), RingConfig::default()));
    assert!(message.ends_with("build the ring with `.scale(64, 1)` or `.budget(33554432)`"));
    let ring = Locator::ring_of(ids(), RingConfig::default().scale(64, 1)).unwrap();
    assert_eq!(ring.with(131_072).unwrap().placement().points(), 131_073 * 64);
}

#[test]
fn what_an_algorithm_cannot_do_is_refused_by_name() {
    let unequal =
        || Topology::of([Node::new("a").weight(2), Node::new("b"), Node::new("c")]).unwrap();
    for name in ["jump", "jump-guava", "jump-back", "flip", "rendezvous"] {
        let algorithm: Algorithm = name.parse().unwrap();
        let expected = format!(
            "{name} has no weights, but node \"b\" has weight 1 and node \"a\" has weight 2; give all \
             nodes the same weight or use an algorithm with weights"
        );
        assert_eq!(error(Locator::any_of(unequal(), algorithm.clone())), expected);
        let equal = Topology::new(["a", "b", "c"]).unwrap();
        let any = Locator::any_of(equal, algorithm).unwrap();
        assert!(error(any.reweighted("c", 2)).contains("node \"c\" has weight 2"));
        // All at once is fine.
        let all = ["a", "b", "c"].map(|n| Node::new(n).weight(9));
        assert!(any.replaced_by(all).is_ok());
        assert_eq!(
            error(any.without("x")),
            "there is no node \"x\"; give the label of an existing node"
        );
        assert_eq!(
            error(any.reweighted("", 1)),
            "there is no node \"\"; give the label of an existing node"
        );
        if name != "rendezvous" {
            let expected = format!(
                "{name} can only remove its last node, bucket 2, and node \"b\" is bucket 1; remove 1 \
                 node after it first, or use an algorithm that removes any node"
            );
            assert_eq!(error(any.without("b")), expected);
            assert_eq!(error(any.reweighted("b", 0)), expected);
            let keep =
                |names: &[&'static str]| any.replaced_by(names.iter().map(|n| Node::new(*n)));
            assert_eq!(keep(&["a"]).unwrap().get("key"), Some(&"a"), "the last two together");
            assert_eq!(error(keep(&["a", "c"])), expected);
            // The last gives way to another.
            let swapped = keep(&["a", "b", "d"]).unwrap();
            let moved = count_moves(&any, &swapped, 1, (0..1000).map(|k| (k, 1))).unwrap();
            assert!(moved.flows().iter().all(|f| (f.from, f.to) == (Some(&"c"), Some(&"d"))));
            let drained = any.reweighted("c", 0).unwrap();
            assert_eq!(drained.placement().live(), 2);
            assert_eq!(drained.reweighted("c", 1).unwrap().fingerprint(), any.fingerprint());
        }
    }
    let unknown = "tree".parse::<Algorithm>();
    assert_eq!(
        error(unknown),
        format!("unknown algorithm \"tree\", expected one of: {}", Algorithm::NAMES.join(", "))
    );
    let ring = Locator::ring(["a"]).unwrap();
    assert_eq!(
        error(count_moves(&ring, &ring, 0, [("k", 1)])),
        "expected at least 1 replica, got 0"
    );
}

/// `MAX_BOUNDED_KEYS` and `MAX_IN_FLIGHT` themselves are tested beside the code that counts.
#[test]
fn limits_of_bounded_loads() {
    assert_eq!(
        error(LoadFactor::new(9, 10)),
        "a load factor is at least 1, got 9/10: the caps would add up to fewer keys than there are"
    );
    assert_eq!(error(LoadFactor::new(1, 0)), "a load factor is a ratio of at least 1, got 1/0");
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
    assert_eq!(
        error(held.insert("key")),
        "no node has a weight above 0 to hold 1 key; add a node or give one a weight"
    );
    let live = drained.reweighted("a", u64::MAX).unwrap();
    held.change(live.clone()).unwrap();
    held.extend(["x", "y", "x"]).unwrap();
    assert_eq!(
        error(held.change(drained.clone())),
        "no node has a weight above 0 to hold 2 keys; add a node or give one a weight"
    );
    assert_eq!((held.get("x"), held.load(NodeIdx::new(0))), (Some(&"a"), 2));
    let in_flight = InFlight::new(drained.topology().members(), LoadFactor::ONE);
    let candidates = live.candidates("key").map(|(node, _)| node);
    assert!(in_flight.acquire(candidates).is_none() && in_flight.total() == 0);
}
