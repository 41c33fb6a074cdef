//! An independent verifier of leaders. It shares the weights with the search, and nothing else.

use super::super::cells::{add, at};
use super::super::planner::Planner;
use super::super::table::PartitionTable;
use super::super::tree::NONE;
use super::candidates::push;
use super::certificate::{LeaderCertificate, VerifiedLeaders};
use crate::error::{Error, VerifyFault};
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// A block of a certificate: the partitions it leads, and its weight.
#[derive(Clone, Copy, Default)]
struct Block {
    partitions: u64,
    weight: u128,
    /// True if its nodes have weight 0, and count as 1 each.
    weightless: bool,
}

impl Planner<'_> {
    /// Verifies the leaders of a table, and computes the bound that their certificate proves: that
    /// each node leads the floor or the ceiling of its quota, that the quotas are max-min fair among
    /// the holders, and how many leaders have to change. The planner must
    /// [balance leaders](Self::balance_leaders) under the same weights. `old` is the table before,
    /// with its nodes; `None` if there was none.
    ///
    /// The table may be out of balance and break rules otherwise:
    /// [`verify`](Self::verify) checks everything else, and this as well for a plan with leaders.
    ///
    /// What is not checked: whether the quotas are possible in fractions, before they are rounded.
    ///
    /// # Complexity
    /// O(P·R + n log n).
    ///
    /// # Errors
    /// - a table of another size, or with holders that are not among the planner's nodes
    /// - a certificate for another number of nodes, or with blocks in the wrong order
    /// - a leader that [affinities](Self::affinity) do not allow
    /// - a node that leads neither the floor nor the ceiling of its quota
    pub fn verify_leaders(
        &self,
        table: &PartitionTable,
        certificate: &LeaderCertificate,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<VerifiedLeaders, Error> {
        let (found, wanted) = (table.partitions(), self.problem.config.partitions());
        if found != wanted {
            return Err(VerifyFault::Size { what: "partitions", found, wanted }.into());
        }
        let nodes = self.problem.tree.leaves();
        for found in [certificate.potentials().len(), certificate.blocks().len()] {
            if found != nodes {
                return Err(VerifyFault::LeaderParts { found, wanted: nodes }.into());
            }
        }
        let weights = self.leader_rule().weights(&self.problem);
        let old = old.map(|(old, members)| self.old_leaders(old, members)).transpose()?;
        let mut blocks = self.blocks(certificate, &weights)?;
        let mut led = vec![0_u64; nodes];
        let (mut moved, mut minimum, mut gone) = (0_u64, 0_i128, 0_u64);
        let (mut row, mut candidates): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for partition in 0..table.partitions() {
            row.clear();
            for slot in table.row(partition) {
                let no_node = VerifyFault::NoNode { partition, slot: slot.get() };
                row.push(self.problem.tree.leaf_at(slot).ok_or(no_node)?);
            }
            let leader = row.first().copied().unwrap_or(NONE);
            add(&mut led, leader as usize, 1);
            candidates.clear();
            push(&self.problem.constraints.rules, partition, &row, &mut candidates);
            if !candidates.contains(&leader) {
                let label = self.label(leader);
                return Err(VerifyFault::LeaderAffinity { partition, label }.into());
            }
            let first =
                candidates.iter().map(|leaf| at(certificate.blocks(), *leaf as usize)).min();
            if let Some(block) = first.and_then(|block| blocks.get_mut(block as usize)) {
                block.partitions += 1;
            }
            let before = old.as_ref().map(|old| at(old, partition as usize));
            moved += u64::from(before.is_some_and(|before| before != leader));
            let stays = before.filter(|before| candidates.contains(before));
            gone += u64::from(before.is_some() && stays.is_none());
            let value = |leaf: &u32| {
                let change = stays.is_some_and(|before| before != *leaf);
                i128::from(change) + i128::from(at(certificate.potentials(), *leaf as usize))
            };
            minimum += candidates.iter().map(value).min().unwrap_or(0);
        }
        minimum += i128::from(gone);
        check_order(&blocks)?;
        let counts = old.as_ref().map(|old| {
            let mut counts = vec![0_u64; nodes];
            old.iter().filter(|leaf| **leaf != NONE).for_each(|l| add(&mut counts, *l as usize, 1));
            counts
        });
        let (mut above, mut below) = (0, 0);
        for leaf in 0..nodes {
            let block = at(certificate.blocks(), leaf) as usize;
            let (floor, ceil) = blocks.get(block).map_or((0, 0), |b| b.quota(at(&weights, leaf)));
            let leads = at(&led, leaf);
            if !(floor..=ceil).contains(&leads) {
                let label = self.label(leaf as u32);
                return Err(VerifyFault::LeaderShare { label, leads, floor, ceil }.into());
            }
            let potential = i128::from(at(certificate.potentials(), leaf));
            minimum -= potential * i128::from(if potential > 0 { ceil } else { floor });
            let before = counts.as_ref().map_or(leads, |counts| at(counts, leaf));
            above += before.saturating_sub(ceil);
            below += floor.saturating_sub(before);
        }
        let lost = old.iter().flatten().filter(|leaf| **leaf == NONE).count() as u64;
        let lower_bound = if old.is_some() { below.max(above + lost).max(gone) } else { 0 };
        let minimum = if old.is_some() { u64::try_from(minimum).unwrap_or(0) } else { 0 };
        Ok(VerifiedLeaders { moved, minimum, lower_bound })
    }

    /// The old leader of each partition, `NONE` if it is not among the nodes.
    fn old_leaders(&self, old: &PartitionTable, members: &Members) -> Result<Vec<u32>, Error> {
        let (from, to) = (old.partitions(), self.problem.config.partitions());
        if to % from != 0 {
            return Err(crate::error::PartitionFault::NotAMultiple { from, to }.into());
        }
        let mut leaves: BTreeMap<&[u8], u32> = BTreeMap::new();
        for (leaf, slot) in (0..).zip(&self.problem.tree.slots) {
            leaves.extend(self.problem.members.label(*slot).map(|label| (label, leaf)));
        }
        let mut by_slot = vec![NONE; members.slots()];
        for node in members.iter() {
            let leaf = members.label(node).and_then(|label| leaves.get(label));
            if let Some(entry) = by_slot.get_mut(node.index()) {
                *entry = leaf.copied().unwrap_or(NONE);
            }
        }
        let leader = |partition: u32| {
            let first = old.row(partition / (to / from)).next();
            first.and_then(|node| by_slot.get(node.index()).copied()).unwrap_or(NONE)
        };
        Ok((0..to).map(leader).collect())
    }

    /// The weights of the blocks. Nodes without a weight need blocks of their own.
    fn blocks(&self, parts: &LeaderCertificate, weights: &[u128]) -> Result<Vec<Block>, Error> {
        let last = parts.blocks().iter().copied().max().unwrap_or(0);
        // Numbers beyond the nodes' count name no block.
        let count = (last as usize + 1).min(weights.len());
        let mut blocks: Vec<Option<Block>> = vec![None; count];
        for (leaf, (block, weight)) in (0..).zip(parts.blocks().iter().zip(weights)) {
            let wrong = || VerifyFault::LeaderBlock { label: self.label(leaf), block: *block };
            let block = blocks.get_mut(*block as usize).ok_or_else(wrong)?;
            let block = block.get_or_insert(Block { weightless: *weight == 0, ..Block::default() });
            if block.weightless != (*weight == 0) {
                return Err(wrong().into());
            }
            block.weight += (*weight).max(1);
        }
        Ok(blocks.into_iter().map(Option::unwrap_or_default).collect())
    }
}

impl Block {
    fn quota(self, weight: u128) -> (u64, u64) {
        let share = u128::from(self.partitions) * weight.max(1);
        ((share / self.weight.max(1)) as u64, share.div_ceil(self.weight.max(1)) as u64)
    }
}

/// Checks that leaders per weight do not fall from block to block, and that blocks without a weight
/// are the last ones.
fn check_order(blocks: &[Block]) -> Result<(), Error> {
    let used = || blocks.iter().enumerate().filter(|(_, block)| block.weight > 0);
    for ((_, a), (number, b)) in used().zip(used().skip(1)) {
        let rises = u128::from(a.partitions) * b.weight <= u128::from(b.partitions) * a.weight;
        let ordered = if a.weightless == b.weightless { rises } else { b.weightless };
        if !ordered {
            return Err(VerifyFault::LeaderOrder { block: number as u32 }.into());
        }
    }
    Ok(())
}
