//! The classes of partitions that affinities make: those with the same rules.
//!
//! ```text
//!  partitions     0 ......... 100 ......... 150 ......... 300
//!  first rule     [------------)
//!  second rule           [------------------)
//!  classes        1      1+2   2                 none
//! ```

use super::affinity::Affinity;
use super::cells::{at, put};
use super::config::TableConfig;
use super::domain_counts::DomainCounts;
use super::problem::Problem;
use super::row_rules::{LeafSet, MAX_SETS, RowClass, RowRules, Spans};
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

/// An affinity with its nodes as leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bound {
    pub(super) partitions: Range<u32>,
    pub(super) leaves: Spans,
    pub(super) at_least: u32,
    pub(super) at_most: u32,
    pub(super) leads: Option<bool>,
}

impl Bound {
    /// Everything that decides plans, as numbers.
    pub(super) fn identity(&self) -> impl Iterator<Item = u64> + '_ {
        let Self { partitions, at_least, at_most, leads, .. } = self;
        let leads = leads.map_or(0, |leads| 1 + u32::from(leads));
        let numbers = [partitions.start, partitions.end, *at_least, *at_most, leads];
        let leaves = self.leaves.leaves().map(u64::from);
        numbers.into_iter().map(u64::from).chain(leaves).chain([u64::MAX])
    }
}

impl Problem<'_> {
    /// Adds affinities to the constraints.
    pub(super) fn add_affinities(
        &mut self,
        rules: impl IntoIterator<Item = Affinity>,
    ) -> Result<(), Error> {
        for rule in rules {
            let bound = self.bound(rule)?;
            self.constraints.affinities.push(bound);
        }
        let (tree, config, members) = (&self.tree, &self.config, self.members);
        self.constraints.rules =
            Classes { tree, config, members }.rules(&self.constraints.affinities)?;
        self.check_pins()
    }

    fn bound(&self, rule: Affinity) -> Result<Bound, Error> {
        let partitions = rule.partitions.clone().unwrap_or(0..self.config.partitions());
        if partitions.is_empty() {
            let Range { start, end } = partitions;
            return Err(PartitionFault::AffinityRange { start, end }.into());
        }
        self.check_partition("the last of an affinity, ", partitions.end - 1)?;
        let asks = rule.at_least > 0 || rule.at_most.is_some() || rule.leads.is_some();
        if !asks {
            return Err(PartitionFault::AffinityIdle.into());
        }
        let leaves = self.leaves_among(&rule)?;
        let at_least = rule.at_least.max((rule.leads == Some(true)).into());
        let at_most = rule.at_most.unwrap_or(u32::MAX);
        Ok(Bound { partitions, leaves, at_least, at_most, leads: rule.leads })
    }

    fn leaves_among(&self, rule: &Affinity) -> Result<Spans, Error> {
        let mut among = vec![rule.nodes.is_none(); self.tree.leaves()];
        for node in rule.nodes.iter().flatten() {
            let unknown = || PartitionFault::Slot { what: "an affinity", slot: node.get() };
            let leaf = self.tree.leaf_at(*node).ok_or_else(unknown)?;
            put(&mut among, leaf as usize, true);
        }
        let domain = |leaf: u32| self.members.domain(at(&self.tree.slots, leaf as usize));
        for (level, name) in &rule.domains {
            let is_in = |leaf: u32| {
                domain(leaf).is_some_and(|d| d.path().any(|(l, n)| l == level && n == name))
            };
            let mut any = false;
            for leaf in 0..self.tree.leaves() as u32 {
                let inside = is_in(leaf);
                any |= inside;
                let before = at(&among, leaf as usize);
                put(&mut among, leaf as usize, before && inside);
            }
            if !any {
                let (level, name) = (level.clone(), name.clone());
                return Err(PartitionFault::AffinityDomain { level, name }.into());
            }
        }
        Ok(Spans::of((0..self.tree.leaves() as u32).filter(|leaf| at(&among, *leaf as usize))))
    }
}

/// The name of some leaves in messages: that of a failure domain with exactly these leaves, otherwise
/// their labels.
pub(super) fn named(tree: &Tree, leaves: &Spans, members: &Members) -> String {
    let mut chosen = vec![0_u64; tree.leaves()];
    leaves.leaves().for_each(|leaf| put(&mut chosen, leaf as usize, 1));
    let (chosen, all) = (tree.sums(&chosen), tree.sums(&vec![1; tree.leaves()]));
    let count = leaves.len() as u64;
    let exact = |vertex: &usize| at(&chosen, *vertex) == count && at(&all, *vertex) == count;
    if let Some(vertex) = (1..tree.vertices()).find(exact).filter(|_| count > 0) {
        return tree.name(vertex, members);
    }
    let names = leaves.leaves().take(NAMES_MAX).map(|leaf| tree.name(tree.vertex(leaf), members));
    let mut names: Vec<String> = names.collect();
    if let Some(more) = leaves.len().checked_sub(NAMES_MAX).filter(|more| *more > 0) {
        names.push(alloc::format!("{more} more"));
    }
    names.join(", ")
}

struct Classes<'a> {
    tree: &'a Tree,
    config: &'a TableConfig,
    members: &'a Members,
}

