//! One opaque error. Its message names the value that was wrong.

use core::fmt;

use alloc::{boxed::Box, string::String, vec::Vec};

/// Why a value could not be built, changed, compared or restored.
///
/// The message names the offending value and the limit it met; the value that was to be changed
/// is untouched. Debug prints the same text as Display.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: Box<Kind>,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind: Box::new(kind) }
    }
}

impl From<Kind> for Error {
    #[cold]
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Error {}

/// A node label in a message: text in quotes if it is text, else its bytes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Label(Vec<u8>);

impl Label {
    /// Keeps as much of the label as a message can use.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.get(..256).unwrap_or(bytes).to_vec())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |s: &&str| !s.chars().any(char::is_control);
        if let Some(text) = core::str::from_utf8(&self.0).ok().filter(printable) {
            return write!(f, "{text:?}");
        }
        f.write_str("0x")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    DuplicateLabel {
        label: Label,
    },
    SameTieKey {
        a: Label,
        b: Label,
        key: u64,
    },
    UnknownNode {
        label: Label,
    },
    TooManyNodes {
        nodes: usize,
        max: usize,
    },
    LabelTooLong {
        label: Label,
        bytes: usize,
        max: usize,
    },
    Domain {
        label: Label,
        level: String,
        why: DomainFault,
    },
    Unweighted {
        algorithm: &'static str,
        a: (Label, u64),
        b: (Label, u64),
    },
    NotLast {
        algorithm: &'static str,
        label: Label,
        bucket: usize,
        last: usize,
    },
    PointBudget {
        label: Label,
        points: u128,
        total: u128,
        budget: u64,
    },
    RingConfig {
        what: &'static str,
        value: u128,
        min: u128,
        max: u128,
    },
    MaglevSize {
        entries: u32,
        max: u32,
    },
    MaglevPrime {
        entries: u32,
        divisor: u32,
    },
    MaglevNodes {
        entries: u32,
        live: usize,
    },
    UnknownAlgorithm {
        name: String,
        known: &'static [&'static str],
    },
    NoReplicas,
    OtherHasher {
        old: u64,
        new: u64,
    },
    OtherReplicas {
        old: usize,
        new: usize,
    },
    OtherAlgorithm {
        old: &'static str,
        new: &'static str,
    },
    OtherHistory {
        algorithm: &'static str,
    },
    OneReplicaOnly {
        algorithm: &'static str,
        replicas: usize,
    },
    Slots {
        placement: usize,
        topology: usize,
    },
    Anchor(AnchorFault),
    #[cfg(feature = "serde")]
    Saved(SavedFault),
}

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

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DomainFault {
    EmptyLevel,
    Repeated,
    TooDeep { levels: usize, max: usize },
    TooLong { bytes: usize, max: usize },
}

