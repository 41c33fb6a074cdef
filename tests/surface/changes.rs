//! Several changes in one step, what was removed, and reloads that keep live values.

use apportion::maglev::MaglevConfig;
use apportion::ring::RingConfig;
use apportion::{Locator, Node, Topology, Weight};
use std::sync::Arc;

#[test]
fn nodes_are_added_together_as_one_after_the_other() {
    let ring = Locator::ring(["a", "b"]).unwrap();
    let together = ring.with_all(["c", "d"]).unwrap();
    let one_by_one = ring.with("c").unwrap().with("d").unwrap();
    assert_eq!(together.topology(), one_by_one.topology());
    assert_eq!(together.fingerprint(), one_by_one.fingerprint());
    assert_eq!((together.topology().epoch(), one_by_one.topology().epoch()), (1, 2));
    assert_eq!(ring.with_all([]).unwrap().topology(), ring.topology());
    for (ids, message) in [
        (["c", "c"], r#"node "c" is given twice; list each node once"#),
        (["c", "a"], r#"node "a" is given twice; list each node once"#),
    ] {
        assert_eq!(ring.with_all(ids).unwrap_err().to_string(), message);
        assert_eq!(ring.topology().with_all(ids).unwrap_err().to_string(), message);
    }
    assert_eq!((ring.len(), ring.contains("c")), (2, false), "a refusal changes nothing");
    let (topology, changes) = ring.topology().with_all(["c", "d"]).unwrap();
    assert_eq!((&topology, changes.len()), (together.topology(), 2));
}

/// What was found out is a value, whatever the nodes are.
#[test]
fn figures_are_values() {
    use apportion::analysis::{Balance, NodeLoad, count_moves, shares};
    use apportion::diff::{Flow, Move};

    #[derive(PartialEq, Debug)]
    struct Unclonable(u8);
    let node = |value: u8| Node::labelled(Unclonable(value), [value]);
    let ring = |values: &[u8]| {
        let nodes = Topology::of(values.iter().copied().map(node)).unwrap();
        Locator::ring_of(nodes, RingConfig::default()).unwrap()
    };
    let (old, new) = (ring(&[1, 2, 3]), ring(&[1, 2, 4]));
    let diff = old.diff(&new).unwrap();
    let first: Move<'_, Unclonable> = diff.moves().next().unwrap();
    let flow: Flow<'_, Unclonable> = diff.matrix().unwrap()[0];
    for _ in 0..2 {
        // Copied, not moved.
        let (first, flow) = (first, flow);
        assert!(diff.moves().next() == Some(first) && diff.matrix().unwrap()[0] == flow);
    }
    let pairs = diff.moves_by_pair();
    assert_eq!(pairs, pairs.clone());
    let of_keys = |locator| Balance::of_keys(locator, 1, 0..1000_u64).unwrap();
    let balance = of_keys(&old);
    assert!(balance == of_keys(&old).clone() && balance != of_keys(&new));
    let load: NodeLoad<'_, Unclonable> = balance.nodes()[0];
    assert_eq!((load.slot, load), (old.find(&[1_u8]).unwrap(), balance.nodes()[0]));
    assert_eq!(shares(&old), shares(&old).clone());
    let count = || count_moves(&old, &new, 1, (0..1000_u64).map(|key| (key, 1))).unwrap();
    assert_eq!(count(), count().clone());
}

#[test]
fn nodes_are_removed_together_where_one_alone_is_not() {
    let jump = Locator::jump(["a", "b", "c", "d"]).unwrap();
    assert!(jump.without("c").is_err());
    for ids in [["c", "d"], ["d", "c"]] {
        let two = jump.without_all(ids).unwrap();
        assert_eq!(two.fingerprint(), Locator::jump(["a", "b"]).unwrap().fingerprint());
        assert!(two.nodes().eq(&["a", "b"]));
    }
    let refused = |ids: &[&'static str]| jump.without_all(ids).unwrap_err().to_string();
    assert_eq!(refused(&["d", "x"]), r#"there is no node "x"; give the label of an existing node"#);
    assert_eq!(refused(&["d", "c", "d"]), r#"node "d" is given twice; list each node once"#);
    assert!(refused(&["a", "d"]).contains(r#"node "a" is bucket 0"#));
    assert_eq!(jump.len(), 4, "a refusal changes nothing");
    let owned = vec!["d".to_owned()];
    assert_eq!(jump.without_all(&owned).unwrap().len(), 3);
    assert_eq!(jump.without_all(["a", "b", "c", "d"]).unwrap().get("key"), None);
    assert_eq!(jump.without_all([""; 0]).unwrap().topology(), jump.topology());
}

#[test]
fn weights_are_changed_together_where_one_alone_is_not() {
    let three = Locator::rendezvous(["a", "b", "c"]).unwrap();
    assert!(three.reweighted("a", 2).is_err(), "rendezvous has no weights");
    let twos = three.reweighted_all([("c", 2), ("a", 2), ("b", 2)]).unwrap();
    assert_eq!(twos.weight("b"), Some(Weight::new(2)));
    assert!((0..100).all(|key| twos.get(&key) == three.get(&key)));
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    let changed = ring.reweighted_all([("a", 0), ("c", 5)]).unwrap();
    let weights = ["a", "b", "c"].map(|id| changed.weight(id).map(u64::from));
    assert_eq!(weights, [Some(0), Some(1), Some(5)]);
    let one_by_one = ring.reweighted("a", 0).unwrap().reweighted("c", 5).unwrap();
    assert_eq!(changed.fingerprint(), one_by_one.fingerprint());
    let refused = |weights: [(&str, u64); 2]| ring.reweighted_all(weights).unwrap_err().to_string();
    assert_eq!(refused([("a", 1), ("a", 2)]), r#"node "a" is given twice; list each node once"#);
    assert_eq!(
        refused([("a", 1), ("x", 2)]),
        r#"there is no node "x"; give the label of an existing node"#
    );
    let (topology, changes) = ring.topology().reweighted_all([("a", 0), ("c", 5)]).unwrap();
    assert_eq!((&topology, changes.len()), (changed.topology(), 2));
}

#[test]
fn what_is_removed_is_handed_back() {
    let pool = Locator::ring(["a", "b", "c", "d"].map(str::to_owned)).unwrap();
    let held = pool.topology().get_arc(pool.find("b").unwrap()).unwrap().clone();
    let (three, removed) = pool.extract("b").unwrap();
    assert!(Arc::ptr_eq(&removed, &held));
    assert_eq!(three.fingerprint(), pool.without("b").unwrap().fingerprint());
    let (one, removed) = three.extract_all(["d", "a"]).unwrap();
    assert!(removed.iter().map(|node| node.as_str()).eq(["d", "a"]), "in the order of the ids");
    assert!(one.nodes().eq(["c"]));
    assert_eq!(
        one.extract("b").unwrap_err().to_string(),
        r#"there is no node "b"; give the label of an existing node"#
    );
    assert_eq!(
        one.extract_all(["c", "c"]).unwrap_err().to_string(),
        r#"node "c" is given twice; list each node once"#
    );
    let (none, last) = one.extract("c").unwrap();
    assert_eq!((none.is_empty(), last.as_str()), (true, "c"));
    drop((pool, three, one));
    assert_eq!(Arc::into_inner(last).as_deref(), Some("c"));
    // A jump hash refuses a node in the middle: nothing is handed out.
    assert!(Locator::jump(0..4_u32).unwrap().extract(&1_u32).is_err());
}

/// A value that cannot be cloned, as a connection.
#[derive(Debug)]
struct Connection(String);

fn pool(addresses: &[&str]) -> Topology<Connection> {
    let nodes = addresses.iter().map(|address| Node::new(*address));
    Topology::of(nodes.map(|node| node.map(|address| Connection(address.into())))).unwrap()
}

#[test]
fn live_values_survive_a_reload() {
    let before = Locator::ring_of(pool(&["a", "b", "c"]), RingConfig::default()).unwrap();
    let list =
        [Node::new("d"), Node::new("c").weight(2).domain("zone", "z"), Node::new("a").weight(0)];
    let mut asked = Vec::new();
    let after = before
        .replaced_by_with(list.clone(), |address, old| {
            asked.push((address, old.map(|old| old.0.clone())));
            old.cloned().unwrap_or_else(|| Arc::new(Connection(address.into())))
        })
        .unwrap();
    let some = |address: &str| Some(address.to_owned());
    assert_eq!(asked, [("d", None), ("c", some("c")), ("a", some("a"))], "in the list's order");
    for id in ["a", "c"] {
        let value =
            |pool: &Locator<Connection>| pool.topology().get_arc(pool.find(id).unwrap()).cloned();
        assert!(Arc::ptr_eq(&value(&before).unwrap(), &value(&after).unwrap()), "{id}");
        assert_eq!(before.find(id), after.find(id), "the slot stays");
    }
    // `d` takes the slot of `b` and does not see its value.
    assert_eq!((after.find("d"), after.find("b")), (before.find("b"), None));
    assert_eq!(
        (after.weight("c"), after.weight("a")),
        (Some(Weight::new(2)), Some(Weight::DRAINED))
    );
    // All else is as it is under `replaced_by`.
    let plain = before.replaced_by(list.map(|node| node.map(|a| Connection(a.into())))).unwrap();
    assert_eq!(plain.fingerprint(), after.fingerprint());
    assert_eq!(plain.topology().members(), after.topology().members());
    let shared = |id| Arc::strong_count(after.topology().get_arc(after.find(id).unwrap()).unwrap());
    assert_eq!((shared("a"), shared("d")), (2, 1), "values of nodes that stay are not made anew");
}

#[test]
fn a_reload_may_also_replace_a_value() {
    let (topology, changes) = pool(&["a"])
        .replaced_by_with([Node::new("a")], |id, old| {
            Arc::new(Connection(format!("{id} after {}", old.unwrap().0)))
        })
        .unwrap();
    assert!(topology.nodes().map(|node| node.0.as_str()).eq(["a after a"]));
    assert_eq!((changes.len(), topology.epoch()), (0, 1));
}

#[test]
fn nothing_is_opened_for_a_reload_that_is_refused() {
    fn never(id: &str, _: Option<&Arc<Connection>>) -> Arc<Connection> {
        panic!("{id} is opened")
    }
    let jump = Locator::jump_of(pool(&["a", "b", "c"])).unwrap();
    let refused = |ids: &[&'static str]| {
        let nodes = ids.iter().map(|id| Node::new(*id));
        jump.replaced_by_with(nodes, never).unwrap_err().to_string()
    };
    assert_eq!(refused(&["a", "b", "c", "a"]), r#"node "a" is given twice; list each node once"#);
    assert!(refused(&["d", "b", "c"]).contains(r#"node "a" is bucket 0"#), "the algorithm refuses");
    let deep = [Node::new("d"), Node::new("a").domain("", "x")];
    assert!(jump.replaced_by_with(deep, never).is_err());
    let config = MaglevConfig::default().table_size(2);
    let maglev = Locator::maglev_of(pool(&["a", "b"]), config).unwrap();
    assert!(maglev.replaced_by_with(["a", "b", "c"].map(Node::new), never).is_err());
}
