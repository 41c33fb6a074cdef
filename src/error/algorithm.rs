//! Errors of choices at run time: algorithm names, configurations as text, numbers, joined parts.

use super::kind::ErrorKind;
use alloc::string::String;
use core::fmt;

/// What is wrong with a choice at run time.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ChoiceFault {
    Algorithm {
        name: String,
        known: &'static [&'static str],
    },
    /// A configuration's text; `what` it configures.
    Option {
        what: &'static str,
        token: String,
        known: &'static [&'static str],
    },
    Value {
        what: &'static str,
        token: String,
        expected: &'static str,
    },
    Twice {
        what: &'static str,
        option: &'static str,
    },
    NotAWeight {
        text: String,
    },
    NotASlot {
        number: u64,
        max: u32,
    },
    Slots {
        placement: usize,
        topology: usize,
    },
}

impl ChoiceFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Algorithm { .. } => ErrorKind::UnknownAlgorithm,
            Self::Option { .. } | Self::Value { .. } | Self::Twice { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::NotAWeight { .. } => ErrorKind::InvalidConfiguration,
            Self::NotASlot { .. } => ErrorKind::InvalidArgument,
            Self::Slots { .. } => ErrorKind::InvalidPlacement,
        }
    }
}

/// Names, separated by commas.
struct List<'a>(&'a [&'static str]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            write!(f, "{}{name}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for ChoiceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { name, known } => {
                write!(f, "unknown algorithm {name:?}, expected one of: {}", List(known))
            }
            Self::Option { what, token, known: [] } => {
                write!(f, "{what} takes no configuration, got {token:?}")
            }
            Self::Option { what, token, known } => {
                write!(f, "unknown {what} {token:?}, expected one of: {}", List(known))
            }
            Self::Value { what, token, expected } => {
                write!(f, "{what} is {expected}, got {token:?}")
            }
            Self::Twice { what, option } => {
                write!(f, "{what}: {option} is given twice; give it once")
            }
            Self::NotAWeight { text } => {
                write!(
                    f,
                    "{text:?} is not a weight: expected a whole number from 0 to {}",
                    u64::MAX
                )
            }
            Self::NotASlot { number, max } => {
                write!(f, "{number} is not the number of a slot: expected a number from 0 to {max}")
            }
            Self::Slots { placement, topology } => write!(
                f,
                "the placement has {placement} node slots, but the topology has {topology}; \
                 build the placement from the members of this topology"
            ),
        }
    }
}
