//! The timed loops.

use crate::pass::{Run, timed};
use crate::peer::{Diff, Locate, Peer, Three};
use std::borrow::Borrow;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Independent lookups, one after the other: throughput.
pub fn throughput<K: ?Sized>(peer: &impl Locate<K>, keys: &[impl Borrow<K>]) -> impl Run {
    let ask = peer.asker();
    over(keys, move |key| {
        black_box(ask(key.borrow()));
    })
}

/// Dependent lookups: each answer decides which key comes next, so this measures latency. The next
/// key is near in memory, so reading it adds no cache miss.
pub fn dependent<K: ?Sized>(peer: &impl Locate<K>, keys: &[impl Borrow<K>]) -> impl Run {
    let mask = keys.len() - 1;
    let ask = peer.asker();
    let mut at = 0;
    move |count| {
        timed(|| {
            for _ in 0..count {
                let answer = ask(keys[at & mask].borrow());
                at += 1 + (answer & 1) as usize;
            }
            black_box(at);
        })
    }
}

/// Independent lookups of three nodes per key.
pub fn three(peer: &impl Three, keys: &[u64]) -> impl Run {
    over(keys, |key| {
        black_box(peer.three(*key));
    })
}

/// The difference of two existing rings.
pub fn moving(peer: &impl Diff) -> impl Run {
    move |count| {
        timed(|| {
            for _ in 0..count {
                black_box(black_box(peer).moved());
            }
        })
    }
}

/// Building from a finished plan. Dropping is not timed.
pub fn building<P: Peer>(plan: &P::Plan) -> impl Run {
    move |count| {
        let mut sum = Duration::ZERO;
        for _ in 0..count {
            let start = Instant::now();
            let built = black_box(P::build(black_box(plan)));
            sum += start.elapsed();
            drop(built);
        }
        sum
    }
}

/// Calls `ask` for `count` keys in order, continuing where the last pass ended.
fn over<K>(keys: &[K], mut ask: impl FnMut(&K)) -> impl Run {
    let mut at = 0;
    move |count| {
        timed(|| {
            let mut left = count as usize;
            while left > 0 {
                let chunk = &keys[at..keys.len().min(at + left)];
                for key in chunk {
                    ask(key);
                }
                left -= chunk.len();
                at = (at + chunk.len()) % keys.len();
            }
        })
    }
}
