//! No vectors: without the feature `simd`, and on processors for which there are none.
//!
//! The names and signatures are those of `lanes`.

#[derive(Clone, Debug)]
pub(crate) struct ScoreLanes;

impl ScoreLanes {
    pub(crate) const NONE: Self = Self;

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn of<T>(_: &[T], _: impl Fn(&T) -> u64) -> Self {
        Self
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn weighted<T>(_: &[T], _: impl Fn(&T) -> u64, _: impl Fn(&T) -> u64) -> Self {
        Self
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn highest(&self, _: u64) -> Option<usize> {
        None
    }

    #[inline]
    pub(crate) fn serve(&self, _: usize) -> bool {
        false
    }

    #[inline]
    pub(crate) fn visit(&self, _: u64, _: impl FnMut(usize) -> u32) {}
}

#[inline]
pub(crate) fn weighted_bound(_: u64, _: u64) -> u32 {
    0
}

#[inline]
pub(crate) fn jump_batch(_: &[u64], _: u32, _: &mut [u32]) -> usize {
    0
}

#[inline]
pub(crate) fn jump_back_batch(_: &[u64], _: u32, _: &mut [u32], _: impl Fn(u64) -> u32) -> bool {
    false
}

#[cfg(all(test, feature = "simd"))]
mod levels {
    use alloc::vec::Vec;

    impl super::ScoreLanes {
        pub(crate) fn at_every_level<T>(
            _: &[T],
            _: impl Fn(&T) -> u64,
            _: Option<&impl Fn(&T) -> u64>,
        ) -> Vec<Self> {
            Vec::new()
        }
    }

    pub(crate) fn jump_at_every_level(_: &[u64], _: u32) -> Vec<Vec<u32>> {
        Vec::new()
    }

    pub(crate) fn jump_back_at_every_level(
        _: &[u64],
        _: u32,
        _: impl Fn(u64) -> u32,
    ) -> Vec<Vec<u32>> {
        Vec::new()
    }

    pub(crate) fn runs() -> (u64, bool) {
        (0, false)
    }
}

#[cfg(all(test, feature = "simd"))]
pub(crate) use levels::{jump_at_every_level, jump_back_at_every_level, runs};
