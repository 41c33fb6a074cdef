//! Bytes of keys and their hashes. A key is written as an object with one member: its type.

use crate::case::{Rng, hex};
use apportion::hash::{BytesHasher, Parts, Seeded};
use apportion::{KeyHash, Portable, SipHash13, StableHash, Xxh3, stable_hash};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

const SECRET: &[u8; 16] = b"sixteen byte key";

/// Keeps the bytes that it is given.
#[derive(Default)]
struct Recorder(RefCell<Vec<u8>>);

impl BytesHasher for Recorder {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |part| part(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.borrow_mut().extend_from_slice(bytes));
        KeyHash::from_hash(0)
    }
}

struct Document {
    tenant: u64,
    name: String,
}
stable_hash!(Document { tenant, name });

struct Name(&'static str);
stable_hash!(Name(text));

enum Owner {
    Nobody,
    User(i32),
    Group { tenant: u64, name: &'static str },
}
stable_hash!(enum Owner { Nobody = 0, User(id) = 1, Group { tenant, name } = 200 });

pub(crate) fn cases() -> Vec<Value> {
    let mut cases = whole_keys();
    let mut rng = Rng::new(1);
    for i in 0..40 {
        let (hash, seed) = (rng.next(), if i < 4 { i } else { rng.next() });
        let seeded = KeyHash::from_hash(hash).with_seed(seed);
        let id = Seeded::new(Xxh3, seed).id();
        let [hash, seed, seeded, id] = [hash, seed, seeded.get(), id].map(hex);
        cases.push(json!({"hash": hash, "seed": seed, "seeded": seeded, "hasher_id": id}));
    }
    for secret in [*SECRET, [0; 16], *b"another secret!!"] {
        let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        cases.push(json!({"secret": digits, "hasher_id": hex(SipHash13::new(secret).id())}));
    }
    cases
}

fn whole_keys() -> Vec<Value> {
    let mut cases = Vec::new();
    let mut case = |key: Value, value: &dyn Fn(&dyn BytesHasher) -> KeyHash| {
        let recorder = Recorder::default();
        value(&recorder);
        let bytes: String = recorder.0.borrow().iter().map(|byte| format!("{byte:02x}")).collect();
        let [xxh3, siphash] =
            [value(&Xxh3), value(&SipHash13::new(*SECRET))].map(|hash| hex(hash.get()));
        // A long message is one byte again and again: its key says all.
        let bytes = if bytes.len() > 200 { Value::Null } else { Value::String(bytes) };
        cases.push(json!({"key": key, "bytes": bytes, "xxh3": xxh3, "siphash": siphash}));
    };
    macro_rules! keys {
        ($($key:tt = $value:expr),+ $(,)?) => {
            $(case(json!($key), &|hasher| StableHash::hash_whole(&$value, hasher));)+
        };
    }
    let v4 = Ipv4Addr::new(10, 0, 0, 1);
    let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let document = Document { tenant: 7, name: "a".to_owned() };
    keys! {
        {"text": ""} = "",
        {"text": "user:42"} = "user:42",
        {"text": "ключ"} = "ключ",
        {"bytes": "00ff80"} = [0_u8, 255, 128],
        {"int": "42"} = 42_u8,
        {"int": "42"} = 42_u64,
        {"int": "-1"} = -1_i16,
        {"int": "18446744073709551615"} = u64::MAX,
        {"int": "-9223372036854775808"} = i64::MIN,
        {"int128": "1"} = 1_u128,
        {"int128": "-2"} = -2_i128,
        {"bool": true} = true,
        {"bool": false} = false,
        {"char": "я"} = 'я',
        {"tuple": []} = (),
        {"tuple": [{"int": "7"}, {"text": "a"}]} = (7, "a"),
        {"tuple": [{"bytes": "0102"}]} = (&[1_u8, 2][..],),
        {"tuple": [{"char": "x"}, {"bool": true}, {"tuple": []}, {"int": "-7"}]} =
            ('x', true, (), -7_i8),
        {"list": []} = <[u32; 0]>::default(),
        {"list": [{"text": "a"}, {"text": "bc"}]} = ["a", "bc"],
        {"list": [{"int": "1"}, {"int": "2"}]} = [1_u16, 2],
        {"list": [{"list": [{"int": "1"}]}, {"list": []}]} = [vec![1_u32], Vec::new()],
        {"none": null} = None::<u8>,
        {"some": {"text": "a"}} = Some("a"),
        {"some": {"bytes": "0102"}} = Some([1_u8, 2]),
        {"some": {"none": null}} = Some(None::<u8>),
        {"duration": [3, 500]} = Duration::new(3, 500),
        {"ipv4": "10.0.0.1"} = v4,
        {"ipv6": "2001:db8::1"} = v6,
        {"ip": "10.0.0.1"} = IpAddr::from(v4),
        {"ip": "2001:db8::1"} = IpAddr::from(v6),
        {"socket_v4": ["10.0.0.1", 80, 0, 0]} = SocketAddrV4::new(v4, 80),
        {"socket_v6": ["2001:db8::1", 443, 1, 2]} = SocketAddrV6::new(v6, 443, 1, 2),
        {"socket": ["10.0.0.1", 80, 0, 0]} = SocketAddr::from((v4, 80)),
        {"socket": ["2001:db8::1", 443, 0, 0]} = SocketAddr::from((v6, 443)),
        {"tuple": [{"int": "7"}, {"text": "a"}]} = document,
        {"tuple": [{"text": "a"}]} = Name("a"),
        {"enum": [0, []]} = Owner::Nobody,
        {"enum": [1, [{"int": "-5"}]]} = Owner::User(-5),
        {"enum": [200, [{"int": "7"}, {"text": "b"}]]} = Owner::Group { tenant: 7, name: "b" },
    }
    // Around the lengths at which XXH3 takes another path.
    for length in [1, 3, 4, 8, 9, 16, 17, 120, 128, 129, 240, 241, 1024, 1025, 3000] {
        let long = "x".repeat(length);
        case(json!({"repeat": ["x", length]}), &|hasher| long.hash_whole(hasher));
    }
    cases
}
