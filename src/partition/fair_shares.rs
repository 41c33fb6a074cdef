//! The fair share of a pair of nodes: how many partitions both should hold.

use super::cells::at;
use super::config::TableConfig;
use super::quota::Quotas;
use super::tree::Tree;
use alloc::vec::Vec;

/// The fair share of every pair of leaves, and the weight of a pair in the sum that dispersion
/// minimizes.
///
/// When node a fails, the other replicas of its q_a partitions take over: q_a·(R − 1) of them, where R is
/// the mean number of replicas, on
/// nodes outside a's outermost domain. The fair share of node b is proportional to its quota q_b.
#[derive(Debug)]
pub(super) struct FairShares {
    /// The inverse of each leaf's quota, scaled to at most 2^18.
    pub(super) inverse: Vec<i64>,
    /// Each leaf's quota, rounded up.
    quotas: Vec<u64>,
    /// For each leaf, the sum of the quotas outside its outermost domain.
    outside: Vec<u64>,
    /// R − 1, rounded up to a whole number.
    others: u64,
    /// A lower bound of each leaf's limits with all other leaves: sharing no more is always fair.
    always_fair: Vec<u32>,
}

impl FairShares {
    /// O(n).
    pub(super) fn new(tree: &Tree, quotas: &Quotas, config: &TableConfig) -> Self {
        let ceils: Vec<u64> = quotas.ceils.iter().skip(tree.domains()).copied().collect();
        let max = ceils.iter().copied().max().unwrap_or(1).max(1);
        let inverse = |quota: &u64| (max * 256 / (*quota).max(1)).min(1 << 18) as i64;
        let all: u64 = ceils.iter().sum();
        let sums = tree.sums(&ceils);
        let outer = |leaf: u32| match tree.depth {
            0 => at(&ceils, leaf as usize),
            _ => at(&sums, tree.domain(leaf, 0) as usize),
        };
        let outside = (0..tree.leaves() as u32).map(|leaf| all.saturating_sub(outer(leaf)).max(1));
        let mut fair = Self {
            inverse: ceils.iter().map(inverse).collect(),
            outside: outside.collect(),
            quotas: ceils,
            others: config.total_replicas().div_ceil(config.partitions().max(1).into()) - 1,
            always_fair: Vec::new(),
        };
        // Leaves without replicas share nothing, so the minimum ignores them.
        let min = fair.quotas.iter().copied().filter(|quota| *quota > 0).min().unwrap_or(0);
        let max = fair.outside.iter().copied().max().unwrap_or(1);
        fair.always_fair = fair.quotas.iter().map(|quota| fair.share(*quota, min, max)).collect();
        fair
    }

    /// The number of partitions that a pair may share: the smaller of its two fair shares, one for
    /// each node's failure, rounded up.
    pub(super) fn limit(&self, a: u32, b: u32) -> u32 {
        let (q, r) = (at(&self.quotas, a as usize), at(&self.quotas, b as usize));
        let outside = at(&self.outside, a as usize).max(at(&self.outside, b as usize));
        self.share(q, r, outside)
    }

    /// How many partitions a pair shares above its limit. The limit takes a division, which
    /// `always_fair` saves for most pairs.
    #[inline]
    pub(super) fn excess(&self, a: u32, b: u32, shared: u32) -> u32 {
        if shared <= at(&self.always_fair, a as usize) {
            return 0;
        }
        shared.saturating_sub(self.limit(a, b))
    }

    /// ⌈q·r·(R − 1) / outside⌉.
    fn share(&self, q: u64, r: u64, outside: u64) -> u32 {
        let outside = outside.max(1);
        let short = q.checked_mul(r).and_then(|fair| fair.checked_mul(self.others));
        let share = short.map_or_else(
            || {
                let fair = u128::from(q) * u128::from(r) * u128::from(self.others);
                fair.div_ceil(outside.into()).min(u32::MAX.into()) as u64
            },
            |fair| fair.div_ceil(outside),
        );
        share.min(u32::MAX.into()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::FairShares;
    use crate::partition::TableConfig;
    use crate::{Node, Planner, Topology};
    use alloc::format;

    /// `always_fair` of a leaf is at most its limit with any other leaf that has a quota.
    #[test]
    fn always_fair_is_within_every_limit() {
        for weights in [[1, 1, 1, 1, 1, 1], [1, 2, 3, 40, 5, 6], [0, 9, 9, 9, 1, 1]] {
            for (zones, partitions) in [(0, 7), (2, 100), (3, 1 << 20)] {
                let nodes = weights.iter().enumerate().map(|(id, weight)| {
                    let node = Node::new(id as u64).weight(*weight);
                    if zones > 0 { node.domain("zone", &format!("z{}", id % zones)) } else { node }
                });
                let nodes = Topology::of(nodes).unwrap();
                let config = TableConfig::new(partitions, 3);
                let planner = Planner::new(nodes.members(), &config).unwrap();
                let problem = &planner.problem;
                let scale = FairShares::new(&problem.tree, &problem.quotas, &config);
                for (a, b) in (0..6).flat_map(|a| (0..6).map(move |b| (a, b))) {
                    let holds = |leaf: u32| scale.quotas[leaf as usize] > 0;
                    if !(holds(a) && holds(b)) {
                        continue;
                    }
                    let limit = scale.limit(a, b);
                    assert!(scale.always_fair[a as usize] <= limit, "{weights:?} {a} {b}");
                    for shared in [0, limit - 1, limit, limit + 1, limit + 1000] {
                        let above = shared.saturating_sub(limit);
                        assert_eq!(scale.excess(a, b, shared), above, "{weights:?} {a} {b}");
                    }
                }
            }
        }
    }
}
