//! The slot of a node.

use core::fmt;
use core::num::NonZeroU32;

/// The slot of a node in one topology value.
///
/// A node keeps its slot for as long as it stays, in every value derived by adding, removing or
/// reweighting nodes. Freed slots are used again, so there may be holes. A slot never influences an
/// answer: it is not part of a hash, a tie-break or a fingerprint, and values that were not derived
/// from one another are compared by label.
///
/// A slot prints as its number, [`NONE`](Self::NONE) as `none`. `Option<NodeIdx>` takes four bytes.
#[doc(alias = "slot")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct NodeIdx(NonZeroU32);

impl NodeIdx {
    /// No slot: every lookup by it returns `None`. It is the default value, so an array entry that no
    /// lookup has written to is not mistaken for a node.
    pub const NONE: Self = Self(NonZeroU32::MAX);

    /// The slot with this number. The numbers 2^32 − 2 and 2^32 − 1 are not slots and give
    /// [`NONE`](Self::NONE).
    #[inline]
    #[must_use]
    pub const fn new(slot: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(slot))
    }

    /// The slot with this number; `None` for 2^32 − 2 and 2^32 − 1, which are not slots.
    #[inline]
    #[must_use]
    pub const fn checked(slot: u32) -> Option<Self> {
        if slot < Self::NONE.get() { Some(Self::new(slot)) } else { None }
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

/// [`NodeIdx::NONE`], to fill an array before a lookup writes to it.
impl Default for NodeIdx {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for NodeIdx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("NodeIdx(none)"),
            node => write!(f, "NodeIdx({})", node.get()),
        }
    }
}

impl fmt::Display for NodeIdx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.pad("none"),
            node => fmt::Display::fmt(&node.get(), f),
        }
    }
}

/// The slot's number, as [`NodeIdx::get`].
impl From<NodeIdx> for u32 {
    fn from(node: NodeIdx) -> Self {
        node.get()
    }
}

/// The slot's number, as [`NodeIdx::index`].
impl From<NodeIdx> for usize {
    fn from(node: NodeIdx) -> Self {
        node.index()
    }
}

// There is no `From<u32>`, because two numbers are not slots.
#[cfg(feature = "alloc")]
macro_rules! checked {
    ($($number:ty),*) => {$(
        /// The slot with this number; an error for 2^32 − 2 or more, which are not slots.
        impl TryFrom<$number> for NodeIdx {
            type Error = crate::error::Error;

            fn try_from(number: $number) -> Result<Self, Self::Error> {
                let slot = u32::try_from(number).ok().and_then(Self::checked);
                let (number, max) = (number as u64, Self::NONE.get() - 1);
                slot.ok_or_else(|| crate::error::ChoiceFault::NotASlot { number, max }.into())
            }
        }
    )*};
}

#[cfg(feature = "alloc")]
checked!(u32, u64, usize);
