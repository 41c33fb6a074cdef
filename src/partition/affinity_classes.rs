//! The classes of partitions that affinities make: those with the same rules.
//!
//! ```text
//!  partitions     0 ......... 100 ......... 150 ......... 300
//!  first rule     [------------)
//!  second rule           [------------------)
//!  classes        1      1+2   2                 none
//! ```

use super::affinity_bound::{Bound, Demand};
use super::cells::{at, put};
use super::config::TableConfig;
use super::domain_counts::DomainCounts;
use super::row_class::{Conflict, LeafSet, MAX_SETS, RowClass};
use super::row_rules::RowRules;
use super::spans::Spans;
use super::tree::Tree;
use crate::error::{Error, Infeasible, InfeasibleKind, PartitionFault};
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Maximum number of nodes named in an error.
const NAMES_MAX: usize = 8;

/// The name of some leaves in messages: that of a failure domain whose live leaves are exactly the live
/// ones of these, otherwise their labels.
pub(super) fn named(tree: &Tree, leaves: &Spans, members: &Members) -> String {
    let live = |leaf: &u32| at(&tree.weights, *leaf as usize) > 0;
    let mut chosen: Vec<u32> = leaves.leaves().filter(live).collect();
    if chosen.is_empty() {
        chosen = leaves.leaves().collect();
    } else {
        let mut counts = vec![[0_u64; 2]; tree.leaves()];
        for leaf in (0..tree.leaves() as u32).filter(live) {
            put(&mut counts, leaf as usize, [1, leaves.contains(leaf).into()]);
        }
        let sums = [0, 1].map(|i| tree.sums(&counts.iter().map(|c| at(c, i)).collect::<Vec<_>>()));
        let count = chosen.len() as u64;
        let exact = |vertex: &usize| sums.iter().all(|sums| at(sums, *vertex) == count);
        if let Some(vertex) = (1..tree.vertices()).find(exact) {
            return tree.name(vertex, members);
        }
    }
    let name = |leaf: &u32| tree.name(tree.vertex(*leaf), members);
    let mut names: Vec<String> = chosen.iter().take(NAMES_MAX).map(name).collect();
    if let Some(more) = chosen.len().checked_sub(NAMES_MAX).filter(|more| *more > 0) {
        names.push(alloc::format!("{more} more"));
    }
    names.join(", ")
}

pub(super) struct Classes<'a> {
    tree: &'a Tree,
    config: &'a TableConfig,
    members: &'a Members,
    /// The smallest and the largest number of replicas of a partition.
    sizes: (u32, u32),
    /// The leaves that hold replicas.
    live: Spans,
}

impl<'a> Classes<'a> {
    pub(super) fn new(tree: &'a Tree, config: &'a TableConfig, members: &'a Members) -> Self {
        let max = config.max_replicas();
        let copies = config.copies_of_partitions().map(|(_, copies)| copies);
        let min = if config.is_uniform() { max } else { copies.fold(config.replicas(), u32::min) };
        let live = |leaf: &u32| at(&tree.weights, *leaf as usize) > 0;
        let live = Spans::of((0..tree.leaves() as u32).filter(live));
        Self { tree, config, members, sizes: (min, max), live }
    }

    /// The rules that these affinities make together.
    pub(super) fn rules(&self, bounds: &[Bound]) -> Result<RowRules, Error> {
        let mut demands: Vec<&Demand> = bounds.iter().map(|bound| &bound.demand).collect();
        demands.sort_unstable();
        demands.dedup();
        // Where demands start and end.
        let mut changes: Vec<(u32, bool, usize)> = Vec::new();
        for Bound { start, end, demand } in bounds {
            let number = demands.partition_point(|other| *other < demand);
            changes.extend([(*start, true, number), (*end, false, number)]);
        }
        changes.sort_unstable();
        let mut of = vec![0_u32; self.config.partitions() as usize];
        let (mut classes, mut known) = (Vec::new(), BTreeMap::new());
        let mut active: BTreeMap<usize, u32> = BTreeMap::new();
        let mut start = 0;
        for (place, starts, demand) in changes {
            if place > start && !active.is_empty() {
                let key: Vec<usize> = active.keys().copied().collect();
                let number = if let Some(number) = known.get(&key) {
                    *number
                } else {
                    let active = key.iter().filter_map(|number| demands.get(*number).copied());
                    classes.push(self.class(&active.collect::<Vec<_>>(), start)?);
                    known.insert(key, classes.len() as u32);
                    classes.len() as u32
                };
                if let Some(class) = classes.get(number as usize - 1) {
                    self.check_sizes(class, start..place)?;
                }
                of.get_mut(start as usize..place as usize).unwrap_or_default().fill(number);
            }
            start = place;
            let count = active.entry(demand).or_insert(0);
            *count = if starts { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                active.remove(&demand);
            }
        }
        Ok(RowRules::new(classes, of))
    }

