//! The weight of a node.

use core::fmt;

/// The share of the keys that a node should hold, relative to the weights of the other nodes.
///
/// A weight is any u64, so it can be a capacity in bytes. Sums of weights are computed in u128. A
/// node of weight 0 is drained: it holds no keys, but stays in the topology and can get a weight
/// later.
#[doc(alias = "capacity")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct Weight(u64);

impl Weight {
    /// The weight of a drained node, which holds no keys: 0.
    pub const DRAINED: Self = Self(0);
    /// The default weight of a node: 1.
    pub const ONE: Self = Self(1);

    /// The weight with this number.
    #[inline]
    #[must_use]
    pub const fn new(weight: u64) -> Self {
        Self(weight)
    }

    /// The weight as a number.
    #[inline]
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// True if the weight is above 0, so that the node can hold keys.
    #[inline]
    #[must_use]
    pub const fn is_live(self) -> bool {
        self.0 > 0
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self::ONE
    }
}

impl From<u64> for Weight {
    fn from(weight: u64) -> Self {
        Self(weight)
    }
}

impl From<Weight> for u64 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

/// Reads what [`Display`](fmt::Display) writes: a whole number. Spaces, signs and units are rejected.
///
/// ```
/// use apportion::Weight;
///
/// assert_eq!("40".parse(), Ok(Weight::new(40)));
/// assert_eq!(
///     "4.5".parse::<Weight>().unwrap_err().to_string(),
///     "\"4.5\" is not a weight: expected a whole number from 0 to 18446744073709551615"
/// );
/// ```
#[cfg(feature = "alloc")]
impl core::str::FromStr for Weight {
    type Err = crate::error::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(weight) if digits => Ok(Self(weight)),
            _ => {
                let text = text.chars().take(64).collect();
                Err(crate::error::ChoiceFault::NotAWeight { text }.into())
            }
        }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
