//! A real nginx on the loopback answers as the preset.

use apportion_nginx::{Backend, Frontend, KeyIn, Pool};
use apportion_real_server::{find_or_skip, free_port};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};

const KEYS: usize = 10_000;

fn nginx() -> Option<PathBuf> {
    find_or_skip("nginx", "nginx-light")
}

/// SplitMix64: the same upstreams and keys in each run, but for the ports.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Keys of all bytes that a header may have.
    fn keys(&mut self, count: usize) -> Vec<Vec<u8>> {
        let key = |_| {
            let len = 1 + self.below(40);
            let byte = |_| loop {
                let byte = (self.next() >> 56) as u8;
                if !matches!(byte, 0 | b'\r' | b'\n' | b' ') {
                    break byte;
                }
            };
            (0..len).map(byte).collect()
        };
        (0..count).map(key).collect()
    }
}

/// What a server of an upstream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    V4,
    V6,
    Named,
    PortLess,
    Unix,
}

/// A server's text and where it has to listen. `None` if this machine cannot have it.
fn server(kind: Kind, number: u64, folder: &Path) -> Option<Backend> {
    let ip = IpAddr::from([127, 77, (number >> 8) as u8, 1 + (number & 0x7f) as u8]);
    match kind {
        Kind::V4 => {
            let name = format!("{ip}:{}", free_port(ip).ok()?);
            Some(Backend { listen: vec![name.clone()], name })
        }
        Kind::V6 => {
            let name = format!("[::1]:{}", free_port(Ipv6Addr::LOCALHOST.into()).ok()?);
            Some(Backend { listen: vec![name.clone()], name })
        }
        Kind::Named => {
            let port = free_port([127, 0, 0, 1].into()).ok()?;
            let addresses: BTreeSet<_> = ("localhost", port).to_socket_addrs().ok()?.collect();
            // With several addresses it is several servers for `hash KEY`.
            let address = addresses.first().filter(|_| addresses.len() == 1)?;
            Some(Backend { name: format!("localhost:{port}"), listen: vec![address.to_string()] })
        }
        Kind::PortLess => {
            TcpListener::bind((ip, 80)).ok()?;
            Some(Backend { name: ip.to_string(), listen: vec![format!("{ip}:80")] })
        }
        Kind::Unix => {
            let name = format!("unix:{}/{number}.sock", folder.display());
            Some(Backend { listen: vec![name.clone()], name })
        }
    }
}

/// Servers of all kinds that this machine can have; each kind that it cannot have is told once.
fn servers(kinds: impl IntoIterator<Item = Kind>, folder: &Path) -> Vec<Backend> {
    let mut missing = Vec::new();
    let mut servers = Vec::new();
    for (number, kind) in kinds.into_iter().enumerate() {
        match server(kind, number as u64, folder) {
            Some(server) => servers.push(server),
            None if missing.contains(&kind) => {}
            None => missing.push(kind),
        }
    }
    for kind in missing {
        eprintln!("SKIPPED: servers of the kind {kind:?}: this machine does not have them");
    }
    servers
}

/// Asks nginx, and compares with the preset where the preset has an answer. Returns how many keys have
/// none.
fn compare<K: AsRef<[u8]>>(frontend: &mut Frontend, name: &str, pool: &Pool, keys: &[K]) -> usize {
    let answers = frontend.ask(name, keys).unwrap();
    let mut without = 0;
    for (key, chosen) in keys.iter().zip(answers) {
        match pool.get(key.as_ref()) {
            Some(ours) => {
                let key = key.as_ref().escape_ascii();
                assert_eq!(ours, chosen, "key \"{key}\" of {}", pool.block(name, ""));
            }
            None => without += 1,
        }
    }
    without
}

#[test]
fn generated_upstreams() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(1);
    let kinds = [Kind::V4, Kind::Unix, Kind::V6, Kind::PortLess, Kind::Named, Kind::V4];
    let backends = servers(kinds.into_iter().cycle().take(60), folder.path());
    let keys = random.keys(KEYS);

    let mut pools = Vec::new();
    for size in [2, 3, 7, 16, 40] {
        let mut lines: Vec<String> = Vec::new();
        while lines.len() < size {
            let name = &backends[random.below(backends.len() as u64) as usize].name;
            if lines.iter().any(|line| line.split(' ').next() == Some(name)) {
                continue;
            }
            let weight = match random.below(3) {
                0 => format!(" weight={}", 1 + random.below(9)),
                _ => String::new(),
            };
            let down = if random.below(4) == 0 && !lines.is_empty() { " down" } else { "" };
            lines.push(format!("{name}{weight}{down}"));
        }
        pools.push((format!("consistent{size}"), Pool::consistent(&lines).unwrap()));
        pools.push((format!("modulo{size}"), Pool::modulo(&lines).unwrap()));
    }
    let named: Vec<_> = pools.iter().map(|(name, pool)| (name.as_str(), pool)).collect();
    let mut frontend = Frontend::start(&nginx, &named, &backends, KeyIn::Header).unwrap();
    for (name, pool) in named {
        let without = compare(&mut frontend, name, pool, &keys);
        assert!(without < KEYS / 4, "{without} keys without an answer of {}", pool.block(name, ""));
    }
}

