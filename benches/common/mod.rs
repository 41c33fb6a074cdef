//! What the benches share: keys, sizes, every algorithm over the same nodes, and the two ways to
//! time a lookup.
#![allow(dead_code)] // each bench takes its part

use apportion::anchor::{AnchorHash, JumpBackAnchor};
use apportion::bucket::{FlipHash, Jump, JumpGuava, Numbered};
use apportion::placement::Build;
use apportion::{
    Algorithm, Asura, JumpBack, KeyHash, Locator, Maglev, NodeIdx, Rendezvous, Ring, Topology,
    WeightedRendezvous,
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
///
/// # Panics
/// If the table of algorithms below lacks one of the crate's.
pub(crate) fn run(benches: &[fn(&mut Criterion)]) {
    assert!(Algorithm::NAMES.iter().eq(NAMES), "the table lists {NAMES:?}");
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .sample_size(20)
        .configure_from_args();
    benches.iter().for_each(|bench| bench(&mut criterion));
    criterion.final_summary();
}

/// False under `cargo test --benches`, where every bench runs once as a check: the large ones would
/// take too long.
pub(crate) fn timed() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Settings for slow benches: the minimum number of runs.
pub(crate) fn slow(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
}

/// Makes of the table of algorithms the struct that holds one of each, and the macros that run an
/// expression on each. The first token is the dollar sign that the inner macros are written with.
macro_rules! algorithms {
    ($d:tt $($field:ident: $placement:ty, $name:literal;)*) => {
        /// The same nodes under each algorithm; `None` under one that cannot have so many.
        #[derive(Debug)]
        pub(crate) struct All {
            $(pub(crate) $field: Option<Locator<u64, $placement>>,)*
        }

        impl All {
            /// Over `n` nodes of weight 1.
            pub(crate) fn over(n: u64) -> Self {
                let nodes = topology(n);
                Self { $($field: build(&nodes),)* }
            }
        }

        /// The types by the names of the fields: where the macros expand, others are in scope.
        #[allow(non_camel_case_types)]
        pub(crate) mod types {
            use super::*;
            $(pub(crate) type $field = $placement;)*
        }

        /// Runs an expression on each locator, with the algorithm's name.
        #[allow(unused_macros)] // each bench takes its part
        macro_rules! each_locator {
            ($d all:expr, |$d called:ident, $d locator:ident| $d run:expr) => {$(
                if let Some($d locator) = &$d all.$field {
                    let $d called = $name;
                    $d run;
                }
            )*};
        }

        /// Runs an expression on each type of placement, with the algorithm's name.
        #[allow(unused_macros)]
        macro_rules! each_placement {
            (|$d called:ident, $d placement:ident| $d run:expr) => {$({
                type $d placement = $crate::common::types::$field;
                let $d called = $name;
                $d run;
            })*};
        }

        #[allow(unused_imports)]
        pub(crate) use {each_locator, each_placement};

        /// The names, to be held against the crate's.
        const NAMES: &[&str] = &[$($name),*];
    };
}

// All under their default configurations. A new algorithm gets a line here.
algorithms! { $
    ring: Ring, "ring";
    jump: Numbered<Jump>, "jump";
    jump_guava: Numbered<JumpGuava>, "jump-guava";
    jump_back: Numbered<JumpBack>, "jump-back";
    flip: Numbered<FlipHash>, "flip";
    jump_back_anchor: JumpBackAnchor, "jump-back-anchor";
    asura: Asura, "asura";
    maglev: Maglev, "maglev";
    rendezvous: Rendezvous, "rendezvous";
    weighted_rendezvous: WeightedRendezvous, "weighted-rendezvous";
    anchor: AnchorHash, "anchor";
}

/// A locator under the default configuration, if the algorithm can have so many nodes: a table of
/// Maglev has 65,537 entries, of which each node needs one.
pub(crate) fn build<P: Build>(nodes: &Topology<u64>) -> Option<Locator<u64, P>> {
    Locator::build(nodes.clone(), &P::Config::default()).ok()
}

/// `n` nodes, numbered.
pub(crate) fn topology(n: u64) -> Topology<u64> {
    Topology::new(0..n).expect("distinct labels")
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
