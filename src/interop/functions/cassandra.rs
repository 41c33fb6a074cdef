//! The tokens of Cassandra and ScyllaDB.

use md5::Digest;

/// The token of a partition key under `Murmur3Partitioner`, as drivers compute it. The server never has an
/// empty key; a driver gives it 0.
///
/// The last bytes of the key are sign-extended, so a plain MurmurHash3 is wrong for many keys with bytes
/// above 0x7f.
///
/// ```
/// use apportion::interop::cassandra::token;
///
/// assert_eq!(token(b"a"), -8839064797231613815);
/// ```
#[must_use]
pub fn token(key: &[u8]) -> i64 {
    match murmur3(key) as i64 {
        i64::MIN => i64::MAX,
        token => token,
    }
}

/// The token of a partition key under `RandomPartitioner`: the absolute value of MD5 as a signed number of
/// 128 bits.
#[must_use]
pub fn random_token(key: &[u8]) -> u128 {
    let digest = md5::Md5::digest(key);
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    i128::from_be_bytes(bytes).unsigned_abs()
}

/// The first half of MurmurHash3 x64, 128 bits, seed 0, with the last bytes sign-extended.
fn murmur3(key: &[u8]) -> u64 {
    const C1: u64 = 0x87c3_7b91_1142_53d5;
    const C2: u64 = 0x4cf5_ad43_2745_937f;
    let first = |word: u64| word.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2);
    let second = |word: u64| word.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1);
    let (mut a, mut b) = (0_u64, 0_u64);
    let (blocks, tail) = key.split_at(key.len() - key.len() % 16);
    for block in blocks.chunks_exact(16) {
        let word = |half: &[u8]| half.try_into().map_or(0, u64::from_le_bytes);
        let (low, high) = block.split_at(8);
        a = (a ^ first(word(low))).rotate_left(27).wrapping_add(b);
        a = a.wrapping_mul(5).wrapping_add(0x52dc_e729);
        b = (b ^ second(word(high))).rotate_left(31).wrapping_add(a);
        b = b.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let rest = |bytes: &[u8]| {
        let byte = |(i, byte): (usize, &u8)| (i64::from(*byte as i8) as u64) << (8 * i);
        bytes.iter().enumerate().map(byte).fold(0, |word, byte| word ^ byte)
    };
    let (low, high) = tail.split_at(tail.len().min(8));
    b ^= second(rest(high));
    a ^= first(rest(low));
    let length = key.len() as u64;
    (a, b) = (a ^ length, b ^ length);
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    finished(a).wrapping_add(finished(b))
}

fn finished(mut word: u64) -> u64 {
    word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}
