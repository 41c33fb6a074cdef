//! Which nodes there are: the same questions to a topology and to a locator.

use apportion::ring::RingConfig;
use apportion::{Locator, Node, NodeIdx, Topology, Weight};
use std::sync::Arc;

fn slots<'a>(nodes: impl IntoIterator<Item = (NodeIdx, &'a &'static str)>) -> Vec<(u32, &'a str)> {
    nodes.into_iter().map(|(at, node)| (at.get(), *node)).collect()
}

#[test]
fn an_empty_topology_answers_every_question() {
    let none = Topology::<&str>::default();
    assert_eq!((none.len(), none.is_empty(), none.epoch()), (0, true, 0));
    assert_eq!((none.contains("a"), none.find("a"), none.weight("a")), (false, None, None));
    assert_eq!((none.domain("a"), none.get(NodeIdx::new(0))), (None, None));
    assert_eq!(none.get_arc(NodeIdx::NONE), None);
    assert_eq!((none.iter().len(), none.nodes().len()), (0, 0));
    assert_eq!((none.iter().next_back(), none.nodes().next()), (None, None));
    assert_eq!(none, Topology::new([]).unwrap());
    let ring = Locator::ring_of(none, RingConfig::default()).unwrap();
    assert_eq!((ring.len(), ring.is_empty(), ring.contains("a")), (0, true, false));
    assert_eq!((ring.find("a"), ring.weight("a"), ring.nodes().count()), (None, None, 0));
    assert_eq!((ring.get("key"), ring.get_arc("key"), ring.iter().len()), (None, None, 0));
    assert_eq!(ring.with("a").unwrap().get("key"), Some(&"a"));
}

