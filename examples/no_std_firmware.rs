//! Chooses shards and stations without std and without a heap, as on a microcontroller.
//!
//! The functions above `main` build for `thumbv6m-none-eabi` with `default-features = false`.

use apportion::bucket::Buckets;
use apportion::hash::KeyHasher;
use apportion::rendezvous::RendezvousSlice;
use apportion::{Candidates, JumpBack, NodeIdx, Placement, Xxh3};

/// Identities of the stations: XXH3-64 of their labels gives the answers of a server.
const STATIONS: [u64; 3] = [0x11, 0x22, 0x33];
const PLACEMENT: RendezvousSlice<'static> = match RendezvousSlice::new(&STATIONS) {
    Some(placement) => placement,
    None => panic!("a station comes twice"), // an error of the compiler
};
const SHARDS: Buckets<JumpBack> = match Buckets::new(JumpBack, 100) {
    Some(shards) => shards,
    None => panic!("too many shards"),
};

/// The first station in the order of preference of a sensor that is in reach.
fn station(sensor: &str, in_reach: impl Fn(u64) -> bool) -> Option<u64> {
    let identity = |node: NodeIdx| STATIONS.get(node.index()).copied();
    let all = Candidates::new(&PLACEMENT, Xxh3.hash_key(sensor)).filter_map(identity);
    all.into_iter().find(|station| in_reach(*station))
}

fn shard(reading: u64) -> Option<u32> {
    SHARDS.locate(Xxh3.hash_key(&reading)).map(NodeIdx::get)
}

fn main() {
    let first = station("door", |_| true);
    println!("the sensor \"door\" reports to station {first:x?}");
    println!("or, if that is out of reach, to {:x?}", station("door", |at| Some(at) != first));
    println!("reading 42 belongs to shard {:?}", shard(42));
}
