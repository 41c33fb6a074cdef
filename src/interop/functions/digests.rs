//! Digests, and where hashes of fewer than 64 bits are on the circle.

use md5::Digest;

/// A hash that falls into this one of so many equal parts.
pub(in super::super) fn place_of(part: u32, parts: u32) -> u64 {
    (u128::from(part) << 64).div_ceil(u128::from(parts.max(1))) as u64
}

/// A hash of 32 bits on the circle of 64.
pub(in super::super) fn high(hash: u32) -> u64 {
    u64::from(hash) << 32
}

/// The order of signed integers as one of unsigned integers.
pub(in super::super) fn signed(hash: u64) -> u64 {
    hash ^ (1 << 63)
}

/// The four words of an MD5 digest, little-endian.
pub(in super::super) fn md5_words(parts: &[&[u8]]) -> [u32; 4] {
    let mut state = md5::Md5::new();
    for part in parts {
        state.update(part);
    }
    let digest = state.finalize();
    let word = |i: usize| {
        let bytes = digest.get(4 * i..4 * i + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default())
    };
    [word(0), word(1), word(2), word(3)]
}
