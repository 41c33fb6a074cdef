//! Replaces the list of nodes while other threads look keys up.

use apportion::{Error, Locator, Node};
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::thread;

/// Replaces the nodes by a new list and returns the fraction of the keys that move.
fn reload(pool: &ArcSwap<Locator<String>>, names: &[&str]) -> Result<Option<f64>, Error> {
    let old = pool.load_full();
    let new = old.replaced_by(names.iter().map(|name| Node::new(name.to_string())))?;
    let moved = old.diff(&new)?.moved_fraction();
    pool.store(Arc::new(new)); // a list with an error in it never gets here
    Ok(moved)
}

fn main() -> Result<(), Error> {
    let pool = ArcSwap::from_pointee(Locator::ring(["a", "b", "c"].map(String::from))?);
    let answered = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // One load for a request: two loads may see two lists.
            (0..1_000_000_u64).filter(|key| pool.load().get(key).is_some()).count()
        });
        for names in [&["a", "b", "c", "d"][..], &["b", "c", "d"], &["b", "b"]] {
            match reload(&pool, names) {
                Ok(moved) => println!("{names:?} moves {:.1} %", 100.0 * moved.unwrap_or(1.0)),
                Err(error) => println!("{names:?} is refused: {error}"),
            }
        }
        reader.join().unwrap_or(0)
    });
    println!("{answered} of 1000000 lookups had an answer");
    Ok(())
}
