//! Documented costs of changes of a topology, in steps.

use crate::steps::{assert_growth, during};
use crate::{Node, Topology};
use alloc::format;
use alloc::string::String;

fn nodes(range: core::ops::Range<usize>) -> impl DoubleEndedIterator<Item = Node<String>> {
    range.map(|i| Node::new(format!("n{i}")))
}

#[test]
fn changes_are_linear_in_the_nodes() {
    let topology = |n| Topology::of(nodes(0..n)).unwrap();
    let joins = |n| {
        let before = topology(n);
        during(|| before.with_nodes(nodes(n..n + 1)).unwrap()).1
    };
    let leaves = |n| {
        let before = topology(n);
        during(|| before.without("n1").unwrap()).1
    };
    let same = |n| {
        let before = topology(n);
        during(|| before.replaced_by(nodes(0..n).rev()).unwrap()).1
    };
    let others = |n| {
        let before = topology(n);
        during(|| before.replaced_by(nodes(n / 2..2 * n)).unwrap()).1
    };
    for n in [1000, 5000] {
        assert_growth("Topology::with_nodes", n, 2.2, joins);
        assert_growth("Topology::without", n, 2.2, leaves);
        assert_growth("Topology::replaced_by the same list", n, 2.2, same);
        assert_growth("Topology::replaced_by another list", n, 2.2, others);
    }
    assert!(same(1000) <= 2000, "{}", same(1000));
}

/// Slots that became free are taken in order, in one pass.
#[test]
fn nodes_that_join_take_the_lowest_free_slots() {
    let steps = |n: usize| {
        let (holes, _) = Topology::of(nodes(0..n)).unwrap().replaced_by(nodes(n / 2..n)).unwrap();
        let ((topology, _), steps) = during(|| holes.with_nodes(nodes(n..2 * n)).unwrap());
        assert_eq!(topology.members().slots(), n / 2 + n);
        steps
    };
    assert_growth("Topology::with_nodes into free slots", 1000, 2.2, steps);
}
