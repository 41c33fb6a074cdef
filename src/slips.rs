//! Lookups that cannot fail unless this crate has a bug, such as an index that is known to be valid.
//!
//! The library does not panic, so such a bug would continue with a default value, which may look like
//! the first node or an empty row. With debug assertions, as in tests and fuzzing, it panics here.

/// Unwraps a value that must be present.
pub(crate) trait OrSlip<T> {
    /// The value. If it is missing, panics with debug assertions and returns the default without.
    fn or_slip(self) -> T;
}

impl<T: Default> OrSlip<T> for Option<T> {
    #[inline]
    #[track_caller]
    fn or_slip(self) -> T {
        debug_assert!(self.is_some(), "an index out of range, or a node that is not there");
        self.unwrap_or_default()
    }
}
