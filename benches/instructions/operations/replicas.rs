//! The holders of a key.

use crate::inputs::{KEYS, ids, number, over};
use apportion::bucket::Numbered;
use apportion::{JumpBack, Locator, Maglev, Placement, Rendezvous, Ring};
use gungraun::{library_benchmark, library_benchmark_group};
use std::hint::black_box;

// Three holders as an array.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000), ids(KEYS))]
#[bench::maglev_1000(over::<Maglev>(1000), ids(KEYS))]
#[bench::jump_back_1000(over::<Numbered<JumpBack>>(1000), ids(KEYS))]
#[bench::rendezvous_100(over::<Rendezvous>(100), ids(KEYS))]
fn three_replicas<P: Placement>(nodes: &'static Locator<u64, P>, ids: &'static [u64]) -> u32 {
    ids.iter().fold(0, |sum, id| {
        let holders = nodes.replicas::<3>(black_box(id));
        sum ^ number(black_box(holders.indices()).last().copied())
    })
}

library_benchmark_group!(name = holders, benchmarks = [three_replicas]);
