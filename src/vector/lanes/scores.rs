//! Bounds of scores, many nodes at once.
//!
//! ```text
//!   block of 16 nodes:   low [l0 .. l15]   high [h0 .. h15]   weights [w0 .. w15]
//!   group of 64 nodes:   four blocks; its bounds are computed before any of them is looked at
//! ```
//!
//! The halves are those of `seed ^ (seed >> 30)`. The first step of mixing a score is
//! `z ^ (z >> 30)` of `z = key ^ seed`; an exclusive or and shifts can change places, so the nodes'
//! part of it is done when the lanes are made.

use super::halves::Halves;
use super::level::Level;
use crate::hash::mix::{MIX_FACTORS, MIX_SHIFTS};
use alloc::sync::Arc;
use pulp::{Simd, WithSimd};

/// Nodes in a block: the lanes of the widest register.
const BLOCK: usize = 16;
/// Nodes whose bounds are computed together.
const GROUP: usize = 64;
/// A visit costs as much as the scalar code takes for so many nodes.
const NODES_A_VISIT: usize = 8;
/// With fewer nodes the scalar code is as fast.
const MIN_NODES: usize = 16;

/// The seeds of the nodes, arranged in lanes, if the processor has vectors and there are nodes enough.
#[derive(Clone, Debug)]
pub(crate) struct ScoreLanes(Option<Lanes>);

#[derive(Clone, Debug)]
struct Lanes {
    level: Level,
    count: usize,
    blocks: Arc<[Block]>,
    /// Rounded; empty if the weights are equal.
    weights: Arc<[[f32; BLOCK]]>,
}

#[derive(Clone, Debug)]
struct Block {
    low: [u32; BLOCK],
    high: [u32; BLOCK],
}

impl Block {
    fn of(seeds: impl Iterator<Item = u64>) -> Self {
        let mut block = Self { low: [0; BLOCK], high: [0; BLOCK] };
        for ((low, high), seed) in block.low.iter_mut().zip(&mut block.high).zip(seeds) {
            let shifted = first_step(seed);
            (*low, *high) = (shifted as u32, (shifted >> 32) as u32);
        }
        block
    }
}

/// The first step of mixing.
#[inline]
const fn first_step(z: u64) -> u64 {
    z ^ (z >> MIX_SHIFTS[0])
}

impl ScoreLanes {
    /// No lanes.
    pub(crate) const NONE: Self = Self(None);

    /// The lanes of nodes without weights.
    pub(crate) fn of<T>(entries: &[T], seed: impl Fn(&T) -> u64) -> Self {
        Self::at(Level::best(), entries, seed, None::<fn(&T) -> u64>)
    }

    /// The lanes of nodes with weights, which are above 0.
    pub(crate) fn weighted<T>(
        entries: &[T],
        seed: impl Fn(&T) -> u64,
        weight: impl Fn(&T) -> u64,
    ) -> Self {
        Self::at(Level::best(), entries, seed, Some(weight))
    }

    /// At each level that the processor has.
    #[cfg(test)]
    pub(crate) fn at_every_level<T>(
        entries: &[T],
        seed: impl Fn(&T) -> u64,
        weight: Option<&impl Fn(&T) -> u64>,
    ) -> alloc::vec::Vec<Self> {
        let levels = Level::all().map(Some);
        levels.map(|level| Self::at(level, entries, &seed, weight)).collect()
    }

    fn at<T>(
        level: Option<Level>,
        entries: &[T],
        seed: impl Fn(&T) -> u64,
        weight: Option<impl Fn(&T) -> u64>,
    ) -> Self {
        let Some(level) = level.filter(|_| entries.len() >= MIN_NODES) else { return Self(None) };
        let blocks =
            entries.chunks(BLOCK).map(|block| Block::of(block.iter().map(&seed))).collect();
        let weights: Option<Arc<[_]>> = weight.map(|weight| {
            let rounded = |block: &[T]| {
                let mut weights = [1.0; BLOCK];
                for (place, entry) in weights.iter_mut().zip(block) {
                    *place = weight(entry) as f32;
                }
                weights
            };
            entries.chunks(BLOCK).map(rounded).collect()
        });
        let weights = weights.unwrap_or_default();
        Self(Some(Lanes { level, count: entries.len(), blocks, weights }))
    }

