//! Documented costs of changes of a ring, in steps.

use crate::ring::RingConfig;
use crate::steps::{assert_growth, during};
use crate::{Locator, Node, Ring, Topology};
use alloc::format;
use alloc::string::String;

type Named = Locator<String, Ring>;

fn named(range: core::ops::Range<usize>) -> impl Iterator<Item = Node<String>> {
    range.map(|i| Node::new(format!("n{i}")))
}

fn ring(nodes: usize) -> Named {
    Locator::ring_of(Topology::of(named(0..nodes)).unwrap(), RingConfig::default()).unwrap()
}

#[test]
fn a_change_is_one_merge() {
    let joins = |n: usize| {
        let before = ring(n);
        during(|| before.with(format!("n{n}")).unwrap()).1
    };
    let leaves = |n: usize| {
        let before = ring(n);
        during(|| before.without("n0").unwrap()).1
    };
    assert_growth("Locator::with of a ring", 200, 2.2, joins);
    assert_growth("Locator::without of a ring", 200, 2.2, leaves);
    // Each old point once, plus the nodes and the new points.
    assert!(joins(200) < 160 * 201 + 1000, "{}", joins(200));
}

#[test]
fn many_nodes_at_once_write_each_page_once() {
    let before = ring(300);
    let (one, single) = during(|| before.with_nodes(named(300..301)).unwrap());
    let (many, all) = during(|| before.with_nodes(named(300..400)).unwrap());
    assert!(all < 6 * single, "{single} steps for one node, {all} for 100");
    // Each point that was there is read once; each new one is made once and put into its page once.
    let points = |nodes: u64| 160 * nodes;
    assert!(all < points(300) + 2 * points(100) + 2000, "{all} steps for 100 nodes");
    let step = |ring: Named, node: Node<String>| ring.with_node(node).unwrap();
    let (by_one, one_by_one) = during(|| named(300..400).fold(before.clone(), step));
    assert!(one_by_one > 10 * all, "{one_by_one} {all}");
    assert_eq!(many.fingerprint(), by_one.fingerprint());
    assert_eq!(one.topology().members().len(), 301);
}

#[test]
fn an_unchanged_list_merges_nothing() {
    let steps = |n: usize| {
        let before = ring(n);
        during(|| before.replaced_by(named(0..n)).unwrap()).1
    };
    assert_growth("Locator::replaced_by the same list", 1000, 2.2, steps);
    assert!(steps(1000) < 4000, "{}", steps(1000));
}

#[test]
fn the_matrix_is_linear_in_the_points() {
    let steps = |n: usize| {
        let (old, new) = (ring(n), ring(10 * n));
        let diff = old.diff(&new).unwrap();
        during(|| diff.matrix().unwrap().len()).1
    };
    assert_growth("Diff::matrix of rings", 20, 2.2, steps);
}
