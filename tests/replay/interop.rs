//! Configurations in the notations of other systems, as any text: each is refused by an error that
//! names a token of it, or answers every key with its own servers; the same text is read to the same
//! answers. Functions of keys alone stay within their ranges.

use super::input::Input;
use super::interop_presets::{PRESETS, Preset, names_a_token};
use apportion::interop::haproxy::{self, HashType, MapBased};
use apportion::interop::kafka::Partitioner;
use apportion::interop::memcached::{dalli, twemproxy};
use apportion::interop::swift::SwiftRing;
use apportion::interop::{cassandra, envoy, guava, iceberg, nginx, redis};
use apportion::{KeyHash, Placement};

/// Weights in this range are accepted and take much memory where points count by weight.
const HEAVY: std::ops::Range<u64> = 2_000..4_000_000;

const LINES: usize = 64;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let chosen = input.byte();
    let word = input.number();
    // The text ends at a byte that UTF-8 does not have.
    let rest = input.rest();
    let end = rest.iter().position(|byte| *byte == 0xff).unwrap_or(rest.len());
    let text = String::from_utf8_lossy(&rest[..end]);
    let lines: Vec<&str> = text.lines().take(LINES).collect();
    let mut input = Input(rest.get(end + 1..).unwrap_or_default());
    let mut keys = vec![Vec::new(), b"user:42".to_vec(), rest.to_vec()];
    while !input.is_empty() && keys.len() < 40 {
        let len = usize::from(input.byte());
        keys.push(input.bytes(len).to_vec());
    }
    match PRESETS.get(usize::from(chosen)) {
        Some(preset) => configured(preset, &lines, &keys),
        None => match chosen % 4 {
            0 => hash_types(&text, &keys),
            1 => upstreams(&lines, word, &keys),
            2 => hosts(&lines, word, &keys),
            _ => numbers(word, &keys),
        },
    }
}

/// What needs more memory than a fuzzer has, and would be accepted.
fn is_heavy(lines: &[&str]) -> bool {
    let numbers = lines.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_digit()));
    let mut numbers = numbers.filter_map(|digits| digits.parse::<u64>().ok());
    numbers.any(|number| HEAVY.contains(&number))
}

fn configured(preset: &Preset, lines: &[&str], keys: &[Vec<u8>]) {
    let by_weight = ["nginx", "serialx", "uhashring"].contains(&preset.name);
    if by_weight && is_heavy(lines) {
        return;
    }
    match ((preset.read)(lines), (preset.read)(lines)) {
        (Ok(first), Ok(second)) => {
            for key in keys {
                let places = (first.places)(key);
                assert_eq!(places, (second.places)(key), "{}: {lines:?}", preset.name);
                assert!(first.none || !places.is_empty(), "{}: {lines:?}", preset.name);
                let known = |place: &usize| *place < lines.len();
                assert!(places.iter().all(known), "{}: {lines:?}, {places:?}", preset.name);
                let mut distinct = places.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), places.len(), "{}: {lines:?}", preset.name);
            }
        }
        (Err(first), Err(second)) => refused(preset.name, &first, &second, lines),
        _ => panic!("{}: {lines:?} is read differently each time", preset.name),
    }
}

fn refused(name: &str, first: &apportion::Error, second: &apportion::Error, lines: &[&str]) {
    let message = first.to_string();
    assert_eq!((first.kind(), &message), (second.kind(), &second.to_string()), "{name}");
    assert_eq!(message.lines().count(), 1, "{name}: {message}");
    assert!(names_a_token(&message, lines), "{name}: {lines:?}: {message}");
}

/// The words of HAProxy's `hash-type`, in the first line, then servers.
fn hash_types(text: &str, keys: &[Vec<u8>]) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let lines: Vec<&str> = rest.lines().take(LINES).collect();
    let hash_type: HashType = match first.parse() {
        Ok(hash_type) => hash_type,
        Err(error) => return refused("hash-type", &error, &error, &[first]),
    };
    let on_ring = haproxy::consistent(lines.iter().copied(), hash_type);
    match (&on_ring, MapBased::new(lines.iter().copied(), hash_type)) {
        (Ok(ring), Ok(map)) => {
            for key in keys {
                assert!(map.get(key) < lines.len());
                assert_eq!(ring.locate(key).is_some(), ring.placement().points() > 0);
            }
        }
        (Err(error), Err(_)) => {
            let all: Vec<&str> = lines.iter().copied().chain(["map-based"]).collect();
            refused("haproxy", error, error, &all);
        }
        // Only ids and addresses are read by one of them alone, and only weight 0 by the other.
        (Ok(ring), Err(_)) => assert_eq!(ring.placement().points(), 0),
        (Err(error), Ok(_)) => {
            let all: Vec<&str> = lines.iter().copied().chain(["map-based"]).collect();
            refused("haproxy", error, error, &all);
        }
    }
}

