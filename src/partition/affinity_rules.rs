//! Affinities as constraints of a problem, and why a partition that has them cannot be placed.

use super::affinity::Affinity;
use super::affinity_bound::{Bound, Demand};
use super::affinity_classes::{Classes, infeasible, named};
use super::cells::{at, put};
use super::problem::Problem;
use super::row_class::LeafSet;
use super::spans::Spans;
use crate::error::{Error, Infeasible, InfeasibleKind, PartitionFault};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

impl Problem<'_> {
    /// Adds affinities to the constraints.
    pub(super) fn add_affinities(
        &mut self,
        rules: impl IntoIterator<Item = Affinity>,
    ) -> Result<(), Error> {
        let mut affinities = core::mem::take(&mut self.constraints.affinities);
        for rule in rules {
            affinities.push(self.bound(&rule)?);
        }
        // Neither their order nor how often one is given decides anything.
        affinities.sort_unstable();
        affinities.dedup();
        let (tree, config, members) = (&self.tree, &self.config, self.members);
        self.constraints.rules = Classes::new(tree, config, members).rules(&affinities)?;
        self.constraints.affinities = affinities;
        self.check_pins()
    }

    fn bound(&self, rule: &Affinity) -> Result<Bound, Error> {
        let partitions = rule.partitions.clone().unwrap_or(0..self.config.partitions());
        let Range { start, end } = partitions;
        if partitions.is_empty() {
            return Err(PartitionFault::AffinityRange { start, end }.into());
        }
        self.check_partition("an affinity: the", end - 1)?;
        let asks = rule.at_least > 0 || rule.at_most.is_some() || rule.leads.is_some();
        if !asks {
            return Err(PartitionFault::AffinityIdle.into());
        }
        let leaves = self.leaves_among(rule)?;
        let (at_least, at_most) = (rule.at_least, rule.at_most.unwrap_or(u32::MAX));
        Ok(Bound { start, end, demand: Demand { leaves, at_least, at_most, leads: rule.leads } })
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

/// Why a partition cannot have all its replicas on these leaves, which alone take them: the leaves of an
/// affinity, or all of them, have too few places.
pub(super) fn starved(problem: &Problem<'_>, partition: u32, open: &Spans) -> Option<Infeasible> {
    let Problem { tree, config, members, constraints, .. } = problem;
    let classes = Classes::new(tree, config, members);
    let class = constraints.rules.class_of(partition);
    let open =
        class.map_or(open.clone(), |class| open.shared(&class.excluded.others(tree.leaves())));
    let mut sets: Vec<LeafSet> = class.map_or(Vec::new(), |class| class.sets().to_vec());
    for set in &mut sets {
        set.leaves = set.leaves.shared(&open);
    }
    let rooms: Vec<u32> = sets.iter().map(|set| classes.room(&sets, &set.leaves)).collect();
    let wanted = |place: usize| sets.get(place).map_or(0, |set| set.at_least);
    let conflict = rooms.iter().enumerate().rfind(|(place, room)| wanted(*place) > **room);
    if let Some(((place, room), class)) = conflict.zip(class) {
        let set = class.sets().get(place)?;
        let domain = named(tree, &set.leaves, members);
        return Some(infeasible(partition, domain, (set.at_least, *room)));
    }
    let (room, size) = (classes.room(&sets, &open), config.replicas_of(partition));
    let places = infeasible(partition, String::new(), (size, room));
    let affinities = constraints.affinities.len() as u64;
    let kind = InfeasibleKind::NoRoom;
    (room < size).then_some(Infeasible { kind, affinities, ..places })
}
