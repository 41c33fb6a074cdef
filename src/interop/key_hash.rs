//! The functions by which other systems hash keys.

use super::functions::digests::{high, md5_words, place_of, signed};
use super::functions::{cassandra, haproxy, memcached, redis};
use crate::hash::{BytesHasher, KeyHash, Parts, Portable, Xxh3};
use alloc::vec::Vec;
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
    /// The lower 32 bits of FNV-1-64 over sign-extended bytes: libmemcached.
    Fnv64Short,
    /// FNV-1-32 over sign-extended bytes: libmemcached.
    Fnv32Signed,
    /// FNV-1a-32 over sign-extended bytes: libmemcached.
    Fnv1a32Signed,
    /// MurmurHash2 of 32 bits with the seed 0xdeadbeef · length: twemproxy, libmemcached.
    Murmur2Twemproxy,
    /// MurmurHash3 of 32 bits with the seed 0xdeadbeef · length: libmemcached.
    Murmur3Libmemcached,
    /// Jenkins' lookup3 with the initial value 13: libmemcached.
    Jenkins,
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
            Self::Fnv64Short => "fnv-64-short",
            Self::Fnv32Signed => "fnv-32-signed",
            Self::Fnv1a32Signed => "fnv1a-32-signed",
            Self::Murmur2Twemproxy => "murmur2-twemproxy",
            Self::Murmur3Libmemcached => "murmur3-libmemcached",
            Self::Jenkins => "jenkins",
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
            Self::OneAtATime => high(memcached::one_at_a_time(key)),
            Self::Fnv1a64Short => high(memcached::fnv1a_64_short(key)),
            Self::Fnv1a64Utf16 => high(memcached::fnv1a_64_utf16(key)),
            Self::Fnv1a32 => high(memcached::fnv1a_32(key)),
            Self::Fnv64Short => high(memcached::fnv1_64_short(key)),
            Self::Fnv32Signed => high(memcached::fnv1_32_signed(key)),
            Self::Fnv1a32Signed => high(memcached::fnv1a_32_signed(key)),
            Self::Murmur2Twemproxy => high(memcached::murmur2(key)),
            Self::Murmur3Libmemcached => high(memcached::murmur3(key)),
            Self::Jenkins => high(memcached::jenkins(key)),
            Self::XxHash64 => twox_hash::XxHash64::oneshot(0, key),
            Self::Haproxy(function, avalanche) => high(function.hash(key, avalanche)),
            Self::EnvoyMaglev(entries) => {
                let hash = twox_hash::XxHash64::oneshot(0, key);
                place_of((hash % u64::from(entries.max(1))) as u32, entries)
            }
            Self::RedisSlot => place_of(redis::slot(key).into(), redis::SLOTS),
            Self::CassandraToken => signed(cassandra::token(key) as u64),
        }
    }

    /// The hash of a key, of 32 bits if the function has 32 bits.
    pub(super) fn short(self, key: &[u8]) -> u32 {
        (self.of(key) >> 32) as u32
    }
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
