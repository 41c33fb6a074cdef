//! The nodes or buckets on which keys are placed.

use crate::anchor::History;
use crate::bounded::Bounded;
use crate::range::Range;
use crate::text::{decimal, quoted};
use apportion::asura::AsuraConfig;
use apportion::bucket::{Buckets, FlipHash, Jump, JumpGuava};
use apportion::{Algorithm, JumpBack, Node, Placement};
use std::path::PathBuf;

const HINT: &str = "; after a name that contains `=`, write `=1`";

pub(crate) enum Cluster {
    /// Nodes with names.
    Nodes(Algorithm, Vec<Node<String>>),
    /// Nodes with names and caps.
    Bounded(Bounded),
    /// Buckets with numbers.
    Buckets(Box<dyn Placement>),
    /// Buckets with 64-bit numbers.
    Range(Range),
    /// Anchor buckets with a history.
    Anchor(History),
    /// Slots with weights from this file.
    Weights(PathBuf),
    /// An Asura board whose slots have weights from this file.
    Board(AsuraConfig, PathBuf),
}

/// `NAME` or `NAME=WEIGHT`. The text after the last `=` is always a weight, so a mistyped weight
/// does not become part of the name.
pub(crate) fn node(given: &str) -> Result<Node<String>, String> {
    let wrong = |why: &str| format!("--node {}: {why}", quoted(given.as_bytes()));
    let (name, weight) = match given.rsplit_once('=') {
        Some((name, digits)) => {
            let why = || {
                let digits = quoted(digits.as_bytes());
                wrong(&format!("{digits} is not a weight from 0 to {}{HINT}", u64::MAX))
            };
            (name, decimal(digits.as_bytes()).ok_or_else(why)?)
        }
        None => (given, 1),
    };
    if name.is_empty() {
        return Err(wrong("a node needs a name"));
    }
    if name == "-" || name.contains(|c: char| c == ',' || c.is_control()) {
        return Err(wrong("a name must not be `-` or contain commas or control characters"));
    }
    Ok(Node::new(name.to_owned()).weight(weight))
}

/// `n` buckets under an algorithm of numbered buckets.
pub(crate) fn buckets(algorithm: &Algorithm, n: &str) -> Result<Box<dyn Placement>, String> {
    fn boxed(buckets: Option<impl Placement + 'static>) -> Option<Box<dyn Placement>> {
        Some(Box::new(buckets?))
    }
    let count = decimal(n.as_bytes()).filter(|n| *n > 0);
    let buckets = count.and_then(|n| match algorithm {
        Algorithm::JumpGuava => boxed(Buckets::new(JumpGuava, n)),
        Algorithm::JumpBack => boxed(Buckets::new(JumpBack, n)),
        Algorithm::Flip => boxed(Buckets::new(FlipHash, n)),
        _ => boxed(Buckets::new(Jump, n)),
    });
    let max = apportion::limits::MAX_BUCKETS;
    buckets.ok_or_else(|| format!("--buckets {}: not from 1 to {max}", quoted(n.as_bytes())))
}
