//! Shows exactly what a change moves, over all hashes, before anything moves.

use apportion::Locator;
use apportion::diff::Extent;

fn main() -> Result<(), apportion::Error> {
    let old = Locator::ring(["a", "b", "c"])?;
    let new = old.with("d")?;
    let diff = old.diff(&new)?;
    println!("{:.4} % of all keys move", 100.0 * diff.moved_fraction().unwrap_or(1.0));
    println!("movement beyond the minimum: {:?}", diff.excess());
    for flow in diff.matrix().unwrap_or_default() {
        println!("  {:?} -> {:?}: {:.4} %", flow.from, flow.to, 100.0 * flow.fraction);
    }

    // Each move is an interval of hashes: in a store ordered by hash it is one scan.
    for change in diff.moves().take(3) {
        if let Extent::Hashes { first, last } = change.extent {
            println!("{first:016x} ..= {last:016x}: {:?} -> {:?}", change.from, change.to);
        }
    }
    println!("… {} intervals", diff.moves().count());

    // With two replicas per key, a move is one replica that changes its node.
    let diff = old.diff_replicas(&new, 2)?;
    let moved = 100.0 * diff.moved_fraction().unwrap_or(1.0);
    println!("with two replicas per key, {moved:.4} % of all replicas move");
    Ok(())
}
