//! Key bytes: values of arbitrary nested types can be read back from what they spell, so no two of
//! one type spell the same, and every hasher gives one answer however the bytes arrive.

use super::input::Input;
use apportion::hash::{BytesHasher, Encoder, KeyHasher, Md5, Parts, Sha1};
use apportion::{KeyHash, SipHash13, StableHash, Xxh3};
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::NonZeroU32;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let kind = Kind::read(&mut input, 3);
    let (a, b) = (kind.value(&mut input), kind.value(&mut input));
    let (spelled_a, spelled_b) = (part(&a), part(&b));
    for (value, spelled) in [(&a, &spelled_a), (&b, &spelled_b)] {
        let mut rest = spelled.as_slice();
        assert_eq!(&kind.read_back(&mut rest), value, "{kind:?}");
        assert!(rest.is_empty(), "{kind:?}");
        assert_eq!(part(&Box::new(value)), *spelled);
    }
    assert_eq!(part(&(&a, &b)), [spelled_a.as_slice(), &spelled_b].concat());
    // No encoding is the beginning of another one of the same type.
    assert_eq!(spelled_a.starts_with(&spelled_b), a == b, "{a:?} {b:?}");
    assert_eq!(spelled_b.starts_with(&spelled_a), a == b, "{a:?} {b:?}");

    let whole = whole(&a);
    match &a {
        Value::Text(text) => assert_eq!(whole, text.as_bytes()),
        Value::Bytes(bytes) => assert_eq!(&whole, bytes),
        Value::Array(bytes) => assert_eq!(whole, bytes),
        _ => assert_eq!(whole, spelled_a),
    }
    let secret = std::array::from_fn(|_| input.byte());
    one_answer(&Xxh3, &a, &whole, input.clone());
    one_answer(&SipHash13::new(secret), &a, &whole, input.clone());
    one_answer(&Md5, &a, &whole, input.clone());
    one_answer(&Sha1, &a, &whole, input);
}

/// Streamed in arbitrary pieces, at once, or as a key: one hash.
fn one_answer(hasher: &impl BytesHasher, key: &Value, whole: &[u8], mut cuts: Input<'_>) {
    let at_once = hasher.hash_bytes(whole);
    assert_eq!(hasher.hash_key(key), at_once);
    let streamed = hasher.hash_parts(&mut |piece| {
        let mut left = Input(whole);
        while !left.is_empty() {
            let len = if cuts.is_empty() { usize::MAX } else { cuts.below(200) };
            piece(left.bytes(len));
        }
    });
    assert_eq!(streamed, at_once);
}

/// A "hasher" that keeps the bytes.
#[derive(Default)]
struct Spy(RefCell<Vec<u8>>);

impl BytesHasher for Spy {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |piece| piece(bytes))
    }
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.borrow_mut().extend_from_slice(bytes));
        KeyHash::default()
    }
}

fn whole(key: &impl StableHash) -> Vec<u8> {
    let spy = Spy::default();
    key.hash_whole(&spy);
    spy.0.into_inner()
}

fn part(key: &impl StableHash) -> Vec<u8> {
    whole(&(key,))
}

/// A type of keys.
#[derive(Debug)]
enum Kind {
    Simple(u8),
    Maybe(Box<Kind>),
    List(Box<Kind>),
    Two(Box<Kind>),
    Tuple(Vec<Kind>),
}

#[derive(Clone, PartialEq, Debug)]
enum Value {
    U8(u8),
    I8(i8),
    I32(i32),
    U64(u64),
    I128(i128),
    U128(u128),
    Bool(bool),
    Char(char),
    NonZero(NonZeroU32),
    Text(String),
    Bytes(Vec<u8>),
    Array([u8; 3]),
    Ip(IpAddr),
    Socket(SocketAddr),
    Maybe(Option<Box<Value>>),
    List(Vec<Value>),
    Two([Box<Value>; 2]),
    Tuple(Vec<Value>),
}

const SIMPLE: u8 = 14;

impl Kind {
    fn read(input: &mut Input<'_>, depth: u32) -> Self {
        let inner = |input: &mut Input<'_>| Box::new(Self::read(input, depth - 1));
        match input.below(SIMPLE + 8) as u8 {
            simple if simple < SIMPLE || depth == 0 => Self::Simple(simple % SIMPLE),
            14 | 15 => Self::Maybe(inner(input)),
            16 | 17 => Self::List(inner(input)),
            18 => Self::Two(inner(input)),
            _ => Self::Tuple((0..input.below(5)).map(|_| *inner(input)).collect()),
        }
    }

    fn value(&self, input: &mut Input<'_>) -> Value {
        let kind = match self {
            Self::Simple(kind) => *kind,
            Self::Maybe(inner) => {
                let some = input.below(4) > 0;
                return Value::Maybe(some.then(|| Box::new(inner.value(input))));
            }
            Self::List(inner) => {
                let len = input.below(6);
                return Value::List((0..len).map(|_| inner.value(input)).collect());
            }
            Self::Two(inner) => {
                return Value::Two(std::array::from_fn(|_| Box::new(inner.value(input))));
            }
            Self::Tuple(inner) => {
                return Value::Tuple(inner.iter().map(|kind| kind.value(input)).collect());
            }
        };
        match kind {
            0 => Value::U8(input.byte()),
            1 => Value::I8(input.byte() as i8),
            2 => Value::I32(input.number() as i32),
            3 => Value::U64(input.number()),
            4 => Value::I128(i128::from(input.number() as i64) << input.below(64)),
            5 => Value::U128(u128::from(input.number()) << input.below(64)),
            6 => Value::Bool(input.byte() > 127),
            7 => Value::Char(char::from_u32(input.number() as u32).unwrap_or('\0')),
            8 => Value::NonZero(NonZeroU32::new(input.number() as u32).unwrap_or(NonZeroU32::MIN)),
            9 => Value::Text(input.text().repeat(1 + input.below(20))),
            10 => {
                let len = usize::from(input.byte());
                Value::Bytes(input.bytes(len).to_vec())
            }
            11 => Value::Array(std::array::from_fn(|_| input.byte())),
            12 => Value::Ip(ip(input)),
            _ => {
                let (ip, port) = (ip(input), input.word() as u16);
                Value::Socket(match ip {
                    IpAddr::V4(_) => SocketAddr::new(ip, port),
                    IpAddr::V6(ip) => {
                        let (flow, scope) = (input.number() as u32, input.number() as u32);
                        SocketAddrV6::new(ip, port, flow, scope).into()
                    }
                })
            }
        }
    }

