//! Errors of bounded loads.

use super::kind::ErrorKind;
use super::words::Count;
use core::fmt;

/// Why bounded loads cannot hold the keys.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum BoundedFault {
    Factor { num: u32, den: u32 },
    NoLiveNode { keys: u32 },
    NoRoom { key: u64 },
    TooManyKeys { max: u32 },
    Passed { max: u64 },
}

impl BoundedFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Factor { .. } => ErrorKind::InvalidConfiguration,
            Self::NoLiveNode { .. } => ErrorKind::Infeasible,
            Self::NoRoom { .. } => ErrorKind::InvalidPlacement,
            Self::TooManyKeys { .. } | Self::Passed { .. } => ErrorKind::OverLimit,
        }
    }
}

impl fmt::Display for BoundedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Factor { num, den: 0 } => {
                write!(f, "a load factor is a ratio of at least 1, got {num}/0")
            }
            Self::Factor { num, den } => write!(
                f,
                "a load factor is at least 1, got {num}/{den}: the caps would add up to fewer keys \
                 than there are"
            ),
            Self::NoLiveNode { keys } => write!(
                f,
                "no node has a weight above 0 to hold {}; add a node or give one a weight",
                Count(*keys, "key")
            ),
            Self::NoRoom { key } => write!(
                f,
                "the walk of key 0x{key:016x} ended before a node below its cap; the walk of a \
                 placement must visit every live node"
            ),
            Self::Passed { max } => write!(
                f,
                "the keys pass more than {max} full nodes on the way to their holders; save and restore \
                 them with `save_within` and `restore_within` if the source is trusted"
            ),
            Self::TooManyKeys { max } => {
                write!(f, "bounded loads hold at most {max} keys; remove keys before adding more")
            }
        }
    }
}
