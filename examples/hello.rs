//! Finds the caches of a key, and counts what moves when a cache joins.

use apportion::Locator;
use apportion::analysis::count_moves;

fn main() -> Result<(), apportion::Error> {
    let ring = Locator::ring(["cache-1", "cache-2", "cache-3"])?;
    println!("user:42 lives on {:?}", ring.get("user:42"));
    println!("its 2 replicas on {:?}", ring.replicas::<2>("user:42"));

    let bigger = ring.with("cache-4")?; // a new value; `ring` still answers as before
    let movement = count_moves(&ring, &bigger, 1, (0..100_000_u64).map(|key| (key, 1)))?;
    println!("cache-4 moves {:.1} % of 100000 keys:", 100.0 * movement.moved_fraction());
    for flow in movement.flows() {
        println!("  {:?} -> {:?}: {} keys", flow.from, flow.to, flow.keys);
    }
    Ok(())
}
