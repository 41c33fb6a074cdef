//! Points per unit of weight.

use crate::error::Error;
use crate::hash::mix::gcd;
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// Points per unit of weight, as a ratio: a node of weight w > 0 has max(1, ⌊w · points / weight⌋)
/// points.
///
/// The scale is a constant of the [`RingConfig`](crate::ring::RingConfig), or it is derived once, when
/// the ring is built, and kept by every change. If it followed the total weight instead, reweighting
/// one of ten nodes from 1 to 5 would move 13.6 % of the keys between the other nine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    points: u64,
    weight: u64,
}

impl Scale {
    /// `points` points for every `weight` units of weight, reduced to lowest terms; `None` if either is
    /// 0.
    #[must_use]
    pub const fn new(points: u64, weight: u64) -> Option<Self> {
        if points == 0 || weight == 0 {
            return None;
        }
        let divisor = gcd(points as u128, weight as u128) as u64;
        Some(Self { points: points / divisor, weight: weight / divisor })
    }

    /// The ratio's numerator.
    #[must_use]
    pub const fn points(self) -> u64 {
        self.points
    }

    /// The ratio's denominator.
    #[must_use]
    pub const fn weight(self) -> u64 {
        self.weight
    }

    /// Points of a node.
    #[must_use]
    pub const fn points_of(self, weight: u64) -> u128 {
        let points = weight as u128 * self.points as u128;
        // A division of 128 bits takes longer than all else that a change does for a node.
        let points = match self.weight {
            1 => points,
            whole if points <= u64::MAX as u128 => (points as u64 / whole) as u128,
            whole => points / whole as u128,
        };
        if weight > 0 && points == 0 { 1 } else { points }
    }

    /// The ratio of two positive numbers, rounded if it does not fit otherwise.
    pub(crate) fn ratio(points: u128, weight: u128) -> Option<Self> {
        let divisor = gcd(points, weight).max(1);
        let (mut points, mut weight) = (points / divisor, weight / divisor);
        while points > u128::from(u64::MAX) || weight > u128::from(u64::MAX) {
            points = (points / 2).max(1);
            weight = (weight / 2).max(1);
        }
        Self::new(points as u64, weight as u64)
    }
}

/// Prints `160/1`.
impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.points, self.weight)
    }
}

/// Reads `160/1`, and `160` as the same.
impl FromStr for Scale {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (points, weight) = parameters::ratio("a scale", text.trim())?;
        let positive = || parameters::wrong("a scale", text, "a ratio of positive numbers");
        Self::new(points, weight).ok_or_else(positive)
    }
}

parameters::serde_as_text!(Scale);