/// Equal texts have one set of points, that of the highest weight, and nginx takes turns among them;
/// only all of them being down makes nginx go on to the next point.
#[test]
fn a_server_that_is_listed_again() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let backends = servers([Kind::V4; 5], folder.path());
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|place: usize| &backends[place].name);
    let lines = [
        vec![a.clone(), a.clone()],
        vec![a.clone(), b.clone(), a.clone()],
        vec![
            format!("{a} weight=2"),
            format!("{b} weight=3"),
            format!("{a} weight=5"),
            format!("{c} down"),
            c.clone(),
            format!("{d} down"),
            format!("{b} weight=2 down"),
            format!("{d} weight=2 down"),
            e.clone(),
            a.clone(),
        ],
    ];
    let mut pools = Vec::new();
    for (number, lines) in lines.iter().enumerate() {
        pools.push((format!("consistent{number}"), Pool::consistent(lines).unwrap()));
        pools.push((format!("modulo{number}"), Pool::modulo(lines).unwrap()));
    }
    let named: Vec<_> = pools.iter().map(|(name, pool)| (name.as_str(), pool)).collect();
    let mut frontend = Frontend::start(&nginx, &named, &backends, KeyIn::Header).unwrap();
    let keys = Random(2).keys(KEYS);
    for (name, pool) in named {
        assert_eq!(compare(&mut frontend, name, pool, &keys), 0);
    }
}

/// nginx looks at a fixed number of points or places, then takes turns. Keys for which the preset has no
/// answer are those that go to all servers in turn, and no others.
#[test]
fn hardly_any_server_is_up() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let backends = servers([Kind::V4; 40], folder.path());
    let down = |place: usize| if place % 20 == 7 { "" } else { " down" };
    let line = |(place, backend): (usize, &Backend)| format!("{}{}", backend.name, down(place));
    let lines: Vec<String> = backends.iter().enumerate().map(line).collect();
    let pools = [Pool::consistent(&lines).unwrap(), Pool::modulo(&lines).unwrap()];
    let named = [("consistent", &pools[0]), ("modulo", &pools[1])];
    let mut frontend = Frontend::start(&nginx, &named, &backends, KeyIn::Header).unwrap();
    let keys = Random(3).keys(KEYS);
    for (name, pool) in named {
        let without = compare(&mut frontend, name, pool, &keys);
        assert!((KEYS / 5..KEYS / 2).contains(&without), "{without} keys without an answer");
        let without: Vec<_> = keys.iter().filter(|key| pool.get(key).is_none()).collect();
        let twice: Vec<_> = without.iter().flat_map(|key| [key, key]).collect();
        for (key, pair) in without.iter().zip(frontend.ask(name, &twice).unwrap().chunks(2)) {
            let key = key.escape_ascii();
            assert_ne!(
                pair[0],
                pair[1],
                "\"{key}\" does not take turns in {}",
                pool.block(name, "")
            );
        }
    }
}

/// An empty key, and a single server.
#[test]
fn no_answer() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let backends = servers([Kind::V4; 3], folder.path());
    let lines: Vec<String> = backends.iter().map(|backend| backend.name.clone()).collect();
    let three = [Pool::consistent(&lines).unwrap(), Pool::modulo(&lines).unwrap()];
    let one = [Pool::consistent(&lines[..1]).unwrap(), Pool::modulo(&lines[..1]).unwrap()];
    let named = [("c3", &three[0]), ("m3", &three[1]), ("c1", &one[0]), ("m1", &one[1])];
    let mut frontend = Frontend::start(&nginx, &named, &backends, KeyIn::Header).unwrap();
    for (name, pool) in &named[..2] {
        assert_eq!(pool.get(b""), None);
        let turns: BTreeSet<String> = frontend.ask(name, &[""; 3]).unwrap().into_iter().collect();
        assert_eq!(turns.len(), 3);
    }
    for (name, pool) in &named[2..] {
        assert_eq!(pool.get(b"key"), None);
        assert_eq!(frontend.ask(name, &["key"; 3]).unwrap(), [lines[0].as_str(); 3]);
    }
}

/// `$arg_key` is what stands in the request line, before `%` is decoded.
#[test]
fn keys_in_an_argument() {
    let Some(nginx) = nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let backends = servers([Kind::V4; 5], folder.path());
    let lines: Vec<String> = backends.iter().map(|backend| backend.name.clone()).collect();
    let pools = [Pool::consistent(&lines).unwrap(), Pool::modulo(&lines).unwrap()];
    let named = [("consistent", &pools[0]), ("modulo", &pools[1])];
    let mut frontend = Frontend::start(&nginx, &named, &backends, KeyIn::Argument).unwrap();
    let mut random = Random(4);
    let encoded = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    let mut keys: Vec<String> = random.keys(KEYS / 2).into_iter().map(encoded).collect();
    keys.extend((0..KEYS / 2).map(|i| format!("/img/{i}.png?v=\u{e9}")));
    for (name, pool) in named {
        assert_eq!(compare(&mut frontend, name, pool, &keys), 0);
    }
}
