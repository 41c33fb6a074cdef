//! The slot of a key in a Redis Cluster.

use crate::slips::OrSlip;
use crc::{CRC_16_XMODEM, Crc, Table};

/// The number of slots: 16,384.
pub const SLOTS: u32 = 16384;

/// Sixteen tables of CRC-16: the share of a byte in the checksum, by how many bytes follow it.
static TABLES: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_XMODEM);

/// The slot of a key: CRC-16 of its [`tag`], modulo 16,384.
///
/// ```
/// use apportion::interop::redis::slot;
///
/// assert_eq!(slot(b"123456789"), 12739);
/// assert_eq!(slot(b"{user1000}.following"), slot(b"{user1000}.followers"));
/// ```
#[must_use]
pub fn slot(key: &[u8]) -> u16 {
    crc16(tag(key)) % SLOTS as u16
}

/// The checksum, from the tables of the crate `crc`, whose own function reads the bytes that do not fill
/// a block of 16 one after the other. This checksum begins at 0, so the shorter block may be the first
/// one, as if zeros stood before it: no byte waits for the one before. Most keys are short.
#[inline]
fn crc16(bytes: &[u8]) -> u16 {
    let [.., next, last] = TABLES.table();
    let (head, blocks) = bytes.split_at(bytes.len() % 16);
    blocks.chunks_exact(16).fold(sum_of_shares(head), |before, block| {
        let Some(block) = block.first_chunk::<16>() else { return before };
        // The checksum so far counts as two bytes in front of those that follow.
        let [high, low] = before.to_be_bytes();
        sum_of_shares(block) ^ share(last, high) ^ share(next, low)
    })
}

/// The checksum of at most 16 bytes.
#[inline]
fn sum_of_shares(bytes: &[u8]) -> u16 {
    let bytes = bytes.iter().rev().zip(TABLES.table());
    bytes.fold(0, |sum, (byte, table)| sum ^ share(table, *byte))
}

#[inline]
fn share(table: &[u16; 256], byte: u8) -> u16 {
    table.get(usize::from(byte)).copied().or_slip()
}

/// The part of a key that is hashed: what stands between the first `{` and the first `}` after it, unless
/// that is nothing; otherwise the whole key.
#[must_use]
pub fn tag(key: &[u8]) -> &[u8] {
    let inner = || {
        let first = key.iter().position(|byte| *byte == b'{')? + 1;
        let len = key.get(first..)?.iter().position(|byte| *byte == b'}')?;
        key.get(first..first + len).filter(|inner| !inner.is_empty())
    };
    inner().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::{TABLES, crc16};

    #[test]
    fn every_length_is_as_the_crate_has_it() {
        let bytes: [u8; 70] = core::array::from_fn(|i| (i as u8).wrapping_mul(151) ^ 0x80);
        for len in 0..bytes.len() {
            for start in 0..=bytes.len() - len {
                let part = &bytes[start..start + len];
                assert_eq!(crc16(part), TABLES.checksum(part), "{part:?}");
            }
        }
    }
}
