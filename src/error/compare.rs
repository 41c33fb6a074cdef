//! Errors of comparisons.

use super::kind::ErrorKind;
use super::words::Count;
use core::fmt;

/// Why two values cannot be compared.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum CompareFault {
    NoReplicas,
    OtherHasher {
        old: u64,
        new: u64,
    },
    OtherReplicas {
        old: usize,
        new: usize,
    },
    OtherNodes {
        slot: u32,
        only: &'static str,
    },
    OtherCounter,
    OtherAlgorithm {
        old: &'static str,
        new: &'static str,
    },
    Fallback,
    /// `equal` is what both sides must have in common.
    OtherHistory {
        algorithm: &'static str,
        equal: &'static str,
    },
    NoSpread {
        algorithm: &'static str,
    },
    OneReplicaOnly {
        algorithm: &'static str,
        replicas: usize,
    },
}

impl CompareFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoReplicas
            | Self::OtherReplicas { .. }
            | Self::OtherNodes { .. }
            | Self::OtherCounter => ErrorKind::InvalidArgument,
            Self::OtherHasher { .. } => ErrorKind::OtherHasher,
            Self::OtherAlgorithm { .. }
            | Self::Fallback
            | Self::OtherHistory { .. }
            | Self::NoSpread { .. }
            | Self::OneReplicaOnly { .. } => ErrorKind::NotComparable,
        }
    }
}

impl fmt::Display for CompareFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplicas => f.write_str("expected at least 1 replica, got 0"),
            Self::OtherHasher { old, new } => write!(
                f,
                "one side hashes keys by hasher 0x{old:016x}, the other by 0x{new:016x}, so almost \
                 every key moves; use the same hasher, or count the difference over your own keys"
            ),
            Self::OtherReplicas { old, new } => write!(
                f,
                "one side has {}, the other {new}; compare equal numbers",
                Count(*old as u64, "replica")
            ),
            Self::OtherNodes { slot, only } => write!(
                f,
                "the node in slot {slot} is in the {only} only; both must be of the same nodes"
            ),
            Self::OtherCounter => f.write_str(
                "the two counters compare other locators, or other replicas: merge those that were \
                 made with the same arguments",
            ),
            Self::OtherAlgorithm { old, new } => write!(
                f,
                "one side is {old}, the other {new}, and exact figures need the same algorithm; \
                 count the difference over your own keys"
            ),
            Self::Fallback => f.write_str(
                "exact figures of asura need boards where almost no key misses with all its darts, \
                 and one of these boards is too empty; count the difference over your own keys",
            ),
            Self::OtherHistory { algorithm, equal } => write!(
                f,
                "exact figures of {algorithm} need the same {equal} on both sides, and one log of \
                 removed buckets to begin with the other, as after removals only or additions \
                 only; count the difference over your own keys"
            ),
            Self::NoSpread { algorithm } => write!(
                f,
                "exact figures under a spread are known for rings and Maglev, not for {algorithm}; \
                 count the difference over your own keys"
            ),
            Self::OneReplicaOnly { algorithm, replicas } => write!(
                f,
                "{algorithm} has exact figures for 1 replica, not for {replicas}; count the \
                 difference over your own keys"
            ),
        }
    }
}
