//! Which of two assignments is kept.

use crate::error::Error;
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// What decides where a key is held, besides caps and preferences.
///
/// What moves when one of 1000 nodes leaves (over the keys it held) and when one joins (over its
/// fair load), with 100 keys a node on a ring of 160 points a node; the mean of five, with the worst
/// in brackets; and how full the new node is, over its fair load, with the least in brackets:
///
/// | c | mode | a node less | a node more | filled |
/// |---|---|---|---|---|
/// | 21/20 | canonical | 8.17 (8.86) | 1.96 (2.19) | 1.05 (1.05) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (1.00) |
/// | 5/4 | canonical | 1.20 (1.25) | 1.08 (1.19) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (0.98) |
/// | 2 | canonical | 1.00 (1.00) | 1.06 (1.18) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 0.99 (1.00) | 0.99 (0.95) |
///
/// Canonical at 21/20 the leaving node raises every cap from 105 keys to 106, and much of what had
/// gone on to a second node goes back. Online a change moves more than its node's keys only where
/// caps fall: then whoever is full sheds. `cargo test --test bounded figures -- --include-ignored
/// --nocapture` prints the table, and that of rendezvous hashing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Mode {
    /// The assignment is a function of the nodes and the keys: keys are considered in ascending
    /// order of their hashes. Two histories that end in the same keys and nodes (and the same
    /// [fingerprint](crate::Locator::fingerprint)) give the same assignment, so two processes agree
    /// without talking about it. The price is that every change may move other keys, and no number
    /// of them is promised.
    Canonical,
    /// Keys stay where they are until a node leaves, a cap falls below a load, or a node joins
    /// that they prefer. Few keys move; who holds a key depends on what happened before.
    Online,
}

/// Prints `canonical` or `online`.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Canonical => "canonical",
            Self::Online => "online",
        })
    }
}

/// Reads `canonical` or `online`, whatever the case.
impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match parameters::named("mode", text, &["canonical", "online"])? {
            "online" => Self::Online,
            _ => Self::Canonical,
        })
    }
}

parameters::serde_as_text!(Mode);
