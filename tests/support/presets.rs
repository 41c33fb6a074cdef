//! Every constructor of `apportion::interop` that reads a configuration, in one table, for tests that
//! say something of all of them. An entry is a preset of the example `route` with some options.

use apportion::Error;
use apportion::interop::cassandra::{self, Cluster, Order};
use apportion::interop::envoy::{self, RingOptions};
use apportion::interop::haproxy::{self, HashType, MapBased};
use apportion::interop::memcached::{
    dalli, libketama, libmemcached, npm_hashring, pymemcache, spymemcached, twemproxy, uhashring,
};
use apportion::interop::{NamedRing, go, nginx, redis};

/// Where a key goes: the places of its holders in the list of servers.
pub(crate) type Places = Box<dyn Fn(&[u8]) -> Vec<usize>>;

/// An accepted configuration.
pub(crate) struct Accepted {
    pub(crate) places: Places,
    /// Whether the system may leave a key without a server that this configuration decides.
    pub(crate) none: bool,
}

pub(crate) struct Preset {
    /// Its name in the example `route`.
    pub(crate) name: &'static str,
    /// The options there.
    pub(crate) options: &'static [&'static str],
    pub(crate) read: fn(&[&str]) -> Result<Accepted, Error>,
}

fn ring(ring: NamedRing) -> Accepted {
    // Without points there is no answer: all servers have weight 0, which only HAProxy takes.
    let none = ring.placement().points() == 0;
    let places = Box::new(move |key: &[u8]| ring.locate(key).iter().map(|n| n.index()).collect());
    Accepted { places, none }
}

fn place(find: impl Fn(&[u8]) -> Option<usize> + 'static, none: bool) -> Accepted {
    Accepted { places: Box::new(move |key| find(key).into_iter().collect()), none }
}

fn hash_type(words: &str) -> HashType {
    words.parse().unwrap()
}

/// Small tables and rings, so that a configuration costs little.
fn sizes(min_size: u64, max_size: u64, hash: envoy::Hash) -> RingOptions {
    RingOptions { min_size, max_size, hash }
}

/// Two replicas in every data center that a host may name.
const CENTERS: [(&str, usize); 3] = [("dc1", 2), ("dc2", 2), ("datacenter1", 2)];

fn network(cluster: Cluster, order: Order) -> Accepted {
    let places = move |key: &[u8]| cluster.network(cassandra::token(key), &CENTERS, order);
    Accepted { places: Box::new(places), none: true }
}

macro_rules! presets {
    ($($name:literal $options:tt => |$lines:ident| $read:expr;)*) => {
        pub(crate) const PRESETS: &[Preset] = &[$(
            Preset {
                name: $name,
                options: &$options,
                read: |lines| {
                    let $lines = lines.iter().copied();
                    Ok($read)
                },
            },
        )*];
    };
}

