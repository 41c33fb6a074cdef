//! What a page has of a point besides its number, packed into one word. See [`layout`](super::layout)
//! for the picture.

use crate::node::NodeIdx;

/// The number of words that a lookup compares at once.
pub(super) const WINDOW: usize = 8;

/// Next bits of a point, then the slot of its owner. Words are signed, so that the comparison of
/// several at once is one instruction of every vector unit; the sign is that of the bits flipped.
pub(crate) trait Word: Copy + Ord + Default + core::fmt::Debug + Send + Sync + 'static {
    /// Bytes of a word.
    const BYTES: usize;
    /// Below every word, unless all its bits are 0.
    const LOWEST: Self;
    /// Not a word of any point: no slot has its number.
    const HIGHEST: Self;
    /// Slots must be below.
    const SLOTS: usize;

    /// The word of a hash without the bits of its page, with slot 0: not above any word with the same
    /// bits of a point.
    fn of_rest(rest: u64) -> Self;
    fn with_owner(self, owner: NodeIdx) -> Self;
    fn owner(self) -> NodeIdx;
    /// True if two words have the same bits of a point.
    fn ties(self, other: Self) -> bool;

    /// Bits of an entry: those of the point, then of owner and number.
    const ENTRY_BITS: u32;
    const OWNER_BITS: u32;
    /// The word and a number as one integer, which sorts as the word does.
    fn entry(self, number: u8) -> u64;
    fn of_entry(entry: u64) -> Self;

    fn read(bytes: &[u8]) -> Option<Self>;
    fn write(self, bytes: &mut [u8]);
    /// The words from a byte on.
    fn window(bytes: &[u8], from: usize) -> Option<[Self; WINDOW]>;
}

/// 16 bits of the point, 16 of the owner.
impl Word for i32 {
    const BYTES: usize = 4;
    const LOWEST: Self = Self::MIN;
    const HIGHEST: Self = Self::MAX;
    const SLOTS: usize = 0xFFFF;

    #[inline]
    fn of_rest(rest: u64) -> Self {
        ((rest >> 32) as u32 & 0xFFFF_0000 ^ 1 << 31) as Self
    }

    #[inline]
    fn with_owner(self, owner: NodeIdx) -> Self {
        self | owner.get() as Self
    }

    #[inline]
    fn owner(self) -> NodeIdx {
        NodeIdx::new(self as u32 & 0xFFFF)
    }

    #[inline]
    fn ties(self, other: Self) -> bool {
        (self ^ other) as u32 >> 16 == 0
    }

    const ENTRY_BITS: u32 = 40;
    const OWNER_BITS: u32 = 24;

    #[inline]
    fn entry(self, number: u8) -> u64 {
        u64::from(self as u32 ^ 1 << 31) << 8 | u64::from(number)
    }

    #[inline]
    fn of_entry(entry: u64) -> Self {
        ((entry >> 8) as u32 ^ 1 << 31) as Self
    }

    #[inline]
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self::from_le_bytes)
    }

    #[inline]
    fn write(self, bytes: &mut [u8]) {
        if let Some(place) = bytes.first_chunk_mut() {
            *place = self.to_le_bytes();
        }
    }

    #[inline]
    fn window(bytes: &[u8], from: usize) -> Option<[Self; WINDOW]> {
        let bytes: &[u8; 4 * WINDOW] = bytes.get(from..)?.first_chunk()?;
        let mut words = [0; WINDOW];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = Self::read(bytes)?;
        }
        Some(words)
    }
}

/// 32 bits of the point, 32 of the owner.
impl Word for i64 {
    const BYTES: usize = 8;
    const LOWEST: Self = Self::MIN;
    const HIGHEST: Self = Self::MAX;
    // Above the highest slot of all, see the limits; as many bits of a slot fit an entry.
    const SLOTS: usize = 1 << 24;

    #[inline]
    fn of_rest(rest: u64) -> Self {
        (rest & 0xFFFF_FFFF_0000_0000 ^ 1 << 63) as Self
    }

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
        (self ^ other) as u64 >> 32 == 0
    }

    const ENTRY_BITS: u32 = 64;
    const OWNER_BITS: u32 = 32;

    #[inline]
    fn entry(self, number: u8) -> u64 {
        let bits = (self as u64 ^ 1 << 63) >> 32;
        bits << 32 | (self as u64 & 0xFF_FFFF) << 8 | u64::from(number)
    }

    #[inline]
    fn of_entry(entry: u64) -> Self {
        (entry >> 32 << 32 ^ 1 << 63) as Self | (entry >> 8 & 0xFF_FFFF) as Self
    }

    #[inline]
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self::from_le_bytes)
    }

    #[inline]
    fn write(self, bytes: &mut [u8]) {
        if let Some(place) = bytes.first_chunk_mut() {
            *place = self.to_le_bytes();
        }
    }

    #[inline]
    fn window(bytes: &[u8], from: usize) -> Option<[Self; WINDOW]> {
        let bytes: &[u8; 8 * WINDOW] = bytes.get(from..)?.first_chunk()?;
        let mut words = [0; WINDOW];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = Self::read(bytes)?;
        }
        Some(words)
    }
}
