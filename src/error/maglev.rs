//! Errors of Maglev tables.

use super::kind::ErrorKind;
use super::words::Count;
use core::fmt;

/// What is wrong with the size of a Maglev table.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum MaglevFault {
    Size { entries: u32, max: u32 },
    NotPrime { entries: u32, divisor: u32, prime: u32 },
    Nodes { entries: u32, live: usize },
}

impl MaglevFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Size { .. } | Self::NotPrime { .. } => ErrorKind::InvalidConfiguration,
            Self::Nodes { .. } => ErrorKind::OverLimit,
        }
    }
}

impl fmt::Display for MaglevFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { entries, max } => write!(
                f,
                "a Maglev table has a prime number of entries in 2..={max}, got {entries}"
            ),
            Self::NotPrime { entries, divisor, prime } => write!(
                f,
                "a Maglev table has a prime number of entries, and {entries} is divisible by \
                 {divisor}; the nearest prime is {prime}"
            ),
            Self::Nodes { entries, live } => write!(
                f,
                "a Maglev table of {} has room for at most {}, got {live}; use a larger table",
                Count(*entries, "entry"),
                Count(*entries, "live node"),
            ),
        }
    }
}
