//! A client of libmemcached and the preset read each other's keys from real memcached instances.

use apportion_memcached::servers::Memcached;
use apportion_memcached::{CClient, Connection, Continuum, Pool};
use apportion_real_server::{find, free_address, or_skip};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

const KEYS: u64 = 2500;

fn client() -> Option<CClient> {
    or_skip(find("memcached", "memcached"))?;
    or_skip(CClient::compile())
}

/// Instances, of which the last two have memcached's own port if this machine lets them: libmemcached
/// leaves it out of the names that it hashes.
fn start(count: u8) -> Vec<Memcached> {
    let address = |number: u8| {
        let usual = SocketAddr::from(([127, 78, 0, number + 1], 11211));
        let is_free = number + 2 >= count && TcpListener::bind(usual).is_ok();
        if is_free { usual } else { free_address().unwrap() }
    };
    (0..count).map(|number| Memcached::start(address(number)).unwrap()).collect()
}

/// Text, and bytes above 0x7f: libmemcached hashes them as signed.
fn keys() -> Vec<Vec<u8>> {
    let mut state = 7_u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut key = |i: u64| match i % 3 {
        0 => format!("user:{i}").into_bytes(),
        1 => format!("caf\u{e9}:{i}:\u{1f980}").into_bytes(),
        _ => {
            let mut key: Vec<u8> = (0..random() % 200).map(|_| 0x80 | random() as u8).collect();
            key.extend(i.to_string().bytes());
            key
        }
    };
    (0..KEYS).map(&mut key).collect()
}

/// Both ways, over the same instances with these weights.
fn check(client: &CClient, instances: &[Memcached], continuum: Continuum, weights: &[u32]) {
    let line = |(instance, weight): (&Memcached, &u32)| match weight {
        1 => instance.address(),
        weight => format!("{} weight={weight}", instance.address()),
    };
    let servers: Vec<String> = instances.iter().zip(weights).map(line).collect();
    let mut pool = match continuum {
        Continuum::Weighted => Pool::weighted(&servers).unwrap(),
        Continuum::Unweighted => Pool::unweighted(&servers).unwrap(),
    };
    let keys = keys();
    let value = |from: &str, i: usize| format!("{from} {continuum:?} {weights:?} {i}").into_bytes();

    let theirs: Vec<_> = (0..keys.len()).map(|i| value("theirs", i)).collect();
    let entries = keys.iter().zip(&theirs).map(|(key, value)| (&**key, &**value));
    client.set(continuum, &servers, entries).unwrap();
    let mut used = BTreeSet::new();
    for (key, value) in keys.iter().zip(&theirs) {
        let found = pool.get(key).unwrap();
        assert_eq!(found.as_ref(), Some(value), "\"{}\" in {servers:?}", key.escape_ascii());
        used.insert(pool.server(key).to_string());
    }
    assert_eq!(used.len(), servers.len());

    let ours: Vec<_> = (0..keys.len()).map(|i| value("ours", i)).collect();
    for (key, value) in keys.iter().zip(&ours) {
        pool.set(key, value).unwrap();
    }
    let read = client.get(continuum, &servers, keys.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(read, ours);
}

#[test]
fn each_reads_the_others_keys() {
    let Some(client) = client() else { return };
    let instances = start(7);
    for (continuum, weights) in [
        (Continuum::Weighted, [1, 1, 1, 1, 1, 1, 1]),
        (Continuum::Weighted, [1, 2, 3, 1, 5, 1, 2]),
        (Continuum::Weighted, [3, 3, 3, 3, 3, 3, 3]),
        (Continuum::Unweighted, [1, 1, 1, 1, 1, 1, 1]),
        // A weight above 1 changes the continuum, while keys keep their hash.
        (Continuum::Unweighted, [1, 1, 4, 1, 1, 2, 1]),
    ] {
        check(&client, &instances, continuum, &weights);
    }
    // Weights of two servers alone.
    check(&client, &instances[5..], Continuum::Weighted, &[1, 9]);
    check(&client, &instances[..2], Continuum::Unweighted, &[1, 1]);
}

/// The test above would notice another server: there the key is not found.
#[test]
fn a_key_is_on_one_server_alone() {
    let Some(client) = client() else { return };
    let instances = start(3);
    let servers: Vec<String> = instances.iter().map(Memcached::address).collect();
    let pool = Pool::weighted(&servers).unwrap();
    let keys = keys();
    let entries = keys.iter().map(|key| (&**key, &b"value"[..]));
    client.set(Continuum::Weighted, &servers, entries).unwrap();
    for server in &servers {
        let mut connection = Connection::open(server).unwrap();
        for key in &keys {
            let is_here = connection.get(key).unwrap().is_some();
            assert_eq!(is_here, pool.server(key) == server);
        }
    }
}

#[test]
fn keys_that_memcached_does_not_take() {
    if or_skip(find("memcached", "memcached")).is_none() {
        return;
    }
    let instances = start(1);
    let mut pool = Pool::weighted(&[instances[0].address()]).unwrap();
    for key in [&b""[..], b"two words", b"key 0 0 1\r\nx\r\nflush_all", &[b'x'; 251]] {
        assert_eq!(pool.set(key, b"value").unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(pool.get(key).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(pool.get(&[b'x'; 250]).unwrap(), None);
}
