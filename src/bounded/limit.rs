//! The limit of a node's load: relative to its fair share, with an absolute margin and a hard cap.

use super::factor::LoadFactor;
use crate::node::Weight;

/// How far the load of a node may rise before requests spill to the next candidate.
///
/// The load is in any unit that adds up: requests, tokens, bytes. With the total load T of the live
/// nodes, the request included, a node of weight w has the fair share F = T · w / W, where W is the
/// total weight. With a factor c, a margin M and one of n gateways, its limit is
///
/// ```text
/// limit = ⌈max(c · F, F + M / n)⌉
/// ```
///
/// computed exactly, in integers. A node is **above** if its load, without the request, has reached
/// the limit; otherwise it takes the request. So a request spills only if the load exceeds the fair
/// share both by the factor and by the margin, as in the gateways of SGLang. The factor alone spills
/// the second request of a key on three idle nodes, whose fair share is below one request. The margin
/// alone is too small when loads are high.
///
/// ```
/// use apportion::Weight;
/// use apportion::bounded::{LoadFactor, LoadLimit};
///
/// let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(8);
/// assert_eq!(limit.limit_of(Weight::ONE, 2, 3), 9); // ⌈2/3 + 8⌉: the margin decides
/// assert_eq!(limit.limit_of(Weight::ONE, 300, 3), 125); // 5/4 · 100: the factor decides
/// assert_eq!(limit.one_of(4).limit_of(Weight::ONE, 2, 3), 3); // ⌈2/3 + 8/4⌉
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// [`pick`](Self::pick) applies a limit to loads that the caller counts,
/// [`InFlight::of`](crate::bounded::InFlight::of) to requests that the value counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LoadLimit {
    factor: LoadFactor,
    margin: u64,
    cap: Option<u64>,
    gateways: u32,
    sheds: bool,
}

/// Larger total weights count as this one, so that products with 32 bits fit 128. 2^31 nodes of the
/// maximum weight are below it.
const TOTAL_WEIGHT_MAX: u128 = 1 << 95;

impl LoadLimit {
    /// A limit of `factor` times the fair share, without a margin and without a cap.
    #[must_use]
    pub const fn new(factor: LoadFactor) -> Self {
        Self { factor, margin: 0, cap: None, gateways: 1, sheds: false }
    }

    /// Lets every node exceed its fair share by `margin`, even if the factor allows less. The margin is
    /// in the unit of the loads, is the same for all weights, and is 0 by default.
    ///
    /// With a margin of at least 1, all requests of a key stay on its preferred node until that node has
    /// `margin` more than its fair share.
    #[must_use]
    pub const fn margin(mut self, margin: u64) -> Self {
        self.margin = margin;
        self
    }

    /// Rejects a node if the request would raise its load above `cap`. Unlike the limit, this counts
    /// the whole cost of the request, and applies even if all nodes are above: then the answer is
    /// [`Shed::AllFull`](crate::bounded::Shed::AllFull).
    #[must_use]
    pub const fn cap(mut self, cap: u64) -> Self {
        self.cap = Some(cap);
        self
    }

    /// Says that the loads are those of one of `gateways` gateways, among which the traffic is divided
    /// evenly and at random. Margin and cap are then those of all gateways together: each has
    /// 1/`gateways` of them, and of the cap rounded down. 0 counts as 1, the default.
    ///
    /// The factor needs no correction: the fair share is computed from the same loads. But a smaller
    /// load has a larger relative error, so the same factor spills more. See
    /// [the chapter](crate::docs::sticky_routing#several-gateways) for what to choose.
    #[must_use]
    pub const fn one_of(mut self, gateways: u32) -> Self {
        self.gateways = if gateways == 0 { 1 } else { gateways };
        self
    }

    /// Asks to reject a request if all candidates are above. By default it goes to the least loaded of
    /// them.
    #[must_use]
    pub const fn shedding(mut self) -> Self {
        self.sheds = true;
        self
    }

    /// The limit of a node, for a total load that includes the request. 0 for a weight of 0. The
    /// [`cap`](Self::cap) is not included.
    ///
    /// # Complexity
    /// O(1): up to three divisions.
    #[must_use]
    pub fn limit_of(&self, weight: Weight, total_load: u64, total_weight: u128) -> u64 {
        if self.margin == 0 {
            if let Ok(keys) = u32::try_from(total_load) {
                return self.factor.cap(keys, weight, total_weight);
            }
        }
        let whole = total_weight.min(TOTAL_WEIGHT_MAX);
        let part = u128::from(total_load) * u128::from(weight.get());
        let (Some(fair), true) = (part.checked_div(whole), weight.is_live()) else { return 0 };
        // The fair share is fair + rest / whole.
        let rest = part % whole;
        let (num, den) = (u128::from(self.factor.num()), u128::from(self.factor.den()));
        let scaled = fair.saturating_mul(num);
        let parts = scaled % den * whole + rest * num;
        let relative = (scaled / den).saturating_add(parts.div_ceil(den * whole));

        let (margin, gateways) = (u128::from(self.margin), u128::from(self.gateways));
        let parts = rest * gateways + margin % gateways * whole;
        let absolute = parts.div_ceil(gateways * whole).saturating_add(margin / gateways);
        let absolute = absolute.saturating_add(fair);
        u64::try_from(relative.max(absolute)).unwrap_or(u64::MAX)
    }

    /// The highest load that a node may have with the request: none if the node is above.
    pub(super) fn allowed(&self, limit: u64, cost: u64) -> Option<u64> {
        Some(limit.checked_sub(1)?.saturating_add(cost).min(self.share_of_cap()))
    }

