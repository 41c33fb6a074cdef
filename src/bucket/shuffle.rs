//! Exact shuffles of small octaves, in either of two ways with the same results.
//!
//! Element i of a Fisher–Yates shuffle of `0..size` is found after its first i + 1 swaps: swap j
//! exchanges places j and j + o(j), where o(j) is uniform below size − j. For one element the swaps
//! are [traced back](traced) without memory, O(i). A list of many elements keeps the [`Orders`] of all
//! octaves, O(1) for each element.

use crate::hash::mix::{reduce, word};
use crate::slips::OrSlip;

/// The last octave that is shuffled: it has 64 elements, and all up to it have 128.
pub(super) const LAST_SHUFFLED: u32 = 7;
const ELEMENTS: usize = 1 << LAST_SHUFFLED;

/// The place with which swap `i` exchanges place `i`.
#[inline]
fn other(key: u64, size: u32, i: u32) -> u32 {
    // Counts from an untrusted walk may be too large.
    i + reduce(word(key, u64::from(i)), u64::from(size.saturating_sub(i))) as u32
}

/// Element `index` of the shuffle of `0..size`.
///
/// After swap i, the element at place i is the one that was at its other place before. Swap j < i put
/// there what was at place j before, if its own other place was the same one.
#[inline]
pub(super) fn traced(key: u64, size: u32, index: u32) -> u32 {
    let index = index.min(size.saturating_sub(1));
    let mut place = other(key, size, index);
    for i in (0..index).rev() {
        if other(key, size, i) == place {
            place = i;
        }
    }
    place
}

/// The shuffles of all small octaves, as far as their elements were taken. An octave of `size`
/// elements has the places from `size` on; place 0 is not used.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    order: [u8; ELEMENTS],
}

impl Orders {
    pub(super) fn new() -> Self {
        // The elements of each octave, in order.
        Self { order: core::array::from_fn(|i| (i - (i + 1).next_power_of_two() / 2) as u8) }
    }

    /// Swap `index` of the octave of `size` elements, and element `index` after it. The swaps before
    /// it must have been done.
    #[inline]
    pub(super) fn swap(&mut self, key: u64, size: u32, index: u32) -> u32 {
        let index = index.min(size.saturating_sub(1));
        let at = other(key, size, index);
        let octave = self.order.get_mut(size as usize..2 * size as usize).or_slip();
        if (at as usize) < octave.len() {
            octave.swap(index as usize, at as usize);
        }
        octave.get(index as usize).copied().or_slip().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Orders, other, traced};
    use crate::hash::mix::mix;
    extern crate std;
    use std::vec::Vec;

    /// Both against the definition, for every element of every octave.
    #[test]
    fn shuffles_are_as_defined() {
        let mut moved = 0;
        for key in (0..300).map(mix) {
            let mut orders = Orders::new();
            for size in [1, 2, 4, 8, 16, 32, 64_u32] {
                let mut order: Vec<u32> = (0..size).collect();
                for index in 0..size {
                    order.swap(index as usize, other(key, size, index) as usize);
                    let expected = order[index as usize];
                    assert_eq!(traced(key, size, index), expected, "{index} of {size}");
                    assert_eq!(orders.swap(key, size, index), expected, "{index} of {size}");
                    moved += u32::from(expected != index);
                }
            }
        }
        assert!(moved > 300 * 100);
    }

    /// Numbers of an untrusted walk.
    #[test]
    fn beyond_the_end_is_the_last() {
        for size in [1, 2, 64] {
            assert_eq!(traced(1, size, u32::MAX), traced(1, size, size - 1));
        }
    }
}
