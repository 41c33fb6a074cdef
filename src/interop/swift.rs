//! OpenStack Swift: the partition of a path, and the devices of a partition.
//!
//! Checked against 2.38.3. Handoff devices are not computed.

use super::functions::digests::md5_words;
use crate::error::{Error, InteropFault};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A ring of Swift: the power of its number of partitions, and the prefix and suffix of hashed paths.
///
/// ```
/// use apportion::interop::swift::SwiftRing;
///
/// let ring = SwiftRing::new(8, b"", b"changeme")?;
/// assert_eq!(ring.partition("AUTH_test", None, None), 157);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SwiftRing {
    power: u32,
    prefix: Vec<u8>,
    suffix: Vec<u8>,
    /// `_replica2part2dev`: for each replica, the device of each partition.
    devices: Vec<Vec<u32>>,
}

impl SwiftRing {
    /// A ring of 2^`power` partitions, with `swift_hash_path_prefix` and `swift_hash_path_suffix`.
    ///
    /// # Errors
    /// A power above 32.
    pub fn new(power: u32, prefix: &[u8], suffix: &[u8]) -> Result<Self, Error> {
        if power > 32 {
            let (what, given) = ("the power of the ring", format!("{power}"));
            return Err(InteropFault::token("swift", what, &given, "a power in 0..=32").into());
        }
        let (prefix, suffix) = (prefix.to_vec(), suffix.to_vec());
        Ok(Self { power, prefix, suffix, devices: Vec::new() })
    }

    /// Adds the rows of the ring, `_replica2part2dev`: for each replica, the device of each partition. The
    /// last row may be shorter, for a fraction of a replica.
    #[must_use]
    pub fn with_devices(mut self, rows: Vec<Vec<u32>>) -> Self {
        self.devices = rows;
        self
    }

    /// The partition of an account, a container or an object.
    #[must_use]
    pub fn partition(&self, account: &str, container: Option<&str>, object: Option<&str>) -> u32 {
        let path = [Some(account), container, object];
        let path = path.into_iter().flatten().fold(String::new(), |path, part| path + "/" + part);
        let [word, ..] = md5_words(&[&self.prefix, path.as_bytes(), &self.suffix]);
        (u64::from(word.swap_bytes()) >> (32 - self.power)) as u32
    }

    /// The devices of a partition, those of its replicas in order, each once.
    #[must_use]
    pub fn primaries(&self, partition: u32) -> Vec<u32> {
        let mut devices: Vec<u32> = Vec::new();
        for device in self.devices.iter().filter_map(|row| row.get(partition as usize)) {
            if !devices.contains(device) {
                devices.push(*device);
            }
        }
        devices
    }
}
