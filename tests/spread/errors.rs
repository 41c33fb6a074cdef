//! What is refused, by name and number; the edges.

use crate::support::Draws;
use apportion::{Error, KeyHash, Locator, Node, NodeIdx, Placement, Spread, Topology};

fn node(name: &str, path: &[(&str, &str)]) -> Node<String> {
    path.iter().fold(Node::new(name.to_owned()), |node, (level, name)| node.domain(level, name))
}

fn six() -> Topology<String> {
    let at = |name, zone, rack| node(name, &[("zone", zone), ("rack", rack)]);
    Topology::of([
        at("a1", "a", "1"),
        at("a2", "a", "1"),
        at("a3", "a", "2"),
        at("b1", "b", "1"),
        at("b2", "b", "1"),
        node("off", &[]).weight(0),
    ])
    .unwrap()
}

fn says(found: Result<Spread, Error>, expected: &str) {
    assert_eq!(found.unwrap_err().to_string(), expected);
}

#[test]
fn messages_name_what_is_wrong() {
    let topology = six();
    let members = topology.members();
    says(Spread::strict(members, 0, []), "expected at least 1 replica, got 0");
    says(Spread::best_effort(members, 0, [("zone", 1)]), "expected at least 1 replica, got 0");
    says(Spread::even(members, 0, ["zone"]), "expected at least 1 replica, got 0");
    says(
        Spread::strict(members, 1, [("zone", 0)]),
        "expected a limit of at least 1 replica in a domain of level \"zone\", got 0",
    );
    says(
        Spread::best_effort(members, 1, [("zone", 1), ("rack", 1), ("zone", 2)]),
        "the level \"zone\" is given twice; give each level once",
    );
    says(
        Spread::even(members, 1, ["zone", "town"]),
        "no live node has a failure domain of level \"town\"",
    );
    says(Spread::strict(members, 6, []), "6 replicas need 6 live nodes, and there are 5");
    says(
        Spread::strict(members, 3, [("zone", 1)]),
        "3 replicas, at most 1 in a domain of level \"zone\", need more domains: the live nodes \
         are in 2 domains, with room for 2",
    );
    // Racks are counted by their whole paths: there are three. Zone b has one and so room for one.
    says(
        Spread::strict(members, 4, [("rack", 1), ("zone", 2)]),
        "4 replicas, at most 1 in a domain of level \"rack\", need more domains: the live nodes \
         are in 3 domains, with room for 3",
    );
    assert_eq!(Spread::strict(members, 3, [("rack", 1), ("zone", 2)]).unwrap().max_replicas(), 3);
    assert_eq!(Spread::best_effort(members, 9, [("zone", 1)]).unwrap().max_replicas(), 5);
    assert_eq!(Spread::even(members, 9, ["zone"]).unwrap().max_replicas(), 5);
    let levels = Spread::even(members, 9, ["rack", "zone"]).unwrap();
    assert_eq!(levels.levels().collect::<Vec<_>>(), ["zone", "rack"]);
    let long = "z".repeat(300);
    let error = Spread::even(members, 1, [long.as_str()]).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
}

#[test]
fn live_nodes_have_every_level_in_one_order() {
    let with = |extra: Node<String>| six().with_node(extra).unwrap().0;
    let zone_only = with(node("c", &[("zone", "c")]));
    says(
        Spread::strict(zone_only.members(), 1, [("zone", 1), ("rack", 1)]),
        "node \"c\" has no failure domain of level \"rack\"; every live node needs one",
    );
    assert!(Spread::strict(zone_only.members(), 3, [("zone", 1)]).is_ok());
    let inside_out = with(node("c", &[("rack", "1"), ("zone", "c")]));
    says(
        Spread::even(inside_out.members(), 1, ["rack", "zone"]),
        "node \"c\" has level \"zone\" inside \"rack\", and node \"a1\" has it outside; list the \
         levels of all nodes in the same order",
    );
    assert!(Spread::even(inside_out.members(), 1, ["rack"]).is_ok());
    // Levels that do not count may be anywhere; a domain is its whole path all the same.
    let deeper = with(node("c", &[("region", "x"), ("zone", "a"), ("row", "1"), ("rack", "1")]));
    let of = Spread::strict(deeper.members(), 3, [("zone", 1), ("rack", 1)]).unwrap();
    assert_eq!(of.max_replicas(), 3);
}

