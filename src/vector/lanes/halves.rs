//! 64-bit words in lanes of 32 bits.
//!
//! ```text
//!   word            w0        w1        w2        ...
//!   low half    [ l0 | l1 | l2 | l3 | l4 | l5 | l6 | l7 ]      one register
//!   high half   [ h0 | h1 | h2 | h3 | h4 | h5 | h6 | h7 ]      another one
//! ```
//!
//! Neither AVX2 nor NEON multiplies 64-bit words. Of halves, the lower 64 bits of a product with a
//! constant `C` are
//!
//! ```text
//!   low  = l * C.l
//!   high = upper half of l * C.l  +  l * C.h  +  h * C.l
//! ```
//!
//! and a register holds twice as many lanes as of words. Where only the high half is needed, as for a
//! bound of a score, the low one is not computed.

use pulp::Simd;

/// As many words as a register has lanes of 32 bits.
#[derive(Clone, Copy)]
pub(super) struct Halves<S: Simd> {
    pub(super) low: S::u32s,
    pub(super) high: S::u32s,
}

impl<S: Simd> Halves<S> {
    /// One word in every lane.
    #[inline(always)]
    pub(super) fn splat(simd: S, word: u64) -> Self {
        Self { low: simd.splat_u32s(word as u32), high: simd.splat_u32s((word >> 32) as u32) }
    }

    #[inline(always)]
    pub(super) fn xor(self, simd: S, other: Self) -> Self {
        let low = simd.xor_u32s(self.low, other.low);
        Self { low, high: simd.xor_u32s(self.high, other.high) }
    }

    /// `word ^ (word >> by)`, for `by` in 1..32.
    #[inline(always)]
    pub(super) fn xor_shift(self, simd: S, by: u32) -> Self {
        let (down, up) = (simd.splat_u32s(by), simd.splat_u32s(32 - by));
        let shifted = simd.wrapping_dyn_shr_u32s(self.low, down);
        let carried = simd.wrapping_dyn_shl_u32s(self.high, up);
        let low = simd.xor_u32s(self.low, simd.xor_u32s(shifted, carried));
        let high = simd.xor_u32s(self.high, simd.wrapping_dyn_shr_u32s(self.high, down));
        Self { low, high }
    }

    /// The high halves of the products with a constant.
    #[inline(always)]
    pub(super) fn high_of_product(self, simd: S, by: u64) -> S::u32s {
        let by = Self::splat(simd, by);
        let (_, carried) = simd.widening_mul_u32s(self.low, by.low);
        let crossed = simd.mul_u32s(self.low, by.high);
        let other = simd.mul_u32s(self.high, by.low);
        simd.add_u32s(carried, simd.add_u32s(crossed, other))
    }

    /// The lower 64 bits of the products with a constant.
    #[inline(always)]
    pub(super) fn product(self, simd: S, by: u64) -> Self {
        let low = simd.mul_u32s(self.low, simd.splat_u32s(by as u32));
        Self { low, high: self.high_of_product(simd, by) }
    }
}
