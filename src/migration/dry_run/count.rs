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

    /// The greater of each of both numbers.
    fn max(self, other: Self) -> Self {
        Self { replicas: self.replicas.max(other.replicas), size: self.size.max(other.size) }
    }
}

/// A node of either side.
#[derive(Clone, Debug)]
pub(super) struct NodeCount {
    pub(super) label: NodeLabel,
    /// Its slot in the new table; `None` if it leaves.
    pub(super) new: Option<NodeIdx>,
    /// What it holds at the beginning: nothing if it is lost.
    pub(super) before: Load,
    pub(super) after: Load,
    pub(super) takes: Load,
    pub(super) peak: Load,
    pub(super) lost: bool,
    /// What it held before it was lost, and how many replicas of that are copied to it again.
    pub(super) gone: Load,
    pub(super) again: u64,
}

impl NodeCount {
    /// The replicas it has in the old table.
    pub(super) fn held(&self) -> u64 {
        self.before.replicas + self.gone.replicas
    }
}

/// The nodes of both sides, ascending by label, and what the whole plan copies and deletes.
pub(super) struct Counts {
    pub(super) nodes: Vec<NodeCount>,
    pub(super) copies: Load,
    pub(super) deletions: Load,
    /// What was on lost nodes: nobody deletes it.
    pub(super) gone: Load,
    /// Partitions all of whose holders are lost, and all of whose holders leave.
    pub(super) lost: Vec<u32>,
    pub(super) left_by_all: Vec<u32>,
    /// Partitions whose holders are not the same set as before.
    pub(super) changed: Vec<u32>,
    /// The given steps are not those of this plan with these sizes and lost nodes.
    pub(super) other_steps: bool,
}

impl Counts {
    /// O(P·R² + n log n).
    pub(super) fn new(dry_run: &DryRun<'_>) -> Self {
        let plan = dry_run.plan;
        let table = plan.table();
        let (mut nodes, ranks, old_ranks) = nodes(dry_run);
        let ways = plan.old().map_or(1, |(old, _)| table.partitions() / old.partitions().max(1));
        let [mut copies, mut deletions, mut gone] = [Load::default(); 3];
        let (mut lost, mut left_by_all, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        let [mut held, mut before, mut after] = [const { Vec::<u32>::new() }; 3];
        let rank = |ranks: &[u32], node: NodeIdx| ranks.get(node.index()).copied();
        for partition in 0..table.partitions() {
            let size = dry_run.size(partition);
            after.clear();
            after.extend(table.row(partition).filter_map(|node| rank(&ranks, node)));
            held.clear();
            if let Some((old, _)) = plan.old() {
                let row = old.row(partition / ways.max(1));
                held.extend(row.filter_map(|node| rank(&old_ranks, node)));
            }
            // A lost node comes back empty if at all: it holds nothing before.
            before.clear();
            for place in &held {
                let Some(node) = nodes.get_mut(*place as usize) else { continue };
                if !node.lost {
                    before.push(*place);
                    continue;
                }
                node.gone.add(size);
                node.again += u64::from(after.contains(place));
                gone.add(size);
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
                        deletions.add(size);
                    }
                }
            }
            let all = |what: fn(&NodeCount) -> bool| {
                let mut row = held.iter().filter_map(|node| nodes.get(*node as usize));
                !held.is_empty() && row.all(what)
            };
            if all(|node| node.lost) {
                lost.push(partition);
            } else if all(|node| node.new.is_none() || node.lost) {
                left_by_all.push(partition);
            }
            let same = held.len() == after.len() && after.iter().all(|n| held.contains(n));
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
        let other_steps = false;
        let mut counts =
            Self { nodes, copies, deletions, gone, lost, left_by_all, changed, other_steps };
        counts.find_peaks(dry_run, plan.old().is_none());
        counts
    }

    /// The peaks, and whether given steps can be those of this plan: then no node has less at its peak
    /// than before or after, nor more than all copies at once give.
    fn find_peaks(&mut self, dry_run: &DryRun<'_>, fresh: bool) {
        // Without sizes nobody looks at those of the steps.
        let sizes = dry_run.sizes.is_some() || dry_run.by_size;
        let known =
            |label: &[u8]| self.nodes.binary_search_by(|node| (*node.label).cmp(label)).is_ok();
        let mut peaks = dry_run.peaks.iter().flatten();
        self.other_steps = peaks.any(|(label, replicas, _)| *replicas > 0 && !known(label));
        for node in &mut self.nodes {
            let at_once = if fresh { node.after } else { node.before.plus(node.takes) };
            node.peak = at_once;
            let Some(peaks) = &dry_run.peaks else { continue };
            let found = peaks.binary_search_by(|(label, ..)| (**label).cmp(&*node.label));
            let found = found.ok().and_then(|place| peaks.get(place));
            let found = found.map(|(_, replicas, size)| Load { replicas: *replicas, size: *size });
            let ends = node.before.max(node.after);
            let fits = |peak: &Load| {
                (ends.replicas..=at_once.replicas).contains(&peak.replicas)
                    && (!sizes || (ends.size..=at_once.size).contains(&peak.size))
            };
            self.other_steps |= !found.as_ref().map_or(ends.replicas == 0, fits);
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
            peak: Load::default(),
            lost: dry_run.lost.contains(&member.label),
            gone: Load::default(),
            again: 0,
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
