//! Two values beside each other.

use core::fmt;

/// Why two values cannot be compared.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum CompareFault {
    NoReplicas,
    OtherHasher { old: u64, new: u64 },
    OtherReplicas { old: usize, new: usize },
    OtherNodes { slot: u32, only: &'static str },
    OtherCounter,
    OtherAlgorithm { old: &'static str, new: &'static str },
    Fallback,
    OtherHistory { algorithm: &'static str },
    NoSpread { algorithm: &'static str },
    OneReplicaOnly { algorithm: &'static str, replicas: usize },
}

impl fmt::Display for CompareFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplicas => f.write_str("0 replicas: at least 1 is needed"),
            Self::OtherHasher { old, new } => write!(
                f,
                "one side hashes keys by 0x{old:016x}, the other by 0x{new:016x}: almost every \
                 key moves; count it over your own keys"
            ),
            Self::OtherReplicas { old, new } => {
                write!(f, "one side has {old} replicas, the other {new}: compare equal numbers")
            }
            Self::OtherNodes { slot, only } => write!(
                f,
                "the node in slot {slot} is in the {only} only: both have to be of one value"
            ),
            Self::OtherCounter => f.write_str(
                "the two counters compare other locators, or other replicas: merge those that were \
                 made with the same arguments",
            ),
            Self::OtherAlgorithm { old, new } => write!(
                f,
                "one side is {old}, the other {new}: exact figures need the same algorithm; count \
                 it over your own keys"
            ),
            Self::Fallback => f.write_str(
                "asura has exact figures only where next to no key misses with all its darts, and \
                 one of these boards is too empty: count it over your own keys",
            ),
            Self::OtherHistory { algorithm } => write!(
                f,
                "the two sides of {algorithm} came about by other changes than removals from one \
                 of them: count it over your own keys"
            ),
            Self::NoSpread { algorithm } => write!(
                f,
                "exact figures under a spread are known for rings and Maglev, not for {algorithm}: \
                 count it over your own keys"
            ),
            Self::OneReplicaOnly { algorithm, replicas } => write!(
                f,
                "{algorithm} has exact figures for 1 replica, not for {replicas}: count it over \
                 your own keys"
            ),
        }
    }
}
