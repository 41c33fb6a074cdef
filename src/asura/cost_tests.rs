//! The costs of building and changing a board.

use super::{Asura, AsuraConfig};
use crate::hash::KeyHash;
use crate::node::Node;
use crate::placement::{Build, Placement};
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

#[test]
fn building_and_changing() {
    let config = AsuraConfig::default();
    let nodes = |n: usize| {
        let nodes = (0..n as u32).map(|id| Node::new(id).weight(1 + u64::from(id % 4)));
        Topology::of(nodes).unwrap()
    };
    assert_growth("build", 500, 2.3, |n| {
        let nodes = nodes(n);
        during(|| Asura::build(&config, nodes.members()).unwrap()).1
    });
    assert_growth("a node less, and back", 500, 2.3, |n| {
        let all = nodes(n);
        let board = Asura::build(&config, all.members()).unwrap();
        let (less, left) = all.without(&(n as u32 / 2)).unwrap();
        let (more, came) = less.with_node(Node::new(n as u32)).unwrap();
        during(|| {
            let smaller = board.update(&[left], all.members(), less.members()).unwrap();
            assert!(smaller.locate(KeyHash::of_id(1)).is_some());
            smaller.update(&[came], less.members(), more.members()).unwrap()
        })
        .1
    });
}
