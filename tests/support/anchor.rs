//! AnchorHash as in the paper, with its four arrays, either over JumpBackHash in place of the first
//! hash and the rest of the same stream in place of the others, or over a fixed capacity and the
//! whole stream.

#![allow(dead_code, unreachable_pub)]

use apportion::KeyHash;
use apportion::bucket::jump_back;
use std::collections::BTreeMap;

/// An array of which only entries that were written are kept; before, each is its own index.
#[derive(Clone, Debug, Default)]
struct Array(BTreeMap<u32, u32>);

impl Array {
    fn at(&self, i: u32) -> u32 {
        self.0.get(&i).copied().unwrap_or(i)
    }

    fn set(&mut self, i: u32, value: u32) {
        self.0.insert(i, value);
    }
}

/// The arrays of the paper, all of their `size` buckets working at first, and R, which says what
/// was removed.
#[derive(Clone, Debug)]
pub struct Arrays {
    size: u32,
    /// True if the size is a capacity, among which the key itself chooses.
    fixed: bool,
    n: u32,
    /// A; 0 where a bucket works.
    a: BTreeMap<u32, u32>,
    k: Array,
    l: Array,
    w: Array,
    r: Vec<u32>,
}

impl Arrays {
    pub fn new(size: u32) -> Self {
        let (k, l, w) = <(Array, Array, Array)>::default();
        Self { size, fixed: false, n: size, a: BTreeMap::new(), k, l, w, r: Vec::new() }
    }

    /// The paper's INITANCHOR: of `capacity` buckets the first `working` are working.
    pub fn of_capacity(capacity: u32, working: u32) -> Self {
        let mut arrays = Self { fixed: true, ..Self::new(capacity) };
        (working..capacity).rev().for_each(|bucket| arrays.remove(bucket));
        arrays
    }

    pub fn size(&self) -> u32 {
        self.size
    }

    /// N: buckets that work.
    pub fn working(&self) -> u32 {
        self.n
    }

    /// R: removed buckets, the oldest first.
    pub fn removed(&self) -> &[u32] {
        &self.r
    }

    pub fn is_working(&self, bucket: u32) -> bool {
        bucket < self.size && self.left(bucket) == 0
    }

    /// K: the bucket that took the place of a removed one.
    pub fn instead_of(&self, bucket: u32) -> u32 {
        self.k.at(bucket)
    }

    fn left(&self, bucket: u32) -> u32 {
        self.a.get(&bucket).copied().unwrap_or(0)
    }

    pub fn remove(&mut self, b: u32) {
        self.r.push(b);
        self.n -= 1;
        self.a.insert(b, self.n);
        let last = self.w.at(self.n);
        self.w.set(self.l.at(b), last);
        self.k.set(b, last);
        self.l.set(last, self.l.at(b));
    }

    /// `None` if all buckets work.
    pub fn add(&mut self) -> Option<u32> {
        let b = self.r.pop()?;
        self.a.remove(&b);
        self.l.set(self.w.at(self.n), self.n);
        self.w.set(self.l.at(b), b);
        self.k.set(b, b);
        self.n += 1;
        Some(b)
    }

    /// As [`bucket`](Self::bucket), among a fixed capacity.
    fn bucket_of_capacity(&self, key: KeyHash) -> u32 {
        let below = |word: u64, bound: u32| ((u128::from(word) * u128::from(bound)) >> 64) as u32;
        let mut b = below(key.get(), self.size);
        for draw in 0.. {
            let bound = self.left(b);
            if bound == 0 {
                break;
            }
            let mut h = below(word(key, draw), bound);
            while self.left(h) >= bound {
                h = self.k.at(h);
            }
            b = h;
        }
        b
    }

    pub fn bucket(&self, key: KeyHash) -> u32 {
        if self.fixed {
            return self.bucket_of_capacity(key);
        }
        let mut b = jump_back(key, self.size);
        let mut drawn = words_of_jump_back(key, self.size);
        while self.left(b) > 0 {
            let bound = self.left(b);
            let mut h = loop {
                let product = u64::from(word(key, drawn) as u32) * u64::from(bound);
                drawn += 1;
                // Exactly uniform: what is left over of 2^32 is drawn again.
                if product % (1 << 32) >= (1 << 32) % u64::from(bound) {
                    break (product >> 32) as u32;
                }
            };
            while self.left(h) >= bound {
                h = self.k.at(h);
            }
            b = h;
        }
        b
    }
}

/// Number `i` of the words of a key, which are SplitMix64's.
fn word(key: KeyHash, i: u64) -> u64 {
    let mut z = key.get().wrapping_add((i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Words that JumpBackHash draws, counted by following its description.
fn words_of_jump_back(key: KeyHash, n: u32) -> u64 {
    if n <= 1 {
        return 0;
    }
    let first = word(key, 0);
    let (low, high) = (first as u32, (first >> 32) as u32);
    let mut x = (low ^ high) & (u32::MAX >> (n - 1).leading_zeros());
    let mut drawn = 1;
    while x != 0 {
        let m = 1 << (31 - x.leading_zeros());
        let half = if x.count_ones() % 2 == 0 { low } else { high };
        if m + (half & (m - 1)) < n {
            return drawn;
        }
        'draw: loop {
            let word = word(key, drawn);
            drawn += 1;
            for c in [word as u32, (word >> 32) as u32] {
                match c & (2 * m - 1) {
                    c if c < m => break 'draw,
                    c if c < n => return drawn,
                    _ => {}
                }
            }
        }
        x ^= m;
    }
    drawn
}
