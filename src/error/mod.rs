//! One opaque error: a message that names the value that was wrong, and a kind for programs.
//!
//! The faults of each room stand in a file of this folder, beside their messages and their kinds.
//! Nothing here knows the rooms themselves.

mod algorithm;
mod anchor;
mod asura;
mod bounded;
mod compare;
mod kind;
mod maglev;
mod node;
mod partition;
mod ring;
#[cfg(feature = "serde")]
mod saved;
mod schedule;
mod spread;
mod verify;
mod words;

pub(crate) use algorithm::ChoiceFault;
pub(crate) use anchor::AnchorFault;
pub(crate) use asura::AsuraFault;
pub(crate) use bounded::BoundedFault;
pub(crate) use compare::CompareFault;
pub use kind::ErrorKind;
pub(crate) use maglev::MaglevFault;
pub(crate) use node::{DomainFault, NodeFault};
pub(crate) use partition::PartitionFault;
pub use partition::{Infeasible, InfeasibleKind};
pub(crate) use ring::{BudgetAdvice, BudgetFault, RingFault};
#[cfg(feature = "serde")]
pub(crate) use saved::SavedFault;
pub(crate) use schedule::ScheduleFault;
pub(crate) use spread::SpreadFault;
pub(crate) use verify::VerifyFault;
pub(crate) use words::Label;

use alloc::boxed::Box;
use core::fmt;

/// Why a value could not be built, changed, compared or restored.
///
/// The message names the offending value, says what was expected and what to do;
/// [`kind`](Self::kind) is for programs that decide by it. The value that was to be changed is
/// untouched. Debug prints the same text as Display.
///
/// A node stands in a message by its label: text in quotes (`"cache-1"`), an integer as its number
/// (`42`), an address as it is written (`10.0.0.1:11211`), a tuple or a struct by its parts, as
/// [`StableHash::describe`](crate::StableHash::describe) says. A label given as bytes, and one that was
/// read from a saved form, prints as text where it is printable text, else in hexadecimal digits.
///
/// The message's words may change in any release; programs should match on the kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    fault: Box<Fault>,
}

impl Error {
    /// What kind of error it is.
    ///
    /// ```
    /// use apportion::{ErrorKind, Locator};
    ///
    /// let error = Locator::ring(["a", "b", "a"]).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::DuplicateLabel);
    /// assert!(error.to_string().starts_with("node \"a\" is given twice"));
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.fault.kind()
    }

    /// Why a plan is impossible, if that is the error: see [`Planner`](crate::Planner).
    #[must_use]
    pub fn infeasible(&self) -> Option<&Infeasible> {
        match &*self.fault {
            Fault::Partition(PartitionFault::Infeasible(infeasible)) => Some(infeasible),
            _ => None,
        }
    }
}

/// The faults of all rooms: each becomes an error with its message and its kind.
macro_rules! faults {
    ($($(#[$meta:meta])* $room:ident($fault:ty),)*) => {
        #[derive(Clone, PartialEq, Eq)]
        enum Fault {
            $($(#[$meta])* $room($fault),)*
        }

        impl Fault {
            fn kind(&self) -> ErrorKind {
                match self {
                    $($(#[$meta])* Self::$room(fault) => fault.kind(),)*
                }
            }
        }

        impl fmt::Display for Fault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($(#[$meta])* Self::$room(fault) => fault.fmt(f),)*
                }
            }
        }

        $($(#[$meta])*
        impl From<$fault> for Error {
            #[cold]
            fn from(fault: $fault) -> Self {
                Self { fault: Box::new(Fault::$room(fault)) }
            }
        })*
    };
}

faults! {
    Node(NodeFault),
    Choice(ChoiceFault),
    Ring(RingFault),
    Anchor(AnchorFault),
    Asura(AsuraFault),
    Maglev(MaglevFault),
    Spread(SpreadFault),
    Bounded(BoundedFault),
    Compare(CompareFault),
    Partition(PartitionFault),
    Verify(VerifyFault),
    Schedule(ScheduleFault),
    #[cfg(feature = "serde")]
    Saved(SavedFault),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Error {}
