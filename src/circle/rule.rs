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
/// [`PointScheme`](crate::ring::PointScheme) says otherwise), the lowest first. How two points rank does
/// not depend on the others that there are, so a node that joins only enters the order, at its
/// best point, and one that leaves only leaves it: at most one member of each replica set changes,
/// under every rule, wherever the points of a node do not depend on the other nodes.
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
/// As text a rule is its name in lower case with hyphens, `first-at-or-after`; so it is with `serde`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Rule {
    /// The first point at or after the hash, then forward.
    #[default]
    FirstAtOrAfter,
    /// The first point after the hash, then forward: a point comes last for its own hash.
    FirstAfter,
    /// The last point at or before the hash, then backward.
    LastAtOrBefore,
    /// The nearest point in either direction, then outward. Of two at the same distance the one
    /// before the hash comes first.
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

    /// A point as the sorted array holds it, so that all rules but `Nearest` look up the first one
    /// at or after [`sought`](Self::sought).
    ///
    /// The first p > h is the first p − 1 ≥ h; the point 0 follows no hash before the circle
    /// closes, and so is the last of all. The last p ≤ h is the first one of the mirrored circle.
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
    pub(super) const fn sought(self, hash: u64) -> u64 {
        match self {
            Self::LastAtOrBefore => !hash,
            _ => hash,
        }
    }

    #[inline]
    pub(super) const fn is_nearest(self) -> bool {
        matches!(self, Self::Nearest)
    }
}

/// Prints the name: `first-at-or-after`, `first-after`, `last-at-or-before`, `nearest`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name, whatever its case, `_` and `-` alike.
impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = parameters::named("ring rule", text, Self::NAMES)?;
        Ok(Self::ALL.into_iter().find(|rule| rule.name() == name).unwrap_or_default())
    }
}

parameters::serde_as_text!(Rule);
