//! [`Error`], the one error type of the crate: a message for people and a kind for programs.
//!
//! Each file of this folder has the faults of one module, with their messages and kinds. Nothing here
//! depends on those modules.

mod algorithm;
mod anchor;
mod asura;
mod bounded;
mod compare;
mod infeasible;
#[cfg(feature = "interop")]
mod interop;
mod kind;
mod maglev;
mod migration;
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
pub use infeasible::{Infeasible, InfeasibleKind};
#[cfg(feature = "interop")]
pub(crate) use interop::InteropFault;
pub use kind::ErrorKind;
pub(crate) use maglev::MaglevFault;
pub(crate) use migration::MigrationFault;
pub(crate) use node::{DomainFault, NodeFault};
pub(crate) use partition::PartitionFault;
pub(crate) use ring::{BudgetAdvice, BudgetFault, RingFault};
#[cfg(feature = "serde")]
pub(crate) use saved::SavedFault;
pub(crate) use schedule::ScheduleFault;
pub(crate) use spread::SpreadFault;
pub(crate) use verify::VerifyFault;
pub(crate) use words::{Count, Label, quoted};

use alloc::boxed::Box;
use core::fmt;

/// The reason why a value could not be built, changed, compared or restored.
///
/// The message names the offending value and says what was expected and what to do. Its words may
/// change in any release: programs should match on the [`kind`](Self::kind). `Debug` prints the same
/// text as `Display`. An operation that returns an error has not changed anything.
///
/// # Nodes in messages
/// Messages print a node by its label, as [`StableHash::describe`](crate::StableHash::describe) does:
/// text in quotes (`"cache-1"`), an integer as its number (`42`), an address in its usual form
/// (`10.0.0.1:11211`), a tuple or a struct by its parts. A label that was given as bytes or restored
/// from a saved form prints as text if it is printable, otherwise in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    fault: Box<Fault>,
}

impl Error {
    /// The kind of the error, for programs.
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

    /// The reason why a plan is infeasible, with its figures; `None` for any other error. See
    /// [`Planner`](crate::Planner).
    #[must_use]
    pub fn infeasible(&self) -> Option<&Infeasible> {
        match &*self.fault {
            Fault::Partition(fault) => fault.infeasible(),
            _ => None,
        }
    }

    /// The error as that of one of several tables.
    pub(crate) fn in_table(self, name: &str) -> Self {
        match *self.fault {
            Fault::Partition(fault) => {
                PartitionFault::InTable { name: name.into(), fault: Box::new(fault) }.into()
            }
            Fault::Verify(fault) => {
                VerifyFault::InTable { name: name.into(), fault: Box::new(fault) }.into()
            }
            other => Self { fault: Box::new(other) },
        }
    }
}

/// The faults of all modules: each converts to an error with its message and its kind.
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
    Migration(MigrationFault),
    Partition(PartitionFault),
    Verify(VerifyFault),
    Schedule(ScheduleFault),
    #[cfg(feature = "interop")]
    Interop(InteropFault),
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
