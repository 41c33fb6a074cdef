//! The slot of a node.

use core::fmt;
use core::num::NonZeroU32;

/// The slot of a node in one topology value.
///
/// A node keeps its slot in every value derived by adding, removing or reweighting nodes while it
/// stays; a freed slot is used again; holes are possible. A slot decides nothing: it never enters
/// a hash, a tie, a fingerprint or an equality, and values that were not derived from one another
/// are compared by label.
///
/// `Option<NodeIdx>` takes four bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct NodeIdx(NonZeroU32);

impl NodeIdx {
    /// The slot with this number; `u32::MAX`, which no topology reaches, is taken for the one
    /// below it.
    #[inline]
    #[must_use]
    pub const fn new(slot: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(slot))
    }

    /// The slot's number.
    #[inline]
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get() - 1
    }

    /// The slot's number as an index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.get() as usize
    }
}

/// Slot 0: a value to fill an array with before a lookup writes to it.
impl Default for NodeIdx {
    fn default() -> Self {
        Self::new(0)
    }
}

impl fmt::Debug for NodeIdx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeIdx({})", self.get())
    }
}
