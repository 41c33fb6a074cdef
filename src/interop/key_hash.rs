//! The functions by which other systems hash keys.

use super::{cassandra, haproxy, redis};
use crate::hash::{BytesHasher, KeyHash, Parts, Portable, Xxh3};
use crate::slips::OrSlip;
use alloc::vec::Vec;
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use md5::Digest;

/// A hash function of another system. As a key hasher it hashes text and bytes as they are, and spreads
/// hashes of 32 bits over the circle of 64.
///
/// Where a function of C reads bytes as `char`, it is as on x86-64, where they are signed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum KeyFunction {
    /// CRC-32 as in zlib: nginx, Dalli, groupcache, stathat, and `crc32a` of twemproxy.
    Crc32,
    /// Bits 16 to 30 of CRC-32: `crc32` of twemproxy and `CRC` of libmemcached.
    Crc32Short,
    /// The first four bytes of MD5, little-endian: the ketama family.
    Md5,
    /// [`Md5`](Self::Md5) of the bytes before the first zero byte: libketama.
    Md5CString,
    /// The first eight bytes of MD5, big-endian: uhashring without ketama.
    Md5Wide,
    /// The first eight bytes of MD5, little-endian and signed: serialx/hashring.
    Md5Serialx,
    /// The first eight bytes of SHA-1 in the order of [`Md5Serialx`](Self::Md5Serialx).
    Sha1Serialx,
    /// Jenkins' one-at-a-time over signed bytes: libmemcached's default, twemproxy.
    OneAtATime,
    /// The lower 32 bits of FNV-1a-64 over sign-extended bytes: twemproxy, libmemcached.
    Fnv1a64Short,
    /// The lower 32 bits of FNV-1a-64 over UTF-16 code units: spymemcached.
    Fnv1a64Utf16,
    /// FNV-1a-32: stathat.
    Fnv1a32,
    /// MurmurHash2 of 32 bits with the seed 0xdeadbeef · length: twemproxy.
    Murmur2Twemproxy,
    /// XXH64 with seed 0: Envoy, gRPC.
    XxHash64,
    /// A function of HAProxy, and whether its result is mixed by `avalanche`.
    Haproxy(haproxy::Function, bool),
    /// XXH64 modulo this number of entries, as Envoy's Maglev tables take it.
    EnvoyMaglev(u32),
    /// The slot of a key in a Redis Cluster.
    RedisSlot,
    /// The token of Cassandra's `Murmur3Partitioner`.
    CassandraToken,
}

impl KeyFunction {
    /// The name in lower case, for example `crc32`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32Short => "crc32-short",
            Self::Md5 => "md5",
            Self::Md5CString => "md5-c-string",
            Self::Md5Wide => "md5-wide",
            Self::Md5Serialx => "md5-serialx",
            Self::Sha1Serialx => "sha1-serialx",
            Self::OneAtATime => "one-at-a-time",
            Self::Fnv1a64Short => "fnv1a-64-short",
            Self::Fnv1a64Utf16 => "fnv1a-64-utf16",
            Self::Fnv1a32 => "fnv1a-32",
            Self::Murmur2Twemproxy => "murmur2-twemproxy",
            Self::XxHash64 => "xxhash64",
            Self::Haproxy(function, false) => function.name(),
            Self::Haproxy(haproxy::Function::Sdbm, true) => "sdbm-avalanche",
            Self::Haproxy(haproxy::Function::Djb2, true) => "djb2-avalanche",
            Self::Haproxy(haproxy::Function::Wt6, true) => "wt6-avalanche",
            Self::Haproxy(haproxy::Function::Crc32, true) => "crc32-avalanche",
            Self::EnvoyMaglev(_) => "envoy-maglev",
            Self::RedisSlot => "redis-slot",
            Self::CassandraToken => "cassandra-token",
        }
    }

    /// The hash of a key on the circle of 2^64: one of 32 bits is in the upper half.
    #[must_use]
    pub fn of(self, key: &[u8]) -> u64 {
        match self {
            Self::Crc32 => high(crc32fast::hash(key)),
            Self::Crc32Short => high((crc32fast::hash(key) >> 16) & 0x7fff),
            Self::Md5 => high(md5_words(&[key])[0]),
            Self::Md5CString => {
                let end = key.iter().position(|byte| *byte == 0).unwrap_or(key.len());
                high(md5_words(&[key.get(..end).unwrap_or_default()])[0])
            }
            Self::Md5Wide => {
                let [a, b, ..] = md5_words(&[key]);
                high(a.swap_bytes()) | u64::from(b.swap_bytes())
            }
            Self::Md5Serialx => {
                let [a, b, ..] = md5_words(&[key]);
                signed(high(b) | u64::from(a))
            }
            Self::Sha1Serialx => {
                let digest = sha1::Sha1::digest(key);
                let word = digest.first_chunk::<8>().copied().unwrap_or_default();
                signed(u64::from_le_bytes(word))
            }
            Self::OneAtATime => high(one_at_a_time(key)),
            Self::Fnv1a64Short => high(fnv1a_64_short(key)),
            Self::Fnv1a64Utf16 => high(fnv1a_64_utf16(key)),
            Self::Fnv1a32 => high(fnv1a_32(key)),
            Self::Murmur2Twemproxy => {
                let seed = 0xdead_beef_u32.wrapping_mul(key.len() as u32);
                high(murmur2(key, seed))
            }
            Self::XxHash64 => twox_hash::XxHash64::oneshot(0, key),
            Self::Haproxy(function, avalanche) => high(function.hash(key, avalanche)),
            Self::EnvoyMaglev(entries) => {
                let hash = twox_hash::XxHash64::oneshot(0, key);
                place_of((hash % u64::from(entries.max(1))) as u32, entries)
            }
            // `place_of` without a division.
            Self::RedisSlot => u64::from(redis::slot(key)) << (64 - redis::SLOTS.ilog2()),
            Self::CassandraToken => signed(cassandra::token(key) as u64),
        }
    }

    /// The hash of a key, of 32 bits if the function has 32 bits.
    pub(super) fn short(self, key: &[u8]) -> u32 {
        (self.of(key) >> 32) as u32
    }
}

