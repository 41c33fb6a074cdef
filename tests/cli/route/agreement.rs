//! The program answers as the library does.

use super::{file, text};
use apportion::bucket::{Buckets, Jump, JumpGuava};
use apportion::hash::BytesHasher;
use apportion::maglev::MaglevConfig;
use apportion::rendezvous::WeightedRendezvousSlice;
use apportion::{
    Algorithm, AnyPlacement, JumpBack, KeyHash, Locator, Node, NodeIdx, Placement, SipHash13,
    Topology, Xxh3,
};
use std::fmt::Write;

/// More than two batches.
const KEYS: u64 = 2_100;

type Nodes<'a> = &'a [(&'a str, u64)];

fn locator(algorithm: &Algorithm, nodes: Nodes) -> Locator<String, AnyPlacement> {
    let nodes = nodes.iter().map(|(name, weight)| Node::new((*name).to_owned()).weight(*weight));
    Locator::any_of(Topology::of(nodes).unwrap(), algorithm.clone()).unwrap()
}

fn line(key: &str, names: &[String]) -> String {
    let names = if names.is_empty() { "-".to_owned() } else { names.join(",") };
    format!("{key}\t{names}\n")
}

fn options(algorithm: &Algorithm, nodes: Nodes, replicas: usize) -> Vec<String> {
    let mut args = vec![format!("--algorithm={algorithm}"), format!("--replicas={replicas}")];
    args.extend(nodes.iter().map(|(name, weight)| format!("--node={name}={weight}")));
    args
}

/// The keys as text, in hexadecimal and as hashes.
fn check(algorithm: &Algorithm, nodes: Nodes, replicas: usize) {
    let locator = locator(algorithm, nodes);
    let mut room = vec![NodeIdx::default(); replicas];
    let mut holders = |hash: KeyHash| -> Vec<String> {
        let found = locator.placement().replicas(hash, &mut room);
        room[..found].iter().map(|at| locator.topology().get(*at).unwrap().clone()).collect()
    };
    let mut expected = [String::new(), String::new(), String::new()];
    let mut input = expected.clone();
    for i in 0..KEYS {
        let key = format!("user:{i}");
        let mut hex = String::new();
        key.bytes().for_each(|b| write!(hex, "{b:02X}").unwrap());
        let hash = locator.hash(key.as_str());
        let names = holders(hash);
        assert_eq!(names.first(), locator.get(key.as_str()), "law 2");
        for (at, key) in [key, hex, format!("{:016x}", hash.get())].iter().enumerate() {
            writeln!(input[at], "{key}").unwrap();
            expected[at] += &line(key, &names);
        }
    }
    let args = options(algorithm, nodes, replicas);
    for (at, form) in ["", "--hex", "--raw"].into_iter().enumerate() {
        let args: Vec<&str> = args.iter().map(String::as_str).chain([form]).collect();
        let args: Vec<&str> = args.into_iter().filter(|arg| !arg.is_empty()).collect();
        assert!(text(&args, input[at].as_bytes()) == expected[at], "{args:?}");
    }
}

#[test]
fn equal_nodes() {
    let nodes = [("a", 1), ("b=c", 1), ("=", 1), ("zwölf", 1), ("10.0.0.1:80", 1), ("-f", 1)];
    for algorithm in Algorithm::all() {
        for replicas in [1, 2, 5, 100] {
            check(&algorithm, &nodes, replicas);
        }
    }
}

#[test]
fn a_table_of_another_size() {
    let nodes = [("a", 3), ("b", 1), ("c", 0)];
    let algorithm = Algorithm::Maglev(MaglevConfig::default().table_size(101));
    let placed = locator(&algorithm, &nodes);
    let key = "some key";
    let args = ["--algorithm=maglev", "--table=101", "--node=a=3", "--node=b", "--node=c=0"];
    let expected = format!("{key}\t{}\n", placed.get(key).unwrap());
    assert_eq!(text(&args, key.as_bytes()), expected);
}

#[test]
fn an_anchor_of_another_capacity() {
    let placed = locator(&"anchor:7".parse().unwrap(), &[("a", 1), ("b", 1)]);
    let args = ["--algorithm=anchor:7", "--node=a", "--node=b"];
    for key in ["some key", "another key", "a third key", ""] {
        let expected = format!("{key}\t{}\n", placed.get(key).unwrap());
        assert_eq!(text(&args, format!("{key}\n").as_bytes()), expected);
    }
}

#[test]
fn drained_nodes() {
    let nodes = [("a", 0), ("b", 1), ("c", 0), ("d", 1), ("e", 0)];
    let none = [("a", 0), ("b", 0)];
    for algorithm in Algorithm::all() {
        for replicas in [1, 3] {
            check(&algorithm, &nodes, replicas);
            check(&algorithm, &none, replicas);
        }
    }
}

#[test]
fn weights() {
    let nodes = [("a", 3), ("b", 0), ("c", 1), ("d", u64::MAX)];
    check(&Algorithm::WeightedRendezvous, &nodes, 1);
    check(&Algorithm::WeightedRendezvous, &nodes, 2);
    let nodes = [("a", 3), ("b", 0), ("c", 1), ("d", 2), ("e", 9)];
    for algorithm in Algorithm::all() {
        if locator(&algorithm, &[]).placement().guarantees().weights {
            check(&algorithm, &nodes, 1);
            check(&algorithm, &nodes, 3);
        }
    }
}

#[test]
fn no_live_nodes() {
    for algorithm in Algorithm::all() {
        check(&algorithm, &[("a", 0)], 1);
        check(&algorithm, &[("a", 0), ("b", 0)], 2);
    }
    assert_eq!(text(&["--node=a=0"], b"a\n\nb"), "a\t-\n\t-\nb\t-\n");
    let empty = file("empty", "");
    let drained = file("drained", "0\n0\n");
    for path in [empty.as_str(), drained.as_str()] {
        let args = ["--raw", "--algorithm=weighted-rendezvous", "--weights", path];
        assert_eq!(text(&args, b"0123456789abcdef\n"), "0123456789abcdef\t-\n");
    }
}

#[test]
fn a_ring_one_replica_and_xxh3_unless_asked_otherwise() {
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    for i in 0..20 {
        let key = format!("key {i}");
        let expected = format!("{key}\t{}\n", ring.get(&key).unwrap());
        let nodes = ["--node", "a", "--node", "b", "--node", "c"];
        assert_eq!(text(&nodes, key.as_bytes()), expected);
    }
}

fn check_hasher(option: &str, hasher: &dyn BytesHasher) {
    let nodes = [("a", 1), ("b", 1), ("c", 1)];
    let locator = locator(&Algorithm::JumpBack, &nodes);
    let (mut input, mut expected) = (String::new(), String::new());
    for i in 0..KEYS {
        let key = format!("{i}");
        writeln!(input, "{key}").unwrap();
        let owner = locator.placement().locate(hasher.hash_bytes(key.as_bytes())).unwrap();
        expected += &line(&key, &[locator.topology().get(owner).unwrap().clone()]);
    }
    let mut args = vec!["--hasher", option, "--algorithm", "jump-back"];
    args.extend(["--node", "a", "--node", "b", "--node", "c"]);
    assert!(text(&args, input.as_bytes()) == expected, "{option}");
}

#[test]
fn hashers() {
    check_hasher("xxh3", &Xxh3);
    let secret = SipHash13::new(std::array::from_fn(|i| 0xA0 + i as u8));
    check_hasher("siphash:a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", &secret);
    check_hasher("siphash:A0A1A2a3a4a5a6a7a8a9AAABACADAEAF", &secret);
    #[cfg(feature = "md5")]
    check_hasher("md5", &apportion::hash::Md5);
    #[cfg(feature = "sha1")]
    check_hasher("sha1", &apportion::hash::Sha1);
}

#[test]
fn numbers() {
    let check = |placement: &dyn Placement, args: &[&str], replicas: usize| {
        let (mut input, mut expected) = (String::new(), String::new());
        let mut room = vec![NodeIdx::default(); replicas];
        for i in 0..KEYS {
            let hash = KeyHash::of_id(i);
            let key = format!("{:016X}", hash.get());
            writeln!(input, "{key}").unwrap();
            let found = placement.replicas(hash, &mut room);
            let slots: Vec<String> =
                room[..found].iter().map(|slot| slot.get().to_string()).collect();
            expected += &line(&key, &slots);
        }
        let count = replicas.to_string();
        let args = [&["--raw", "--replicas", count.as_str()], args].concat();
        assert!(text(&args, input.as_bytes()) == expected, "{args:?}");
    };
    for (n, replicas) in [(1, 1), (1, 2), (7, 3), (1000, 1), (i32::MAX as u32, 4)] {
        let count = n.to_string();
        let args = |algorithm| ["--buckets", count.as_str(), "--algorithm", algorithm];
        check(&Buckets::new(Jump, n).unwrap(), &args("jump"), replicas);
        check(&Buckets::new(JumpGuava, n).unwrap(), &args("jump-guava"), replicas);
        check(&Buckets::new(JumpBack, n).unwrap(), &args("jump-back"), replicas);
    }
    let slots = [(0, 5), (1, 0), (2, u64::MAX), (3, 1 << 60)];
    let path = file("slots", "5\n00\n18446744073709551615\n1152921504606846976\n");
    let args = ["--weights", path.as_str(), "--algorithm", "weighted-rendezvous"];
    for replicas in [1, 2, 9] {
        check(&WeightedRendezvousSlice::new(&slots).unwrap(), &args, replicas);
    }
}
