//! Reading and writing lists by number without a panic: what is outside reads as the default.

#[inline]
pub(super) fn at<T: Copy + Default>(list: &[T], index: usize) -> T {
    list.get(index).copied().unwrap_or_default()
}

#[inline]
pub(super) fn put<T>(list: &mut [T], index: usize, value: T) {
    if let Some(place) = list.get_mut(index) {
        *place = value;
    }
}

/// Adds to a count.
#[inline]
pub(super) fn add(list: &mut [u64], index: usize, by: u64) {
    if let Some(place) = list.get_mut(index) {
        *place += by;
    }
}

/// Takes from a count.
#[inline]
pub(super) fn take(list: &mut [u64], index: usize, by: u64) {
    if let Some(place) = list.get_mut(index) {
        *place = place.saturating_sub(by);
    }
}
