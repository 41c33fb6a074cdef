//! An algorithm chosen at run time.

use super::algorithm::Algorithm;
#[cfg(feature = "serde")]
use super::algorithm::unknown;
use super::algorithms;
#[cfg(feature = "serde")]
use super::state::{AnyState, Tagged};
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Build, Guarantees, Placement, View, Viewed, Walk, sealed};
#[cfg(feature = "serde")]
use crate::placement::{RestoreLimit, Saves};
use crate::topology::{Change, Members};
#[cfg(feature = "serde")]
use alloc::borrow::Cow;

/// A placement whose algorithm is chosen at run time.
///
/// It is an enum rather than a trait object, so it can be built, changed, compared and saved like any
/// other placement. An operation that the chosen algorithm does not support, for instance removing
/// the third of five nodes from a jump hash, is an error at run time.
#[derive(Clone, Debug)]
pub struct AnyPlacement {
    inner: Inner,
}

/// The placement of each algorithm, and the way from it to any of them.
macro_rules! inner {
    (() $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        #[derive(Clone, Debug)]
        enum Inner {
            $($name($placement),)*
        }

        $(
            impl From<$placement> for AnyPlacement {
                fn from(placement: $placement) -> Self {
                    Self { inner: Inner::$name(placement) }
                }
            }
        )*
    };
}

/// Evaluates the same expression on the placement, whatever its type is.
macro_rules! each {
    (($self:expr, $p:ident => $e:expr)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        match &$self.inner {
            $(Inner::$name($p) => $e,)*
        }
    };
}

macro_rules! chosen {
    (($self:expr)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        match &$self.inner {
            $(Inner::$name(_placement) => {
                Algorithm::$name $((<$config>::clone(_placement.config())))?
            })*
        }
    };
}

macro_rules! build {
    (($algorithm:expr, $members:expr)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        Ok(match $algorithm {
            $(Algorithm::$name $(($c))? => {
                <$placement>::build(or_unit!($($c)?), $members)?.into()
            })*
        })
    };
}

/// The configuration; `()` for an algorithm without one.
macro_rules! or_unit {
    () => {
        &()
    };
    ($c:ident) => {
        $c
    };
}

#[cfg(feature = "serde")]
macro_rules! restore {
    (($state:expr, $members:expr, $limit:expr)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {{
        let mut state = $state;
        $(if state.algorithm() == $text {
            match Tagged::untagged(state) {
                Ok(own) => return Ok(<$placement>::restore(own, $members, $limit)?.into()),
                Err(other) => state = other,
            }
        })*
        Err(unknown(state.algorithm()))
    }};
}

algorithms!(inner);

impl AnyPlacement {
    /// The algorithm, with the configuration that the placement was built with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        algorithms!(chosen, self)
    }
}

impl sealed::SealedBuild for AnyPlacement {
    fn cut(&self) -> Option<View<'_>> {
        Some(self.view())
    }
}

impl Placement for AnyPlacement {
    fn slots(&self) -> usize {
        algorithms!(each, self, p => p.slots())
    }

    fn live(&self) -> usize {
        algorithms!(each, self, p => p.live())
    }

    fn guarantees(&self) -> Guarantees {
        algorithms!(each, self, p => p.guarantees())
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        algorithms!(each, self, p => p.locate(key))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        algorithms!(each, self, p => p.next_candidate(walk))
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        algorithms!(each, self, p => p.next_candidate_where(walk, accept))
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        algorithms!(each, self, p => p.next_candidates(walk, out, accept))
    }

    fn walk_repeats(&self) -> bool {
        algorithms!(each, self, p => p.walk_repeats())
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        algorithms!(each, self, p => p.replicas(key, out))
    }

    fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        algorithms!(each, self, p => p.locate_batch(hashes, out))
    }
}

impl Viewed for AnyPlacement {
    fn view(&self) -> View<'_> {
        algorithms!(each, self, p => p.view())
    }
}

impl Build for AnyPlacement {
    type Config = Algorithm;

    fn build(algorithm: &Algorithm, members: &Members) -> Result<Self, Error> {
        algorithms!(build, algorithm, members)
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        Ok(algorithms!(each, self, p => p.update(changes, before, after)?.into()))
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        algorithms!(each, self, p => p.fingerprint(members))
    }
}

#[cfg(feature = "serde")]
impl Saves for AnyPlacement {
    type State = AnyState;

    fn algorithm() -> Cow<'static, str> {
        "any".into()
    }

    fn save(&self) -> AnyState {
        algorithms!(each, self, p => p.save().tagged())
    }

    fn derived(&self) -> u64 {
        algorithms!(each, self, p => p.derived())
    }

    fn restore(state: AnyState, members: &Members, limit: RestoreLimit) -> Result<Self, Error> {
        algorithms!(restore, state, members, limit)
    }
}
