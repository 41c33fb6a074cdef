//! The intervals of hashes and their owners.

use super::circle::Circle;
use super::flat::Flat;
use super::rule::Rule;
use super::sort::Point;
use crate::node::NodeIdx;

/// An interval of key hashes with one owner: `first..=last`, without wrapping.
#[doc(alias = "token range")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RingArc {
    /// The lowest hash.
    pub first: u64,
    /// The highest hash, included.
    pub last: u64,
    /// The node that owns the interval.
    pub owner: NodeIdx,
}

impl RingArc {
    /// How many hashes lie in the interval, 1 to 2^64.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> u128 {
        u128::from(self.last.wrapping_sub(self.first)) + 1
    }
}

/// The last hash of an interval, and the owner of the interval.
type End = (u64, NodeIdx);

impl Circle {
    /// Every interval of hashes with its owner, in order, without gaps. Empty if there is no point.
    pub(crate) fn arcs(&self, rule: Rule) -> impl Iterator<Item = RingArc> + Clone {
        let mut first = Some(0);
        self.ends(rule).filter_map(move |(last, owner)| {
            let arc = first.filter(|f| *f <= last).map(|first| RingArc { first, last, owner });
            if arc.is_some() {
                first = last.checked_add(1);
            }
            arc
        })
    }

    /// The last hash of the interval that a hash is in. `None` for the rule of the nearest point.
    pub(crate) fn end_of_arc(&self, rule: Rule, hash: u64) -> Option<u64> {
        let at = self.seek(rule.sought(hash));
        match rule {
            Rule::FirstAtOrAfter | Rule::FirstAfter => Some(at.point().unwrap_or(u64::MAX)),
            // Mirrored: the interval begins above the stored point below.
            Rule::LastAtOrBefore => {
                Some(at.previous_point().map_or(u64::MAX, |below| !(below.wrapping_add(1))))
            }
            Rule::Nearest => None,
        }
    }

    /// The ends of the intervals in order; the last interval ends at the end of the circle. An
    /// interval that ends where an earlier one ended is empty.
    fn ends(&self, rule: Rule) -> impl Iterator<Item = End> + Clone {
        let (flat, other) = match self {
            Self::Flat(flat) => (Some(ends(flat, rule)), None),
            // The end of the circle belongs to the lowest point.
            _ => (None, Some(self.iter().chain(self.owner(0).map(|owner| (u64::MAX, owner))))),
        };
        flat.into_iter().flatten().chain(other.into_iter().flatten())
    }
}

fn ends(flat: &Flat, rule: Rule) -> impl Iterator<Item = End> + Clone {
    let [opening, closing, last] = around_zero(flat, rule);
    let inner = flat.iter().enumerate();
    let inner = inner.filter_map(move |(at, point)| arc_end(flat, rule, at, point));
    opening.into_iter().chain(inner).chain(closing).chain(last)
}

/// The interval end that follows from the point at an index.
#[inline]
fn arc_end(flat: &Flat, rule: Rule, at: usize, (point, owner): Point) -> Option<End> {
    match rule {
        Rule::FirstAtOrAfter | Rule::FirstAfter => Some((point, owner)),
        // Downward from the last point: the interval of a point ends just before the next point.
        Rule::LastAtOrBefore => {
            let at = flat.len() - 1 - at;
            let end = (!flat.point_at(at)?).checked_sub(1)?;
            Some((end, flat.owner_at(at + 1)?))
        }
        // Halfway to the next point; `around_zero` handles the last point.
        Rule::Nearest => {
            let next = flat.point_at(at + 1)?;
            Some((u64::midpoint(point, next), flat.owner_at(flat.first_equal(at))?))
        }
    }
}

/// The first end, if its interval began before 0, and the last two ends.
fn around_zero(flat: &Flat, rule: Rule) -> [Option<End>; 3] {
    let end = |last: u64, at: usize| flat.owner_at(at).map(|owner| (last, owner));
    let highest = flat.len().wrapping_sub(1);
    let (Some(low), Some(high)) = (flat.point_at(0), flat.point_at(highest)) else {
        return [None; 3];
    };
    if !rule.is_nearest() || low == high {
        // The end of the circle belongs to the first stored point (mirrored: to the highest one).
        return [None, None, end(u64::MAX, 0)];
    }
    let at = flat.first_equal(highest);
    let half = low.wrapping_sub(high) / 2;
    match high.checked_add(half) {
        Some(last) => [None, end(last, at), end(u64::MAX, 0)],
        None => [end(high.wrapping_add(half), at), None, end(u64::MAX, at)],
    }
}
