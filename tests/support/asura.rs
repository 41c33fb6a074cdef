//! Asura as its specification has it, line by line and slowly: every dart reads its coins layer by
//! layer, the fallback sorts all slots.

#![allow(dead_code, unreachable_pub)]

use apportion::{KeyHash, Placement};

pub const FULL: u64 = 1 << 31;

fn mix(mut z: u64) -> u64 {
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn word(h: u64, c: u64) -> u64 {
    mix(h.wrapping_add((c + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

pub fn bits(x: u64, e: u64) -> u64 {
    let k = mix((e + 1).wrapping_mul(0xA076_1D64_78BD_642F));
    let p = u128::from(x ^ k) * 0xD6E8_FEB8_6659_FD93;
    p as u64 ^ (p >> 64) as u64
}

/// A board: its exponent, the number of darts, the slots' weights.
pub struct Board {
    pub b: usize,
    pub darts: usize,
    pub weights: Vec<u64>,
}

impl Board {
    fn weight(&self, slot: u64) -> u64 {
        self.weights.get(slot as usize).copied().unwrap_or(0)
    }

    /// The darts of a key, as (slot, height).
    pub fn darts_of(&self, h: u64) -> Vec<(u64, u64)> {
        let mut c = vec![0; self.b];
        (0..self.darts as u64)
            .map(|i| {
                let (mut e, mut place) = (0, i);
                for j in (0..self.b).rev() {
                    place = c[j];
                    c[j] += 1;
                    if word(h, place) >> j & 1 == 1 {
                        e = j as u64 + 1;
                        break;
                    }
                }
                let g = bits(word(h, place), e);
                let slot = if e == 0 { 0 } else { (1 << (e - 1)) + g % (1 << (e - 1)) };
                (slot, g >> 33)
            })
            .collect()
    }

    /// Live slots in a key's order of preference by the fallback, which is weighted rendezvous
    /// hashing: recorded rows hold that to its own specification.
    fn fallback<'a>(
        &self,
        h: u64,
        nodes: &'a mut Vec<(u64, u64)>,
    ) -> impl Iterator<Item = u64> + 'a {
        *nodes = (0..).zip(self.weights.iter().copied()).collect();
        let all = apportion::rendezvous::WeightedRendezvousSlice::new(nodes).unwrap();
        let mut walk = apportion::Walk::new(KeyHash::from_hash(h));
        std::iter::from_fn(move || all.next_candidate(&mut walk)).map(|slot| slot.get().into())
    }

    /// The first k owners of a key, where `owner` says whose a slot is.
    pub fn rank<T: PartialEq>(&self, h: u64, k: usize, owner: impl Fn(u64) -> T) -> Vec<T> {
        let mut out: Vec<T> = Vec::new();
        for (slot, height) in self.darts_of(h) {
            if out.len() < k && height < self.weight(slot) && !out.contains(&owner(slot)) {
                out.push(owner(slot));
            }
        }
        if out.len() < k {
            for slot in self.fallback(h, &mut Vec::new()) {
                if !out.contains(&owner(slot)) {
                    out.push(owner(slot));
                }
                if out.len() == k {
                    break;
                }
            }
        }
        out
    }
}
