//! Digests, and where hashes of fewer than 64 bits are on the circle.

use crate::slips::OrSlip;
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use md5::Digest;

/// A hash that falls into this one of so many equal parts. Inlined, so that a constant power of two
/// costs a shift.
#[inline]
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

/// Tables of CRC-32: the share of a byte in the checksum, by how many bytes follow it.
static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// The CRC-32 of a message with the checksum `before` and four bytes after it, which are looked up side
/// by side. For whole keys `crc32fast` is as fast on eight bytes and faster on more.
#[inline]
pub(in super::super) fn crc32_after(before: u32, word: u32) -> u32 {
    let bytes = (!before ^ word).to_le_bytes();
    let shares = bytes.iter().rev().zip(CRC32.table());
    !shares.fold(0, |sum, (byte, table)| sum ^ table.get(usize::from(*byte)).copied().or_slip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_more_are_as_crc32fast_has_them() {
        for (message, word) in [("", 0_u32), ("10.0.0.1", u32::MAX), ("a", 0x0102_0304)] {
            let whole = [message.as_bytes(), &word.to_le_bytes()].concat();
            let before = crc32fast::hash(message.as_bytes());
            assert_eq!(crc32_after(before, word), crc32fast::hash(&whole), "{message} {word}");
        }
    }
}