    /// The class of partitions with these demands, of which this is the first one.
    fn class(&self, demands: &[&Demand], partition: u32) -> Result<RowClass, Error> {
        let leaves = self.tree.leaves();
        let (_, replicas) = self.sizes;
        let mut may_lead: Option<Spans> = None;
        for Demand { leaves: among, leads, .. } in demands {
            let Some(leads) = *leads else { continue };
            let may = if leads { among.clone() } else { among.others(leaves) };
            may_lead = Some(may_lead.map_or(may.clone(), |both| both.shared(&may)));
        }
        let bounds = |demand: &&Demand| {
            let Demand { leaves, at_least, at_most, .. } = *demand;
            LeafSet::new(leaves.clone(), *at_least, *at_most)
        };
        let mut bounds: Vec<LeafSet> = demands.iter().map(bounds).collect();
        bounds.extend(may_lead.clone().map(|may| LeafSet::new(may, 1, u32::MAX)));
        // Drained leaves hold nothing, nor do those that some bound excludes.
        let mut open = self.live.clone();
        for bound in &bounds {
            if bound.at_most == 0 {
                open = open.shared(&bound.leaves.others(leaves));
            }
            if bound.at_least >= replicas {
                open = open.shared(&bound.leaves);
            }
        }
        let (room, mut sets) = (self.room(&[], &open), Vec::new());
        for bound in bounds.iter().filter(|bound| bound.at_most > 0 || bound.at_least > 0) {
            let inside = bound.leaves.shared(&open);
            if inside.len() == 0 && bound.at_least > 0 {
                return Err(self.nobody(partition, bound, may_lead.as_ref()));
            }
            let set = LeafSet::new(inside, bound.at_least, bound.at_most);
            if set.leaves.len() > 0 && self.binds(&set, &open, room) {
                merge(&mut sets, set);
            }
        }
        self.refuse_crossing(&sets, partition)?;
        self.add_domains(&mut sets, &open, partition)?;
        if sets.len() > MAX_SETS {
            let max = MAX_SETS as u64;
            return Err(PartitionFault::Affinities { partition, max }.into());
        }
        let rooms: Vec<u32> = sets.iter().map(|set| self.room(&sets, &set.leaves)).collect();
        for (set, room) in sets.iter_mut().zip(rooms) {
            set.room = room;
        }
        let mut class = RowClass::new(sets, leaves);
        class.room = self.room(class.sets(), &open);
        (class.excluded, class.may_lead) = (open.others(leaves), may_lead);
        if let Err(Conflict { set, wanted }) = class.needs_beside(&[]) {
            let Some(set) = class.sets().get(set) else { return Ok(class) };
            return Err(self.too_many(partition, &set.leaves, (wanted, set.room)));
        }
        Ok(class)
    }

    /// False if every row keeps the bounds of a set, whatever they are, because the limits leave no
    /// choice. Such a set may cross others.
    fn binds(&self, set: &LeafSet, open: &Spans, room: u32) -> bool {
        let (min, max) = self.sizes;
        let inside = self.room(&[], &set.leaves);
        let outside = self.room(&[], &open.shared(&set.leaves.others(self.tree.leaves())));
        let asks = set.at_least > 0 || set.at_most < max;
        let binds = set.at_most < inside.min(max) || set.at_least > min.saturating_sub(outside);
        // Where no row has places for all replicas, the error names what leaves too few.
        asks && (binds || room < max)
    }

    /// How many replicas of one partition these live leaves can hold within the limits and the upper
    /// bounds of the sets. Nested sets form a matroid, so the greedy choice is the best.
    pub(super) fn room(&self, sets: &[LeafSet], among: &Spans) -> u32 {
        let mut tally = DomainCounts::new(self.tree);
        let mut counts = vec![0_u32; sets.len()];
        let mut room = 0;
        for leaf in among.leaves() {
            let around = || (0..).zip(sets).filter(|(_, set)| set.leaves.contains(leaf));
            let full = around().any(|(i, set): (usize, _)| at(&counts, i) >= set.at_most);
            if !full && tally.admits(leaf) {
                tally.add(leaf);
                around().for_each(|(i, _)| counts.get_mut(i).into_iter().for_each(|c| *c += 1));
                room += 1;
            }
        }
        room
    }

