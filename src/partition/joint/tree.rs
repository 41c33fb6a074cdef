//! The tree of several tables that share the nodes.
//!
//! ```text
//!  root                       0                          domains and nodes are inner vertices,
//!                     +-------+-------+                  numbered as those of one table are
//!  domains            1 zone a        2 zone b
//!                  +--+--+         +--+--+
//!  nodes           3     4         5     6
//!                +-+-+ +-+-+     +-+-+ +-+-+
//!  leaves        7   8 9  10    11  12 13 14             one for each node and table
//!  leaf number   0   1 2   3     4   5  6  7             node * tables + table
//! ```
//!
//! A table holds the floor or the ceiling of its own quota at its leaves; the vertices above hold
//! those of the sums of all tables.

use super::super::tree::{NONE, Tree};
use alloc::string::String;
use alloc::vec::Vec;

/// Puts a leaf for each table below each leaf of `nodes`, which become inner vertices. A domain may
/// hold all `replicas` of a partition: the tables' limits are not in the tree.
pub(super) fn shared(nodes: &Tree, replicas: u32, names: Vec<String>) -> Tree {
    let tables = names.len();
    let mut tree = Tree::empty(nodes.depth + 1, nodes.leaf_of.len());
    tree.parents.clone_from(&nodes.parents);
    tree.caps =
        (0..nodes.vertices()).map(|v| if nodes.leaf(v).is_some() { 1 } else { replicas }).collect();
    tree.leaf_of.clone_from(&nodes.leaf_of);
    for leaf in tree.leaf_of.iter_mut().filter(|leaf| **leaf != NONE) {
        *leaf *= tables as u32;
    }
    for (leaf, (slot, weight)) in (0..).zip(nodes.slots.iter().zip(&nodes.weights)) {
        let vertex = nodes.vertex(leaf) as u32;
        for _ in 0..tables {
            tree.slots.push(*slot);
            tree.weights.push(*weight);
            tree.parents.push(vertex);
            tree.caps.push(1);
            tree.ancestors.extend((0..nodes.depth).map(|level| nodes.domain(leaf, level)));
            tree.ancestors.push(vertex);
        }
    }
    tree.tables = tables as u32;
    tree.names = names;
    tree.link();
    tree
}
