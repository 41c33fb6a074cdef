//! The darts a key throws at a board.
//!
//! ```text
//!  board of 2^b slots (b = 4), in octaves: octave 0 is slot 0, octave e >= 1 begins at 2^(e - 1)
//!
//!   slot    0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15
//!         | 0 | 1 |   2   |       3       |              4                |  octave
//!   coin        0     1          2                       3                   of the layer that
//!                                                                            decides against below
//!  height 2^31 +---+
//!              |   |  .  <- misses: height >= weight of the slot
//!       weight |###|
//!              |##x|     <- hits: height < weight
//!            0 +---+
//!
//!  word of the key   [ ... | coin b-1 | ... | coin 1 | coin 0 ]     one coin a layer
//!  octave of a dart  highest coin that is 1, plus one; 0 if none is
//!  slot and height   low 31 and high 31 bits of a mix of that word with the octave
//! ```
//!
//! Half of all darts fall into the upper half of the board, a quarter into the quarter below, and so
//! on, so darts are uniform over the slots. Each layer reads its coins from its own position in the
//! key's sequence of words: a board that grows by one layer only inserts darts for the new half
//! between the old ones, whose order and places stay.

use crate::hash::mix::{mix, word};
use crate::limits::MAX_ASURA_DARTS;

/// A board has at most 2^31 slots.
pub(super) const MAX_EXPONENT: u32 = 31;

/// A place is a number of darts, which are at most [`MAX_ASURA_DARTS`].
const PLACE_BITS: usize = 10;
const LAYERS_A_WORD: usize = 6;

/// What is mixed into the words of the darts that fall into an octave.
#[allow(clippy::indexing_slicing)] // below the length, when it is compiled
const OCTAVES: [u64; 32] = {
    let mut octaves = [0; 32];
    let mut e = 0;
    while e < 32 {
        octaves[e] = mix((e as u64 + 1).wrapping_mul(0xA076_1D64_78BD_642F));
        e += 1;
    }
    octaves
};

/// The slot and the height of a dart: bits below 31 and above 32 of one product.
#[inline]
fn bits(word: u64, octave: u32) -> u64 {
    let mixed = word ^ OCTAVES.get(octave as usize).copied().unwrap_or_default();
    let product = u128::from(mixed) * 0xD6E8_FEB8_6659_FD93;
    product as u64 ^ (product >> 64) as u64
}

/// A dart that fell: into a slot, at a height in `0..2^31`. It hits where the slot's weight is
/// greater than the height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dart {
    pub(super) slot: u32,
    pub(super) height: u32,
}

impl Dart {
    /// Octave 0 is slot 0, octave e ≥ 1 the slots from 2^(e − 1) on.
    #[inline]
    fn at(octave: u32, word: u64) -> Self {
        let first = (1_u32 << octave) >> 1;
        let drawn = bits(word, octave);
        let slot = first + (drawn as u32 & first.saturating_sub(1));
        Self { slot, height: (drawn >> 33) as u32 }
    }

    /// The first dart at a board of 2^exponent slots, without branches.
    #[inline]
    pub(super) fn first(key: u64, exponent: u32) -> Self {
        let word = word(key, 0);
        let coins = word & mask(exponent);
        Self::at(u64::BITS - coins.leading_zeros(), word)
    }
}

#[inline]
fn mask(exponent: u32) -> u64 {
    (1 << exponent) - 1
}

/// Words that are kept: most keys hit before they need more.
const KEPT: usize = 32;

/// Layers below the top that are looked at without branches; fewer than one dart in sixteen
/// reaches a deeper one.
const LEVEL: usize = 4;

/// All darts of a key, in order.
///
/// Layer j decides between the slots below and above 2^j by the coin at its own place in the key's
/// words; a dart reads the layers from the top down until a coin says 1, and only those go on to
/// their next word. So the darts that fall below 2^j are the same whatever the board's size is.
#[derive(Clone, Debug)]
pub(super) struct Darts {
    key: u64,
    exponent: u32,
    /// Where each layer stands, from the top down: the number of its next word. Not below that of
    /// the layer after it.
    places: [u16; MAX_EXPONENT as usize],
    /// Bit j is the coin of layer j at its place.
    coins: u64,
    /// The first words, as far as the top layer has come.
    words: [u64; KEPT],
}

