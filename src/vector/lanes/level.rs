//! What the processor has.

use pulp::{Arch, WithSimd};

/// A set of vector instructions that the processor has. A value is proof of that, so no caller
/// needs `unsafe`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level(Arch);

impl Level {
    /// The widest level of the processor; `None` if there is none.
    ///
    /// The first call asks the processor, each later one reads an atomic byte.
    #[inline]
    pub(super) fn best() -> Option<Self> {
        match Arch::new() {
            Arch::Scalar => None,
            arch => Some(Self(arch)),
        }
    }

    /// Runs an operation that is compiled for the level.
    #[inline]
    pub(super) fn run<O: WithSimd>(self, operation: O) -> O::Output {
        #[cfg(test)]
        RUNS.with(|runs| runs.set(runs.get() + 1));
        self.0.dispatch(operation)
    }
}

#[cfg(test)]
std::thread_local! {
    static RUNS: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// How many operations this thread has run, and whether the processor has a level at all.
#[cfg(test)]
pub(crate) fn runs() -> (u64, bool) {
    (RUNS.with(core::cell::Cell::get), Level::best().is_some())
}

#[cfg(test)]
impl Level {
    /// Every level of the processor, with that of single numbers. AVX-512 is among them if `pulp` is
    /// built with its feature `x86-v4`.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let narrower = pulp::x86::V3::try_new().map(Arch::V3);
        #[cfg(not(target_arch = "x86_64"))]
        let narrower = None;
        [Some(Arch::Scalar), narrower, Some(Arch::new())].into_iter().flatten().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    /// Otherwise the other tests of this room would compare the scalar code with itself.
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn what_the_standard_library_detects_is_found() {
        use std::format;
        let all: std::vec::Vec<_> = Level::all().map(|level| format!("{level:?}")).collect();
        let found = |name: &str| all.iter().any(|level| level.contains(name));
        assert!(found("Scalar"));
        assert_eq!(found("V3"), std::is_x86_feature_detected!("avx2"));
        assert_eq!(Level::best().is_some(), std::is_x86_feature_detected!("avx2"));
    }
}
