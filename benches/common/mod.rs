//! What the benches share: keys, sizes, every algorithm over the same nodes, and the two ways to
//! time a lookup.
#![allow(dead_code)] // each bench takes its part

use apportion::bucket::{Jump, JumpGuava, Numbered};
use apportion::ring::RingConfig;
use apportion::{
    JumpBack, KeyHash, Locator, NodeIdx, Rendezvous, Ring, Topology, WeightedRendezvous,
};
use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, Criterion, SamplingMode};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Numbers of nodes. 1025 is just above a power of two, where jump-back is slowest.
pub(crate) const SIZES: [u64; 6] = [10, 100, 1000, 1025, 10_000, 100_000];

/// 131,072 random numbers: more than a branch predictor can learn.
pub(crate) fn ids() -> Vec<u64> {
    (0..1 << 17).map(|i| KeyHash::of_id(i).get()).collect()
}

/// 65,536 random strings of 16 to 32 bytes.
pub(crate) fn names() -> Vec<String> {
    let word = |i: u64| KeyHash::of_id((1 << 32) + i).get();
    let name = |i: u64| {
        let mut name = format!("{:016x}{:016x}", word(3 * i), word(3 * i + 1));
        name.truncate(16 + (word(3 * i + 2) % 17) as usize);
        name
    };
    (0..1 << 16).map(name).collect()
}

/// Runs benches with settings short enough that all of them end within ten minutes.
pub(crate) fn run(benches: &[fn(&mut Criterion)]) {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .sample_size(20)
        .configure_from_args();
    benches.iter().for_each(|bench| bench(&mut criterion));
    criterion.final_summary();
}

/// Settings for slow benches: the minimum number of runs.
pub(crate) fn slow(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
}

/// The same nodes under each algorithm.
#[derive(Debug)]
pub(crate) struct All {
    /// 160 points a node. 100,000 nodes just fit the default budget.
    pub(crate) ring: Locator<u64, Ring>,
    /// Buckets are numbered as the nodes are.
    pub(crate) jump: Locator<u64, Numbered<Jump>>,
    /// The same in Guava's dialect.
    pub(crate) jump_guava: Locator<u64, Numbered<JumpGuava>>,
    /// Buckets are numbered as the nodes are.
    pub(crate) jump_back: Locator<u64, Numbered<JumpBack>>,
    /// O(n) a lookup.
    pub(crate) rendezvous: Locator<u64, Rendezvous>,
    /// O(n) a lookup.
    pub(crate) weighted_rendezvous: Locator<u64, WeightedRendezvous>,
}

impl All {
    /// Over `n` nodes of weight 1.
    pub(crate) fn over(n: u64) -> Self {
        let nodes = topology(n);
        let config = RingConfig::default();
        Self {
            ring: Locator::ring_of(nodes.clone(), config).expect("a ring"),
            jump: Locator::jump_of(nodes.clone()).expect("buckets"),
            jump_guava: Locator::jump_guava_of(nodes.clone()).expect("buckets"),
            jump_back: Locator::jump_back_of(nodes.clone()).expect("buckets"),
            rendezvous: Locator::rendezvous_of(nodes.clone()).expect("nodes"),
            weighted_rendezvous: Locator::weighted_rendezvous_of(nodes).expect("nodes"),
        }
    }
}

/// `n` nodes, numbered.
pub(crate) fn topology(n: u64) -> Topology<u64> {
    Topology::new(0..n).expect("distinct labels")
}

/// Runs an expression on each algorithm, with its name.
#[macro_export]
macro_rules! each_algorithm {
    ($all:expr, |$name:ident, $locator:ident| $do:expr) => {
        each_algorithm!(@ $all, $name, $locator, $do;
            ring "ring", jump "jump", jump_guava "jump-guava", jump_back "jump-back",
            rendezvous "rendezvous", weighted_rendezvous "weighted-rendezvous")
    };
    (@ $all:expr, $name:ident, $locator:ident, $do:expr; $($field:ident $title:literal),*) => {$({
        let ($name, $locator) = ($title, &$all.$field);
        $do;
    })*};
}

/// The answer as a number.
#[inline]
pub(crate) fn number(node: Option<NodeIdx>) -> u32 {
    node.map_or(0, NodeIdx::get)
}

/// Throughput: looks up key after key, without waiting for answers.
pub(crate) fn throughput<K>(b: &mut Bencher<'_>, keys: &[K], mut ask: impl FnMut(&K) -> u32) {
    let mut at = 0;
    b.iter_custom(|count| {
        let mut left = count as usize;
        let start = Instant::now();
        while left > 0 {
            let chunk = &keys[at..keys.len().min(at + left)];
            for key in chunk {
                black_box(ask(key));
            }
            left -= chunk.len();
            at = (at + chunk.len()) % keys.len();
        }
        start.elapsed()
    });
}

/// Latency: each answer decides the next key, so each lookup waits for the previous one. The next key
/// is near in memory, so reading it causes no cache misses.
pub(crate) fn dependent<K>(b: &mut Bencher<'_>, keys: &[K], mut ask: impl FnMut(&K) -> u32) {
    let mask = keys.len() - 1;
    let mut at = 0;
    b.iter_custom(|count| {
        let start = Instant::now();
        for _ in 0..count {
            let answer = ask(&keys[at & mask]);
            at += 1 + (answer & 1) as usize;
        }
        black_box(at);
        start.elapsed()
    });
}

/// A table of 64 MiB in which every read waits for the one before and misses the caches.
#[derive(Debug)]
pub(crate) struct CacheMiss {
    table: Vec<u32>,
    last: u32,
    count: u32,
}

impl CacheMiss {
    /// Filled with random numbers.
    pub(crate) fn new() -> Self {
        let table = (0..1 << 24).map(|i| KeyHash::of_id(i).get() as u32).collect();
        Self { table, last: 0, count: 0 }
    }

    /// One read. The count keeps the reads from running into a short circle.
    #[inline]
    pub(crate) fn read(&mut self) -> u32 {
        let at = self.last.wrapping_add(self.count) & 0xFF_FFFF;
        self.last = self.table[at as usize];
        self.count = self.count.wrapping_add(1);
        self.last
    }
}