impl Darts {
    #[inline]
    pub(super) fn new(key: u64, exponent: u32) -> Self {
        let mut words = [0; KEPT];
        words[0] = word(key, 0);
        let coins = words[0] & mask(exponent);
        Self { key, exponent, places: [0; MAX_EXPONENT as usize], coins, words }
    }

    /// From the words that [`save`](Self::save) wrote; they may be those of another board.
    pub(super) fn load(key: u64, exponent: u32, saved: &[u64; 8]) -> Self {
        let mut darts = Self::new(key, exponent);
        for (layers, packed) in darts.places.chunks_mut(LAYERS_A_WORD).zip(saved) {
            for (place, shift) in layers.iter_mut().zip((0..).step_by(PLACE_BITS)) {
                *place = (packed >> shift) as u16 & MAX_ASURA_DARTS;
            }
        }
        darts.coins = saved[6] & mask(exponent);
        let thrown = u64::from(darts.thrown());
        for (word, number) in darts.words.iter_mut().zip(0..=thrown) {
            *word = self::word(key, number);
        }
        darts
    }

    /// Six places of ten bits a word, then the coins.
    pub(super) fn save(&self, saved: &mut [u64; 8]) {
        for (layers, packed) in self.places.chunks(LAYERS_A_WORD).zip(saved.iter_mut()) {
            let places = layers.iter().rev();
            *packed = places.fold(0, |packed, place| packed << PLACE_BITS | u64::from(*place));
        }
        saved[6] = self.coins;
    }

    /// Darts thrown so far: each reads the top layer. A board of one slot has no layers, and its
    /// darts are counted as if it had one.
    #[inline]
    pub(super) fn thrown(&self) -> u32 {
        u32::from(self.places[0])
    }

    /// The next dart.
    #[inline]
    pub(super) fn throw(&mut self) -> Dart {
        let octave = u64::BITS - self.coins.leading_zeros();
        // Layers that this dart reads, besides the top one.
        let depth =
            (self.exponent.saturating_sub(octave.max(1)) as usize).min(self.places.len() - 1);
        let place = self.places.get(depth).copied().unwrap_or_default();
        let dart = Dart::at(octave, self.word(place));
        if usize::from(self.places[0]) + 1 < KEPT {
            self.advance(depth);
        } else {
            self.advance_far(depth);
        }
        dart
    }

    /// As long as all words are kept: without branches for the upper layers.
    #[inline]
    fn advance(&mut self, depth: usize) {
        let next = usize::from(self.places[0]) + 1;
        if let Some(place) = self.words.get_mut(next) {
            *place = word(self.key, next as u64);
        }
        let top = (1_u64 << self.exponent) >> 1;
        let words = &self.words;
        let mut coins = self.coins;
        let mut read = |layer: usize, place: u16| {
            let word = words.get(usize::from(place) % KEPT).copied().unwrap_or_default();
            let bit = top >> layer;
            coins = coins & !bit | word & bit;
        };
        let (upper, deeper) = self.places.split_at_mut(LEVEL);
        for (layer, place) in upper.iter_mut().enumerate() {
            *place += u16::from(layer <= depth);
            read(layer, *place);
        }
        if depth >= LEVEL {
            for (layer, place) in (LEVEL..=depth).zip(deeper) {
                *place += 1;
                read(layer, *place);
            }
        }
        self.coins = coins;
    }

    #[cold]
    fn advance_far(&mut self, depth: usize) {
        let top = (1_u64 << self.exponent) >> 1;
        for (layer, place) in self.places.iter_mut().enumerate().take(depth + 1) {
            // Foreign places may stand anywhere.
            *place = place.saturating_add(1);
            let bit = top >> layer;
            self.coins = self.coins & !bit | word(self.key, u64::from(*place)) & bit;
        }
    }

    #[inline]
    fn word(&self, place: u16) -> u64 {
        match self.words.get(usize::from(place)) {
            Some(word) => *word,
            None => word(self.key, u64::from(place)),
        }
    }
}
