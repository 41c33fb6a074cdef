//! Keys of one's own by one line, and the bytes of every type that can be a key.
#![cfg(feature = "alloc")]

use apportion::hash::{BytesHasher, Parts};
use apportion::{KeyHash, StableHash, stable_hash};
use std::borrow::Cow;
use std::cell::RefCell;
use std::num::{NonZeroI8, NonZeroI128, NonZeroU16, NonZeroU64, NonZeroU128};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A "hasher" that keeps the bytes.
#[derive(Default)]
struct Spy(RefCell<Vec<u8>>);

impl BytesHasher for Spy {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.0.replace(bytes.to_vec());
        KeyHash::default()
    }
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.borrow_mut().extend_from_slice(bytes));
        KeyHash::default()
    }
}

fn spelled(key: &(impl StableHash + ?Sized)) -> Vec<u8> {
    let spy = Spy::default();
    key.hash_whole(&spy);
    spy.0.into_inner()
}

fn shown(key: impl StableHash) -> String {
    struct Shown<T>(T);
    impl<T: StableHash> std::fmt::Display for Shown<T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.describe(f)
        }
    }
    Shown(key).to_string()
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn durations_are_seconds_and_nanoseconds() {
    let duration = Duration::new(7, 5);
    assert_eq!(spelled(&duration), words(&[7, 5]));
    assert_eq!(spelled(&duration), spelled(&(7_u64, 5_u32)));
    assert_eq!(spelled(&Duration::MAX), words(&[u64::MAX, 999_999_999]));
}

#[test]
fn non_zero_integers_are_their_values() {
    assert_eq!(spelled(&NonZeroU128::new(1 << 100).unwrap()), spelled(&(1_u128 << 100)));
    assert_eq!(spelled(&NonZeroU128::MAX), [0xFF; 16]);
    assert_eq!(spelled(&NonZeroI128::new(-2).unwrap()), spelled(&-2_i128));
    assert_eq!(spelled(&NonZeroU64::MIN), words(&[1]));
    assert_eq!(spelled(&NonZeroU16::MAX), words(&[0xFFFF]));
    assert_eq!(spelled(&NonZeroI8::new(-1).unwrap()), words(&[u64::MAX]));
}

#[test]
fn tuples_have_up_to_twelve_parts() {
    assert_eq!(spelled(&(1, 2, 3, 4, 5, 6, 7, 8, 9)), words(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(spelled(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).len(), 80);
    assert_eq!(spelled(&(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)).len(), 88);
    let twelve = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "abc");
    let expected = [words(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3]), b"abc".to_vec()].concat();
    assert_eq!(spelled(&twelve), expected);
}

/// A slice of references is the slice of what they point to; only bytes themselves are one run.
#[test]
fn references_and_owners_are_what_they_point_to() {
    let expected = spelled(&["a", "bc"]);
    assert_eq!(expected, [words(&[2, 1]), b"a".to_vec(), words(&[2]), b"bc".to_vec()].concat());
    assert_eq!(spelled(&["a".to_string(), "bc".to_string()]), expected);
    assert_eq!(spelled(&[&"a", &"bc"]), expected);
    assert_eq!(spelled(&vec![Box::<str>::from("a"), "bc".into()]), expected);
    assert_eq!(spelled(&[Rc::<str>::from("a"), "bc".into()][..]), expected);
    assert_eq!(spelled(&[Arc::<str>::from("a"), "bc".into()]), expected);
    assert_eq!(spelled(&[Cow::Borrowed("a"), Cow::Owned("bc".to_string())]), expected);
    assert_eq!(spelled(&[&1_u32, &2]), spelled(&[1_u32, 2]));
    assert_eq!(spelled(&[&1_u32, &2]), words(&[2, 1, 2]));
    assert_eq!(spelled(&[1_u8, 2]), [1, 2]);
    assert_eq!(spelled(&[&1_u8, &2]), words(&[2, 1, 2]));
    assert_eq!(spelled(&[0_u64; 0]), words(&[0]));
    assert_eq!(spelled(&[0_u8; 0]), []);
    // The same as a part, and beyond the buffer.
    let long: Vec<u64> = (0..100).collect();
    let references: Vec<&u64> = long.iter().collect();
    assert_eq!(spelled(&references), spelled(&long));
    assert_eq!(spelled(&long), [words(&[100]), words(&long)].concat());
    assert_eq!(spelled(&(1, [2_u8, 3])), [words(&[1, 2]), vec![2, 3]].concat());
}

struct Document {
    name: String,
    tenant: u64,
}
stable_hash!(Document { tenant, name });

struct Shard(u32, u32);
stable_hash!(Shard(table, number));

struct Only(String);
stable_hash!(Only(name));

struct Nothing;
stable_hash!(Nothing);

struct Empty {}
stable_hash!(Empty {});

