//! One opaque error. Its message names the value that was wrong.

mod anchor;
mod asura;
mod bounded;
mod compare;
mod partition;
mod ring;
#[cfg(feature = "serde")]
mod saved;
mod spread;
mod verify;

pub(crate) use anchor::AnchorFault;
pub(crate) use asura::AsuraFault;
pub(crate) use bounded::BoundedFault;
pub(crate) use compare::CompareFault;
pub(crate) use partition::PartitionFault;
pub use partition::{Infeasible, InfeasibleKind};
pub(crate) use ring::{BudgetAdvice, BudgetFault};
#[cfg(feature = "serde")]
pub(crate) use saved::SavedFault;
pub(crate) use spread::SpreadFault;
pub(crate) use verify::VerifyFault;

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

    /// Why a plan is impossible, if that is the error: see [`Planner`](crate::Planner).
    #[must_use]
    pub fn infeasible(&self) -> Option<&Infeasible> {
        match &*self.kind {
            Kind::Partition(PartitionFault::Infeasible(infeasible)) => Some(infeasible),
            _ => None,
        }
    }
}

impl From<Kind> for Error {
    #[cold]
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

impl From<PartitionFault> for Error {
    #[cold]
    fn from(fault: PartitionFault) -> Self {
        Self::new(Kind::Partition(fault))
    }
}

impl From<VerifyFault> for Error {
    #[cold]
    fn from(fault: VerifyFault) -> Self {
        Self::new(Kind::Verify(fault))
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
    PointBudget(Box<BudgetFault>),
    RingConfig {
        what: &'static str,
        value: u128,
        min: u128,
        max: u128,
    },
    NoPoints {
        label: Label,
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
    NotAWeight {
        text: String,
    },
    NotASlot {
        number: u64,
        max: u32,
    },
    UnknownAlgorithm {
        name: String,
        known: &'static [&'static str],
    },
    Slots {
        placement: usize,
        topology: usize,
    },
    Anchor(AnchorFault),
    Asura(AsuraFault),
    Bounded(BoundedFault),
    Partition(PartitionFault),
    Verify(VerifyFault),
    #[cfg(feature = "serde")]
    Saved(SavedFault),
    Compare(CompareFault),
    Spread(SpreadFault),
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DomainFault {
    EmptyLevel,
    Repeated,
    TooDeep { levels: usize, max: usize },
    TooLong { bytes: usize, max: usize },
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
            Self::PointBudget(fault) => fault.fmt(f),
            Self::RingConfig { what, value, min, max } => {
                write!(f, "a ring's {what} must lie in {min}..={max}, not {value}")
            }
            Self::NoPoints { label } => write!(f, "node {label} is live and has no points"),
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
            Self::NotAWeight { text } => write!(
                f,
                "{text:?} is not a weight: expected a whole number from 0 to {}",
                u64::MAX
            ),
            Self::NotASlot { number, max } => {
                write!(f, "{number} is not the number of a slot: expected a number from 0 to {max}")
            }
            Self::UnknownAlgorithm { name, known } => {
                write!(f, "unknown algorithm {name:?}; known are")?;
                known
                    .iter()
                    .enumerate()
                    .try_for_each(|(i, k)| write!(f, "{} {k}", if i == 0 { "" } else { "," }))
            }
            Self::Slots { placement, topology } => write!(
                f,
                "the placement answers slots below {placement}, the topology has {topology}"
            ),
            Self::Compare(fault) => fault.fmt(f),
            Self::Spread(fault) => fault.fmt(f),
            Self::Anchor(fault) => fault.fmt(f),
            Self::Asura(fault) => fault.fmt(f),
            Self::Bounded(fault) => fault.fmt(f),
            Self::Partition(fault) => fault.fmt(f),
            Self::Verify(fault) => fault.fmt(f),
            #[cfg(feature = "serde")]
            Self::Saved(fault) => fault.fmt(f),
        }
    }
}
