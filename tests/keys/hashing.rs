//! Which bytes a key stands for, and what the hashers say of them.

use apportion::hash::{BytesHasher, Encoder, KeyHasher, Local, Parts};
use apportion::{KeyHash, Portable, SipHash13, StableHash, Xxh3};
use std::borrow::Cow;
use std::cell::RefCell;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;

/// A "hasher" that keeps the bytes and says whether they came in one run.
#[derive(Default)]
struct Spy(RefCell<(Vec<u8>, usize)>);

impl BytesHasher for Spy {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        *self.0.borrow_mut() = (bytes.to_vec(), 1);
        KeyHash::default()
    }
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| {
            let mut seen = self.0.borrow_mut();
            seen.0.extend_from_slice(bytes);
            seen.1 += 1;
        });
        KeyHash::default()
    }
}

fn spelled(key: &(impl StableHash + ?Sized)) -> Vec<u8> {
    let spy = Spy::default();
    key.hash_whole(&spy);
    spy.0.into_inner().0
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn whole_text_and_bytes_are_bare() {
    let text = b"abc".to_vec();
    assert_eq!(spelled("abc"), text);
    assert_eq!(spelled(&String::from("abc")), text);
    assert_eq!(spelled(&"abc"), text);
    assert_eq!(spelled(b"abc"), text);
    assert_eq!(spelled(&b"abc"[..]), text);
    assert_eq!(spelled(&text), text);
    assert_eq!(spelled(&Box::<str>::from("abc")), text);
    assert_eq!(spelled(&Arc::<str>::from("abc")), text);
    assert_eq!(spelled(&Rc::<[u8]>::from(&text[..])), text);
    assert_eq!(spelled(&Cow::Borrowed("abc")), text);
    assert_eq!(spelled(""), []);
}

#[test]
fn integers_are_eight_bytes() {
    let forty_two = [42, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(spelled(&42), forty_two);
    assert_eq!(spelled(&42_u8), forty_two);
    assert_eq!(spelled(&42_i8), forty_two);
    assert_eq!(spelled(&42_u16), forty_two);
    assert_eq!(spelled(&42_i16), forty_two);
    assert_eq!(spelled(&42_u32), forty_two);
    assert_eq!(spelled(&42_u64), forty_two);
    assert_eq!(spelled(&42_i64), forty_two);
    assert_eq!(spelled(&NonZeroU32::new(42).unwrap()), forty_two);
    assert_eq!(spelled(&'*'), forty_two);
    assert_eq!(spelled(&-1_i8), [255; 8]);
    assert_eq!(spelled(&-1_i64), [255; 8]);
    assert_eq!(spelled(&true), [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(spelled(&1_u128), joined(&[&[1], &[0; 15]]));
    assert_eq!(spelled(&0x0102_0304_u32), [4, 3, 2, 1, 0, 0, 0, 0]);
}

#[test]
fn parts_carry_their_length() {
    let (one, two) = (1_u64.to_le_bytes(), 2_u64.to_le_bytes());
    assert_eq!(spelled(&("a", "bb")), joined(&[&one, b"a", &two, b"bb"]));
    assert_ne!(spelled(&("a", "55")), spelled(&("a5", "5")));
    assert_eq!(spelled(&(1, "a")), joined(&[&one, &one, b"a"]));
    assert_eq!(spelled(&("a",)), joined(&[&one, b"a"]));
    assert_eq!(spelled(&[b"ab"][..]), joined(&[&one, &two, b"ab"]));
    assert_eq!(spelled(&vec![1_u16, 2]), joined(&[&two, &one, &two]));
    assert_eq!(spelled(&["a", "b"]), joined(&[&two, &one, b"a", &one, b"b"]));
    assert_eq!(spelled(&Some("a")), joined(&[&[1], &one, b"a"]));
    assert_eq!(spelled(&None::<u8>), [0]);
    assert_eq!(spelled(&()), []);
    assert_eq!(spelled(&((1, 2), [2_u8, 1])), joined(&[&one, &two, &two, &[2, 1]]));
}

#[test]
fn addresses_are_their_octets() {
    let v4 = Ipv4Addr::new(10, 0, 0, 1);
    let v6 = Ipv6Addr::LOCALHOST;
    assert_eq!(spelled(&v4), [10, 0, 0, 1]);
    assert_eq!(spelled(&IpAddr::V4(v4)), [4, 10, 0, 0, 1]);
    assert_eq!(spelled(&IpAddr::V6(v6)), joined(&[&[6], &v6.octets()]));
    let socket: SocketAddr = "10.0.0.1:11211".parse().unwrap();
    assert_eq!(spelled(&socket), joined(&[&[4, 10, 0, 0, 1], &11211_u64.to_le_bytes()]));
    let socket: SocketAddr = "[::1]:80".parse().unwrap();
    let (port, zero) = (80_u64.to_le_bytes(), [0; 8]);
    assert_eq!(spelled(&socket), joined(&[&[6], &v6.octets(), &port, &zero, &zero]));
}

/// A long composite key is hashed as one message, however it was written.
struct Long {
    text: usize,
    pieces: usize,
}

impl StableHash for Long {
    fn encode(&self, out: &mut Encoder<'_>) {
        for piece in 0..self.pieces {
            out.bytes(&vec![piece as u8; self.text]);
            out.raw(&[piece as u8]);
        }
    }
}

#[test]
fn keys_of_every_length_hash_the_same_in_pieces() {
    for text in [0, 1, 7, 118, 119, 120, 127, 128, 129, 300, 1000] {
        for pieces in [1, 2, 5, 40] {
            let key = Long { text, pieces };
            let mut expected = Vec::new();
            for piece in 0..pieces {
                expected.extend((text as u64).to_le_bytes());
                expected.extend(vec![piece as u8; text]);
                expected.push(piece as u8);
            }
            assert_eq!(spelled(&key), expected, "{text} {pieces}");
            let one_shot = |h: &dyn BytesHasher| h.hash_bytes(&expected);
            assert_eq!(Xxh3.hash_key(&key), one_shot(&Xxh3), "{text} {pieces}");
            let sip = SipHash13::new([7; 16]);
            assert_eq!(sip.hash_key(&key), one_shot(&sip));
        }
    }
}

#[test]
fn recorded_hashes() {
    // XXH3-64, seed 0, of the reference implementation.
    assert_eq!(Xxh3.hash_key("").get(), 0x2D06_8005_38D3_94C2);
    assert_eq!(Xxh3.hash_key("abc").get(), 0x78AF_5F94_892F_3950);
    // SipHash-1-3 under the key 00 01 … 0f of the first inputs of the reference test.
    let sip = SipHash13::new(std::array::from_fn(|i| i as u8));
    assert_eq!(sip.hash_key("").get(), 0xABAC_0158_050F_C4DC);
    assert_eq!(sip.hash_key(&[0_u8][..]).get(), 0xC9F4_9BF3_7D57_CA93);
}

#[cfg(feature = "md5")]
#[test]
fn md5_is_the_first_eight_bytes_little_endian() {
    // RFC 1321: MD5("abc") = 900150983cd24fb0 d6963f7d28e17f72
    assert_eq!(apportion::hash::Md5.hash_key("abc").get(), 0xB04F_D23C_9850_0190);
    let long = "x".repeat(1000);
    assert_eq!(apportion::hash::Md5.hash_key(&(&long, 1)), {
        let mut bytes = 1000_u64.to_le_bytes().to_vec();
        bytes.extend(long.bytes().chain(1_u64.to_le_bytes()));
        apportion::hash::Md5.hash_bytes(&bytes)
    });
}

#[cfg(feature = "sha1")]
#[test]
fn sha1_is_the_first_eight_bytes_little_endian() {
    // FIPS 180: SHA-1("abc") = a9993e364706816a ba3e25717850c26c 9cd0d89d
    assert_eq!(apportion::hash::Sha1.hash_key("abc").get(), 0x6A81_0647_363E_99A9);
}

#[test]
fn hashers_have_distinct_ids() {
    let (a, b) = (SipHash13::new([1; 16]), SipHash13::new([2; 16]));
    let mut ids = vec![Xxh3.id(), a.id(), b.id(), SipHash13::new([0; 16]).id()];
    #[cfg(feature = "md5")]
    ids.push(apportion::hash::Md5.id());
    #[cfg(feature = "sha1")]
    ids.push(apportion::hash::Sha1.id());
    let len = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), len);
    assert_eq!(a.id(), SipHash13::new([1; 16]).id());
    // Neither the id nor what is printed shows the secret.
    assert!(!format!("{a:?}").contains("0101"));
    assert_ne!(a.id(), 0x0101_0101_0101_0101);
}

#[test]
fn process_local_hashers_place_any_hash_key() {
    let local = Local::new(BuildHasherDefault::<DefaultHasher>::new());
    assert_eq!(local.hash_key("a"), local.hash_key("a"));
    // A key that spells no stable bytes.
    assert_eq!(local.hash_key(&7_usize), local.hash_key(&7_usize));
    let ring = apportion::Locator::ring(["a", "b"]).unwrap().with_hasher(local);
    assert!(ring.get(&7_usize).is_some());
    #[cfg(feature = "ahash")]
    {
        let (a, b) = (apportion::hash::AHash::default(), apportion::hash::AHash::default());
        assert_eq!(a.hash_key("a"), b.hash_key("a"));
    }
}

#[test]
fn ids_are_mixed_hashes_are_not() {
    assert_eq!(KeyHash::from_hash(7).get(), 7);
    assert_ne!(KeyHash::of_id(7).get(), 7);
    assert_eq!(KeyHash::of_id(0).get(), 0xE220_A839_7B1D_CDAF);
}
