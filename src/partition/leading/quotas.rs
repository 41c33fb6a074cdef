//! Quotas of leaders: max-min fair among the holders.
//!
//! ```text
//!  weights 1 each      rows  [a b] [a b] [c d] [c e] [d e] [c d]     6 partitions, 5 nodes
//!  in proportion       6/5 each; but a and b hold 2 partitions: they cannot lead 12/5
//!  first block         a, b      lead the 2 partitions they hold     1 each
//!  second block        c, d, e   lead the rest                       4/3 each
//! ```
//!
//! A set S of nodes can lead f(S) partitions, those with a holder in S. f is submodular, so what the
//! nodes can lead together, in fractions too, are the bases of a polymatroid, and exactly one base
//! is max-min fair by weight. It consists of blocks of nodes with the same number of leaders per
//! weight. The block with the lowest number leads every partition that one of its nodes holds; the
//! next one all those of the rest, and so on.
//!
//! A base is a flow from partitions to nodes. If the floors and ceilings of its loads are the
//! capacities, the flow exists, so an integral one does: each node can lead its floor or ceiling.
//!
//! # Source
//! S. Fujishige, *Lexicographically optimal base of a polymatroid with respect to a weight vector*,
//! Mathematics of Operations Research 5(2), 1980, DOI 10.1287/moor.5.2.186, with its decomposition
//! by the most deficient set; N. Megiddo, *Optimal flows in networks with multiple sources and
//! sinks*, Mathematical Programming 7, 1974, DOI 10.1007/BF01585506.

use super::super::cells::{add, at, put};
use super::super::tree::NONE;
use super::flow::{Bounds, Flow};
use super::rows::HolderRows;
use alloc::vec;
use alloc::vec::Vec;

/// The quota of each leaf: how many partitions it should lead.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in super::super) struct LeaderQuotas {
    /// The block of each leaf; those with the fewest leaders per weight come first.
    pub(in super::super) blocks: Vec<u32>,
    pub(in super::super) floors: Vec<u64>,
    pub(in super::super) ceils: Vec<u64>,
    /// In floating point, for people to read: they decide nothing.
    pub(in super::super) exact: Vec<f64>,
}

/// Weights of the leaves, with 1 in place of 0, and the first block of each: that of leaves with
/// weight 0 is the last one.
fn first_blocks(weights: &[u128]) -> (Vec<u32>, Vec<i128>) {
    let blocks = weights.iter().map(|weight| u32::from(*weight == 0)).collect();
    (blocks, weights.iter().map(|weight| (*weight).max(1) as i128).collect())
}

/// Computes the quotas. `leaders` is where the search starts: any holder of each partition. Weights
/// must be below 2^84 in all. A leaf of weight 0 leads only what no other holder can.
///
/// # Complexity
/// A flow over all partitions for each time that the blocks are divided: once if quotas in
/// proportion to weights are possible, at most n times.
pub(super) fn quotas(rows: HolderRows<'_>, weights: &[u128], leaders: &[u32]) -> LeaderQuotas {
    let (mut blocks, weights) = first_blocks(weights);
    let mut leaders: Vec<u32> = leaders.to_vec();
    for (row, leader) in rows.iter().zip(&mut leaders) {
        if at(&blocks, *leader as usize) > 0 {
            let other = row.iter().find(|leaf| at(&blocks, **leaf as usize) == 0);
            *leader = other.copied().unwrap_or(*leader);
        }
    }
    let mut count = 2;
    loop {
        let sums = sums(&blocks, &weights, &leaders, count);
        let target = |leaf: usize| {
            let (partitions, _) = at(&sums, at(&blocks, leaf) as usize);
            partitions as i128 * at(&weights, leaf)
        };
        let targets: Vec<i128> = (0..weights.len()).map(target).collect();
        let bounds = Bounds {
            low: targets.clone(),
            high: targets,
            groups: blocks.clone(),
            units: sums.iter().map(|(_, weight)| *weight).collect(),
        };
        let mut flow = Flow::new(rows, leaders, bounds, None);
        let done = flow.run();
        if !done {
            (blocks, count) = divided(&flow, count);
        }
        leaders = flow.shares.into_leaders();
        if done {
            return rounded(blocks, &weights, &leaders, count);
        }
    }
}

