//! Points that are given or made from labels: what is refused, and saved forms.

use apportion::analysis::count_moves;
use apportion::limits::MAX_RING_BUDGET;
use apportion::ring::{GivenPoints, GivenPointsConfig, LabelPointsConfig, Rule};
use apportion::topology::Members;
use apportion::{KeyHash, Locator, Node, Placement, Ring, Topology};
use apportion_properties::support::{self, Draws};

fn error<T>(result: Result<T, apportion::Error>) -> String {
    result.err().unwrap().to_string()
}

fn config() -> GivenPointsConfig {
    GivenPointsConfig::default().points("n0", [5, 9]).points("n1", [7]).points("n2", [u64::MAX, 0])
}

#[test]
fn lists_decide_and_missing_lists_are_refused() {
    let of = |weights: &[u64]| Locator::given_points_of(support::topology(weights), config());
    assert_eq!(
        error(of(&[1; 4])),
        "node \"n3\" has a weight above 0 and no points; give it points or weight 0"
    );
    assert_eq!(
        error(of(&[1; 3]).unwrap().with("x".into())),
        "node \"x\" has a weight above 0 and no points; give it points or weight 0"
    );
    // A node of weight 0 needs no list and has no points, whether it has one or not.
    let drained = of(&[3, 0, 3, 0]).unwrap();
    assert_eq!((drained.placement().live(), drained.placement().points()), (2, 4));
    assert_eq!(
        error(drained.reweighted("n3", 3)),
        "node \"n3\" has a weight above 0 and no points; give it points or weight 0"
    );
    let raised = drained.reweighted("n1", 3).unwrap();
    assert_eq!(raised.placement().points(), 5);
    // Other weights do not move a key.
    assert!(of(&[3, 7, 1]).unwrap().placement().arcs().eq(raised.placement().arcs()));
    assert_eq!(
        error(raised.with_node(Node::new("x".into()).weight(0)).unwrap().without("y")),
        "there is no node \"y\"; give the label of an existing node"
    );
    // A list that is empty is none.
    let empty = config().points("n3", []);
    let message = error(Locator::given_points_of(support::topology(&[1; 4]), empty));
    assert_eq!(
        message,
        "node \"n3\" has a weight above 0 and no points; give it points or weight 0"
    );
    let promised = raised.placement().guarantees();
    assert!(promised.minimal_owner && promised.minimal_replicas && promised.order_free);
    assert!(promised.weights && promised.minimal_reweight);
    assert!(
        Locator::<String, Ring<GivenPoints>>::build(support::topology(&[1]), &config()).is_ok()
    );
    let none =
        Locator::given_points_of(Topology::<String>::default(), GivenPointsConfig::default());
    assert_eq!(none.unwrap().placement().locate(KeyHash::from_hash(5)), None);
}

#[test]
fn lists_are_sets() {
    let points = |config: &GivenPointsConfig, id: &str| config.points_of(id);
    let twice = config().points("n0", [9, 1, 9]).points_32("n0", [1, u32::MAX]);
    assert_eq!(points(&twice, "n0"), [1, 5, 9, 1 << 32, u64::from(u32::MAX) << 32]);
    assert!(points(&twice, "x").is_empty());
    assert_eq!(config(), config().points("n0", [5]));
    assert_ne!(config(), config().rule(Rule::Nearest));
    // Labels that are no text: eight bytes of an integer, as `Node::new` makes them.
    let numbers = GivenPointsConfig::default().points(&7, [1]).points(&8_u64, [2]);
    let ring = Locator::given_points_of(Topology::new([8_u64, 7]).unwrap(), numbers).unwrap();
    let owner = ring.placement().locate(KeyHash::from_hash(2)).unwrap();
    assert_eq!(ring.topology().get(owner), Some(&8));
    let ring = Locator::given_points_of(support::topology(&[1; 3]), twice).unwrap();
    assert_eq!(ring.placement().points(), 8);
}

