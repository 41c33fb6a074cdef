//! Tests of the documented complexities, in counted steps.

use crate::hash::mix::word;
use crate::partition::{Planner, TableConfig};
use crate::steps::{assert_growth, during};
use crate::{Node, Topology};
use alloc::format;
use std::prelude::rust_2024::*;

fn nodes(count: usize, zones: usize) -> Topology<u64> {
    let node = |id| Node::new(id).domain("zone", &format!("z{}", id % zones as u64));
    Topology::of((0..count as u64).map(node)).expect("nodes")
}

/// Steps to plan a fresh table with sizes, and one that nodes joined; and what both take without.
fn planning(count: usize, zones: usize, partitions: usize) -> [(u64, u64); 2] {
    let config = TableConfig::new(partitions as u32, 3).max_per_domain("zone", 1);
    let (before, after) = (nodes(count, zones), nodes(count + zones, zones));
    let sizes = (0..partitions as u32).map(|p| (p, word(7, p.into()) % (1 << 30)));
    let plain = Planner::new(before.members(), &config).expect("a planner");
    let sized = plain.clone().sizes(sizes.clone()).expect("sizes");
    let (plan, with) = during(|| sized.fresh());
    let old = plan.expect("a plan").into_table();
    let fresh = (with, during(|| plain.fresh()).1);
    let plain = Planner::new(after.members(), &config).expect("a planner");
    let sized = plain.clone().sizes(sizes).expect("sizes");
    let (plan, with) = during(|| sized.rebalance(&old, before.members()));
    assert!(plan.is_ok());
    [fresh, (with, during(|| plain.rebalance(&old, before.members())).1)]
}

/// The lists and the bound look at each replica a few times, and the search at what is documented.
#[test]
fn sizes_take_a_bounded_number_of_steps() {
    for (count, zones, partitions) in [(8, 4, 1 << 10), (60, 3, 1 << 12), (300, 10, 1 << 13)] {
        for (with, without) in planning(count, zones, partitions) {
            let max = without + (8 + 16) * 3 * partitions as u64 + (1 << 20) + (1 << 14);
            assert!(with > without && with <= max, "{count}: {with}, {without}, {max}");
        }
    }
}

#[test]
fn sizes_are_by_the_size_of_the_table() {
    for case in [0, 1] {
        assert_growth("sizes", 1 << 15, 2.5, |partitions| planning(40, 4, partitions)[case].0);
    }
}
