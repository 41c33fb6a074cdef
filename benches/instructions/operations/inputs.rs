//! Nodes and keys that are the same on every machine and in every run.

use apportion::interop::{NamedRing, nginx};
use apportion::placement::Build;
use apportion::{KeyHash, Locator, NodeIdx, Topology};

/// Keys of each counted loop: so many that instructions around the loop do not matter.
pub(crate) const KEYS: u64 = 1000;

/// Kept for good: nothing is freed while instructions are counted.
pub(crate) fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Random numbers.
pub(crate) fn ids(count: u64) -> &'static [u64] {
    kept((0..count).map(|i| KeyHash::of_id(i).get()).collect::<Vec<_>>())
}

/// Random strings of 16 to 32 bytes: the hasher takes longer ones by other instructions where the
/// processor has them.
pub(crate) fn names() -> &'static [String] {
    let word = |i: u64| KeyHash::of_id((1 << 32) + i).get();
    let name = |i: u64| {
        let mut name = format!("{:016x}{:016x}", word(3 * i), word(3 * i + 1));
        name.truncate(16 + (word(3 * i + 2) % 17) as usize);
        name
    };
    kept((0..KEYS).map(name).collect::<Vec<_>>())
}

/// `n` nodes, numbered.
pub(crate) fn nodes(n: u64) -> &'static Topology<u64> {
    kept(Topology::new(0..n).expect("distinct labels"))
}

/// `n` nodes under an algorithm with its default configuration.
pub(crate) fn over<P: Build>(n: u64) -> &'static Locator<u64, P> {
    kept(Locator::build(nodes(n).clone(), &P::Config::default()).expect("a locator"))
}

/// `n` servers under nginx's `hash KEY consistent`.
pub(crate) fn nginx_ring(n: u64) -> &'static NamedRing {
    let lines: Vec<String> = (0..n).map(|i| format!("10.0.{}.{}:80", i / 256, i % 256)).collect();
    kept(nginx::consistent(lines.iter().map(String::as_str)).expect("a ring"))
}

/// The answer as a number.
pub(crate) fn number(node: Option<NodeIdx>) -> u32 {
    node.map_or(0, NodeIdx::get)
}
