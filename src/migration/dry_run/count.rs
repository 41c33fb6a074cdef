//! What every node holds before, at the peak and after, counted from both tables.

use super::DryRun;
use crate::node::{NodeIdx, NodeLabel};
use crate::topology::Members;
use alloc::vec;
use alloc::vec::Vec;

/// Replicas and their sizes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Load {
    pub(super) replicas: u64,
    pub(super) size: u128,
}

impl Load {
    fn add(&mut self, size: u64) {
        self.replicas += 1;
        self.size += u128::from(size);
    }

    /// The number that a capacity counts.
    pub(super) fn counted(self, by_size: bool) -> u128 {
        if by_size { self.size } else { self.replicas.into() }
    }

    fn plus(self, other: Self) -> Self {
        Self { replicas: self.replicas + other.replicas, size: self.size + other.size }
    }
}

/// A node of either side.
#[derive(Clone, Debug)]
pub(super) struct NodeCount {
    pub(super) label: NodeLabel,
    /// Its slot in the new table; `None` if it leaves.
    pub(super) new: Option<NodeIdx>,
    pub(super) before: Load,
    pub(super) after: Load,
    pub(super) takes: Load,
    pub(super) gives: Load,
    pub(super) peak: Load,
    pub(super) lost: bool,
}

/// The nodes of both sides, ascending by label, and what the whole plan copies and deletes.
pub(super) struct Counts {
    pub(super) nodes: Vec<NodeCount>,
    pub(super) copies: Load,
    pub(super) deletions: Load,
    /// Partitions all of whose holders are lost, and all of whose holders leave.
    pub(super) lost: Vec<u32>,
    pub(super) left_by_all: Vec<u32>,
    /// Partitions whose holders are not the same set as before.
    pub(super) changed: Vec<u32>,
    /// The given steps are not those of this plan.
    pub(super) other_steps: bool,
}

impl Counts {
    /// O(P·R² + n log n).
    pub(super) fn new(dry_run: &DryRun<'_>) -> Self {
        let plan = dry_run.plan;
        let table = plan.table();
        let (mut nodes, ranks, old_ranks) = nodes(dry_run);
        let ways = plan.old().map_or(1, |(old, _)| table.partitions() / old.partitions().max(1));
        let (mut copies, mut deletions) = (Load::default(), Load::default());
        let (mut lost, mut left_by_all, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut before, mut after): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        let rank = |ranks: &[u32], node: NodeIdx| ranks.get(node.index()).copied();
        for partition in 0..table.partitions() {
            let size = dry_run.size(partition);
            after.clear();
            after.extend(table.row(partition).filter_map(|node| rank(&ranks, node)));
            before.clear();
            if let Some((old, _)) = plan.old() {
                let row = old.row(partition / ways.max(1));
                before.extend(row.filter_map(|node| rank(&old_ranks, node)));
            }
            for (row, other, is_new) in [(&after, &before, true), (&before, &after, false)] {
                for node in row {
                    let moves = !other.contains(node);
                    let Some(node) = nodes.get_mut(*node as usize) else { continue };
                    if is_new { &mut node.after } else { &mut node.before }.add(size);
                    if moves && is_new {
                        node.takes.add(size);
                        copies.add(size);
                    } else if moves {
                        node.gives.add(size);
                        deletions.add(size);
                    }
                }
            }
            let all = |what: fn(&NodeCount) -> bool| {
                let mut row = before.iter().filter_map(|node| nodes.get(*node as usize));
                !before.is_empty() && row.all(what)
            };
            if all(|node| node.lost) {
                lost.push(partition);
            } else if all(|node| node.new.is_none() || node.lost) {
                left_by_all.push(partition);
            }
            let same = before.len() == after.len() && after.iter().all(|n| before.contains(n));
            if !same {
                changed.push(partition);
            }
        }
        if plan.old().is_none() {
            // Nothing is copied or deleted for a fresh table.
            copies = Load::default();
            for node in &mut nodes {
                node.takes = Load::default();
            }
            changed.clear();
        }
        let mut counts =
            Self { nodes, copies, deletions, lost, left_by_all, changed, other_steps: false };
        counts.find_peaks(dry_run, plan.old().is_none());
        counts
    }

    fn find_peaks(&mut self, dry_run: &DryRun<'_>, fresh: bool) {
        for node in &mut self.nodes {
            let at_once = if fresh { node.after } else { node.before.plus(node.takes) };
            node.peak = at_once;
            let Some(peaks) = &dry_run.peaks else { continue };
            let found = peaks.binary_search_by(|(label, ..)| (**label).cmp(&*node.label));
            let found = found.ok().and_then(|place| peaks.get(place));
            let found = found.map(|(_, replicas, size)| Load { replicas: *replicas, size: *size });
            let ends = node.before.replicas.max(node.after.replicas);
            let fits = |peak: &Load| (ends..=at_once.replicas).contains(&peak.replicas);
            self.other_steps |= !found.as_ref().map_or(ends == 0, fits);
            node.peak = found.unwrap_or(node.peak);
        }
    }
}

/// The nodes of both sides, ascending by label, and the place of each new and each old slot.
fn nodes(dry_run: &DryRun<'_>) -> (Vec<NodeCount>, Vec<u32>, Vec<u32>) {
    let plan = dry_run.plan;
    let old = plan.old().map(|(_, members)| members);
    let mut nodes: Vec<NodeCount> = Vec::new();
    let sides = [Some((plan.members(), true)), old.map(|members| (members, false))];
    for (members, is_new) in sides.into_iter().flatten() {
        nodes.extend(members.entries().map(|(slot, member)| NodeCount {
            label: member.label.clone(),
            new: is_new.then_some(slot),
            before: Load::default(),
            after: Load::default(),
            takes: Load::default(),
            gives: Load::default(),
            peak: Load::default(),
            lost: dry_run.lost.contains(&member.label),
        }));
    }
    // The sort is stable: of two entries of a node the new one comes first and stays.
    nodes.sort_by(|a, b| a.label.cmp(&b.label));
    nodes.dedup_by(|later, first| later.label == first.label);
    let places = |members: &Members| {
        let mut places = vec![u32::MAX; members.slots()];
        for (slot, member) in members.entries() {
            let place = nodes.binary_search_by(|node| node.label.cmp(&member.label));
            if let (Ok(place), Some(entry)) = (place, places.get_mut(slot.index())) {
                *entry = place as u32;
            }
        }
        places
    };
    let ranks = (places(plan.members()), old.map_or(Vec::new(), places));
    (nodes, ranks.0, ranks.1)
}
