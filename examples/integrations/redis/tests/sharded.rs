//! Keys move between real redis-servers while clients read, write and remove them.

use apportion::migration::Version;
use apportion::partition::{PartitionTable, TableConfig};
use apportion::{Locator, Topology};
use apportion_real_server::{find, or_skip};
use apportion_redis::servers::RedisServer;
use apportion_redis::sharded::{Cluster, Moved};
use apportion_redis::workload::Workload;

type Table = Locator<String, PartitionTable>;

fn servers(count: usize) -> Option<Vec<RedisServer>> {
    or_skip(find("redis-server", "redis-server"))?;
    Some((0..count).map(|_| RedisServer::start(&[]).unwrap()).collect())
}

fn table(servers: &[RedisServer]) -> Table {
    let names: Vec<String> = servers.iter().map(RedisServer::address).collect();
    Locator::table_of(Topology::new(names).unwrap(), TableConfig::new(64, 1)).unwrap()
}

fn keys_on(server: &RedisServer) -> usize {
    redis::cmd("DBSIZE").query(&mut server.connect().unwrap()).unwrap()
}

#[test]
fn a_hundred_thousand_keys_and_nothing_lost() {
    const KEYS: usize = 100_000;
    let Some(servers) = servers(4) else { return };
    let three = table(&servers[..3]);
    let cluster = Cluster::new(Version::of(&three), 64).unwrap();
    let workload = Workload::new(KEYS);
    workload.fill(&cluster, 3).unwrap();

    let four = three.with(servers[3].address()).unwrap();
    let last = four.without(&servers[0].address()).unwrap();
    for target in [&four, &last] {
        let reshard = || cluster.reshard(Version::of(target), 3);
        let (moved, counts) = workload.during(&cluster, 3, reshard).unwrap();
        // A quarter moves to the new server, and a quarter away from the old one.
        assert!((KEYS / 5..KEYS / 3).contains(&moved.copied), "{moved:?}");
        assert_eq!(moved.deleted, moved.copied);
        assert!(counts.reads > 0 && counts.writes > 0, "{counts:?}");
        workload.check_all(&cluster, 3).unwrap();
        assert_eq!(servers.iter().map(keys_on).sum::<usize>(), KEYS);
    }
    assert_eq!(keys_on(&servers[0]), 0);
}

/// The new server stops for good while keys are copied to it: the way back loses nothing.
#[test]
fn a_resharding_that_is_given_up() {
    const KEYS: usize = 5000;
    let Some(mut servers) = servers(4) else { return };
    let three = table(&servers[..3]);
    let cluster = Cluster::new(Version::of(&three), 64).unwrap();
    let workload = Workload::new(KEYS);
    workload.fill(&cluster, 2).unwrap();

    let stopped = servers.pop().unwrap();
    let address = stopped.address();
    drop(stopped);
    let four = three.with(address.clone()).unwrap();
    cluster.reshard(Version::of(&four), 2).unwrap_err();
    cluster.lose(&address).unwrap();
    let back = || cluster.reshard(Version::of(&three), 2);
    let (moved, counts) = workload.during(&cluster, 2, back).unwrap();
    assert_eq!(moved, Moved::default());
    assert!(counts.writes + counts.reads > 0);
    workload.check_all(&cluster, 2).unwrap();
    assert_eq!(servers.iter().map(keys_on).sum::<usize>(), KEYS);
}

/// Keys whose only server is gone are errors, and neither missing nor acknowledged.
#[test]
fn a_lost_server() {
    let Some(mut servers) = servers(2) else { return };
    let two = table(&servers);
    let cluster = Cluster::new(Version::of(&two), 64).unwrap();
    let stopped = servers.pop().unwrap();
    let address = stopped.address();
    drop(stopped);
    cluster.lose(&address).unwrap();
    let mut keys = (0..100).map(|i: u32| i.to_string());
    let key = keys.find(|key| two.get(key.as_bytes()) == Some(&address)).unwrap();
    let mut client = cluster.client();
    let error = client.get(key.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("is lost"), "{error}");
    client.set(key.as_bytes(), b"value").unwrap_err();
    let one = two.without(&address).unwrap();
    cluster.reshard(Version::of(&one), 1).unwrap();
    client.set(key.as_bytes(), b"value").unwrap();
    assert_eq!(client.get(key.as_bytes()).unwrap().as_deref(), Some(&b"value"[..]));
}

/// A copy that comes late does not bring an old value or a removed key back.
#[test]
fn the_newer_one_stays() {
    let Some(servers) = servers(2) else { return };
    let one = table(&servers[..1]);
    let cluster = Cluster::new(Version::of(&one), 64).unwrap();
    let mut client = cluster.client();
    client.set(b"kept", b"old").unwrap();
    client.set(b"removed", b"old").unwrap();
    // What a copy has read before these writes.
    let mut server = servers[0].connect().unwrap();
    let dump = |server: &mut redis::Connection, key: &str| {
        redis::cmd("HMGET").arg(key).arg("at").arg("value").query::<[Vec<u8>; 2]>(server).unwrap()
    };
    let read = ["kept", "removed"].map(|key| (key, dump(&mut server, key)));
    client.set(b"kept", b"new").unwrap();
    client.remove(b"removed").unwrap();
    for (key, [at, value]) in read {
        let script = apportion_redis::sharded::STORE;
        let stored: u32 = redis::cmd("EVAL")
            .arg(script)
            .arg(1)
            .arg(key)
            .arg(at)
            .arg(value)
            .query(&mut server)
            .unwrap();
        assert_eq!(stored, 0);
    }
    assert_eq!(client.get(b"kept").unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(client.get(b"removed").unwrap(), None);

    // Removals move too.
    let both = one.with(servers[1].address()).unwrap();
    let other = both.without(&servers[0].address()).unwrap();
    let moved = cluster.reshard(Version::of(&other), 1).unwrap();
    assert_eq!(moved, Moved { copied: 2, deleted: 2 });
    assert_eq!(client.get(b"kept").unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(client.get(b"removed").unwrap(), None);
    client.set(b"removed", b"again").unwrap();
    assert_eq!(client.get(b"removed").unwrap().as_deref(), Some(&b"again"[..]));
}