/// A drained node needs no domain, and its domains hold nothing.
#[test]
fn drained_nodes_do_not_count() {
    let drained = |topology: &Topology<String>, name: &str| topology.reweighted(name, 0).unwrap().0;
    let without_b = drained(&drained(&six(), "b1"), "b2");
    says(
        Spread::strict(without_b.members(), 2, [("zone", 1)]),
        "2 replicas, at most 1 in a domain of level \"zone\", need more domains: the live nodes \
         are in 1 domain, with room for 1",
    );
    let all = ["a1", "a2", "a3"].iter().fold(without_b, |t, name| drained(&t, name));
    says(
        Spread::strict(all.members(), 1, [("zone", 1)]),
        "1 replica needs 1 live node, and there are 0",
    );
    for of in [
        Spread::best_effort(all.members(), 2, [("zone", 1)]).unwrap(),
        Spread::even(all.members(), 2, ["zone"]).unwrap(),
        Spread::even(Topology::<String>::default().members(), 2, ["zone"]).unwrap(),
    ] {
        let mut out = [NodeIdx::default(); 2];
        let full = Locator::ring_of(six(), Default::default()).unwrap();
        let none = Locator::ring_of(all.clone(), Default::default()).unwrap();
        assert_eq!(of.replicas(full.placement(), KeyHash::default(), &mut out), 0);
        assert_eq!(of.replicas(none.placement(), KeyHash::default(), &mut out), 0);
        assert_eq!((of.max_replicas(), of.kept(&[])), (0, 1));
    }
}

/// As deep as paths may be.
#[test]
fn eight_levels_of_domains_are_supported() {
    let levels = ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7"];
    let mut draws = Draws(70);
    let node = |i: usize| {
        let node = Node::new(format!("n{i}"));
        levels.iter().fold(node, |node, level| node.domain(level, &draws.below(2).to_string()))
    };
    let topology = Topology::of((0..64).map(node)).unwrap();
    let members = topology.members();
    let ring = Locator::ring_of(topology.clone(), Default::default()).unwrap();
    let limits = levels.iter().zip([8, 7, 6, 5, 4, 3, 2, 1]).map(|(level, limit)| (*level, limit));
    let of = Spread::best_effort(members, 20, limits.clone()).unwrap();
    for key in draws.keys(50) {
        let mut out = [NodeIdx::default(); 20];
        assert_eq!(of.replicas(ring.placement(), key, &mut out), 20);
        assert_eq!(of.kept(&out[..16]), 8);
        assert_eq!(of.kept(&out), 0);
    }
    let even = Spread::even(members, 64, levels).unwrap();
    let mut out = [NodeIdx::default(); 64];
    assert_eq!(even.replicas(ring.placement(), KeyHash::default(), &mut out), 64);
    assert_eq!(even.kept(&out), 8);
    let ninth = limits.chain([("l8", 1)]);
    says(Spread::strict(members, 1, ninth), "no live node has a failure domain of level \"l8\"");
}

/// A spread is data: threads share it, a clone is cheap, trait objects will do for placements.
#[test]
fn send_sync_and_objects() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}
    shared::<Spread>();
    let ring = Locator::ring_of(six(), Default::default()).unwrap();
    let of = Spread::strict(ring.topology().members(), 2, [("zone", 1)]).unwrap();
    let boxed: Box<apportion::placement::DynPlacement> = Box::new(ring.placement().clone());
    let mut out = [NodeIdx::default(); 2];
    for key in 0..50_u64 {
        let found = of.replicas(&*boxed, ring.hash(&key), &mut out);
        let (by_name, by_slot) = (ring.replicas_under::<2>(&of, &key), &out[..found]);
        assert_eq!(by_name.indices(), by_slot);
        assert_eq!(ring.placement().locate(ring.hash(&key)), by_slot.first().copied());
        assert_eq!(ring.replicas_under::<1>(&of, &key).indices(), &by_slot[..1]);
        // More room than replicas.
        assert_eq!(ring.replicas_under::<5>(&of, &key).indices(), by_slot);
        assert!(ring.replicas_under::<0>(&of, &key).is_empty());
    }
}
