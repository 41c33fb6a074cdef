//! consistent-choose-k: Ertl's construction over any hasher, and k distinct buckets by it.

use crate::keys::Random;
use crate::peer::{Locate, Peer, Three};
use consistent_choose_k::{
    ConsistentChooseKHasher, ConsistentHasher, HashSeqBuilder, HashSequence, ManySeqBuilder,
};
use std::hash::{DefaultHasher, Hash};
use std::hint::black_box;

/// As documented: the standard library's hasher over the key.
pub struct ChooseK(usize);

impl Peer for ChooseK {
    const NAME: &'static str = "consistent-choose-k";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n as usize)
    }
}

fn seeded(key: u64) -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher
}

impl Locate<u64> for ChooseK {
    fn locate(&self, key: &u64) -> u32 {
        ConsistentHasher::new(seeded(*key)).into_prev(self.0).map_or(0, |node| node as u32)
    }

    fn asker(&self) -> impl Fn(&u64) -> u32 {
        let n = self.0;
        move |key| ConsistentHasher::new(seeded(*key)).into_prev(n).map_or(0, |node| node as u32)
    }
}

/// The same construction over the generator of apportion's jump-back.
pub struct ChooseKMixed(usize);

impl Peer for ChooseKMixed {
    const NAME: &'static str = "consistent-choose-k (SplitMix64)";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n as usize)
    }
}

impl Locate<u64> for ChooseKMixed {
    fn locate(&self, key: &u64) -> u32 {
        ConsistentHasher::new(Mixed(*key)).into_prev(self.0).map_or(0, |node| node as u32)
    }

    fn asker(&self) -> impl Fn(&u64) -> u32 {
        let n = self.0;
        move |key| ConsistentHasher::new(Mixed(*key)).into_prev(n).map_or(0, |node| node as u32)
    }
}

/// SplitMix64 streams: one for each key and octave.
#[derive(Clone, Copy)]
struct Mixed(u64);

impl HashSequence for Mixed {
    fn next(&mut self) -> u64 {
        let mut stream = Random(self.0);
        let word = stream.next();
        self.0 = stream.0;
        word
    }
}

impl HashSeqBuilder for Mixed {
    type Seq = Self;

    fn bit_mask(&self) -> u64 {
        Random(self.0).next()
    }

    fn hash_seq(&self, bit: u64) -> Self {
        // An odd multiple keeps the octaves' streams apart at the cost of one multiplication.
        Self(self.0 ^ bit.wrapping_mul(0xD134_2543_DE82_EF95))
    }
}

impl ManySeqBuilder for Mixed {
    type Builder = Self;

    fn seq_builder(&self, i: usize) -> Self {
        self.hash_seq(!(i as u64))
    }
}

/// Three distinct buckets per key over `H`.
pub struct ChooseThree<const MIXED: bool>(usize);

impl<const MIXED: bool> Peer for ChooseThree<MIXED> {
    const NAME: &'static str = if MIXED { ChooseKMixed::NAME } else { ChooseK::NAME };
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n as usize)
    }
}

fn three(hasher: impl ManySeqBuilder, n: usize) -> [u32; 3] {
    let chosen = ConsistentChooseKHasher::new_with_k(hasher, n, 3);
    [0, 1, 2].map(|i| chosen.samples()[i] as u32)
}

impl<const MIXED: bool> Three for ChooseThree<MIXED> {
    fn three(&self, key: u64) -> [u32; 3] {
        if MIXED { three(Mixed(key), self.0) } else { three(seeded(key), self.0) }
    }
}