impl Classes<'_> {
    /// The rules that these affinities make together.
    fn rules(&self, bounds: &[Bound]) -> Result<RowRules, Error> {
        let ends = |bound: &Bound| [bound.partitions.start, bound.partitions.end];
        let mut ends: Vec<u32> = bounds.iter().flat_map(ends).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut of = vec![0_u32; self.config.partitions() as usize];
        let (mut classes, mut known) = (Vec::new(), BTreeMap::new());
        for (start, end) in ends.iter().zip(ends.iter().skip(1)) {
            let active = |(_, bound): &(usize, &Bound)| bound.partitions.contains(start);
            let (key, active): (Vec<usize>, Vec<&Bound>) =
                bounds.iter().enumerate().filter(active).unzip();
            if active.is_empty() {
                continue;
            }
            let number = match known.get(&key) {
                Some(number) => *number,
                None => {
                    classes.push(self.class(&active, *start)?);
                    known.insert(key, classes.len() as u32);
                    classes.len() as u32
                }
            };
            if let Some(class) = classes.get(number as usize - 1) {
                self.check_sizes(class, *start..*end)?;
            }
            of.get_mut(*start as usize..*end as usize).unwrap_or_default().fill(number);
        }
        Ok(RowRules::new(classes, of))
    }

    /// The class of partitions with these affinities, of which this is the first one.
    fn class(&self, bounds: &[&Bound], partition: u32) -> Result<RowClass, Error> {
        let replicas = self.config.max_replicas();
        let leaves = self.tree.leaves();
        let (mut excluded, mut may_lead) = (Spans::default(), None::<Spans>);
        for bound in bounds {
            if bound.at_most == 0 {
                excluded = excluded.joined(&bound.leaves);
            }
            if bound.at_least >= replicas {
                excluded = excluded.joined(&bound.leaves.others(leaves));
            }
            if let Some(leads) = bound.leads {
                let may = if leads { bound.leaves.clone() } else { bound.leaves.others(leaves) };
                may_lead = Some(may_lead.map_or(may.clone(), |both| both.shared(&may)));
            }
        }
        let open = excluded.others(leaves);
        let mut sets: Vec<LeafSet> = Vec::new();
        for bound in bounds.iter().filter(|bound| bound.at_most > 0 || bound.at_least > 0) {
            let leaves = bound.leaves.shared(&open);
            if leaves.len() == 0 && bound.at_least > 0 {
                return Err(self.too_many(partition, &bound.leaves, (bound.at_least, 0)));
            }
            merge(&mut sets, LeafSet::new(leaves, bound.at_least, bound.at_most));
        }
        let leading = may_lead.as_ref().map(|may| may.shared(&open));
        if let Some(leading) = leading {
            if leading.len() == 0 {
                return Err(PartitionFault::AffinityNoLeader { partition }.into());
            }
            merge(&mut sets, LeafSet::new(leading, 1, u32::MAX));
        }
        sets.retain(|set| set.leaves.len() > 0);
        self.refuse_crossing(&sets, partition)?;
        self.add_domains(&mut sets, &open, partition)?;
        if sets.len() > MAX_SETS {
            let max = MAX_SETS as u64;
            return Err(PartitionFault::Affinities { partition, max }.into());
        }
        for i in 0..sets.len() {
            let Some(set) = sets.get(i) else { continue };
            let room = self.room(&sets, &set.leaves);
            if set.at_least > room {
                return Err(self.too_many(partition, &set.leaves, (set.at_least, room)));
            }
            if let Some(set) = sets.get_mut(i) {
                set.at_most = set.at_most.min(room);
            }
        }
        let mut class = RowClass::new(sets, leaves);
        (class.excluded, class.may_lead) = (excluded, may_lead);
        class.room = self.room(class.sets(), &open);
        if class.all_needs().is_none() {
            // Sets within one of them ask for more than it may hold.
            let needs = |set: &&LeafSet| {
                let inner = |s: &&LeafSet| s.leaves.shared(&set.leaves) == s.leaves && s != set;
                let inner = class.sets().iter().filter(inner).map(|s| s.at_least);
                inner.sum::<u32>() > set.at_most
            };
            let tight = class.sets().iter().rfind(needs);
            return Err(match tight {
                Some(set) => self.too_many(partition, &set.leaves, (set.at_most + 1, set.at_most)),
                None => self.too_many(partition, &Spans::default(), (replicas + 1, replicas)),
            });
        }
        Ok(class)
    }

    /// How many replicas of one partition these leaves can hold within the limits and the upper bounds
    /// of the sets. Nested sets form a matroid, so the greedy choice is the best.
    fn room(&self, sets: &[LeafSet], among: &Spans) -> u32 {
        let mut tally = DomainCounts::new(self.tree);
        let mut counts = vec![0_u32; sets.len()];
        let mut room = 0;
        for leaf in among.leaves() {
            let around = || (0..).zip(sets).filter(|(_, set)| set.leaves.contains(leaf));
            let full = around().any(|(i, set): (usize, _)| at(&counts, i) >= set.at_most);
            let live = at(&self.tree.weights, leaf as usize) > 0;
            if live && !full && tally.admits(leaf) {
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
            let mut domains: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for leaf in open.leaves() {
                domains.entry(self.tree.domain(leaf, *level)).or_default().push(leaf);
            }
            for domain in domains.into_values().map(Spans::of) {
                if let Some(set) = own.iter().find(|set| crosses(set, &domain)) {
                    return Err(self.crossing(partition, set, &domain));
                }
                if own.iter().any(|set| set.len() > 0 && set.shared(&domain) == *set) {
                    merge(sets, LeafSet::new(domain, 0, *limit));
                }
            }
        }
        Ok(())
    }

    /// Checks that partitions have as many replicas as their sets need, and places for all of them.
    fn check_sizes(&self, class: &RowClass, partitions: Range<u32>) -> Result<(), Error> {
        let needs = class.all_needs().unwrap_or(0);
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
