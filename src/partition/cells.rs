//! Reading and writing lists by number without a panic. What is outside reads as the default, and is
//! a slip, at which debug builds stop.

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

/// Takes from a count.
#[inline]
#[track_caller]
pub(super) fn take(list: &mut [u64], index: usize, by: u64) {
    debug_assert!(index < list.len(), "{index} of {}", list.len());
    if let Some(place) = list.get_mut(index) {
        *place = place.saturating_sub(by);
    }
}
