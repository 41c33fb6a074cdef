//! Redis Cluster, and Valkey: the slot of a key, and the owners of slots.
//!
//! Checked against redis-server 7.0.15.

use super::key_hash::KeyFunction;
use crate::error::{Error, InteropFault};
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::partition::PartitionTable;
use crate::slips::OrSlip;
use crate::topology::Topology;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
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

/// A cluster: nodes with the slots that they own, as a table of 16,384 partitions. A node is written as
/// its name and its slots, for example `redis-1 0-5460 10923`.
///
/// ```
/// use apportion::interop::redis;
///
/// let cluster = redis::cluster(["a 0-5460", "b 5461-10922", "c 10923-16383"])?;
/// assert_eq!(cluster.get("123456789").map(String::as_str), Some("c")); // slot 12739
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Errors
/// A token that is no range of slots, a slot that two nodes own, and slots that nobody owns.
pub fn cluster<'a>(
    nodes: impl IntoIterator<Item = &'a str>,
) -> Result<Locator<String, PartitionTable, KeyFunction>, Error> {
    const SYSTEM: &str = "redis-cluster";
    let refused = |line: &str, token: &str, expected: &str| {
        Error::from(InteropFault::token(SYSTEM, line, token, expected))
    };
    let mut names: Vec<String> = Vec::new();
    let mut owners: Vec<Option<u32>> = vec![None; SLOTS as usize];
    for line in nodes {
        let mut tokens = line.split_ascii_whitespace();
        let name = tokens.next().ok_or_else(|| refused(line, "", "the name of a node"))?;
        for token in tokens {
            let (first, last) = token.split_once('-').unwrap_or((token, token));
            let range = first.parse::<usize>().ok().zip(last.parse::<usize>().ok());
            let range = range.filter(|(first, last)| first <= last);
            let slots = range.and_then(|(first, last)| owners.get_mut(first..=last));
            let slots = slots.ok_or_else(|| refused(line, token, "slots in 0..=16383"))?;
            for slot in slots {
                if slot.replace(names.len() as u32).is_some() {
                    return Err(refused(line, token, "slots that no other node has"));
                }
            }
        }
        names.push(name.into());
    }
    if let Some(slot) = owners.iter().position(Option::is_none) {
        let expected = format!("an owner of every slot, and slot {slot} has none");
        return Err(refused("the nodes", "", &expected));
    }
    let topology = Topology::new(names)?;
    let rows: Vec<Vec<NodeIdx>> =
        owners.into_iter().flatten().map(|owner| vec![NodeIdx::new(owner)]).collect();
    let table = PartitionTable::from_lists(topology.members(), &rows)?;
    Locator::from_parts(topology, table, KeyFunction::RedisSlot)
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