/// A hash that falls into this one of so many equal parts.
pub(super) fn place_of(part: u32, parts: u32) -> u64 {
    (u128::from(part) << 64).div_ceil(u128::from(parts.max(1))) as u64
}

/// A hash of 32 bits on the circle of 64.
pub(super) fn high(hash: u32) -> u64 {
    u64::from(hash) << 32
}

/// The order of signed integers as one of unsigned integers.
pub(super) fn signed(hash: u64) -> u64 {
    hash ^ (1 << 63)
}

/// The four words of an MD5 digest, little-endian.
pub(super) fn md5_words(parts: &[&[u8]]) -> [u32; 4] {
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

/// A byte as C's `char` on x86-64, extended to 32 bits.
fn extended(byte: u8) -> u32 {
    i32::from(byte as i8) as u32
}

fn one_at_a_time(key: &[u8]) -> u32 {
    let mut hash = 0_u32;
    for byte in key {
        hash = hash.wrapping_add(extended(*byte));
        hash = hash.wrapping_add(hash << 10);
        hash ^= hash >> 6;
    }
    hash = hash.wrapping_add(hash << 3);
    hash ^= hash >> 11;
    hash.wrapping_add(hash << 15)
}

fn fnv1a_64_short(key: &[u8]) -> u32 {
    key.iter().fold(0x8422_2325, |hash, byte| (hash ^ extended(*byte)).wrapping_mul(0x1b3))
}

/// Text that is not UTF-8 is read with replacement characters, as Java does.
fn fnv1a_64_utf16(key: &[u8]) -> u32 {
    let text = alloc::string::String::from_utf8_lossy(key);
    let step = |hash: u64, unit: u16| (hash ^ u64::from(unit)).wrapping_mul(0x0000_0100_0000_01b3);
    text.encode_utf16().fold(0xcbf2_9ce4_8422_2325, step) as u32
}

fn fnv1a_32(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Tables of CRC-32: the share of a byte in the checksum, by how many bytes follow it.
static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// The CRC-32 of a message with the checksum `before` and four bytes after it, which are looked up side
/// by side. For whole keys `crc32fast` is as fast on eight bytes and faster on more.
#[inline]
pub(super) fn crc32_after(before: u32, word: u32) -> u32 {
    let bytes = (!before ^ word).to_le_bytes();
    let shares = bytes.iter().rev().zip(CRC32.table());
    !shares.fold(0, |sum, (byte, table)| sum ^ table.get(usize::from(*byte)).copied().or_slip())
}

/// MurmurHash2 of 32 bits.
///
/// The crate `murmur2` branches on the number of bytes after the last word. That number is hard to predict
/// for keys of different lengths, so here the bytes come from the last four of the key: a quarter faster
/// on keys of 16 to 32 bytes, equal on shorter ones.
#[inline]
pub(super) fn murmur2(key: &[u8], seed: u32) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let words = key.chunks_exact(4);
    let rest = words.remainder();
    let tail = match key.last_chunk::<4>() {
        Some(last) => (u64::from(u32::from_le_bytes(*last)) >> (32 - 8 * rest.len())) as u32,
        None => rest.iter().rev().fold(0, |tail, byte| (tail << 8) | u32::from(*byte)),
    };
    let hash = words.fold(seed ^ key.len() as u32, |hash, word| {
        let word = word.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        let word = word.wrapping_mul(M);
        hash.wrapping_mul(M) ^ (word ^ (word >> 24)).wrapping_mul(M)
    });
    let with_tail = (hash ^ tail).wrapping_mul(M);
    let hash = if rest.is_empty() { hash } else { with_tail };
    let hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

impl BytesHasher for KeyFunction {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        KeyHash::from_hash(self.of(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        let mut all = Vec::new();
        parts(&mut |part| all.extend_from_slice(part));
        self.hash_bytes(&all)
    }
}

impl Portable for KeyFunction {
    fn id(&self) -> u64 {
        let entries = if let Self::EnvoyMaglev(entries) = self { *entries } else { 0 };
        let name = [b"interop:", self.name().as_bytes(), &entries.to_le_bytes()];
        Xxh3.hash_bytes(&name.concat()).get()
    }
}

#[cfg(test)]
mod tests {
    use ::murmur2::{KAFKA_SEED, murmur2 as of_crate};

    #[test]
    fn four_bytes_more_are_as_crc32fast_has_them() {
        for (message, word) in [("", 0_u32), ("10.0.0.1", u32::MAX), ("a", 0x0102_0304)] {
            let whole = [message.as_bytes(), &word.to_le_bytes()].concat();
            let before = crc32fast::hash(message.as_bytes());
            assert_eq!(
                super::crc32_after(before, word),
                crc32fast::hash(&whole),
                "{message} {word}"
            );
        }
    }

    #[test]
    fn murmur2_of_every_length_is_as_the_crate_has_it() {
        let bytes: [u8; 40] = core::array::from_fn(|i| (i as u8).wrapping_mul(89) ^ 0xC3);
        for len in 0..bytes.len() {
            for seed in [0, KAFKA_SEED, u32::MAX] {
                let key = &bytes[..len];
                assert_eq!(super::murmur2(key, seed), of_crate(key, seed), "{key:?}");
            }
        }
    }
}