#[test]
fn fingerprints_cover_lists_and_rules() {
    let of = |config| {
        Locator::given_points_of(support::topology(&[1, 1]), config).unwrap().fingerprint()
    };
    let all = [
        of(config()),
        of(config().rule(Rule::FirstAfter)),
        of(config().rule(Rule::LastAtOrBefore)),
        of(config().rule(Rule::Nearest)),
        of(config().points("n1", [8])),
        of(config().points("n2", [8])),
        of(config().points("later", [8])),
        of(config().points("later", [])),
    ];
    for (i, one) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|other| other != one), "{i}");
    }
    fn a(_: &[u8], replica: u32) -> u64 {
        u64::from(replica)
    }
    fn b(_: &[u8], replica: u32) -> u64 {
        u64::from(replica) + 1
    }
    let of = |config| {
        Locator::label_points_of(support::topology(&[1, 1]), config).unwrap().fingerprint()
    };
    let per_node =
        |points, point: fn(&[u8], u32) -> u64| LabelPointsConfig::per_node(points, point);
    assert_eq!(of(per_node(160, a)), of(per_node(160, a)));
    assert_ne!(of(per_node(160, a)), of(per_node(160, b)));
    assert_ne!(of(per_node(160, a)), of(per_node(161, a)));
    assert_ne!(of(per_node(160, a)), of(per_node(160, a).rule(Rule::FirstAfter)));
    // Equal answers now, and others once a weight changes.
    assert_ne!(of(per_node(160, a)), of(LabelPointsConfig::per_weight(160, a)));
    assert_ne!(of(per_node(160, a)), of(per_node(160, a).budget(1 << 20)));
}

#[test]
fn functions_of_the_label() {
    fn point(_: &[u8], replica: u32) -> u32 {
        replica + 1
    }
    let of = |weights: &[u64], config| Locator::label_points_of(support::topology(weights), config);
    let per_weight = |points| LabelPointsConfig::per_weight_32(points, point);
    let per_node = |points| LabelPointsConfig::per_node_32(points, point);
    let ring = of(&[2, 1, 0], per_weight(3)).unwrap();
    assert_eq!(ring.placement().points(), 9);
    let ends: Vec<u64> = ring.placement().arcs().map(|arc| arc.last).collect();
    assert_eq!(ends[..2], [1 << 32, 2 << 32], "the first point of both, in the high half");
    assert!(ring.placement().guarantees().weights);
    assert!(!of(&[1], per_node(160)).unwrap().placement().guarantees().weights);
    assert_eq!(
        error(of(&[1, 2], per_node(160))),
        "a ring with points per node has no weights, but node \"n1\" has weight 2 and node \"n0\" \
         has weight 1; give all nodes the same weight or use an algorithm with weights"
    );
    assert_eq!(
        error(of(&[1], per_node(0))),
        "a ring's number of points must be in 1..=268435456, got 0"
    );
    assert_eq!(
        error(of(&[1], per_node(160).budget(MAX_RING_BUDGET + 1))),
        "a ring's budget must be in 1..=268435456, got 268435457"
    );
    assert_eq!(
        error(of(&[1, 1 << 30], per_weight(2))),
        "2 nodes need 2147483650 points, over the ring's budget of 16777216; node \"n1\" needs \
         2147483648 of them: use lower weights or fewer nodes"
    );
    assert_eq!(
        error(of(&[1, 1], per_node(10).budget(20)).unwrap().with("x".into())),
        "3 nodes need 30 points, over the ring's budget of 20; node \"n0\" needs 10 of them: build \
         the ring with `.per_node(3)` or `.budget(64)`"
    );
    let config = per_node(160);
    assert_eq!(config, config.clone().rule(Rule::FirstAfter).rule(Rule::FirstAtOrAfter));
    assert_ne!(config, per_node(160), "two functions are never known to be the same");
    assert_ne!(config, LabelPointsConfig::default());
    assert_eq!(LabelPointsConfig::default(), LabelPointsConfig::default());
    assert!(format!("{config:?}").starts_with("LabelPointsConfig { count: Some(Node(160))"));
}

