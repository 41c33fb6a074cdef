//! What keys are placed on.

use crate::anchor::History;
use crate::bounded::Bounded;
use crate::range::Range;
use crate::text::{decimal, quoted};
use apportion::asura::AsuraConfig;
use apportion::bucket::{Buckets, FlipHash, Jump, JumpGuava};
use apportion::{Algorithm, JumpBack, Node, Placement};
use std::path::PathBuf;

const HINT: &str = "; after a name that contains '=', write '=1'";

pub(crate) enum Cluster {
    /// Nodes with names.
    Nodes(Algorithm, Vec<Node<String>>),
    /// Nodes with names and caps.
    Bounded(Bounded),
    /// Buckets with numbers.
    Buckets(Box<dyn Placement>),
    /// More buckets than slots can be numbered.
    Range(Range),
    /// Buckets that were added and removed.
    Anchor(History),
    /// Slots with the weights in this file.
    Weights(PathBuf),
    /// A board whose slots have the weights in this file.
    Board(AsuraConfig, PathBuf),
}

/// `NAME` or `NAME=WEIGHT`. What follows the last `=` is always a weight, so that a wrong one is not
/// taken for the rest of the name.
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
        return Err(wrong("'-', commas and control characters mean something else in an answer"));
    }
    Ok(Node::new(name.to_owned()).weight(weight))
}

/// `n` buckets under an algorithm that counts them.
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
    let most = apportion::limits::MAX_BUCKETS;
    buckets.ok_or_else(|| format!("--buckets {}: not from 1 to {most}", quoted(n.as_bytes())))
}
