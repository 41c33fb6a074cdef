//! 100,000 keys on three redis-servers: a fourth one joins, then the first one is drained, while clients read
//! and write.

use apportion::migration::Version;
use apportion::partition::TableConfig;
use apportion::{Locator, Topology};
use apportion_redis::servers::RedisServer;
use apportion_redis::sharded::{Cluster, Failure};
use apportion_redis::workload::Workload;

const KEYS: usize = 100_000;
const CLIENTS: usize = 3;

fn main() -> Result<(), Failure> {
    let servers: Vec<RedisServer> =
        (0..4).map(|_| RedisServer::start(&[])).collect::<Result<_, _>>()?;
    let names: Vec<String> = servers.iter().map(RedisServer::address).collect();

    let three = Locator::table_of(Topology::new(names[..3].to_vec())?, TableConfig::new(256, 1))?;
    let cluster = Cluster::new(Version::of(&three), 256)?;
    let workload = Workload::new(KEYS);
    workload.fill(&cluster, CLIENTS)?;
    report("three servers", &servers)?;

    let four = three.with(names[3].clone())?;
    let drained = four.without(&names[0])?;
    for (title, target) in [("a fourth one joins", &four), ("the first one is drained", &drained)] {
        let reshard = || cluster.reshard(Version::of(target), 4);
        let (moved, counts) = workload.during(&cluster, CLIENTS, reshard)?;
        report(title, &servers)?;
        println!("  {} keys were copied, {} deleted", moved.copied, moved.deleted);
        println!("  meanwhile {} writes and {} reads, all right", counts.writes, counts.reads);
    }
    workload.check_all(&cluster, CLIENTS)?;
    println!("all {KEYS} keys have what was acknowledged last");
    Ok(())
}

fn report(title: &str, servers: &[RedisServer]) -> Result<(), Failure> {
    let mut all = 0;
    print!("{title:26}");
    for server in servers {
        let keys: usize = redis::cmd("DBSIZE").query(&mut server.connect()?)?;
        all += keys;
        print!("{keys:>8}");
    }
    println!("{:>4}{all:>8} keys", "=");
    Ok(())
}
