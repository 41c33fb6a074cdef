//! Moves a store from three shards to four while it is in use, one partition after the other.

use apportion::migration::{PartitionState, Transition, Version};
use apportion::{Error, Locator};
use std::collections::BTreeMap;

fn main() -> Result<(), Error> {
    let old = Locator::ring(["a", "b", "c"])?;
    let new = old.with("d")?;
    let mut routing = Transition::<_, _, 1>::new(Version::of(&old), 64)?;
    let mut stores: BTreeMap<&str, BTreeMap<u64, &str>> = BTreeMap::new();
    for key in 0..1000_u64 {
        for shard in routing.write_set(&key) {
            stores.entry(shard).or_default().insert(key, "a value");
        }
    }

    routing.change_to(Version::of(&new))?;
    for partition in 0..64 {
        if routing.state(partition) != Some(PartitionState::Waiting) {
            continue; // nothing moves in it
        }
        routing.begin(partition)?; // from now on clients write to both shards of a key: copy
        let keys: Vec<u64> = (0..1000).filter(|key| routing.partition(key) == partition).collect();
        for key in &keys {
            let value =
                routing.read_set(key).get(0).and_then(|shard| stores[shard].get(key)).copied();
            for shard in routing.new_holders(key) {
                value.map(|value| stores.entry(shard).or_default().entry(*key).or_insert(value));
            }
        }
        routing.switch(partition)?; // now they read the new shard
        routing.complete(partition)?; // the old one may delete its copies
    }
    let found =
        (0..1000).filter(|key| stores[routing.read_set(key).get(0).unwrap()].contains_key(key));
    println!("{} of 1000 keys are found at their new shard", found.count());
    Ok(())
}
