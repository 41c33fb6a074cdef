//! The documented formulas, written down a second time and as slowly as they read.

use super::log2::fixed;
use apportion::KeyHash;
use apportion::topology::Members;

pub const PHI: u64 = 0x9E37_79B9_7F4A_7C15;
const DRAW: u64 = 0xE703_7ED1_A0B4_28DB;

pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

pub fn word(h: u64, c: u64) -> u64 {
    mix(h.wrapping_add((c + 1).wrapping_mul(PHI)))
}

/// The inverse of an odd number modulo 2^64.
fn inverse(odd: u64) -> u64 {
    (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))))
}

/// The number that [`mix`] takes to this one.
pub fn unmix(mut z: u64) -> u64 {
    let unshift = |z: u64, by: u32| z ^ (z >> by) ^ (z >> (2 * by));
    z = unshift(z, 31).wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
    z = unshift(z, 27).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
    unshift(z, 30)
}

fn drawer(key: KeyHash) -> u64 {
    mix(key.get() ^ 0x6A09_E667_F3BC_C909)
}

/// What a node of this identity draws for a key in rendezvous hashing.
pub fn draw(key: KeyHash, identity: u64) -> u64 {
    mix(drawer(key) ^ identity.wrapping_add(1).wrapping_mul(DRAW))
}

/// The identity that draws this number: a draw is a bijection of the identity.
pub fn identity_drawing(key: KeyHash, number: u64) -> u64 {
    (unmix(number) ^ drawer(key)).wrapping_mul(inverse(DRAW)).wrapping_sub(1)
}

/// A node as the formulas see it: its place in the caller's list, its identity, its weight.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub at: usize,
    pub identity: u64,
    pub weight: u64,
}

impl Entry {
    pub fn named(at: usize, label: &[u8], weight: u64) -> Self {
        Self { at, identity: Members::identity_of(label), weight }
    }
}

/// Rendezvous: the largest draw first.
pub fn by_draw(key: KeyHash, mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|e| std::cmp::Reverse(draw(key, e.identity)));
    entries
}

/// Weighted rendezvous: the smallest logarithm over weight first, then the smaller identity.
pub fn by_logarithm(key: KeyHash, entries: Vec<Entry>) -> Vec<Entry> {
    let mut logs: Vec<(u64, Entry)> =
        entries.into_iter().map(|e| (fixed(draw(key, e.identity)), e)).collect();
    logs.sort_by(|(log_a, a), (log_b, b)| {
        let cross = |log: u64, weight: u64| u128::from(log) * u128::from(weight);
        let order = cross(*log_a, b.weight).cmp(&cross(*log_b, a.weight));
        order.then(a.identity.cmp(&b.identity))
    });
    logs.into_iter().map(|(_, e)| e).collect()
}

/// A point of a ring: where it is, the identity that breaks ties, the node.
pub type Point = (u64, u64, usize);

/// A ring's points in order; a node of weight w has max(1, ⌊w · points / weight⌋).
pub fn ring_points(entries: &[Entry], (points, weight): (u64, u64)) -> Vec<Point> {
    let mut all = Vec::new();
    for e in entries {
        let seed = mix(e.identity ^ 0x7269_6E67_706F_696E);
        let count = points_of(e.weight, (points, weight));
        all.extend((0..count as u64).map(|replica| (word(seed, replica), e.identity, e.at)));
    }
    all.sort_unstable();
    all
}

pub fn points_of(w: u64, (points, weight): (u64, u64)) -> u128 {
    let exact = u128::from(w) * u128::from(points) / u128::from(weight);
    if w == 0 { 0 } else { exact.max(1) }
}

/// The distinct nodes met from a key's hash on, around the circle.
pub fn ring_order(points: &[Point], key: KeyHash) -> Vec<usize> {
    let mut found = Vec::new();
    for (_, _, at) in points.iter().filter(|p| p.0 >= key.get()).chain(points) {
        if !found.contains(at) {
            found.push(*at);
        }
    }
    found
}

/// A key's buckets among `n` ≤ 64 in order, given the first: the layers of the permutation built
/// up whole, one octave after the other.
pub fn bucket_order(key: KeyHash, n: usize, first: usize) -> Vec<usize> {
    let key = mix(key.get() ^ 0x7065_726D_7574_6531);
    let below = |word: u64, n: usize| ((u128::from(word) * n as u128) >> 64) as usize;
    let tagged = |octave: u64, counter: usize| word(key, octave << 32 | counter as u64);
    let mut order = vec![0];
    for octave in 1.. {
        let size = order.len();
        if size >= n {
            break;
        }
        let mut shuffled: Vec<usize> = (size..2 * size).collect();
        for i in 0..size {
            let other = i + below(word(tagged(octave + 64, 0), i as u64), size - i);
            shuffled.swap(i, other);
        }
        let (mut old, mut new) = (order.into_iter().peekable(), shuffled.into_iter().peekable());
        let mut new_left = size;
        order = Vec::new();
        for left in (1..=2 * size).rev() {
            if below(tagged(octave, left), left) < new_left {
                new_left -= 1;
                order.extend(new.next());
            } else {
                order.extend(old.next());
            }
        }
    }
    order.retain(|bucket| *bucket < n && *bucket != first);
    order.insert(0, first);
    order
}

/// A Maglev table as the paper's pseudocode fills it, with the whole permutation table. Nodes take
/// their turns by identity; a node has one whenever its weight, summed over the rounds, has reached
/// the largest weight once more for each turn it had.
pub fn maglev_table(mut nodes: Vec<Entry>, m: usize) -> Vec<usize> {
    nodes.sort_by_key(|e| e.identity);
    let permutation = |e: &Entry| -> Vec<usize> {
        let offset = mix(e.identity ^ u64::from_be_bytes(*b"maglevof")) % m as u64;
        let skip = mix(e.identity ^ u64::from_be_bytes(*b"maglevsk")) % (m as u64 - 1) + 1;
        (0..m as u64).map(|j| ((offset + j * skip) % m as u64) as usize).collect()
    };
    let permutations: Vec<Vec<usize>> = nodes.iter().map(permutation).collect();
    let most = nodes.iter().map(|e| u128::from(e.weight)).max().unwrap_or_default();
    let (mut next, mut turns) = (vec![0; nodes.len()], vec![0_u128; nodes.len()]);
    let mut owners = vec![None; m];
    let mut left = if nodes.is_empty() { 0 } else { m };
    let mut round = 0;
    while left > 0 {
        round += 1;
        for (i, e) in nodes.iter().enumerate() {
            if left == 0 || round * u128::from(e.weight) < turns[i] * most {
                continue;
            }
            while owners[permutations[i][next[i]]].is_some() {
                next[i] += 1;
            }
            owners[permutations[i][next[i]]] = Some(e.at);
            turns[i] += 1;
            left -= 1;
        }
    }
    owners.into_iter().flatten().collect()
}
