//! Schedules of transfers.

use super::ErrorKind;
use super::words::Label;
use core::fmt;

/// What is wrong with the limits of a schedule.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ScheduleFault {
    /// `node`: `None` for the limits of all nodes.
    NoTransfers { node: Option<Label>, what: &'static str },
}

impl ScheduleFault {
    #[allow(clippy::unused_self)] // as the faults of the other rooms
    pub(super) fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidConfiguration
    }
}

impl fmt::Display for ScheduleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NoTransfers { node, what } = self;
        match node {
            Some(node) => write!(f, "the limit of {what} of node {node} is 0")?,
            None => write!(f, "the limit of {what} of every node is 0")?,
        }
        write!(f, ", so its transfers would never run; give it at least 1")
    }
}