    /// Refuses sets that have some leaves in common, but not all of one of them.
    fn refuse_crossing(&self, sets: &[LeafSet], partition: u32) -> Result<(), Error> {
        for (i, a) in sets.iter().enumerate() {
            for b in sets.get(i + 1..).unwrap_or_default() {
                if crosses(&a.leaves, &b.leaves) {
                    return Err(self.crossing(partition, &a.leaves, &b.leaves));
                }
            }
        }
        Ok(())
    }

    /// Adds the failure domains with a limit around a set; refuses those that cross one.
    fn add_domains(
        &self,
        sets: &mut Vec<LeafSet>,
        open: &Spans,
        partition: u32,
    ) -> Result<(), Error> {
        let own: Vec<Spans> = sets.iter().map(|set| set.leaves.clone()).collect();
        for (level, limit) in &self.tree.limits {
            let domain = |leaf: &u32| self.tree.domain(*leaf, *level);
            let mut domains: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for leaf in open.leaves() {
                domains.entry(domain(&leaf)).or_default().push(leaf);
            }
            for set in &own {
                let leaves: Vec<u32> = set.leaves().collect();
                // The leaves of a domain are consecutive.
                for shared in leaves.chunk_by(|a, b| domain(a) == domain(b)) {
                    let all = shared.first().and_then(|leaf| domains.get(&domain(leaf)));
                    let Some(all) = all else { continue };
                    if shared.len() == leaves.len() {
                        let around = Spans::of(all.iter().copied());
                        merge(sets, LeafSet::new(around, 0, *limit));
                    } else if shared.len() < all.len() {
                        let all = Spans::of(all.iter().copied());
                        return Err(self.crossing(partition, set, &all));
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks that partitions have as many replicas as their sets need, and places for all of them.
    fn check_sizes(&self, class: &RowClass, partitions: Range<u32>) -> Result<(), Error> {
        let needs = class.needs_beside(&[]).unwrap_or(0);
        for partition in partitions {
            let size = self.config.replicas_of(partition);
            if needs > size {
                return Err(self.too_many(partition, &Spans::default(), (needs, size)));
            }
            if size > class.room {
                let room = infeasible(partition, String::new(), (size, class.room));
                let room = Infeasible { admitted: class.room, replicas: size, ..room };
                return Err(PartitionFault::Infeasible(room).into());
            }
            if self.config.is_uniform() {
                break;
            }
        }
        Ok(())
    }

    #[cold]
    fn too_many(&self, partition: u32, leaves: &Spans, asked: (u32, u32)) -> Error {
        let domain = named(self.tree, leaves, self.members);
        PartitionFault::Infeasible(infeasible(partition, domain, asked)).into()
    }

    /// The error for a bound that asks for replicas or leaders where no leaf is left.
    #[cold]
    fn nobody(&self, partition: u32, bound: &LeafSet, may_lead: Option<&Spans>) -> Error {
        if may_lead == Some(&bound.leaves) {
            let leaders = infeasible(partition, String::new(), (1, 0));
            let kind = InfeasibleKind::Leader;
            return PartitionFault::Infeasible(Infeasible { kind, ..leaders }).into();
        }
        if bound.leaves.len() == 0 {
            return PartitionFault::AffinityNoNode { partition }.into();
        }
        self.too_many(partition, &bound.leaves, (bound.at_least, 0))
    }

    #[cold]
    fn crossing(&self, partition: u32, a: &Spans, b: &Spans) -> Error {
        let [a, b] = [a, b].map(|leaves| named(self.tree, leaves, self.members));
        PartitionFault::AffinitiesCross { partition, a, b }.into()
    }
}

/// The error for what the affinities of a partition ask for.
pub(super) fn infeasible(partition: u32, domain: String, (quota, limit): (u32, u32)) -> Infeasible {
    let (quota, limit) = (quota.into(), limit.into());
    let (kind, partition) = (InfeasibleKind::Affinity, Some(partition));
    Infeasible { kind, domain, quota, limit, partition, ..Infeasible::default() }
}

/// Adds a set; one with the same leaves keeps both bounds.
fn merge(sets: &mut Vec<LeafSet>, set: LeafSet) {
    match sets.iter_mut().find(|known| known.leaves == set.leaves) {
        Some(known) => {
            known.at_least = known.at_least.max(set.at_least);
            known.at_most = known.at_most.min(set.at_most);
        }
        None => sets.push(set),
    }
}

/// True if two sets have leaves in common and neither contains the other.
fn crosses(a: &Spans, b: &Spans) -> bool {
    let shared = a.shared(b).len();
    shared > 0 && shared < a.len() && shared < b.len()
}