/// The partitions that each block leads, and its weight.
fn sums(blocks: &[u32], weights: &[i128], leaders: &[u32], count: u32) -> Vec<(u64, i128)> {
    let mut sums = vec![(0_u64, 0_i128); count as usize];
    for (block, weight) in blocks.iter().zip(weights) {
        if let Some((_, sum)) = sums.get_mut(*block as usize) {
            *sum += weight;
        }
    }
    for leader in leaders {
        if let Some((sum, _)) = sums.get_mut(at(blocks, *leader as usize) as usize) {
            *sum += 1;
        }
    }
    sums
}

/// Divides each block whose excesses could not be sent: the nodes that they do not reach hold fewer
/// partitions than they should lead, and come first.
fn divided(flow: &Flow<'_>, count: u32) -> (Vec<u32>, u32) {
    let groups = flow.groups();
    let mut divides = vec![false; count as usize];
    for (node, group) in groups.iter().enumerate().filter(|(node, _)| flow.has_excess(*node)) {
        debug_assert!(flow.is_reached(node));
        put(&mut divides, *group as usize, true);
    }
    let mut next = 0;
    let first = divides.iter().map(|divides| {
        let first = next;
        next += 1 + u32::from(*divides);
        first
    });
    let first: Vec<u32> = first.collect();
    let block = |(node, group): (usize, &u32)| {
        let second = at(&divides, *group as usize) && flow.is_reached(node);
        at(&first, *group as usize) + u32::from(second)
    };
    (groups.iter().enumerate().map(block).collect(), next)
}

fn rounded(blocks: Vec<u32>, weights: &[i128], leaders: &[u32], count: u32) -> LeaderQuotas {
    let sums = sums(&blocks, weights, leaders, count);
    let mut quotas = LeaderQuotas::default();
    for (block, weight) in blocks.iter().zip(weights) {
        let (partitions, all) = at(&sums, *block as usize);
        let share = i128::from(partitions) * weight;
        let (floor, rest) = (share / all.max(1), share % all.max(1));
        quotas.floors.push(floor as u64);
        quotas.ceils.push(floor as u64 + u64::from(rest > 0));
        quotas.exact.push(floor as f64 + rest as f64 / all.max(1) as f64);
    }
    quotas.blocks = blocks;
    quotas
}

impl LeaderQuotas {
    /// A lower bound on changes of leaders, from the number of partitions that each leaf led alone:
    /// what it led above its ceiling, and what it lacked to its floor. `lost` partitions were led by
    /// other nodes.
    pub(in super::super) fn lower_bound(&self, led: &[u64], lost: u64) -> u64 {
        let bounds = led.iter().zip(self.floors.iter().zip(&self.ceils));
        let (mut above, mut below) = (lost, 0);
        for (led, (floor, ceil)) in bounds {
            above += led.saturating_sub(*ceil);
            below += floor.saturating_sub(*led);
        }
        above.max(below)
    }

    /// The number of leaves whose leaders are neither the floor nor the ceiling of their quota.
    pub(in super::super) fn outside(&self, led: &[u64]) -> u64 {
        let bounds = led.iter().zip(self.floors.iter().zip(&self.ceils));
        bounds.filter(|(led, (floor, ceil))| !(**floor..=**ceil).contains(*led)).count() as u64
    }
}

/// How many partitions each leaf leads.
pub(in super::super) fn led(leaders: &[u32], leaves: usize) -> Vec<u64> {
    let mut led = vec![0; leaves];
    for leader in leaders.iter().filter(|leader| **leader != NONE) {
        add(&mut led, *leader as usize, 1);
    }
    led
}
