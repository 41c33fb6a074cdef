//! How far a partition has come.

/// How far a partition of the keys has come in a [`Transition`](super::Transition).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PartitionState {
    /// Settled at an earlier placement; its move has not begun.
    Waiting,
    /// Read from the old holders, written to the old and the new ones.
    Copying,
    /// Read from the new holders, written to the old and the new ones.
    Switched,
    /// Settled at the target.
    Complete,
}

impl PartitionState {
    /// The name in lower case: `waiting`, `copying`, `switched`, `complete`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Copying => "copying",
            Self::Switched => "switched",
            Self::Complete => "complete",
        }
    }
}

impl core::fmt::Display for PartitionState {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// The number of the target among the versions.
pub(super) const TARGET: u32 = u32::MAX;

/// Where a partition is settled, or comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// An earlier version's number, or `TARGET`; that only if it is settled.
    pub(super) version: u32,
    pub(super) phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Settled,
    Copying,
    Switched,
}

impl Place {
    pub(super) fn settled(version: u32) -> Self {
        Self { version, phase: Phase::Settled }
    }

    pub(super) fn is_complete(self) -> bool {
        self == Self::settled(TARGET)
    }
}
