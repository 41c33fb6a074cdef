//! Places keys over a const slice of nodes, without std and without a heap.
#![no_std]

use apportion::bucket::Buckets;
use apportion::hash::KeyHasher;
use apportion::rendezvous::RendezvousSlice;
use apportion::{Candidates, JumpBack, NodeIdx, Placement, SipHash13, Xxh3};

const STATIONS: [u64; 4] = [0x11, 0x22, 0x33, 0x44];
const PLACEMENT: RendezvousSlice<'static> = match RendezvousSlice::new(&STATIONS) {
    Some(placement) => placement,
    None => panic!("a station comes twice"),
};
const SHARDS: Buckets<JumpBack> = match Buckets::new(JumpBack, 100) {
    Some(shards) => shards,
    None => panic!("too many shards"),
};

/// The station that takes a sensor's reading, or the next one that is up.
pub fn station(sensor: &str, reading: u32, up: impl Fn(u64) -> bool) -> Option<u64> {
    let key = Xxh3.hash_key(&(sensor, reading));
    let identity = |node: NodeIdx| STATIONS.get(node.index()).copied();
    Candidates::new(&PLACEMENT, key).filter_map(identity).find(|station| up(*station))
}

/// The shards of three copies, by a keyed hash.
#[unsafe(no_mangle)]
pub extern "C" fn shards(key: u64, out: &mut [u32; 3]) -> usize {
    let mut at = [NodeIdx::default(); 3];
    let placement: &dyn Placement = &SHARDS;
    let found = placement.replicas(SipHash13::new([7; 16]).hash_key(&key), &mut at);
    for (place, node) in out.iter_mut().zip(at) {
        *place = node.get();
    }
    found
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(test)]
mod tests {
    use super::{shards, station};

    #[test]
    fn places() {
        let first = station("door", 1, |_| true).unwrap();
        let second = station("door", 1, |s| s != first).unwrap();
        assert_ne!(first, second);
        assert_eq!(station("door", 1, |_| false), None);
        let mut out = [0; 3];
        assert_eq!(shards(42, &mut out), 3);
        assert!(out[0] < 100 && out[0] != out[1] && out[1] != out[2] && out[0] != out[2]);
    }
}
