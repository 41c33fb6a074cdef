//! All presets. Nothing else names them all.

use super::given::Given;
use super::lookup::Lookup;
use super::{numbers, proxies, rings, servers};

/// What `--node` gives: how a node is written, and whether there have to be nodes.
#[derive(Clone, Copy)]
pub(super) enum Nodes {
    Needed(&'static str),
    Possible(&'static str),
    None,
}

/// Another system: its name, what it is, what it takes, and how its answers are found.
pub(super) struct Preset {
    pub(super) name: &'static str,
    pub(super) system: &'static str,
    pub(super) nodes: Nodes,
    /// The options that it takes and the values that they have.
    pub(super) options: &'static [(&'static str, &'static str)],
    /// Whether `--replicas` and `--raw` make sense.
    pub(super) replicas: bool,
    pub(super) raw: bool,
    pub(super) make: fn(&Given) -> Result<Lookup, String>,
}

impl Preset {
    const fn new(
        name: &'static str,
        system: &'static str,
        make: fn(&Given) -> Result<Lookup, String>,
    ) -> Self {
        let (nodes, options) = (Nodes::None, &[] as &[(&str, &str)]);
        Self { name, system, nodes, options, replicas: false, raw: false, make }
    }

    const fn nodes(self, notation: &'static str) -> Self {
        Self { nodes: Nodes::Needed(notation), ..self }
    }

    const fn options(self, options: &'static [(&'static str, &'static str)]) -> Self {
        Self { options, ..self }
    }

    const fn replicas(self) -> Self {
        Self { replicas: true, ..self }
    }

    const fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    /// The options as they are written.
    pub(super) fn notation(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        match self.nodes {
            Nodes::Needed(notation) => all.push(format!("--node '{notation}'")),
            Nodes::Possible(notation) => all.push(format!("[--node '{notation}']")),
            Nodes::None => {}
        }
        all.extend(self.options.iter().map(|(name, value)| format!("--{name} {value}")));
        if self.replicas {
            all.push("--replicas K".to_owned());
        }
        if self.raw {
            all.push("--raw".to_owned());
        }
        all.join(" ")
    }
}

const WEIGHTED: &str = "NAME[ weight=N]";
const SERVER: &str = "HOST[:PORT][ weight=N]";
const LIBMEMCACHED_HASH: (&str, &str) =
    ("hash", "default|md5|crc|fnv1_64|fnv1a_64|fnv1_32|fnv1a_32|murmur|jenkins|murmur3");
const SIZES: [(&str, &str); 2] = [("min-size", "N"), ("max-size", "N")];
const HOST: &str = "HOST[ weight=N][ locality=NAME][ locality-weight=N]";
const TOKENS: &str = "NAME[ dc=DC][ rack=RACK] tokens=T[,T]...";

pub(super) const PRESETS: &[Preset] = &[
    Preset::new("nginx", "nginx, hash KEY consistent", proxies::nginx)
        .nodes("TEXT[ weight=N][ down]"),
    Preset::new("nginx-modulo", "nginx, hash KEY", proxies::nginx_modulo)
        .nodes("TEXT[ weight=N][ down]"),
    Preset::new("libmemcached-weighted", "libmemcached, KETAMA_WEIGHTED", servers::weighted)
        .nodes(SERVER)
        .replicas(),
    Preset::new("libmemcached-ketama", "libmemcached, KETAMA", servers::ketama)
        .nodes(SERVER)
        .options(&[LIBMEMCACHED_HASH])
        .replicas(),
    Preset::new("libmemcached-spy", "libmemcached, CONSISTENT_KETAMA_SPY", servers::spy)
        .nodes(SERVER)
        .options(&[LIBMEMCACHED_HASH])
        .replicas(),
    Preset::new("libmemcached-modula", "libmemcached, MODULA", servers::modula)
        .nodes(SERVER)
        .options(&[LIBMEMCACHED_HASH]),
    Preset::new("libketama", "libketama (RJ/ketama)", servers::libketama)
        .nodes("HOST:PORT MEMORY")
        .replicas(),
    Preset::new("twemproxy", "twemproxy (nutcracker)", servers::twemproxy)
        .nodes("HOST:PORT:WEIGHT[ NAME]|/PATH:WEIGHT[ NAME]")
        .options(&[
            ("distribution", "ketama|modula"),
            ("hash", "fnv1a_64|md5|one_at_a_time|crc32|crc32a|murmur"),
            ("hash-tag", "XY"),
        ])
        .replicas(),
    Preset::new("spymemcached", "spymemcached, KetamaNodeLocator", servers::spymemcached)
        .nodes("[NAME/]IP:PORT[ weight=N]")
        .options(&[
            ("format", "SPYMEMCACHED|LIBMEMCACHED"),
            ("hash", "KETAMA_HASH|FNV1A_64_HASH"),
            ("weighted", "false|true"),
        ])
        .replicas(),
    Preset::new("uhashring", "uhashring of Python", rings::uhashring)
        .nodes(WEIGHTED)
        .options(&[("mode", "ketama|default")])
        .replicas(),
    Preset::new("npm-hashring", "hashring of npm", rings::npm_hashring)
        .nodes(WEIGHTED)
        .options(&[("default-port", "N"), ("compatibility", "none|hash_ring")])
        .replicas(),
    Preset::new("dalli", "Dalli of Ruby", servers::dalli).nodes(SERVER).replicas(),
    Preset::new("pymemcache", "pymemcache, RendezvousHash", servers::pymemcache)
        .nodes("NAME")
        .options(&[("seed", "N")]),
    Preset::new("haproxy", "HAProxy, balance with hash-type", proxies::haproxy)
        .nodes("NAME[ id=N][ weight=N][ addr=IP:PORT][ hash-key=id|id32|addr|addr-port]")
        .options(&[("hash-type", "'consistent|map-based[ sdbm|djb2|wt6|crc32][ avalanche]'")])
        .replicas(),
    Preset::new("envoy-ring-hash", "Envoy, ring_hash", proxies::envoy_ring)
        .nodes(HOST)
        .options(&[SIZES[0], SIZES[1], ("hash", "xxhash64|murmurhash2_64"), ("attempt", "N")])
        .replicas()
        .raw(),
    Preset::new("envoy-maglev", "Envoy, maglev", proxies::envoy_maglev)
        .nodes(HOST)
        .options(&[("table-size", "PRIME"), ("attempt", "N")])
        .raw(),
    Preset::new("grpc-ring-hash", "gRPC, ring_hash (A42)", proxies::grpc_ring)
        .nodes(WEIGHTED)
        .options(&SIZES)
        .replicas()
        .raw(),
    Preset::new(
        "grpc-random-subset",
        "gRPC, random_subsetting (A68), of a seed",
        proxies::grpc_subset,
    )
    .nodes("ADDRESS")
    .options(&[("subset-size", "N")]),
    Preset::new("groupcache", "groupcache, consistenthash", rings::groupcache)
        .nodes("NAME")
        .options(&[("points", "N")])
        .replicas(),
    Preset::new("stathat", "stathat/consistent", rings::stathat)
        .nodes("NAME")
        .options(&[("points", "N"), ("hash", "crc32|fnv1a32")])
        .replicas(),
    Preset::new("serialx", "serialx/hashring", rings::serialx)
        .nodes(WEIGHTED)
        .options(&[("hash", "md5|sha1")])
        .replicas(),
    Preset {
        nodes: Nodes::Possible("NAME FIRST-LAST..."),
        ..Preset::new("redis-cluster", "Redis Cluster, slot or node", numbers::redis)
    },
    Preset::new("kafka-murmur2", "Kafka, murmur2 partitioner", numbers::kafka_murmur2)
        .options(&[("partitions", "N")]),
    Preset::new("kafka-consistent", "librdkafka, consistent", numbers::kafka_consistent)
        .options(&[("partitions", "N")]),
    Preset::new("kafka-fnv1a", "librdkafka, fnv1a", numbers::kafka_fnv1a)
        .options(&[("partitions", "N")]),
    Preset::new("kafka-murmur2-hash", "Kafka, murmur2 itself", numbers::kafka_hash),
    Preset::new("cassandra-token", "Cassandra, Murmur3Partitioner", numbers::cassandra_token),
    Preset::new("cassandra-random-token", "Cassandra, RandomPartitioner", numbers::random_token),
    Preset::new("cassandra-simple", "Cassandra, SimpleStrategy", rings::cassandra_simple)
        .nodes(TOKENS)
        .replicas()
        .raw(),
    Preset::new(
        "cassandra-network",
        "Cassandra, NetworkTopologyStrategy",
        rings::cassandra_network,
    )
    .nodes(TOKENS)
    .options(&[("replication", "DC=N[,DC=N]..."), ("order", "server|python-driver")])
    .raw(),
    Preset::new("swift", "OpenStack Swift, partition or devices", numbers::swift).options(&[
        ("part-power", "N"),
        ("prefix-hex", "HEX"),
        ("suffix-hex", "HEX"),
        ("devices", "FILE"),
    ]),
    Preset::new("iceberg", "Iceberg, bucket transform", numbers::iceberg).options(&[
        ("type", "string|binary|uuid|int|long|date|time|timestamp|decimal"),
        ("buckets", "N"),
    ]),
    Preset::new("guava", "Guava, Hashing.consistentHash", numbers::guava)
        .options(&[("buckets", "N"), ("hash", "none|murmur3_32_fixed|murmur3_128")])
        .raw(),
];