    /// The value from its bytes, by the table of `StableHash`.
    fn read_back(&self, bytes: &mut &[u8]) -> Value {
        let number = |bytes: &mut &[u8]| i64::from_le_bytes(take(bytes));
        let len = |bytes: &mut &[u8]| u64::from_le_bytes(take(bytes)) as usize;
        let run = |bytes: &mut &[u8]| -> Vec<u8> {
            let len = len(bytes);
            let (run, rest) = bytes.split_at(len);
            *bytes = rest;
            run.to_vec()
        };
        let kind = match self {
            Self::Simple(kind) => *kind,
            Self::Maybe(inner) => {
                let [some] = take(bytes);
                assert!(some < 2);
                return Value::Maybe((some == 1).then(|| Box::new(inner.read_back(bytes))));
            }
            Self::List(inner) => {
                let len = len(bytes);
                return Value::List((0..len).map(|_| inner.read_back(bytes)).collect());
            }
            Self::Two(inner) => {
                assert_eq!(len(bytes), 2);
                return Value::Two(std::array::from_fn(|_| Box::new(inner.read_back(bytes))));
            }
            Self::Tuple(inner) => {
                return Value::Tuple(inner.iter().map(|kind| kind.read_back(bytes)).collect());
            }
        };
        match kind {
            0 => Value::U8(number(bytes).try_into().unwrap()),
            1 => Value::I8(number(bytes).try_into().unwrap()),
            2 => Value::I32(number(bytes).try_into().unwrap()),
            3 => Value::U64(number(bytes) as u64),
            4 => Value::I128(i128::from_le_bytes(take(bytes))),
            5 => Value::U128(u128::from_le_bytes(take(bytes))),
            6 => Value::Bool([false, true][number(bytes) as usize]),
            7 => Value::Char(char::from_u32(number(bytes).try_into().unwrap()).unwrap()),
            8 => Value::NonZero(u32::try_from(number(bytes)).unwrap().try_into().unwrap()),
            9 => Value::Text(String::from_utf8(run(bytes)).unwrap()),
            10 => Value::Bytes(run(bytes)),
            11 => Value::Array(run(bytes).try_into().unwrap()),
            12 => Value::Ip(ip_back(bytes)),
            _ => {
                let ip = ip_back(bytes);
                let mut next = || u32::try_from(number(bytes)).unwrap();
                let port = u16::try_from(next()).unwrap();
                Value::Socket(match ip {
                    IpAddr::V4(_) => SocketAddr::new(ip, port),
                    IpAddr::V6(ip) => SocketAddrV6::new(ip, port, next(), next()).into(),
                })
            }
        }
    }
}

fn ip(input: &mut Input<'_>) -> IpAddr {
    match input.below(2) {
        0 => Ipv4Addr::from_bits(input.number() as u32).into(),
        _ => Ipv6Addr::from_bits(u128::from(input.number()) << input.below(64)).into(),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (first, rest) = bytes.split_first_chunk().expect("the bytes end early");
    *bytes = rest;
    *first
}

fn ip_back(bytes: &mut &[u8]) -> IpAddr {
    match take(bytes) {
        [4] => take::<4>(bytes).into(),
        [6] => take::<16>(bytes).into(),
        other => panic!("{other:?} begins no address"),
    }
}

/// Hands over to the real implementations.
macro_rules! delegate {
    ($self:ident, $v:ident => $e:expr) => {
        match $self {
            Self::U8($v) => $e,
            Self::I8($v) => $e,
            Self::I32($v) => $e,
            Self::U64($v) => $e,
            Self::I128($v) => $e,
            Self::U128($v) => $e,
            Self::Bool($v) => $e,
            Self::Char($v) => $e,
            Self::NonZero($v) => $e,
            Self::Text($v) => $e,
            Self::Bytes($v) => $e,
            Self::Array($v) => $e,
            Self::Ip($v) => $e,
            Self::Socket($v) => $e,
            Self::Maybe($v) => $e,
            Self::List($v) => $e,
            Self::Two($v) => $e,
            Self::Tuple(parts) => match parts.as_slice() {
                [] => delegate!(@ $v = (), $e),
                [a] => delegate!(@ $v = (a,), $e),
                [a, b] => delegate!(@ $v = (a, b), $e),
                [a, b, c] => delegate!(@ $v = (a, b, c), $e),
                [a, b, c, d] => delegate!(@ $v = (a, b, c, d), $e),
                _ => unreachable!("no longer tuples are made"),
            },
        }
    };
    (@ $v:ident = $tuple:expr, $e:expr) => {{
        let $v = &$tuple;
        $e
    }};
}

impl StableHash for Value {
    fn encode(&self, out: &mut Encoder<'_>) {
        delegate!(self, v => v.encode(out));
    }

    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        delegate!(self, v => v.hash_whole(hasher))
    }
}
