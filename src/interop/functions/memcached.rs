//! Hash functions of memcached's clients and proxies.

use alloc::string::String;

/// A byte as C's `char` on x86-64, extended to 32 bits.
fn extended(byte: u8) -> u32 {
    i32::from(byte as i8) as u32
}

pub(in super::super) fn one_at_a_time(key: &[u8]) -> u32 {
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

pub(in super::super) fn fnv1a_64_short(key: &[u8]) -> u32 {
    key.iter().fold(0x8422_2325, |hash, byte| (hash ^ extended(*byte)).wrapping_mul(0x1b3))
}

pub(in super::super) fn fnv1_64_short(key: &[u8]) -> u32 {
    key.iter().fold(0x8422_2325_u32, |hash, byte| hash.wrapping_mul(0x1b3) ^ extended(*byte))
}

pub(in super::super) fn fnv1_32_signed(key: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| hash.wrapping_mul(0x0100_0193) ^ extended(*byte);
    key.iter().fold(0x811c_9dc5, step)
}

pub(in super::super) fn fnv1a_32_signed(key: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ extended(*byte)).wrapping_mul(0x0100_0193);
    key.iter().fold(0x811c_9dc5, step)
}

/// The seed of MurmurHash in twemproxy and libmemcached.
fn seed(key: &[u8]) -> u32 {
    0xdead_beef_u32.wrapping_mul(key.len() as u32)
}

pub(in super::super) fn murmur2(key: &[u8]) -> u32 {
    ::murmur2::murmur2(key, seed(key))
}

pub(in super::super) fn murmur3(key: &[u8]) -> u32 {
    mur3::murmurhash3_x86_32(key, seed(key))
}

/// Jenkins' lookup3, `hashlittle`, with the initial value 13.
pub(in super::super) fn jenkins(key: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(key.len() as u32).wrapping_add(13);
    let (mut a, mut b, mut c) = (start, start, start);
    // The last block, of 1 to 12 bytes, is mixed otherwise; an empty key has none.
    let last = key.len().saturating_sub(1) / 12 * 12;
    let (blocks, end) = key.split_at(last);
    for block in blocks.chunks_exact(12) {
        let [x, y, z] = three_words(block);
        (a, b, c) = (a.wrapping_add(x), b.wrapping_add(y), c.wrapping_add(z));
        a = a.wrapping_sub(c) ^ c.rotate_left(4);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(6);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(8);
        b = b.wrapping_add(a);
        a = a.wrapping_sub(c) ^ c.rotate_left(16);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(19);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(4);
        b = b.wrapping_add(a);
    }
    if end.is_empty() {
        return c;
    }
    let [x, y, z] = three_words(end);
    (a, b, c) = (a.wrapping_add(x), b.wrapping_add(y), c.wrapping_add(z));
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

/// Up to twelve bytes as little-endian words; missing ones are 0.
fn three_words(bytes: &[u8]) -> [u32; 3] {
    let word = |i: usize| {
        let part = bytes.iter().skip(4 * i).take(4).enumerate();
        part.fold(0, |word, (at, byte)| word | u32::from(*byte) << (8 * at))
    };
    [word(0), word(1), word(2)]
}

/// Text that is not UTF-8 is read with replacement characters, as Java does.
pub(in super::super) fn fnv1a_64_utf16(key: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(key);
    let step = |hash: u64, unit: u16| (hash ^ u64::from(unit)).wrapping_mul(0x0000_0100_0000_01b3);
    text.encode_utf16().fold(0xcbf2_9ce4_8422_2325, step) as u32
}

pub(in super::super) fn fnv1a_32(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
