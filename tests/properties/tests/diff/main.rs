//! Exact differences: rings against brute force over all intervals, formulas against counts.

mod brute_force;
mod formulas;
mod refused;
mod rings;

use apportion::{Algorithm, AnyPlacement, Locator, Ring};
use apportion_properties::support::topology;

type Named<P = Ring> = Locator<String, P>;
type Ends = (Option<String>, Option<String>);
fn any(algorithm: Algorithm, weights: &[u64]) -> Named<AnyPlacement> {
    Locator::any_of(topology(weights), algorithm).unwrap()
}
