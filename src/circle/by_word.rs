//! Sorting items by a point that each of them has.

use super::sort::sorted_words;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The items in ascending order of their points, and those with equal points in the order of `ties`.
///
/// One word for each item is sorted: the upper bits of its point, and its place in the list. That takes a
/// fraction of the time of a sort that moves items of several words. Items whose words have the same upper
/// bits are then sorted by themselves.
pub(crate) fn sorted_by_point<T: Copy>(
    items: &[T],
    point: impl Fn(&T) -> u64,
    ties: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let Some(first) = items.first() else { return Vec::new() };
    let bits = items.len().ilog2() + 1;
    let places = (1_u64 << bits) - 1;
    let upper = |item: &T| point(item) & !places;
    let words: Vec<u64> = items.iter().zip(0..).map(|(item, place)| upper(item) | place).collect();
    let words = sorted_words(&words);
    let item = |word: &u64| *items.get((word & places) as usize).unwrap_or(first);
    let mut sorted: Vec<T> = words.iter().map(item).collect();
    // Without a branch for each item: equal upper bits are rare.
    let same = |all, (a, b): (&u64, &u64)| all | ((a ^ b) & !places == 0);
    if !words.iter().zip(words.iter().skip(1)).fold(false, same) {
        return sorted;
    }
    for same in sorted.chunk_by_mut(|a, b| upper(a) == upper(b)).filter(|same| same.len() > 1) {
        same.sort_unstable_by(|a, b| point(a).cmp(&point(b)).then_with(|| ties(a, b)));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix::word;

    #[test]
    fn the_same_as_a_sort_of_the_items() {
        for case in 0..400 {
            let len = word(case, 0) % 300;
            // Random, equal, or only different in their lower bits.
            let mask = [u64::MAX, 3 << 60, 0x1F, 0][case as usize % 4];
            let items: Vec<(u64, u64)> = (0..len)
                .map(|i| (word(case, 2 * i + 1) & mask, word(case, 2 * i + 2) % 50))
                .collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            let sorted = sorted_by_point(&items, |item| item.0, |a, b| a.1.cmp(&b.1));
            assert_eq!(sorted, expected, "{case}");
        }
    }
}