#[cfg(feature = "serde")]
mod saved {
    use super::*;
    use apportion::saved::Saved;
    use apportion::{AnyPlacement, Xxh3};
    use support::Draws;

    type Given = Locator<String, Ring<GivenPoints>>;

    /// Rings with history, lists of nodes that are not there, and labels that are no text.
    fn rings() -> Vec<Given> {
        let rules = [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];
        let mut rings = vec![Locator::given_points_of(Topology::default(), config()).unwrap()];
        for rule in rules {
            let config = config().rule(rule).points(&[0xFF_u8, 0], [3, 1]).points("none", []);
            let ring = Locator::given_points_of(support::topology(&[1; 3]), config).unwrap();
            rings.push(ring.without("n1").unwrap().reweighted("n2", 0).unwrap());
            let odd = Node::labelled("odd".to_string(), [0xFF, 0]);
            rings.push(ring.with_node(odd).unwrap());
        }
        rings
    }

    #[test]
    fn round_trips() {
        for ring in rings() {
            let text = serde_json::to_string(&ring).unwrap();
            let again: Given = serde_json::from_str(&text).unwrap();
            let bytes = postcard::to_allocvec(&ring).unwrap();
            let binary: Given = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
            for other in [&again, &binary] {
                assert_eq!(other.fingerprint(), ring.fingerprint());
                assert_eq!(other.placement().config(), ring.placement().config());
                assert!(other.placement().arcs().eq(ring.placement().arcs()));
                for key in Draws(1).keys(50) {
                    let pair = [&ring, other].map(|r| support::holders(r.placement(), key, 3));
                    assert_eq!(pair[0], pair[1]);
                }
            }
            // Lists that wait are still there.
            if ring.topology().members().find(b"n1").is_none() {
                assert_eq!(
                    again.with("n1".into()).unwrap().fingerprint(),
                    ring.with("n1".into()).unwrap().fingerprint()
                );
            }
        }
    }