presets! {
    "nginx" [] => |lines| {
        let upstream = nginx::Upstream::consistent(lines)?;
        place(move |key| upstream.get(key), true)
    };
    "nginx" ["--index"] => |lines| ring(nginx::consistent(lines)?);
    "nginx-modulo" [] => |lines| {
        let upstream = nginx::Upstream::modulo(lines)?;
        place(move |key| upstream.get(key), true)
    };
    "libmemcached-weighted" [] => |lines| ring(libmemcached::weighted(lines)?);
    "libmemcached-ketama" [] =>
        |lines| ring(libmemcached::unweighted(lines, libmemcached::Hash::Default)?);
    "libmemcached-ketama" ["--hash=crc"] =>
        |lines| ring(libmemcached::unweighted(lines, libmemcached::Hash::Crc)?);
    "libmemcached-spy" ["--hash=md5"] =>
        |lines| ring(libmemcached::spy(lines, libmemcached::Hash::Md5)?);
    "libmemcached-modula" ["--hash=fnv1a_64"] => |lines| {
        let modula = libmemcached::Modula::new(lines, libmemcached::Hash::Fnv1a64)?;
        place(move |key| Some(modula.get(key)), false)
    };
    "libketama" [] => |lines| ring(libketama::ring(lines)?);
    "twemproxy" [] => |lines| ring(twemproxy::ketama(lines, twemproxy::Hash::Fnv1a64)?);
    "twemproxy" ["--hash=murmur"] =>
        |lines| ring(twemproxy::ketama(lines, twemproxy::Hash::Murmur)?);
    "twemproxy" ["--hash=crc32", "--distribution=modula"] => |lines| {
        let modula = twemproxy::Modula::new(lines, twemproxy::Hash::Crc32)?;
        place(move |key| Some(modula.get(key)), false)
    };
    "spymemcached" [] => |lines| ring(spymemcached::ketama(
        lines, spymemcached::Format::Spymemcached, spymemcached::Hash::Ketama, false,
    )?);
    "spymemcached" ["--format=LIBMEMCACHED", "--hash=FNV1A_64_HASH", "--weighted=true"] =>
        |lines| ring(spymemcached::ketama(
            lines, spymemcached::Format::Libmemcached, spymemcached::Hash::Fnv1a64, true,
        )?);
    "uhashring" ["--mode=ketama"] => |lines| ring(uhashring::ketama(lines)?);
    "uhashring" ["--mode=default"] => |lines| ring(uhashring::default(lines)?);
    "npm-hashring" [] => |lines| ring(npm_hashring::ring(lines, npm_hashring::Options::default())?);
    "npm-hashring" ["--default-port=11211", "--compatibility=hash_ring"] => |lines| {
        let mut options = npm_hashring::Options::default();
        (options.default_port, options.hash_ring) = (Some(11211), true);
        ring(npm_hashring::ring(lines, options)?)
    };
    "dalli" [] => |lines| ring(dalli::ring(lines)?);
    "pymemcache" ["--seed=42"] => |lines| {
        let nodes = pymemcache::Rendezvous::new(lines, 42)?;
        place(move |key| Some(nodes.get(&String::from_utf8_lossy(key))), false)
    };
    "haproxy" ["--hash-type=consistent"] =>
        |lines| ring(haproxy::consistent(lines, hash_type("consistent"))?);
    "haproxy" ["--hash-type=consistent wt6"] =>
        |lines| ring(haproxy::consistent(lines, hash_type("consistent wt6"))?);
    "haproxy" ["--hash-type=map-based djb2 avalanche"] => |lines| {
        let map = MapBased::new(lines, hash_type("map-based djb2 avalanche"))?;
        place(move |key| Some(map.get(key)), false)
    };
    "envoy-ring-hash" ["--min-size=64", "--max-size=256"] =>
        |lines| ring(envoy::ring_hash(lines, sizes(64, 256, envoy::Hash::Xx))?);
    "envoy-ring-hash" ["--min-size=1", "--max-size=8192", "--hash=murmurhash2_64"] =>
        |lines| ring(envoy::ring_hash(lines, sizes(1, 8192, envoy::Hash::Murmur2))?);
    "envoy-maglev" ["--table-size=251"] => |lines| {
        let table = envoy::maglev(lines, 251)?;
        place(move |key| table.locate(key).map(|n| n.index()), false)
    };
    "grpc-ring-hash" ["--min-size=128", "--max-size=512"] =>
        |lines| ring(envoy::grpc_ring_hash(lines, sizes(128, 512, envoy::Hash::Xx))?);
    "groupcache" ["--points=20"] => |lines| ring(go::groupcache(lines, 20)?);
    "stathat" [] => |lines| ring(go::stathat(lines, 20, false)?);
    "stathat" ["--hash=fnv1a32"] => |lines| ring(go::stathat(lines, 20, true)?);
    "serialx" [] => |lines| ring(go::serialx(lines, false)?);
    "serialx" ["--hash=sha1"] => |lines| ring(go::serialx(lines, true)?);
    "redis-cluster" [] => |lines| {
        let cluster = redis::cluster(lines)?;
        place(move |key| cluster.locate(key).map(|n| n.index()), false)
    };
    "cassandra-simple" ["--replicas=3"] => |lines| {
        let cluster = Cluster::new(lines)?;
        let places = move |key: &[u8]| cluster.simple(cassandra::token(key), 3);
        Accepted { places: Box::new(places), none: false }
    };
    "cassandra-network" ["--replication=dc1=2,dc2=2,datacenter1=2"] =>
        |lines| network(Cluster::new(lines)?, Order::Server);
    "cassandra-network" [
        "--replication=dc1=2,dc2=2,datacenter1=2", "--order=python-driver",
    ] => |lines| network(Cluster::new(lines)?, Order::PythonDriver);
}

/// The parts of a text that an error may name: what stands between blanks and separators.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let ends = |text: &str| {
        let ends = text.char_indices().filter(|(_, c)| !c.is_alphanumeric());
        let mut ends: Vec<usize> = ends.flat_map(|(at, c)| [at, at + c.len_utf8()]).collect();
        ends.extend([0, text.len()]);
        ends.sort_unstable();
        ends.dedup();
        ends
    };
    let parts = |word| {
        let ends = ends(word);
        let all = ends.iter().flat_map(|from| ends.iter().map(|to| (*from, *to)));
        all.filter(|(from, to)| from < to).map(|(from, to)| &word[from..to]).collect::<Vec<&str>>()
    };
    text.split_ascii_whitespace().flat_map(parts).collect()
}

/// Whether an error says which token of the lines is wrong, or that one is missing. What is wrong
/// with all servers together is told of one of them.
pub(crate) fn names_a_token(error: &str, lines: &[&str]) -> bool {
    let missing = error.ends_with("got nothing") || error.ends_with("got none");
    let named = |token: &&str| ends_with_token(error, token) || tells_of_node(error, token);
    missing || lines.iter().any(|line| tokens(line).iter().any(named))
}

/// Of a long token, messages have the beginning.
pub(crate) fn ends_with_token(error: &str, token: &str) -> bool {
    let mut start: String = token.chars().take(256).collect();
    if start.len() < token.len() {
        start.push('…');
    }
    error.ends_with(&format!("got {start:?}"))
}

fn tells_of_node(error: &str, token: &str) -> bool {
    let start: String = format!("node {token:?} ").chars().take(200).collect();
    error.contains(&start)
}