    /// The share of this gateway in the cap.
    pub(super) fn share_of_cap(&self) -> u64 {
        self.cap.map_or(u64::MAX, |cap| cap / u64::from(self.gateways))
    }

    pub(super) const fn sheds(&self) -> bool {
        self.sheds
    }

    #[cfg(feature = "alloc")]
    pub(super) const fn factor(&self) -> LoadFactor {
        self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::{LoadFactor, LoadLimit, TOTAL_WEIGHT_MAX, Weight};
    use crate::hash::mix::mix;

    /// The product of two numbers in 256 bits, by schoolbook multiplication: upper and lower half.
    fn product(a: u128, b: u128) -> (u128, u128) {
        let half = |x: u128| (x >> 64, x & u128::from(u64::MAX));
        let ((a1, a0), (b1, b0)) = (half(a), half(b));
        let (low, upper) = (half(a0 * b0), half(a1 * b0));
        let other = half(a0 * b1);
        let middle = low.0 + upper.1 + other.1;
        let high = a1 * b1 + upper.0 + other.0 + (middle >> 64);
        (high, a.wrapping_mul(b))
    }

    fn sum((a1, a0): (u128, u128), (b1, b0): (u128, u128)) -> (u128, u128) {
        let (low, carry) = a0.overflowing_add(b0);
        (a1 + b1 + u128::from(carry), low)
    }

    /// The limit is the lowest integer that is at least c · F and at least F + M / n, without a
    /// division.
    #[test]
    fn it_is_the_formula_at_every_size() {
        let mut at_the_margin = 0;
        for i in 0..20_000_u64 {
            let word = |k: u64| mix(i << 8 | k);
            // Sizes from 0 bits up.
            let sized =
                |k: u64, bits: u64| word(k) & (1_u64 << (word(k + 32) % bits)).wrapping_sub(1);
            let den = 1 + sized(1, 31) as u32;
            let num = den.saturating_add(sized(2, 32) as u32);
            let (load, margin, gateways) = (sized(3, 64), sized(4, 64), 1 + sized(5, 30) as u32);
            let weight = 1 + sized(6, 63);
            let others = u128::from(sized(7, 63)) << (word(8) % 30);
            let total = (u128::from(weight) + others).min(TOTAL_WEIGHT_MAX);
            let factor = LoadFactor::checked(num, den).unwrap();
            let limit = LoadLimit::new(factor).margin(margin).one_of(gateways);
            let found = u128::from(limit.limit_of(Weight::new(weight), load, total));
            let part = u128::from(load) * u128::from(weight);
            let reaches = |x: u128| {
                let relative =
                    product(x * u128::from(den), total) >= product(part, u128::from(num));
                let lifted =
                    sum(product(part, u128::from(gateways)), product(u128::from(margin), total));
                (relative, product(x * u128::from(gateways), total) >= lifted)
            };
            let (relative, absolute) = reaches(found);
            let saturated = found == u128::from(u64::MAX);
            assert!(relative && absolute || saturated, "{i}: {found} is too low");
            if let Some(below) = found.checked_sub(1) {
                let (relative, absolute) = reaches(below);
                assert!(!(relative && absolute), "{i}: {found} is too high");
                at_the_margin += u32::from(relative);
            }
        }
        assert!((5_000..15_000).contains(&at_the_margin), "{at_the_margin}");
    }

    /// Without a margin it is the cap of bounded loads, also where that takes the short way.
    #[test]
    fn without_a_margin_it_is_the_cap() {
        let factor = LoadFactor::checked(21, 20).unwrap();
        for load in [0, 1, 2, 1000, u32::MAX] {
            for (weight, total) in [(0, 7), (1, 3), (5, 5), (u64::MAX, 1 << 70), (1, 0), (0, 0)] {
                let (weight, cap) =
                    (Weight::new(weight), factor.cap(load, Weight::new(weight), total));
                assert_eq!(LoadLimit::new(factor).limit_of(weight, load.into(), total), cap);
            }
        }
        // One above 2^32 takes the long way.
        let load = u64::from(u32::MAX) + 1;
        assert_eq!(LoadLimit::new(factor).limit_of(Weight::ONE, load, 20), 225_485_784);
        assert_eq!(LoadLimit::new(factor).limit_of(Weight::DRAINED, load, 20), 0);
        assert_eq!(LoadLimit::new(factor).margin(9).limit_of(Weight::DRAINED, 5, 20), 0);
        assert_eq!(LoadLimit::new(factor).margin(9).limit_of(Weight::ONE, 5, 0), 0);
        let huge = LoadLimit::new(factor).margin(u64::MAX);
        assert_eq!(huge.limit_of(Weight::new(u64::MAX), u64::MAX, 1), u64::MAX);
    }

    #[test]
    fn shares_of_gateways() {
        let limit = LoadLimit::new(LoadFactor::ONE).margin(2).cap(11);
        assert_eq!((limit.share_of_cap(), limit.one_of(4).share_of_cap()), (11, 2));
        assert_eq!(limit.one_of(0), limit);
        // ⌈1/4 + 2/4⌉, ⌈3/4 + 2/4⌉: one rounding, of the sum.
        let quarter = limit.one_of(4);
        assert_eq!([1, 3].map(|load| quarter.limit_of(Weight::ONE, load, 4)), [1, 2]);
        assert_eq!(
            (quarter.allowed(1, 1), quarter.allowed(9, 1), quarter.allowed(0, 1)),
            (Some(1), Some(2), None)
        );
    }
}