    /// A change of this text is a placement-breaking change.
    #[test]
    fn the_form() {
        let ring = Locator::given_points_of(support::topology(&[1]), config()).unwrap();
        let text = serde_json::to_string(&ring).unwrap();
        let placement = r#""placement":{"given-points":{"rule":"first-at-or-after","lists":[[{"text":"n0"},["0000000000000005","0000000000000009"]],[{"text":"n1"},["0000000000000007"]],[{"text":"n2"},["0000000000000000","ffffffffffffffff"]]]}}"#;
        assert!(text.contains(placement), "{text}");
        assert!(text.contains(r#""fingerprint":"20ad77d661785a4d""#), "{text}");
    }

    #[test]
    fn altered_values_are_refused() {
        let ring = Locator::given_points_of(support::topology(&[1; 3]), config()).unwrap();
        let text = serde_json::to_string(&ring).unwrap();
        let alter = |from: &str, to: &str| {
            assert!(text.contains(from), "{from} is not in {text}");
            let altered = text.replacen(from, to, 1);
            (serde_json::from_str::<Given>(&altered).unwrap_err().to_string(), to.to_string())
        };
        let hex = |point: u64| format!("\"{point:016x}\"");
        let cases = [
            (alter("first-at-or-after", "first-after"), "the saved value was altered"),
            (alter("first-at-or-after", "second"), "the saved ring has an unknown rule \"second\""),
            (alter(&hex(7), &hex(8)), "the saved value was altered"),
            (
                alter(&hex(7), ""),
                "node \"n1\" has a weight above 0 and no points; give it points or weight 0",
            ),
            (alter(&hex(7), "7"), "expected a string"),
            (alter(&hex(7), "\"7\""), "is not a hash of 16 hexadecimal digits"),
            (alter(&hex(9), &hex(4)), "the saved points of node \"n0\" are not in ascending order"),
            (alter(&hex(9), &hex(5)), "the saved points of node \"n0\" are not in ascending order"),
            // The first "n0" is the node's own label: the lists come after it.
            (
                alter("[{\"text\":\"n1\"}", "[{\"text\":\"n0\"}"),
                "not in ascending order of their labels, or a label occurs twice, at node \"n0\"",
            ),
            (
                alter("[{\"text\":\"n0\"}", "[{\"text\":\"n9\"}"),
                "not in ascending order of their labels",
            ),
            (
                alter("[{\"text\":\"n2\"}", "[{\"text\":\"n9\"}"),
                "node \"n2\" has a weight above 0 and no",
            ),
            (alter("[{\"text\":\"n2\"}", "[{\"hex\":\"x\"}"), "\"x\" is not hexadecimal"),
            (alter("]]]}}", "]],[{\"text\":\"n9\"},[]]]}}"), "the saved value was altered"),
            (alter("\"weight\":1", "\"weight\":2"), "the saved value was altered"),
            (alter("\"lists\"", "\"list\""), "unknown field `list`"),
        ];
        for ((error, altered), expected) in cases {
            assert!(error.contains(expected), "{altered}: {error}\nshould contain: {expected}");
        }
        // Another algorithm.
        let saved: Saved<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            error_of(saved.clone().restore::<Ring, _>(Xxh3)),
            "the saved value uses algorithm given-points, but it is restored as ring; restore it as \
             given-points"
        );
        assert!(error_of(saved.restore::<AnyPlacement, _>(Xxh3)).starts_with("unknown algorithm"));
        let native = serde_json::to_string(&Locator::ring(["a".to_string()]).unwrap()).unwrap();
        let error = serde_json::from_str::<Given>(&native).unwrap_err().to_string();
        assert!(
            error.contains("uses algorithm ring, but it is restored as given-points"),
            "{error}"
        );
    }

    fn error_of<T>(result: Result<T, apportion::Error>) -> String {
        super::error(result)
    }

    /// The points are written, so there are as many as the input has.
    #[test]
    fn many_points_need_no_limit() {
        let config = GivenPointsConfig::default().points("a", 0..(1 << 20) + 1);
        let ring = Locator::given_points_of(Topology::new(["a".to_string()]).unwrap(), config);
        let bytes = postcard::to_allocvec(&ring.unwrap()).unwrap();
        let saved: Saved<String> = postcard::from_bytes(&bytes).unwrap();
        assert!(saved.clone().restore::<Ring<GivenPoints>, _>(Xxh3).is_ok());
        assert!(saved.restore_within::<Ring<GivenPoints>, _>(Xxh3, 0).is_ok());
    }

    /// Truncated and flipped input is an error or a value that answers.
    #[test]
    fn hostile_bytes_are_refused_without_panic() {
        let mut draws = Draws(17);
        for ring in rings() {
            let text = serde_json::to_vec(&ring).unwrap();
            let bytes = postcard::to_allocvec(&ring).unwrap();
            assert!(
                (0..text.len()).all(|end| serde_json::from_slice::<Given>(&text[..end]).is_err())
            );
            assert!(
                (0..bytes.len()).all(|end| postcard::from_bytes::<Given>(&bytes[..end]).is_err())
            );
            for _ in 0..2000 {
                let (mut text, mut bytes) = (text.clone(), bytes.clone());
                for _ in 0..1 + draws.below(4) {
                    let (i, j) = (draws.below(text.len() as u64), draws.below(bytes.len() as u64));
                    text[i as usize] = draws.next() as u8;
                    bytes[j as usize] = draws.next() as u8;
                }
                let restored = [
                    serde_json::from_slice::<Given>(&text).ok(),
                    postcard::from_bytes(&bytes).ok(),
                ];
                for ring in restored.into_iter().flatten() {
                    assert_eq!(ring.get("key").is_some(), ring.placement().live() > 0);
                }
            }
        }
    }
}

/// Weights say which shares the lists were made for, so a correct ring is near its quota.
#[test]
fn shares_are_compared_with_the_weights_that_were_meant() {
    let mut draws = support::Draws(8);
    let nodes = [("a", 1), ("b", 2), ("c", 5)];
    let config = nodes.iter().fold(GivenPointsConfig::default(), |config, (name, weight)| {
        config.points(*name, (0..2000 * weight).map(|_| draws.next()))
    });
    let topology = Topology::of(nodes.map(|(name, weight)| Node::new(name).weight(weight)));
    let ring = Locator::given_points_of(topology.unwrap(), config).unwrap();
    assert!(ring.placement().guarantees().weights);
    let movement = count_moves(&ring, &ring, 1, (0..40_000_u64).map(|key| (key, 1))).unwrap();
    let (most, least) = (movement.after().max_over_quota(), movement.after().min_over_quota());
    assert!(most.unwrap() < 1.1 && least.unwrap() > 0.9, "{most:?} {least:?}");
    // Another weight changes what is compared, and no answer.
    let heavier = ring.reweighted("a", 4).unwrap();
    assert!(heavier.placement().arcs().eq(ring.placement().arcs()));
    assert_ne!(heavier.fingerprint(), ring.fingerprint());
}

/// A function that emits all points of a label is run once for each node that changes, so a chain
/// of hashes costs what its points cost.
#[test]
fn functions_emit_all_points_of_a_label() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    let hashes = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&hashes);
    let chained = LabelPointsConfig::new(move |label, weight, emit| {
        let mut point = 0_u64;
        for _ in 0..160 * weight.get() {
            counter.fetch_add(1, Relaxed);
            point = Members::identity_of(&[label, &point.to_le_bytes()].concat());
            emit(point);
        }
    });
    let ring = Locator::label_points_of(support::topology(&[1, 100, 2]), chained.clone()).unwrap();
    assert_eq!(ring.placement().points(), 160 * 103);
    // Once to count the points, once to make them.
    assert_eq!(hashes.swap(0, Relaxed), 2 * 160 * 103);
    let bigger = ring.with("x".into()).unwrap();
    assert_eq!((bigger.placement().points(), hashes.swap(0, Relaxed)), (160 * 104, 2 * 160));
    assert!(!ring.placement().guarantees().minimal_reweight);
    let nested = chained.clone().nested();
    let ring = Locator::label_points_of(support::topology(&[1]), nested).unwrap();
    assert!(ring.placement().guarantees().minimal_reweight);
    assert_eq!(
        error(Locator::label_points_of(support::topology(&[1, 9]), chained.budget(1599))),
        "2 nodes need 1600 points, over the ring's budget of 1599; node \"n1\" needs 1440 of them: \
         build the ring with `.budget(2048)`"
    );
    let silent = LabelPointsConfig::new(|label, _, emit| {
        if label == b"n0" {
            emit(7);
        }
    });
    assert_eq!(
        error(Locator::label_points_of(support::topology(&[1, 1]), silent)),
        "node \"n1\" has a weight above 0 and no points; give it points or weight 0"
    );
}