    /// The node with the highest score, for nodes without weights. `None` if there are no lanes, and if
    /// the bounds of two nodes are equal and the highest, which happens for one key in millions.
    #[inline]
    pub(crate) fn highest(&self, key: u64) -> Option<usize> {
        let lanes = self.0.as_ref()?;
        lanes.level.run(Highest { lanes, key })
    }

    /// True if there are lanes, and the `k` best of so many nodes are found faster with them.
    #[inline]
    pub(crate) fn serve(&self, k: usize) -> bool {
        self.0.as_ref().is_some_and(|lanes| k <= lanes.count / NODES_A_VISIT)
    }

    /// Shows the nodes whose bounds allow that they win to `offer`, which answers the bound that the
    /// next one has to reach: for equal weights the upper half of a score, else
    /// [`weighted_bound`]. Without lanes no node is shown.
    #[inline]
    pub(crate) fn visit(&self, key: u64, offer: impl FnMut(usize) -> u32) {
        let Some(lanes) = &self.0 else { return };
        if lanes.weights.is_empty() {
            lanes.level.run(Visit { lanes, bounds: Plain, key, offer });
        } else {
            lanes.level.run(Visit { lanes, bounds: Weighted, key, offer });
        }
    }
}

/// How the bounds of a block follow from the high halves of scores and from weights. A larger bound
/// is better, and no bound is 0.
trait Bounds: Copy {
    fn bounds<S: Simd>(self, simd: S, high: S::u32s, weights: S::f32s) -> S::u32s;
}

/// Bounds without weights: the upper half of a score. The last step of mixing does not change its
/// upper 31 bits; the bit below counts as set.
#[derive(Clone, Copy)]
struct Plain;

impl Bounds for Plain {
    #[inline(always)]
    fn bounds<S: Simd>(self, simd: S, high: S::u32s, _: S::f32s) -> S::u32s {
        simd.or_u32s(high, simd.splat_u32s(1))
    }
}

/// Bounds with weights: the inverted bits of a float that is not above −log2(u)/w, where u is the
/// score as a fraction. Floats that are not negative are in the order of their bits.
///
/// With x = 2^64 − u, in units of 2^41 and rounded down, x times [`LOG_UNIT`] is below
/// [`neg_log2`](crate::hash::log2::neg_log2). So the float is x/w.
#[derive(Clone, Copy)]
struct Weighted;

/// −log2 of a score is at least so many units for each 2^41 that the score is below 2^64, see
/// [`neg_log2_at_least`](crate::hash::log2::neg_log2_at_least): 2^41 times 1/2^7 + 1/2^9 + 1/2^10.
const LOG_UNIT: f64 = ((1_u64 << 34) + (1 << 32) + (1 << 31)) as f64;

impl Bounds for Weighted {
    #[inline(always)]
    fn bounds<S: Simd>(self, simd: S, high: S::u32s, weights: S::f32s) -> S::u32s {
        // 23 bits fit into the fraction of a float whose unit is 1; the upper 31 of a score are known.
        let missing = simd.wrapping_dyn_shr_u32s(simd.not_u32s(high), simd.splat_u32s(9));
        let float = simd.or_u32s(missing, simd.splat_u32s(8_388_608_f32.to_bits()));
        let missing = simd.sub_f32s(simd.transmute_f32s_u32s(float), simd.splat_f32s(8_388_608.0));
        let quotient = simd.div_f32s(missing, weights);
        simd.not_u32s(simd.transmute_u32s_f32s(quotient))
    }
}

/// The bound that a node with weights has to reach to have a chance against a score of this logarithm
/// and weight, see the module `score`.
///
/// Five roundings of floats are off by less than 2^-21 in all; the margin is 2^-20.
#[inline]
pub(crate) fn weighted_bound(log: u64, weight: u64) -> u32 {
    const MARGIN: f64 = 1.0 + 1.0 / (1 << 20) as f64;
    let quotient = log as f64 / LOG_UNIT / weight as f64 * MARGIN;
    !(quotient as f32).to_bits()
}

/// The bounds of the nodes of a group.
type Group = [[u32; BLOCK]; GROUP / BLOCK];

