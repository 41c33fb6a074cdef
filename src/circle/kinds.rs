//! Circles of every storage, for tests.

use super::{Circle, Point, Stream};
use crate::hash::mix::word;
use crate::node::NodeIdx;
use alloc::vec::Vec;

pub(super) fn circles() -> Vec<Circle> {
    let flat = [0, 1, 2, 255, 256, 257, 1000].map(|len| {
        let mut points: Vec<u64> = (0..len).map(|i| word(1, i) >> (i % 3)).collect();
        points.sort_unstable();
        let owners: Vec<NodeIdx> = (0..len).map(|i| NodeIdx::new(i as u32 % 7)).collect();
        Circle::from_sorted(points, &owners)
    });
    // Nodes with more points than a byte numbers, free slots, and slots beyond 16 bits.
    let paged = [(160, 1), (700, 1), (4096, 1), (160, 2000)].map(|(count, apart)| {
        let live = |i| i % apart == 0 && i / apart % 5 != 1;
        let stream = |i| Stream { seed: word(2, i), count: if live(i) { count } else { 0 } };
        let order = |a: Point, b: Point| a.0.cmp(&b.0).then(a.1.cmp(&b.1));
        Circle::paged((0..40 * apart).map(stream).collect(), order).unwrap()
    });
    flat.into_iter().chain(paged).collect()
}