/// Points of different nodes that are equal are in the order of a fresh ring, too, where a node
/// leaves and another one takes its slot in one step.
#[test]
fn equal_points_after_a_slot_is_used_again() {
    // 64 places for some 100 points.
    let point = |label: &[u8], number: u32| {
        Members::identity_of(&[label, &number.to_le_bytes()].concat()) & (63 << 58)
    };
    let node = |name: u64, weight: u64| Node::new(format!("n{name}")).weight(weight);
    let mut draws = Draws(0x51_0715);
    let rules = [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];
    for rule in rules {
        let config = LabelPointsConfig::per_weight(3, point).rule(rule);
        let ring =
            |nodes: Topology<String>| Locator::label_points_of(nodes, config.clone()).unwrap();
        let mut value = ring(Topology::of((0..9).map(|name| node(name, 2))).unwrap());
        for round in 0..400 {
            let mut names: Vec<u64> = (0..24).collect();
            draws.shuffle(&mut names);
            let nodes = names[..8].iter().map(|name| node(*name, 1 + draws.below(5)));
            let nodes: Vec<Node<String>> = nodes.collect();
            value = value.replaced_by(nodes.clone()).unwrap();
            let fresh = ring(Topology::of(nodes).unwrap());
            assert_eq!(value.fingerprint(), fresh.fingerprint(), "{rule:?} {round}");
        }
    }
}