impl Lanes {
    /// Computes the bounds of a group. Those behind the last node are 0.
    #[inline(always)]
    fn bounds<S: Simd>(
        &self,
        simd: S,
        key: Halves<S>,
        (number, blocks): (usize, &[Block]),
        kind: impl Bounds,
        bounds: &mut Group,
    ) {
        let mut weights = self.weights.iter().skip(number * (GROUP / BLOCK));
        for (bounds, block) in bounds.iter_mut().zip(blocks) {
            let weights = weights.next().unwrap_or(&[1.0; BLOCK]);
            let (lows, _) = S::as_simd_u32s(&block.low);
            let (highs, _) = S::as_simd_u32s(&block.high);
            let (weights, _) = S::as_simd_f32s(weights);
            let (bounds, _) = S::as_mut_simd_u32s(bounds);
            let halves = lows.iter().zip(highs);
            for ((bound, (low, high)), weight) in bounds.iter_mut().zip(halves).zip(weights) {
                let z = Halves { low: *low, high: *high }.xor(simd, key);
                let z = z.product(simd, MIX_FACTORS[0]).xor_shift(simd, MIX_SHIFTS[1]);
                *bound = kind.bounds(simd, z.high_of_product(simd, MIX_FACTORS[1]), *weight);
            }
        }
        let nodes = self.count - number * GROUP;
        if nodes < GROUP {
            bounds.as_flattened_mut().iter_mut().skip(nodes).for_each(|bound| *bound = 0);
        }
    }
}

struct Highest<'a> {
    lanes: &'a Lanes,
    key: u64,
}

impl WithSimd for Highest<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Option<usize> {
        let key = Halves::splat(simd, first_step(self.key));
        // The bounds of the best group so far and those of the next. Which is which changes without a
        // branch, because the processor cannot predict where the best changes.
        let mut bounds = [Group::default(); 2];
        let (mut free, mut best, mut highest, mut tie) = (0, 0, 0, false);
        for (number, blocks) in self.lanes.blocks.chunks(GROUP / BLOCK).enumerate() {
            let bounds = bounds.get_mut(free & 1)?;
            self.lanes.bounds(simd, key, (number, blocks), Plain, bounds);
            let bound = maximum(simd, bounds);
            tie |= bound == highest;
            free ^= usize::from(bound > highest);
            best = if bound > highest { number } else { best };
            highest = bound.max(highest);
        }
        let bounds = bounds.get(!free & 1)?;
        let at = position(bounds, highest);
        let equal = bounds.as_flattened().iter().map(|bound| u32::from(*bound == highest));
        (!tie && equal.sum::<u32>() == 1).then_some(best * GROUP + at)
    }
}

struct Visit<'a, B, F> {
    lanes: &'a Lanes,
    bounds: B,
    key: u64,
    offer: F,
}

impl<B: Bounds, F: FnMut(usize) -> u32> WithSimd for Visit<'_, B, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let key = Halves::splat(simd, first_step(self.key));
        let mut bounds = Group::default();
        let mut needed = 1;
        for (number, blocks) in self.lanes.blocks.chunks(GROUP / BLOCK).enumerate() {
            self.lanes.bounds(simd, key, (number, blocks), self.bounds, &mut bounds);
            loop {
                let highest = maximum(simd, &bounds);
                if highest < needed {
                    break;
                }
                let at = position(&bounds, highest);
                if let Some(visited) = bounds.as_flattened_mut().get_mut(at) {
                    *visited = 0;
                }
                // A bound of 0 reaches nothing.
                needed = (self.offer)(number * GROUP + at).max(1);
            }
        }
    }
}

#[inline(always)]
fn maximum<S: Simd>(simd: S, bounds: &Group) -> u32 {
    let (bounds, _) = S::as_simd_u32s(bounds.as_flattened());
    let mut highest = simd.splat_u32s(0);
    for bound in bounds {
        highest = simd.max_u32s(highest, *bound);
    }
    let mut lanes = [0; BLOCK];
    if let Some(place) = S::as_mut_simd_u32s(&mut lanes).0.first_mut() {
        *place = highest;
    }
    lanes.into_iter().fold(0, u32::max)
}

/// A position of a bound that is there. Without a branch, so that it is compiled to vectors.
#[inline(always)]
fn position(bounds: &Group, wanted: u32) -> usize {
    let numbered = (0_u32..).zip(bounds.as_flattened());
    numbered.fold(0, |at, (i, bound)| if *bound == wanted { i } else { at }) as usize
}
