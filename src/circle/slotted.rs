//! Words whose lower half is the slot of an owner.

use crate::node::NodeIdx;

/// Bits of a point, then the slot of its owner, in halves of a word.
pub(crate) trait Slotted: Copy {
    /// The word with an owner, for one that has slot 0.
    fn with_owner(self, owner: NodeIdx) -> Self;
    fn owner(self) -> NodeIdx;
    /// True if two words have the same bits of a point.
    fn ties(self, other: Self) -> bool;
}

impl Slotted for u32 {
    #[inline]
    fn with_owner(self, owner: NodeIdx) -> Self {
        self | owner.get()
    }

    #[inline]
    fn owner(self) -> NodeIdx {
        NodeIdx::new(self & 0xFFFF)
    }

    #[inline]
    fn ties(self, other: Self) -> bool {
        (self ^ other) >> 16 == 0
    }
}

impl Slotted for u64 {
    #[inline]
    fn with_owner(self, owner: NodeIdx) -> Self {
        self | Self::from(owner.get())
    }

    #[inline]
    fn owner(self) -> NodeIdx {
        NodeIdx::new(self as u32)
    }

    #[inline]
    fn ties(self, other: Self) -> bool {
        (self ^ other) >> 32 == 0
    }
}