/// nginx with servers that are down, and Dalli with servers that are not alive.
fn upstreams(lines: &[&str], word: u64, keys: &[Vec<u8>]) {
    let down = |place: usize| (word >> (place % 64)) & 1 == 1;
    let light: &[&str] = if is_heavy(lines) { &[] } else { lines };
    if let Ok(mut upstream) = nginx::Upstream::consistent(light.iter().copied()) {
        (0..lines.len()).for_each(|at| upstream.set_down(at, down(at)).unwrap());
        let beyond = upstream.set_down(lines.len(), true).unwrap_err().to_string();
        assert!(beyond.contains("there is no server"), "{beyond}");
        for key in keys {
            assert!(upstream.get(key).is_none_or(|at| at < lines.len() && !down(at)), "{lines:?}");
        }
    }
    if let Ok(ring) = dalli::ring(lines.iter().copied()) {
        for key in keys {
            let found = dalli::failover(&ring, key, |at| !down(at));
            assert!(found.is_none_or(|at| at < lines.len() && !down(at)), "{lines:?}");
        }
    }
}

/// Envoy's retries, and its Maglev tables of any size.
fn hosts(lines: &[&str], word: u64, keys: &[Vec<u8>]) {
    let (attempt, entries) = (word as u32, (word % 2_000) as u32);
    let options = envoy::RingOptions { min_size: word % 300, max_size: 256, ..Default::default() };
    let mixed = |word: u64, byte: &u8| (word ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let key = |key: &[u8]| KeyHash::from_hash(key.iter().fold(word, mixed));
    match envoy::ring_hash(lines.iter().copied(), options) {
        Ok(ring) => {
            let known = |hash| envoy::retry(&ring, hash, attempt).unwrap().index() < lines.len();
            assert!(keys.iter().all(|bytes| known(key(bytes))), "{lines:?}");
        }
        Err(error) => {
            let size = options.min_size.to_string();
            refused("envoy", &error, &error, &[lines, &[&size]].concat());
        }
    }
    match envoy::maglev(lines.iter().copied(), entries) {
        Ok(table) => {
            let place = |bytes: &[u8]| envoy::maglev_key(key(bytes).get(), attempt, entries);
            let known = |at| table.placement().locate(at).unwrap().index() < lines.len();
            assert!(keys.iter().all(|bytes| known(place(bytes))), "{lines:?}");
        }
        Err(error) => {
            let entries = entries.to_string();
            refused("maglev", &error, &error, &[lines, &[&entries]].concat());
        }
    }
}

/// Slots, tokens, partitions and buckets.
fn numbers(word: u64, keys: &[Vec<u8>]) {
    let (n, power) = (word as u32, (word % 34) as u32);
    let swift = SwiftRing::new(power, &keys[0], &keys[1]);
    assert_eq!(swift.is_ok(), power <= 32);
    let columns: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let length: usize = columns.iter().map(|column| column.len() + 3).sum();
    assert_eq!(cassandra::composite(&columns).len(), length);
    for key in keys {
        let key = key.as_slice();
        assert!(u32::from(redis::slot(key)) < redis::SLOTS);
        let tag = redis::tag(key);
        assert!(key.is_empty() || key.windows(tag.len().max(1)).any(|part| part == tag));
        assert_eq!(redis::slot(key), redis::slot(tag));
        assert_eq!(twemproxy::tagged(key, *b"{}"), tag);
        assert_ne!(cassandra::token(key), i64::MIN);
        assert!(cassandra::random_token(key) <= 1 << 127);
        for partitioner in
            [Partitioner::Consistent, Partitioner::Murmur2Random, Partitioner::Fnv1aRandom]
        {
            let partition = partitioner.partition(Some(key), n);
            assert_eq!(partition.is_some(), n > 0);
            assert!(partition.is_none_or(|partition| partition < n));
        }
        let integer = word as i64 ^ key.len() as i64;
        for bucket in [
            guava::consistent_hash_code(key, n % 100_000),
            guava::consistent_hash(integer, n % 100_000),
        ] {
            assert!(bucket < (n % 100_000).max(1));
        }
        for bucket in [
            iceberg::bucket(key, n),
            iceberg::bucket_of_integer(integer, n),
            iceberg::bucket_of_decimal(i128::from(integer) << (n % 64), n),
        ] {
            assert!(bucket < n.max(1));
        }
        if let Ok(ring) = &swift {
            let partition = ring.partition(&String::from_utf8_lossy(key), None, None);
            assert!(u64::from(partition) < 1 << power);
        }
    }
}
