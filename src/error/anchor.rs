//! Errors of anchors.

use super::kind::ErrorKind;
use super::words::Count;
use core::fmt;

/// What is wrong with an anchor's buckets, or with their saved state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum AnchorFault {
    TooMany {
        size: u32,
        max: u32,
    },
    Capacity {
        capacity: u32,
        max: u32,
    },
    Full {
        nodes: usize,
        capacity: u32,
    },
    Unknown {
        bucket: u32,
        size: u32,
    },
    Removed {
        bucket: u32,
    },
    Last {
        bucket: u32,
    },
    Length {
        bytes: usize,
    },
    TooHigh {
        bucket: u32,
        limit: u64,
    },
    NotLogged {
        bucket: u32,
    },
    #[cfg(feature = "serde")]
    Nodes {
        working: u32,
        live: usize,
    },
    #[cfg(feature = "serde")]
    SavedCapacity {
        capacity: u32,
        asked: Option<u32>,
        size: u32,
    },
}

impl AnchorFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::TooMany { .. } | Self::Full { .. } => ErrorKind::OverLimit,
            Self::Capacity { .. } => ErrorKind::InvalidConfiguration,
            Self::Unknown { .. } | Self::Removed { .. } => ErrorKind::UnknownNode,
            Self::Last { .. } => ErrorKind::CannotRemove,
            Self::Length { .. } | Self::TooHigh { .. } | Self::NotLogged { .. } => {
                ErrorKind::Altered
            }
            #[cfg(feature = "serde")]
            Self::Nodes { .. } | Self::SavedCapacity { .. } => ErrorKind::Altered,
        }
    }
}

impl fmt::Display for AnchorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { size, max } => {
                write!(f, "an anchor has at most {max} buckets, got {size}")
            }
            Self::Capacity { capacity, max } => {
                write!(f, "an anchor has a capacity of 1..={max} buckets, got {capacity}")
            }
            Self::Full { nodes, capacity } => write!(
                f,
                "{} in an anchor with a capacity of {}; a larger capacity needs a new anchor, which \
                 moves keys between all nodes",
                Count(*nodes as u64, "live node"),
                Count(*capacity, "bucket")
            ),
            Self::Unknown { bucket, size } => write!(
                f,
                "there is no bucket {bucket}: the anchor has {}, numbered from 0",
                Count(*size, "bucket")
            ),
            Self::Removed { bucket } => write!(f, "bucket {bucket} is already removed"),
            Self::Last { bucket } => write!(
                f,
                "bucket {bucket} is the only working bucket and cannot be removed; add another one \
                 first"
            ),
            Self::Length { bytes } => write!(
                f,
                "an anchor's state is a non-empty multiple of 4 bytes, got {}",
                Count(*bytes as u64, "byte")
            ),
            Self::TooHigh { bucket, limit } => write!(
                f,
                "invalid anchor state: it removes bucket {bucket}, but a state of this length has \
                 only buckets below {limit}"
            ),
            Self::NotLogged { bucket } => write!(
                f,
                "invalid anchor state: its first removal is the highest bucket ({bucket}), which \
                 would have shrunk the anchor instead"
            ),
            #[cfg(feature = "serde")]
            Self::Nodes { working, live } => write!(
                f,
                "the saved anchor has {} for {}",
                Count(*working, "working bucket"),
                Count(*live as u64, "live node")
            ),
            #[cfg(feature = "serde")]
            Self::SavedCapacity { capacity, asked: None, size } => write!(
                f,
                "the saved anchor has {} in use and a capacity of {capacity}",
                Count(*size, "bucket")
            ),
            #[cfg(feature = "serde")]
            Self::SavedCapacity { capacity, asked: Some(asked), size } => write!(
                f,
                "the saved anchor has {} in use and a capacity of {capacity}, but was built with a \
                 capacity of {asked}",
                Count(*size, "bucket")
            ),
        }
    }
}
