//! Redis Cluster, and Valkey: the slot of a key, and the owners of slots.
//!
//! Checked against redis-server 7.0.15.

use super::key_hash::KeyFunction;
use super::server_line::decimal;
use crate::error::{Error, InteropFault};
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::partition::PartitionTable;
use crate::topology::Topology;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub use super::functions::redis::{SLOTS, slot, tag};

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
            let range = decimal::<usize>(first).zip(decimal(last));
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
