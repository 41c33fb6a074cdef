//! Writes each key to three nodes, and reads it from the first of them that answers.

use apportion::Locator;
use std::collections::BTreeSet;

/// The node to read `key` from while those in `down` do not answer.
fn reader<'a>(servers: &'a Locator<&str>, key: &str, down: &BTreeSet<&str>) -> Option<&'a str> {
    servers.replicas::<3>(key).iter().copied().find(|server| !down.contains(server))
}

fn main() -> Result<(), apportion::Error> {
    let servers = Locator::ring(["a", "b", "c", "d", "e"])?;
    let holders = servers.replicas::<3>("user:42");
    println!("user:42 is written to {holders:?}");

    // A node that does not answer stays in the list: no other key moves, and it may come back.
    let mut down = BTreeSet::new();
    for holder in holders.iter().copied() {
        println!("with {down:?} down it is read from {:?}", reader(&servers, "user:42", &down));
        down.insert(holder);
    }
    println!("with {down:?} down it is read from {:?}", reader(&servers, "user:42", &down));

    // A node that is gone for good leaves the list: one more node becomes a holder.
    let fewer = servers.without("d")?;
    println!("without d it is written to {:?}", fewer.replicas::<3>("user:42"));
    Ok(())
}