/// What is wrong with a saved value.
#[cfg(feature = "serde")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SavedFault {
    Newer { version: u32, known: u32 },
    NoVersion { version: u32 },
    Fingerprint { saved: u64, rebuilt: u64 },
    Hasher { saved: u64, given: u64 },
    Algorithm { saved: String, wanted: &'static str },
    Numbering { entry: u32 },
    NumberingLength { entries: usize, live: usize },
    Scale { points: u64, weight: u64 },
    Label(String),
    Points { points: u128, limit: u64 },
    TableSize { entries: u32, limit: u64 },
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateLabel { label } => write!(f, "node {label} is given twice"),
            Self::SameTieKey { a, b, key } => write!(
                f,
                "nodes {a} and {b} share the identity hash 0x{key:016x}: rename one of them"
            ),
            Self::UnknownNode { label } => write!(f, "there is no node {label}"),
            Self::TooManyNodes { nodes, max } => {
                write!(f, "{nodes} nodes are more than the {max} one topology may hold")
            }
            Self::LabelTooLong { label, bytes, max } => {
                write!(f, "the label {label} … has {bytes} bytes, more than {max}")
            }
            Self::Domain { label, level, why } => {
                write!(f, "node {label}: ")?;
                match why {
                    DomainFault::EmptyLevel => f.write_str("a failure domain needs a level's name"),
                    DomainFault::Repeated => {
                        write!(f, "the failure domain level {level:?} is given twice")
                    }
                    DomainFault::TooDeep { levels, max } => {
                        write!(f, "{levels} failure domain levels are more than {max}")
                    }
                    DomainFault::TooLong { bytes, max } => {
                        write!(f, "{bytes} bytes in the failure domain {level:?} … exceed {max}")
                    }
                }
            }
            Self::Unweighted { algorithm, a, b } => write!(
                f,
                "{algorithm} has no weights, but node {} has weight {} and node {} has weight {}",
                a.0, a.1, b.0, b.1
            ),
            Self::NotLast { algorithm, label, bucket, last } => write!(
                f,
                "{algorithm} can only lose its last buckets, and node {label} is bucket {bucket} \
                 of 0..={last}"
            ),
            Self::PointBudget { label, points, total, budget } => write!(
                f,
                "node {label} needs {points} points, which makes {total}, over the ring's budget \
                 of {budget}"
            ),
            Self::RingConfig { what, value, min, max } => {
                write!(f, "a ring's {what} must lie in {min}..={max}, not {value}")
            }
            Self::MaglevSize { entries, max } => {
                write!(
                    f,
                    "a Maglev table has a prime number of entries in 2..={max}, not {entries}"
                )
            }
            Self::MaglevPrime { entries, divisor } => write!(
                f,
                "a Maglev table has a prime number of entries, and {entries} is a multiple of \
                 {divisor}"
            ),
            Self::MaglevNodes { entries, live } => write!(
                f,
                "{live} live nodes are more than the {entries} entries of the Maglev table"
            ),
            Self::UnknownAlgorithm { name, known } => {
                write!(f, "unknown algorithm {name:?}; known are")?;
                known
                    .iter()
                    .enumerate()
                    .try_for_each(|(i, k)| write!(f, "{} {k}", if i == 0 { "" } else { "," }))
            }
            Self::NoReplicas => f.write_str("0 replicas: at least 1 is needed"),
            Self::OtherHasher { old, new } => write!(
                f,
                "one side hashes keys by 0x{old:016x}, the other by 0x{new:016x}: almost every \
                 key moves; count it over your own keys"
            ),
            Self::OtherReplicas { old, new } => {
                write!(f, "one side has {old} replicas, the other {new}: compare equal numbers")
            }
            Self::OtherAlgorithm { old, new } => write!(
                f,
                "one side is {old}, the other {new}: exact figures need the same algorithm; count \
                 it over your own keys"
            ),
            Self::OtherHistory { algorithm } => write!(
                f,
                "the two sides of {algorithm} came about by other changes than removals from one \
                 of them: count it over your own keys"
            ),
            Self::OneReplicaOnly { algorithm, replicas } => write!(
                f,
                "{algorithm} has exact figures for 1 replica, not for {replicas}: count it over \
                 your own keys"
            ),
            Self::Slots { placement, topology } => write!(
                f,
                "the placement answers slots below {placement}, the topology has {topology}"
            ),
            Self::Anchor(fault) => fault.fmt(f),
            #[cfg(feature = "serde")]
            Self::Saved(fault) => fault.fmt(f),
        }
    }
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

#[cfg(feature = "serde")]
impl fmt::Display for SavedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { version, known } => write!(
                f,
                "saved by a newer release: form {version}, this one reads forms up to {known}"
            ),
            Self::NoVersion { version } => write!(f, "there is no saved form {version}"),
            Self::Fingerprint { saved, rebuilt } => write!(
                f,
                "saved for 0x{saved:016x}, but what was read gives 0x{rebuilt:016x}: the saved \
                 value was altered"
            ),
            Self::Hasher { saved, given } => {
                write!(f, "saved under key hasher 0x{saved:016x}, but this one is 0x{given:016x}")
            }
            Self::Algorithm { saved, wanted } => {
                write!(f, "saved from {saved}, but {wanted} is asked for")
            }
            Self::Numbering { entry } => write!(
                f,
                "the saved numbering names slot {entry}, which is not a live node or comes twice"
            ),
            Self::NumberingLength { entries, live } => {
                write!(f, "the saved numbering has {entries} entries for {live} live nodes")
            }
            Self::Scale { points, weight } => {
                write!(f, "the saved scale, {points} points to {weight} of weight, is not a ratio")
            }
            Self::Label(why) => write!(f, "a saved label is malformed: {why}"),
            Self::TableSize { entries, limit } => write!(
                f,
                "the saved table asks for {entries} entries, more than {limit}: restore it with a \
                 limit of your own if that is meant"
            ),
            Self::Points { points, limit } => write!(
                f,
                "the saved ring asks for {points} points, more than {limit}: restore it with a \
                 limit of your own if that is meant"
            ),
        }
    }
}