#[test]
fn iterators_skip_holes_from_both_ends() {
    let (nodes, _) =
        Topology::new(["a", "b", "c", "d", "e"]).unwrap().without_all(["b", "c"]).unwrap();
    assert_eq!((nodes.len(), nodes.is_empty(), nodes.members().slots()), (3, false, 5));
    assert_eq!(slots(&nodes), [(0, "a"), (3, "d"), (4, "e")]);
    assert_eq!(slots(nodes.iter().rev()), [(4, "e"), (3, "d"), (0, "a")]);
    assert!(nodes.nodes().eq(&["a", "d", "e"]) && nodes.nodes().rev().eq(&["e", "d", "a"]));
    let hole = NodeIdx::new(1);
    assert_eq!((nodes.get(hole), nodes.get_arc(hole), nodes.find("b")), (None, None, None));

    let mut both = nodes.iter();
    assert_eq!((both.len(), both.size_hint()), (3, (3, Some(3))));
    assert_eq!(both.next().map(|(_, node)| *node), Some("a"));
    assert_eq!(both.next_back().map(|(_, node)| *node), Some("e"));
    assert_eq!((both.len(), format!("{both:?}")), (1, r#"[(NodeIdx(3), "d")]"#.to_owned()));
    let again = both.clone();
    assert_eq!((both.next_back().is_some(), both.next(), both.next_back()), (true, None, None));
    assert_eq!((both.len(), again.len()), (0, 1));

    // A removal at the end gives the slot up, and the next node takes the lowest free one.
    let (fewer, _) = nodes.without("e").unwrap();
    assert_eq!((fewer.members().slots(), slots(&fewer)), (4, vec![(0, "a"), (3, "d")]));
    assert_eq!(slots(&fewer.with("f").unwrap().0), [(0, "a"), (1, "f"), (3, "d")]);

    let ring = Locator::ring_of(nodes, RingConfig::default()).unwrap();
    assert_eq!(slots(&ring), [(0, "a"), (3, "d"), (4, "e")]);
    assert_eq!((ring.len(), ring.find("e"), ring.find("c")), (3, Some(NodeIdx::new(4)), None));
    assert!(ring.nodes().rev().eq(&["e", "d", "a"]));
}

#[test]
fn nodes_are_found_by_whatever_spells_their_label() {
    let long = "x".repeat(1000);
    let names = ["a", "ab", "", long.as_str()].map(str::to_owned);
    let text = Topology::new(names.clone()).unwrap();
    for (slot, name) in (0..).zip(&names) {
        let found = [
            text.find(name),
            text.find(name.as_str()),
            text.find(name.as_bytes()),
            text.find(&name),
        ];
        assert_eq!(found, [Some(NodeIdx::new(slot)); 4], "{name:.9}");
        assert_eq!(text.find(name), text.members().find(name.as_bytes()));
    }
    for other in ["abc", "b", "A", &long[1..]] {
        assert!(!text.contains(other) && text.weight(other).is_none(), "{other:.9}");
    }
    let numbers = Topology::new([7_u64, 8]).unwrap();
    assert_eq!(
        (numbers.find(&8_u64), numbers.find(&8_u16)),
        (Some(NodeIdx::new(1)), numbers.find(&8))
    );
    assert!(!numbers.contains("8") && !numbers.contains(&9_u64));
    let pairs = Topology::new([(1_u32, "a".to_owned()), (1, "b".to_owned())]).unwrap();
    assert_eq!((pairs.find(&(1, "b")), pairs.find(&(1, "c"))), (Some(NodeIdx::new(1)), None));
    // Any payload is found by its label.
    let pools = [Node::labelled(vec![1.5], "eu"), Node::labelled(vec![], [0xFF, 0])];
    let pools = Topology::of(pools).unwrap();
    let value = |at: Option<NodeIdx>| at.and_then(|at| pools.get(at)).map(Vec::len);
    assert_eq!((value(pools.find("eu")), value(pools.find(&[0xFF_u8, 0]))), (Some(1), Some(0)));
}

#[test]
fn drained_nodes_are_there_and_own_nothing() {
    let nodes = [Node::new("a").weight(3).domain("zone", "z"), Node::new("b").weight(0)];
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    assert_eq!((ring.len(), ring.contains("b")), (2, true));
    assert_eq!((ring.weight("a"), ring.weight("b")), (Some(Weight::new(3)), Some(Weight::DRAINED)));
    assert_eq!((ring.weight("c"), ring.topology().members().live()), (None, 1));
    assert!((0..100).all(|key| ring.get(&key) == Some(&"a")));
    let drained = ring.reweighted("a", 0).unwrap();
    assert_eq!((drained.len(), drained.is_empty(), drained.get("key")), (2, false, None));
    let zone = |id| ring.topology().domain(id).map(ToString::to_string);
    assert_eq!((zone("a"), zone("b"), zone("c")), (Some("z".into()), Some(String::new()), None));
}

#[test]
fn a_default_has_no_nodes() {
    assert_eq!(Topology::<String>::default(), Topology::new([]).unwrap());
    let none: Locator<String> = Locator::default();
    assert_eq!((none.len(), none.get("key")), (0, None));
    assert_eq!(none.fingerprint(), Locator::<String>::ring([]).unwrap().fingerprint());
    let one = none.with("a".to_owned()).unwrap();
    assert_eq!(one.fingerprint(), Locator::ring(["a"]).unwrap().fingerprint());
    assert_eq!(one.get("key").map(String::as_str), Some("a"));
}

/// Equal: the same nodes in the same slots, with their values, weights and domains.
#[test]
fn topologies_are_equal_if_they_answer_alike() {
    let node = |value: i32, label: &str| Node::labelled(value, label).weight(2).domain("zone", "x");
    let topology = |nodes: [Node<i32>; 2]| Topology::of(nodes).unwrap();
    let two = topology([node(1, "a"), node(2, "b")]);
    assert_eq!(two, two.clone());
    assert_eq!(two, topology([node(1, "a"), node(2, "b")]));
    assert_eq!(
        two.members(),
        topology([node(9, "a"), node(9, "b")]).members(),
        "they have no values"
    );
    let others = [
        topology([node(2, "b"), node(1, "a")]),
        topology([node(1, "a"), node(3, "b")]),
        topology([node(1, "a"), node(2, "c")]),
        topology([node(1, "a"), node(2, "b").weight(3)]),
        topology([node(1, "a"), node(2, "b").domain("rack", "r")]),
        two.without("b").unwrap().0,
        two.with_node(node(3, "c")).unwrap().0,
    ];
    for (i, other) in others.iter().enumerate() {
        assert!(two != *other, "{i}: {other:?}");
        assert_eq!(two.members() == other.members(), i == 1, "{i}");
        // Content whatever the slots and values is the fingerprint's.
        assert_eq!(two.fingerprint() == other.fingerprint(), i < 2, "{i}");
    }
    let (back, _) = two.without("b").unwrap().0.with_node(node(2, "b")).unwrap();
    assert_eq!((back.epoch(), two.epoch()), (2, 0));
    assert_eq!(back, two, "the epoch does not count");
    // Eq is there where the values have it, PartialEq where they have that.
    fn eq<T: Eq>(_: &T) {}
    eq(&two);
    assert_eq!(Topology::of([Node::labelled(0.5, "a")]), Topology::of([Node::labelled(0.5, "a")]));
}

#[test]
fn values_are_shared_and_outlive_the_topology() {
    struct Unclonable(u8);
    let nodes = [Node::labelled(Unclonable(1), "a"), Node::labelled(Unclonable(2), "b")];
    let topology = Topology::of(nodes).unwrap();
    let at = topology.find("b").unwrap();
    let held = Arc::clone(topology.get_arc(at).unwrap());
    let (smaller, _) = topology.without("a").unwrap();
    assert!(smaller.get_arc(at).is_some_and(|value| Arc::ptr_eq(value, &held)));
    drop((topology, smaller));
    assert_eq!(Arc::into_inner(held).map(|value| value.0), Some(2));
}