#[test]
fn structs_are_the_tuples_of_their_fields() {
    let document = Document { tenant: 7, name: "a".into() };
    assert_eq!(spelled(&document), spelled(&(7, "a")));
    assert_eq!(spelled(&(1, &document)), spelled(&(1, 7, "a")));
    assert_eq!(spelled(&Shard(1, 2)), spelled(&(1, 2)));
    assert_eq!(spelled(&[Shard(1, 2), Shard(3, 4)]), spelled(&[(1, 2), (3, 4)]));
    assert_eq!(spelled(&Only("a".into())), spelled(&("a",)));
    assert_eq!((spelled(&Nothing), spelled(&Empty {})), (vec![], vec![]));
    // Longer than the buffer.
    let name = "n".repeat(500);
    assert_eq!(spelled(&Document { tenant: 7, name: name.clone() }), spelled(&(7, name)));

    assert_eq!(shown(document), "Document { tenant: 7, name: \"a\" }");
    assert_eq!(shown(Shard(1, 2)), "Shard(1, 2)");
    assert_eq!((shown(Nothing), shown(Only("a".into()))), ("Nothing".into(), "Only(\"a\")".into()));
}

enum Owner {
    Nobody,
    User(u64),
    Group { tenant: u64, name: &'static str },
}
stable_hash!(enum Owner { User(id) = 1, Nobody = 0, Group { name, tenant } = 200, });

#[test]
fn enums_are_a_number_and_a_tuple() {
    let group = Owner::Group { tenant: 7, name: "a" };
    assert_eq!(spelled(&Owner::Nobody), [0]);
    assert_eq!(spelled(&Owner::User(9)), [vec![1], words(&[9])].concat());
    assert_eq!(spelled(&group), [vec![200], spelled(&("a", 7))].concat());
    assert_eq!(shown(group), "Group { name: \"a\", tenant: 7 }");
    assert_eq!((shown(Owner::Nobody), shown(Owner::User(9))), ("Nobody".into(), "User(9)".into()));
}

struct UserId(uuid::Uuid);
stable_hash!(UserId(id) as id.as_bytes());

struct Host {
    name: String,
    load: f64,
}
stable_hash!(Host { name, .. } as name);

struct File(std::path::PathBuf);
stable_hash!(File(path) as path.to_str());

struct Blob(Vec<u8>);
stable_hash!(Blob(bytes) as bytes[..]);

#[test]
fn a_newtype_may_hash_as_what_it_holds() {
    let id = uuid::Uuid::from_u128(1 << 64);
    assert_eq!(spelled(&UserId(id)), id.as_bytes());
    assert_eq!(spelled(&(1, UserId(id))), spelled(&(1, id.as_bytes())));
    let host = Host { name: "a".into(), load: 0.5 };
    assert_eq!(spelled(&host), b"a");
    assert_eq!((host.load, shown(host)), (0.5, "\"a\"".into()));
    assert_eq!(spelled(&File("a/b".into())), spelled(&Some("a/b")));
    assert_eq!(spelled(&Blob(vec![1, 2])), [1, 2]);
    assert_eq!(shown(Blob(vec![1, 2])), "0x0102");
}

#[test]
fn values_print_as_what_they_are() {
    assert_eq!((shown(42_u8), shown(-1_i64), shown(1_u128 << 100)), {
        ("42".into(), "-1".into(), "1267650600228229401496703205376".into())
    });
    assert_eq!((shown(true), shown('a'), shown(NonZeroU64::MAX)), {
        ("true".into(), "'a'".into(), "18446744073709551615".into())
    });
    assert_eq!((shown("a\"b"), shown("a\n")), (r#""a\"b""#.into(), r#""a\n""#.into()));
    assert_eq!((shown(b"a"), shown([0xff_u8, 1])), ("\"a\"".into(), "0xff01".into()));
    // Eight bytes may be a number.
    assert_eq!(shown([42_u8, 0, 0, 0, 0, 0, 0, 0]), "0x2a00000000000000 (little-endian 42)");
    assert_eq!((shown((7, "a")), shown((1,)), shown(())), {
        ("(7, \"a\")".into(), "(1,)".into(), "()".into())
    });
    assert_eq!((shown([1_u32, 2]), shown([0_u32; 0])), ("[1, 2]".into(), "[]".into()));
    assert_eq!((shown(Some(3)), shown(None::<u8>)), ("Some(3)".into(), "None".into()));
    assert_eq!(shown(Duration::from_millis(1500)), "1.5s");
    let address: std::net::SocketAddr = "10.0.0.1:11211".parse().unwrap();
    assert_eq!((shown(address), shown(address.ip())), ("10.0.0.1:11211".into(), "10.0.0.1".into()));
    let address: std::net::SocketAddr = "[::1]:80".parse().unwrap();
    assert_eq!((shown(address), shown(address.ip())), ("[::1]:80".into(), "::1".into()));
    assert_eq!(shown(Arc::new(Box::new(5))), "5");

    /// Says nothing of how it prints.
    struct Plain(u64, &'static str);
    impl StableHash for Plain {
        fn encode(&self, out: &mut apportion::hash::Encoder<'_>) {
            (self.0, self.1).encode(out);
        }
    }
    assert_eq!(shown(Plain(1, "a")), "0x0100000000000000010000000000000061");
    assert_eq!(shown((Plain(1, ""), 2)), "(0x01000000000000000000000000000000, 2)");
    let long = "x".repeat(200);
    assert!(shown(Plain(1, long.leak())).starts_with("0x0100000000000000c8000000000000007878"));
}
