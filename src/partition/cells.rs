//! Slice access by index without a panic. An index out of range is a bug: debug builds stop,
//! release builds read the default and write nothing.

use crate::slips::OrSlip;

#[inline]
#[track_caller]
pub(super) fn at<T: Copy + Default>(list: &[T], index: usize) -> T {
    list.get(index).copied().or_slip()
}

#[inline]
#[track_caller]
pub(super) fn put<T>(list: &mut [T], index: usize, value: T) {
    debug_assert!(index < list.len(), "{index} of {}", list.len());
    if let Some(place) = list.get_mut(index) {
        *place = value;
    }
}

/// Adds to a count.
#[inline]
#[track_caller]
pub(super) fn add(list: &mut [u64], index: usize, by: u64) {
    debug_assert!(index < list.len(), "{index} of {}", list.len());
    if let Some(place) = list.get_mut(index) {
        *place += by;
    }
}

/// Subtracts from a count, to 0 at the lowest.
#[inline]
#[track_caller]
pub(super) fn take(list: &mut [u64], index: usize, by: u64) {
    debug_assert!(index < list.len(), "{index} of {}", list.len());
    if let Some(place) = list.get_mut(index) {
        *place = place.saturating_sub(by);
    }
}
