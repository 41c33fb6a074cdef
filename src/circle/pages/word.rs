//! What a page has of a point besides its number, packed into one word. See [`layout`](super::layout)
//! for the picture.

use crate::circle::slotted::Slotted;

/// The number of words that a lookup compares at once.
pub(super) const WINDOW: usize = 8;

/// The number of words that follow those of a page, so that every window is whole.
pub(super) const AFTER: usize = WINDOW + 1;

/// A bit that is 0, the next bits of a point, then the slot of its owner.
pub(crate) trait Word:
    Slotted + Ord + Default + core::fmt::Debug + Send + Sync + 'static
{
    /// Bytes of a word.
    const BYTES: usize;
    /// Not a word of any point: no slot has its number.
    const HIGHEST: Self;
    /// Slots must be below.
    const SLOTS: usize;

    /// The word of a hash from the bits after those of its page, with slot 0: not above any word with the
    /// same bits of a point.
    fn of_rest(rest: u64) -> Self;

    /// Bits of an entry: those of the point, then of owner and number.
    const ENTRY_BITS: u32;
    const OWNER_BITS: u32;
    /// The word and a number as one integer, which sorts as the word does.
    fn entry(self, number: u8) -> u64;
    fn of_entry(entry: u64) -> Self;

    fn read(bytes: &[u8]) -> Option<Self>;
    fn write(self, bytes: &mut [u8]);

    /// Among the words from an index on: how many of the first [`WINDOW`] are below a word of slot 0, and
    /// the word that follows these.
    fn search(bytes: &[u8], from: usize, wanted: Self) -> Option<(usize, Self)>;
}

/// What is the same for words of any width.
macro_rules! word_of {
    ($word:ident, bytes: $bytes:literal, owner: $owner:literal bits, slots: $slots:literal) => {
        const BYTES: usize = $bytes;
        const HIGHEST: Self = $word::MAX >> 1;
        const SLOTS: usize = $slots;

        #[inline]
        fn of_rest(rest: u64) -> Self {
            (rest >> (u64::BITS + 1 - $word::BITS) >> $owner << $owner) as Self
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
        fn search(bytes: &[u8], from: usize, wanted: Self) -> Option<(usize, Self)> {
            let bytes: &[u8; $bytes * AFTER] = bytes.get(from * $bytes..)?.first_chunk()?;
            let mut flags = [0; WINDOW];
            // Differences do not overflow, as the highest bits are 0. Flags first, then their sum: as one
            // loop the compiler vectorises only half of it.
            for (flag, word) in flags.iter_mut().zip(bytes.chunks_exact($bytes)) {
                *flag = Self::read(word)?.wrapping_sub(wanted) >> ($word::BITS - 1);
            }
            let below = flags.iter().sum::<Self>() as usize;
            Some((below, Self::read(bytes.get(below * $bytes..)?)?))
        }
    };
}

/// 15 bits of the point, 16 of the owner.
impl Word for u32 {
    word_of!(u32, bytes: 4, owner: 16 bits, slots: 0xFFFF);

    const ENTRY_BITS: u32 = 39;
    const OWNER_BITS: u32 = 24;

    #[inline]
    fn entry(self, number: u8) -> u64 {
        u64::from(self) << 8 | u64::from(number)
    }

    #[inline]
    fn of_entry(entry: u64) -> Self {
        (entry >> 8) as Self
    }
}

/// 31 bits of the point, 32 of the owner.
impl Word for u64 {
    // Slots are far below, see the limits; as many bits of a slot fit an entry.
    word_of!(u64, bytes: 8, owner: 32 bits, slots: 0x100_0000);

    const ENTRY_BITS: u32 = 63;
    const OWNER_BITS: u32 = 32;

    #[inline]
    fn entry(self, number: u8) -> u64 {
        self >> 32 << 32 | (self & 0xFF_FFFF) << 8 | u64::from(number)
    }

    #[inline]
    fn of_entry(entry: u64) -> Self {
        entry >> 32 << 32 | entry >> 8 & 0xFF_FFFF
    }
}
