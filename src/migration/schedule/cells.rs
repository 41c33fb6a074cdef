//! Reading and writing lists by number without a panic. What is outside reads as the default, and is
//! a slip, at which debug builds stop.

use crate::slips::OrSlip;

#[inline]
#[track_caller]
pub(super) fn at<T: Copy + Default>(list: &[T], index: u32) -> T {
    list.get(index as usize).copied().or_slip()
}

#[inline]
#[track_caller]
pub(super) fn put<T>(list: &mut [T], index: u32, value: T) {
    debug_assert!((index as usize) < list.len(), "{index} of {}", list.len());
    if let Some(place) = list.get_mut(index as usize) {
        *place = value;
    }
}

#[inline]
#[track_caller]
pub(super) fn add(list: &mut [u32], index: u32, by: u32) {
    let sum = at(list, index) + by;
    put(list, index, sum);
}
