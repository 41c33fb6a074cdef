//! What rings of the ketama family have in common.

use super::super::functions::digests::{high, md5_words};
use alloc::format;

/// Emits points in groups: the MD5 digest of `NAME-j` gives the first `words` of its four words.
pub(super) fn groups(words: usize) -> impl Fn(&[u8], u64, &mut dyn FnMut(u64)) + Send + Sync {
    move |name, count, emit| {
        let words = words.clamp(1, 4);
        for group in 0..count.div_ceil(words as u64) {
            let digest = md5_words(&[name, format!("-{group}").as_bytes()]);
            digest.into_iter().take(words).for_each(|word| emit(high(word)));
        }
    }
}

/// How many groups of four points a server of libmemcached and others of its kind has: its share of 40
/// a server, in the arithmetic of 32-bit floating point of the original. Weight 0 counts as 1.
pub(super) fn weighted(weights: &[u64]) -> impl Iterator<Item = u64> + '_ {
    let all: u64 = weights.iter().sum();
    let n = weights.len() as f32;
    weights.iter().map(move |weight| {
        let share = *weight as f32 / all as f32;
        // Each operation rounds to 32 bits.
        let groups = share * 160.0;
        let groups = groups / 4.0;
        let groups = groups * n;
        (groups + 1e-10) as u64
    })
}
