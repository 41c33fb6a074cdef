//! The quotas of several tables together.
//!
//! Each table keeps its own quota on each node. What the nodes and domains hold of all tables is the
//! exact sum of these, so its floor and ceiling are those of one number and not sums of floors and
//! ceilings: three tables with a third of a replica each on a node put one replica there.

use super::super::cells::{at, put};
use super::super::exact_sum;
use super::super::quota::Quotas;
use super::super::tree::Tree;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// A sum of fractions: the whole part, and for each denominator a numerator below it.
#[derive(Clone, Default, Debug)]
struct Sum {
    whole: u64,
    rests: BTreeMap<u128, u128>,
}

impl Sum {
    fn add(&mut self, (num, den): (u128, u128)) {
        // Denominators are below 2^127, so the sum of two rests fits.
        let rest = self.rests.entry(den).or_default();
        let sum = *rest + num % den;
        self.whole += (num / den) as u64 + u64::from(sum >= den);
        *rest = sum % den;
    }

    fn add_all(&mut self, other: &Self) {
        self.whole += other.whole;
        for (den, rest) in &other.rests {
            self.add((*rest, *den));
        }
    }

    /// The floor, and whether a rest remains.
    fn split(&self) -> (u64, bool) {
        let rests: Vec<(u128, u128)> = self.rests.iter().map(|(den, num)| (*num, *den)).collect();
        let (more, rest) = exact_sum::whole(&rests);
        (self.whole + more, rest)
    }
}

/// The quotas of every vertex of the joint tree, whose leaves have these floors, ceilings, ratios and
/// quotas in floating point. O(n · tables · log), and for each vertex O(d²) for d different
/// denominators: one for each table unless limits or slots bind.
pub(super) fn quotas(tree: &Tree, leaves: Quotas) -> Quotas {
    let inner = tree.domains();
    let filled = |own: Vec<u64>| {
        let mut all = vec![0; inner];
        all.extend(own);
        all
    };
    let (mut floors, mut ceils) = (filled(leaves.floors), filled(leaves.ceils));
    let mut exact = vec![0.0; inner];
    exact.extend(leaves.exact);
    let mut sums: Vec<Sum> = vec![Sum::default(); inner];
    for vertex in (1..tree.vertices()).rev() {
        let own = match tree.leaf(vertex) {
            Some(leaf) => {
                let mut own = Sum::default();
                own.add(leaves.ratios.get(leaf as usize).copied().unwrap_or((0, 1)));
                own
            }
            None => sums.get_mut(vertex).map(core::mem::take).unwrap_or_default(),
        };
        if tree.leaf(vertex).is_none() {
            let (floor, rest) = own.split();
            put(&mut floors, vertex, floor);
            put(&mut ceils, vertex, floor + u64::from(rest));
        }
        let Some(parent) = tree.parent(vertex) else { continue };
        let more = at(&exact, vertex);
        if let Some(above) = exact.get_mut(parent) {
            *above += more;
        }
        if let Some(above) = sums.get_mut(parent) {
            above.add_all(&own);
        }
    }
    // All replicas: the rests add up to whole ones.
    let (all, rest) = sums.first().map(Sum::split).unwrap_or_default();
    debug_assert!(!rest, "quotas that add up to no whole number");
    put(&mut floors, 0, all);
    put(&mut ceils, 0, all);
    Quotas { floors, ceils, exact, ratios: leaves.ratios, rounded: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn sums_of_fractions_are_exact() {
        let sum = |parts: &[(u128, u128)]| {
            let mut sum = Sum::default();
            for part in parts {
                sum.add(*part);
            }
            sum.split()
        };
        assert_eq!(sum(&[(1, 3), (1, 3), (1, 3)]), (1, false));
        assert_eq!(sum(&[(7, 2), (1, 3), (1, 6)]), (4, false));
        assert_eq!(sum(&[(7, 2), (1, 3), (1, 7)]), (3, true));
        assert_eq!(sum(&[]), (0, false));
        let mut twice = Sum::default();
        let mut once = Sum::default();
        for part in [(5, 3), (3, 4)] {
            once.add(part);
        }
        twice.add_all(&once);
        twice.add_all(&once);
        assert_eq!(twice.split(), (4, true));
    }
}
