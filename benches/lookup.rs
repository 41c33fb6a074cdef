//! Finding the owner of a key, including hashing: for numbers and strings, throughput and latency, next
//! to lower bounds that no placement can beat.

mod common;

use apportion::hash::{Key, KeyHasher};
use apportion::{Locator, Placement, Xxh3};
use common::{All, CacheMiss, SIZES, dependent, each_locator, number, throughput};
use criterion::{Bencher, Criterion};
use std::borrow::Borrow;
use std::hint::black_box;

/// One of the two ways to time a lookup.
#[derive(Clone, Copy)]
enum Way {
    Throughput,
    Dependent,
}

impl Way {
    fn time<K>(self, b: &mut Bencher<'_>, keys: &[K], ask: impl FnMut(&K) -> u32) {
        match self {
            Self::Throughput => throughput(b, keys, ask),
            Self::Dependent => dependent(b, keys, ask),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Dependent => "dependent",
        }
    }
}

fn lookup(c: &mut Criterion) {
    let (ids, names) = (common::ids(), common::names());
    let mut miss = CacheMiss::new();
    for n in SIZES {
        // Rendezvous takes about 0.1 ms a key at 100,000 nodes: long, but affordable.
        let all = All::over(black_box(n));
        for way in [Way::Throughput, Way::Dependent] {
            group::<u64, _>(c, way, "u64", n, &ids, &all, &mut miss);
            group::<str, _>(c, way, "str", n, &names, &all, &mut miss);
        }
    }
}

fn group<K, S>(
    c: &mut Criterion,
    way: Way,
    kind: &str,
    n: u64,
    keys: &[S],
    all: &All,
    miss: &mut CacheMiss,
) where
    K: Key<Xxh3> + ?Sized,
    Xxh3: KeyHasher<K>,
    S: Borrow<K>,
{
    let mut group = c.benchmark_group(format!("lookup/{kind}/{}/{n}", way.name()));
    each_locator!(all, |name, locator| {
        group.bench_function(name, |b| way.time(b, keys, |key| locate(locator, key.borrow())))
    });
    // The black box hides the divisor: with a constant, the compiler would not divide.
    let n = black_box(n);
    let hash = |key: &S| Xxh3.hash_key(key.borrow()).get();
    group.bench_function("floor/hash-only", |b| way.time(b, keys, |key| hash(key) as u32));
    group.bench_function("floor/modulo", |b| way.time(b, keys, |key| (hash(key) % n) as u32));
    group.bench_function("floor/cache-miss", |b| way.time(b, keys, |_| miss.read()));
    group.finish();
}

#[inline]
fn locate<K, P>(locator: &Locator<u64, P>, key: &K) -> u32
where
    K: Key<Xxh3> + ?Sized,
    P: Placement,
{
    number(locator.locate(key))
}

fn main() {
    common::run(&[lookup]);
}
