//! Apache Iceberg's bucket transform.
//!
//! Checked against pyiceberg 0.12.0. Old versions of Iceberg for Java hashed text beyond the Basic
//! Multilingual Plane otherwise.

/// The bucket of a value among so many, from the bytes that stand for it: UTF-8 of text, binary as it is,
/// the 16 bytes of a UUID. 0 without buckets.
///
/// ```
/// use apportion::interop::iceberg::{bucket, bucket_of_integer};
///
/// // The specification's examples hash to 1210000089 and 2017239379.
/// assert_eq!(bucket(b"iceberg", 16), 1_210_000_089 % 16);
/// assert_eq!(bucket_of_integer(34, 16), 2_017_239_379 % 16);
/// ```
#[must_use]
pub fn bucket(bytes: &[u8], buckets: u32) -> u32 {
    (mur3::murmurhash3_x86_32(bytes, 0) & 0x7fff_ffff).checked_rem(buckets).unwrap_or(0)
}

/// The bucket of an `int` or `long`, a `date` in days, a `time` or a `timestamp` in microseconds.
#[must_use]
pub fn bucket_of_integer(value: i64, buckets: u32) -> u32 {
    bucket(&value.to_le_bytes(), buckets)
}

/// The bucket of a `decimal`, by its unscaled value: 14.20 of scale 2 is 1420.
#[must_use]
pub fn bucket_of_decimal(unscaled: i128, buckets: u32) -> u32 {
    let bytes = unscaled.to_be_bytes();
    // The fewest bytes that keep the sign.
    let sign = if unscaled < 0 { 0xff } else { 0 };
    let fits = |start: &usize| {
        let (cut, kept) = bytes.split_at(*start);
        let negative = kept.first().is_some_and(|byte| byte & 0x80 != 0);
        cut.iter().all(|byte| *byte == sign) && negative == (unscaled < 0)
    };
    let start = (0..16).rev().find(fits).unwrap_or(0);
    bucket(bytes.get(start..).unwrap_or_default(), buckets)
}
