//! HAProxy's hash functions.

/// The hash function of a `hash-type`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Function {
    /// `sdbm`, the default.
    #[default]
    Sdbm,
    /// `djb2`.
    Djb2,
    /// `wt6`.
    Wt6,
    /// `crc32`.
    Crc32,
}

impl Function {
    pub(in super::super) const ALL: [Self; 4] = [Self::Sdbm, Self::Djb2, Self::Wt6, Self::Crc32];

    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Sdbm => "sdbm",
            Self::Djb2 => "djb2",
            Self::Wt6 => "wt6",
            Self::Crc32 => "crc32",
        }
    }

    pub(in super::super) fn hash(self, key: &[u8], avalanche: bool) -> u32 {
        let hash = match self {
            Self::Sdbm => key.iter().fold(0_u32, |hash, byte| {
                let sum = u32::from(*byte).wrapping_add(hash << 6).wrapping_add(hash << 16);
                sum.wrapping_sub(hash)
            }),
            Self::Djb2 => key.iter().fold(5381_u32, |hash, byte| {
                (hash << 5).wrapping_add(hash).wrapping_add(u32::from(*byte))
            }),
            Self::Wt6 => wt6(key),
            Self::Crc32 => crc32fast::hash(key),
        };
        if avalanche { mixed(hash) } else { hash }
    }
}

/// Bytes are unsigned, as the recorded answers for keys above 0x7f show. A rotation by 0 leaves a word as it
/// is.
fn wt6(key: &[u8]) -> u32 {
    let (mut a, mut b) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut first, mut second) = (6, 18);
    for byte in key {
        let byte = u32::from(*byte);
        a = !(a ^ byte);
        b = !b.wrapping_add(byte);
        let next = b.rotate_left(first);
        b = a.rotate_left(second);
        a = next;
        let steps = ((a >> 16) ^ b) & 0xffff;
        (first, second) = (steps & 31, steps >> 11);
    }
    a ^ b
}

/// HAProxy's `full_hash`, which is its avalanche.
pub(in super::super) fn mixed(word: u32) -> u32 {
    let mut a = word;
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}
