//! What cannot be missing: a lookup in a list by an index that is known to be within it.
//!
//! The library does not panic, so a slip would go on with a default, which may look like the first
//! node or an empty row. With debug assertions, which tests and fuzzing run with, it stops here.

/// Takes what has to be there.
pub(crate) trait OrSlip<T> {
    /// The value; a slip of the caller if there is none, and the default where slips are not
    /// looked for.
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
