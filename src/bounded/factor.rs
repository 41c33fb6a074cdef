//! The load factor: how far a node's load may exceed its fair share.

use crate::node::Weight;
use core::fmt;
#[cfg(feature = "alloc")]
use {
    crate::error::{BoundedFault, Error},
    crate::parameters,
    core::str::FromStr,
};

/// The load factor c of bounded loads: an integer ratio of at least 1. No node holds more than
/// c times its fair share of the keys, rounded up.
///
/// At 1 loads are exactly even and keys end up furthest from their preferred nodes. At 2 hardly any
/// key leaves its preferred node. 5/4 is the paper's example.
///
/// ```
/// use apportion::Weight;
/// use apportion::bounded::LoadFactor;
///
/// let factor = LoadFactor::new(21, 20)?;
/// assert_eq!(factor.cap(1000, Weight::new(1), 10), 105);
/// assert!(LoadFactor::new(9, 10).is_err());
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LoadFactor {
    num: u32,
    den: u32,
}

impl LoadFactor {
    /// The factor 1: every node holds at most its fair share, rounded up.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// The ratio `num / den`.
    ///
    /// # Errors
    /// The ratio is below 1, or `den` is 0.
    #[cfg(feature = "alloc")]
    pub fn new(num: u32, den: u32) -> Result<Self, Error> {
        Self::checked(num, den).ok_or_else(|| BoundedFault::Factor { num, den }.into())
    }

    /// The ratio `num / den`, for constants; `None` if it is below 1, or if `den` is 0.
    ///
    /// ```
    /// use apportion::bounded::LoadFactor;
    ///
    /// const FACTOR: LoadFactor = LoadFactor::checked(5, 4).unwrap();
    /// assert_eq!((FACTOR.num(), FACTOR.den()), (5, 4));
    /// assert_eq!(LoadFactor::checked(4, 5), None);
    /// ```
    #[must_use]
    pub const fn checked(num: u32, den: u32) -> Option<Self> {
        if den == 0 || num < den { None } else { Some(Self { num, den }) }
    }

    /// The numerator, as it was given.
    #[must_use]
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator, as it was given.
    #[must_use]
    pub const fn den(self) -> u32 {
        self.den
    }

    /// The cap of a node with this weight: the maximum number of `keys` it may hold, exactly
    /// ⌈c · keys · weight / total_weight⌉.
    ///
    /// Since c ≥ 1, the caps of all nodes add up to at least `keys`: there is room for every key.
    /// A node without weight has the cap 0.
    #[must_use]
    pub fn cap(self, keys: u32, weight: Weight, total_weight: u128) -> u64 {
        // 32, 32 and 64 bits: the product fits.
        let part = u128::from(self.num) * u128::from(keys) * u128::from(weight.get());
        // The weights of 2^20 nodes and 32 bits fit. For a larger total, the quotient by the saturated
        // product is still correct.
        let whole = u128::from(self.den).saturating_mul(total_weight);
        if whole == 0 {
            return 0;
        }
        u64::try_from(part.div_ceil(whole)).unwrap_or(u64::MAX)
    }

    /// The lowest number of keys for which [`cap`](Self::cap) is at least `cap`; `None` if there is
    /// none.
    #[cfg(feature = "alloc")]
    pub(super) fn keys_for(self, cap: u64, weight: Weight, total_weight: u128) -> Option<u32> {
        let Some(below) = cap.checked_sub(1) else { return Some(0) };
        // ⌈c · keys · w / W⌉ > below as soon as num · keys · w > below · den · W. The left side is
        // below 2^128 for every number of keys.
        let whole = u128::from(self.den).checked_mul(total_weight)?.checked_mul(below.into())?;
        let each = u128::from(self.num) * u128::from(weight.get());
        u32::try_from(whole.checked_div(each)?.checked_add(1)?).ok()
    }

    /// The fair load: the cap at c = 1. At most `keys` if the weight is included in the total.
    #[cfg(feature = "alloc")]
    pub(super) fn fair(keys: u32, weight: Weight, total_weight: u128) -> u32 {
        u32::try_from(Self::ONE.cap(keys, weight, total_weight)).unwrap_or(u32::MAX)
    }
}

/// Reads a ratio `21/20`, a whole number `2`, and a decimal fraction `1.05`, as 105/100: exactly, never
/// through a float.
///
/// ```
/// use apportion::bounded::LoadFactor;
///
/// assert_eq!("5/4".parse(), LoadFactor::new(5, 4));
/// assert_eq!("1.25".parse(), LoadFactor::new(125, 100));
/// assert!("0.9".parse::<LoadFactor>().is_err());
/// ```
#[cfg(feature = "alloc")]
impl FromStr for LoadFactor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const WHAT: &str = "a load factor";
        let text = text.trim();
        let expected = || {
            let form = "a ratio of 32-bit numbers such as 5/4, or a decimal fraction such as 1.25";
            parameters::wrong(WHAT, text, form)
        };
        let Some((whole, fraction)) = text.split_once('.') else {
            let (num, den) = parameters::ratio(WHAT, text).map_err(|_| expected())?;
            return Self::new(num, den);
        };
        let number = |digits| parameters::number::<u32>(WHAT, digits).map_err(|_| expected());
        let (whole, part) = (number(whole)?, number(fraction)?);
        let den = u32::try_from(fraction.len()).ok().and_then(|digits| 10_u32.checked_pow(digits));
        let den = den.ok_or_else(expected)?;
        let num = whole.checked_mul(den).and_then(|num| num.checked_add(part));
        Self::new(num.ok_or_else(expected)?, den)
    }
}

#[cfg(feature = "alloc")]
parameters::serde_as_text!(LoadFactor);

/// Prints `21/20`.
impl fmt::Display for LoadFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}
