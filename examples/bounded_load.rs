//! Sends requests of a key to one node, and to the next one while that node is too busy.

use apportion::Locator;
use apportion::bounded::{InFlight, LoadFactor};

fn main() -> Result<(), apportion::Error> {
    let caches = Locator::ring(["a", "b", "c", "d"])?;
    // No cache has more than 5/4 of the mean load. A lease counts until it is dropped.
    let loads = InFlight::new(caches.topology().members(), LoadFactor::new(5, 4)?);
    let send = |url: &str| loads.acquire(caches.candidates(url).map(|(node, _)| node));

    let mut running = Vec::new();
    for i in 0..60 {
        running.extend(send(&format!("/page/{i}")));
    }
    for _ in 0..40 {
        running.extend(send("/video/1")); // everybody asks for it
    }
    println!("{} requests are under way", loads.total());
    for (node, name) in caches.topology().iter() {
        println!("  {name}: {:2} of at most {}", loads.load(node), loads.cap(node));
    }

    running.clear(); // the responses have ended
    let lease = send("/video/1").expect("no cache is busy");
    println!("then /video/1 goes to {:?}", caches.topology().get(lease.node()));
    println!("its first choice is   {:?}", caches.get("/video/1"));
    Ok(())
}
