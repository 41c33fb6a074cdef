//! The owner of a key.

use crate::inputs::{KEYS, ids, names, nginx_ring, number, over};
use apportion::bucket::{Jump, Numbered};
use apportion::interop::NamedRing;
use apportion::{
    Asura, JumpBack, Locator, Maglev, NodeIdx, Placement, Rendezvous, Ring, WeightedRendezvous,
};
use gungraun::{library_benchmark, library_benchmark_group};
use std::hint::black_box;

type Nodes<P> = &'static Locator<u64, P>;

// The slot of a numeric key.
#[library_benchmark]
#[bench::ring_10(over::<Ring>(10), ids(KEYS))]
#[bench::ring_1000(over::<Ring>(1000), ids(KEYS))]
#[bench::maglev_1000(over::<Maglev>(1000), ids(KEYS))]
#[bench::jump_1000(over::<Numbered<Jump>>(1000), ids(KEYS))]
#[bench::jump_back_1000(over::<Numbered<JumpBack>>(1000), ids(KEYS))]
#[bench::asura_1000(over::<Asura>(1000), ids(KEYS))]
#[bench::rendezvous_100(over::<Rendezvous>(100), ids(KEYS))]
#[bench::rendezvous_1000(over::<Rendezvous>(1000), ids(100))]
#[bench::weighted_rendezvous_100(over::<WeightedRendezvous>(100), ids(KEYS))]
#[bench::weighted_rendezvous_1000(over::<WeightedRendezvous>(1000), ids(100))]
fn locate_id<P: Placement>(nodes: Nodes<P>, ids: &'static [u64]) -> u32 {
    ids.iter().fold(0, |sum, id| sum ^ number(nodes.locate(black_box(id))))
}

// The slot of a key that is text.
#[library_benchmark]
#[bench::ring_10(over::<Ring>(10), names())]
#[bench::ring_1000(over::<Ring>(1000), names())]
#[bench::maglev_1000(over::<Maglev>(1000), names())]
fn locate_text<P: Placement>(nodes: Nodes<P>, names: &'static [String]) -> u32 {
    names.iter().fold(0, |sum, name| sum ^ number(nodes.locate(black_box(name.as_str()))))
}

// The server of a key that is text.
#[library_benchmark]
#[bench::nginx_100(nginx_ring(100), names())]
fn locate_named(ring: &'static NamedRing, names: &'static [String]) -> u32 {
    names.iter().fold(0, |sum, name| sum ^ number(ring.locate(black_box(name.as_str()))))
}

// The node itself: what the facade adds is the difference to `locate_id`.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000), ids(KEYS))]
#[bench::maglev_1000(over::<Maglev>(1000), ids(KEYS))]
fn get_id<P: Placement>(nodes: Nodes<P>, ids: &'static [u64]) -> u64 {
    ids.iter().fold(0, |sum, id| sum ^ nodes.get(black_box(id)).map_or(0, |node| *black_box(node)))
}

// The slots of many hashes in one call.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000), ids(KEYS))]
#[bench::maglev_1000(over::<Maglev>(1000), ids(KEYS))]
#[bench::jump_back_1000(over::<Numbered<JumpBack>>(1000), ids(KEYS))]
fn locate_batch<P: Placement>(nodes: Nodes<P>, hashes: &'static [u64]) -> usize {
    let mut slots = [NodeIdx::NONE; KEYS as usize];
    let found = nodes.locate_batch(black_box(hashes), &mut slots);
    black_box(&slots);
    found
}

library_benchmark_group!(
    name = lookups,
    benchmarks = [locate_id, locate_text, locate_named, get_id, locate_batch]
);
