//! Buckets of which any may be removed.

use core::fmt;

/// What is wrong with buckets of which any may be removed, or with their saved state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum AnchorFault {
    TooMany {
        size: u32,
        max: u32,
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
}

impl fmt::Display for AnchorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { size, max } => {
                write!(f, "{size} buckets are more than the {max} an anchor may have")
            }
            Self::Unknown { bucket, size } => {
                write!(f, "there is no bucket {bucket}: the anchor has {size}, counted from 0")
            }
            Self::Removed { bucket } => write!(f, "bucket {bucket} was removed already"),
            Self::Last { bucket } => {
                write!(f, "bucket {bucket} is the last that works and cannot be removed")
            }
            Self::Length { bytes } => write!(
                f,
                "an anchor's state is one or more 32-bit integers, and {bytes} bytes are none"
            ),
            Self::TooHigh { bucket, limit } => write!(
                f,
                "the anchor's state removes bucket {bucket}, out of proportion to its length: only \
                 those below {limit} are restored"
            ),
            Self::NotLogged { bucket } => write!(
                f,
                "the anchor's state removes bucket {bucket}, the last of all, first of all: that \
                 leaves no entry"
            ),
            #[cfg(feature = "serde")]
            Self::Nodes { working, live } => {
                write!(f, "the anchor's state has {working} working buckets for {live} live nodes")
            }
        }
    }
}
