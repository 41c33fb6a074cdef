//! Which point a key belongs to.

use crate::error::Error;
use crate::hash::{BytesHasher, Xxh3};
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// Which point of a ring a key belongs to, and in which order the other points follow.
///
/// Every rule ranks all points of the circle for a key, by distance in the rule's own sense; equal
/// points are ranked by the tie keys of their nodes (the identity hash, unless the
/// [`PointScheme`](crate::ring::PointScheme) says otherwise), the lowest first. The ranking of two points
/// does not depend on any other point. So a node that joins is only inserted into the order, at its
/// best point, and a node that leaves is only removed from it. Under every rule, at most one member of
/// each replica set changes, provided that the points of a node do not depend on other nodes.
///
/// | | owner | then | known from |
/// |---|---|---|---|
/// | `FirstAtOrAfter` | first point ≥ hash | forward | Karger et al. 1997, libmemcached, nginx, Cassandra |
/// | `FirstAfter` | first point > hash | forward | uhashring, stathat, serialx |
/// | `LastAtOrBefore` | last point ≤ hash | backward | Dalli |
/// | `Nearest` | nearest point | outward | HAProxy |
///
/// The circle closes: after the last point comes the first one.
///
/// As text, and with `serde`, a rule is its name in lower case with hyphens: `first-at-or-after`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Rule {
    /// The first point at or after the hash, then forward.
    #[default]
    FirstAtOrAfter,
    /// The first point after the hash, then forward. A point equal to the hash comes last.
    FirstAfter,
    /// The last point at or before the hash, then backward.
    LastAtOrBefore,
    /// The nearest point in either direction, then outward. If two points have the same distance, the
    /// one before the hash comes first.
    Nearest,
}

impl Rule {
    const ALL: [Self; 4] =
        [Self::FirstAtOrAfter, Self::FirstAfter, Self::LastAtOrBefore, Self::Nearest];

    const NAMES: &[&str] = &["first-at-or-after", "first-after", "last-at-or-before", "nearest"];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FirstAtOrAfter => "first-at-or-after",
            Self::FirstAfter => "first-after",
            Self::LastAtOrBefore => "last-at-or-before",
            Self::Nearest => "nearest",
        }
    }

    /// For fingerprints.
    pub(crate) fn id(self) -> u64 {
        Xxh3.hash_bytes(self.name().as_bytes()).get()
    }

    #[cfg(feature = "serde")]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// A point in its stored form. With it, every rule except `Nearest` looks up the first stored point
    /// at or after [`sought`](Self::sought).
    ///
    /// The first p > h is the first p − 1 ≥ h; the point 0 follows no hash before the circle closes, so
    /// it becomes the last point. The last p ≤ h is the first point of the mirrored circle.
    #[inline]
    pub(crate) const fn stored(self, point: u64) -> u64 {
        match self {
            Self::FirstAtOrAfter | Self::Nearest => point,
            Self::FirstAfter => point.wrapping_sub(1),
            Self::LastAtOrBefore => !point,
        }
    }

    /// What to look up among the stored points.
    #[inline]
    pub(crate) const fn sought(self, hash: u64) -> u64 {
        match self {
            Self::LastAtOrBefore => !hash,
            _ => hash,
        }
    }

    #[inline]
    pub(crate) const fn is_nearest(self) -> bool {
        matches!(self, Self::Nearest)
    }
}

/// Prints the name: `first-at-or-after`, `first-after`, `last-at-or-before`, `nearest`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name in any case; `_` and `-` are equivalent.
impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = parameters::named("ring rule", text, Self::NAMES)?;
        Ok(Self::ALL.into_iter().find(|rule| rule.name() == name).unwrap_or_default())
    }
}

parameters::serde_as_text!(Rule);
