//! The slot of a key in a Redis Cluster.

use crc::{CRC_16_XMODEM, Crc, Table};

/// The number of slots: 16,384.
pub const SLOTS: u32 = 16384;

const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_XMODEM);
static TABLE: Crc<u16, Table<1>> = CRC;

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
    TABLE.checksum(tag(key)) % SLOTS as u16
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
