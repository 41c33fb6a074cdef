//! From the facts to the reasons.
//!
//! ```text
//!  old row   x b c        b, c stay: why?          (pinned, frozen, or their nodes keep them)
//!  new row   b y c        x leaves: why x?         (gone, drained, limit, pin, quota, chain)
//!                         y comes: why y?          (pinned, new, quota, chain)
//!                         was there a choice?      (another partition could change roles)
//! ```
//!
//! Of several reasons the one that binds most closely is given: a node that is drained gives
//! everything, whatever its quota.

use super::super::affinity_classes::named;
use super::super::plan::Plan;
use super::super::planner::Planner;
use super::super::row_class::LeafSet;
use super::super::spans::Spans;
use super::super::tree::NONE;
use super::facts::Facts;
use super::{ExplainedReplica, Explanation, Reason};
use crate::node::NodeIdx;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// A holder of one side: its leaf, and its slot there.
#[derive(Clone, Copy)]
struct Holder {
    leaf: u32,
    slot: NodeIdx,
}

impl Plan {
    /// Explains why each replica of a partition stays or moves; `None` for a partition that does not
    /// exist.
    ///
    /// Which old holder of a partition gives way to which new one is a matter of presentation if two
    /// of its replicas move: holders change, replicas have no names. They are paired by their places
    /// in the rows.
    ///
    /// ```
    /// use apportion::{Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let five = Topology::new(["a", "b", "c", "d", "e"])?;
    /// let config = TableConfig::new(100, 2);
    /// let old = Planner::new(five.members(), &config)?.fresh()?.into_table();
    ///
    /// let (four, _) = five.without("c")?;
    /// let plan = Planner::new(four.members(), &config)?.rebalance(&old, five.members())?;
    /// let moved = old.partitions_of(five.find("c").ok_or("c")?).next().ok_or("a partition")?;
    /// let explanation = plan.explain(moved).ok_or("a partition")?.to_string();
    /// assert!(explanation.contains("node \"c\" was removed"), "{explanation}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Complexity
    /// O(P·R² + n log n), memory O(P·R + n).
    #[must_use]
    pub fn explain(&self, partition: u32) -> Option<Explanation> {
        if partition >= self.table().partitions() {
            return None;
        }
        let inputs = self.inputs();
        // The planner was made from the same nodes and rules, so this cannot fail.
        let planner = Planner::of_plan(self).ok()?;
        let facts = Facts::new(self, &planner.problem)?;
        let ways = inputs.ways(self.table());
        let old = inputs.old.as_ref();
        Some(Explanation {
            partition,
            old_partition: old.map(|_| partition / ways),
            ways,
            thawed: self.thawed().contains(&partition),
            replicas: explained(self, &facts, partition, ways),
            leader: self.explain_leader(&facts, partition),
        })
    }
}

fn explained(plan: &Plan, facts: &Facts<'_>, partition: u32, ways: u32) -> Vec<ExplainedReplica> {
    let inputs = plan.inputs();
    let replica = |from: Option<Holder>, to: Option<Holder>, stays, reasons| ExplainedReplica {
        from: from.map(|holder| holder.slot),
        to: to.map(|holder| holder.slot),
        stays,
        reasons,
        inputs: Arc::clone(inputs),
    };
    let leaves = facts.work.row(partition).iter().copied();
    let row = leaves.zip(plan.table().row(partition)).map(|(leaf, slot)| Holder { leaf, slot });
    let Some((old, _)) = &inputs.old else {
        return row
            .map(|to| replica(None, Some(to), false, facts.fresh(plan, partition, to)))
            .collect();
    };
    let leaves = facts.work.old_row(partition).iter().copied();
    let old = leaves.zip(old.row(partition / ways)).map(|(leaf, slot)| Holder { leaf, slot });
    let (old, row): (Vec<Holder>, Vec<Holder>) = (old.collect(), row.collect());
    let (mut leavers, dropped) = paired(&old, &row);
    let mut replicas = Vec::with_capacity(row.len() + dropped.len());
    for to in &row {
        let same = old.iter().copied().find(|from| from.leaf == to.leaf);
        replicas.push(if same.is_some() {
            replica(same, Some(*to), true, facts.stays(plan, partition, to.leaf))
        } else {
            let from = leavers.iter().position(|(slot, _)| *slot == to.slot);
            let from = from.map(|place| leavers.swap_remove(place).1);
            let mut reasons = match from {
                Some(from) => vec![facts.leaves(plan, partition, from.leaf)],
                None => {
                    vec![Reason::RaisedReplicas { from: old.len() as u32, to: row.len() as u32 }]
                }
            };
            reasons.push(facts.comes(plan, partition, *to));
            reasons.extend(facts.choice(partition, from.map(|from| from.leaf), to.leaf));
            replica(from, Some(*to), false, reasons)
        });
    }
    for from in dropped {
        let lowered = Reason::LoweredReplicas { from: old.len() as u32, to: row.len() as u32 };
        let reasons = vec![lowered, facts.leaves(plan, partition, from.leaf)];
        replicas.push(replica(Some(from), None, false, reasons));
    }
    replicas
}

/// The new holders with the old ones whose places they take, and the old ones that are dropped.
fn paired(old: &[Holder], row: &[Holder]) -> (Vec<(NodeIdx, Holder)>, Vec<Holder>) {
    let among = |holder: &Holder, list: &[Holder]| list.iter().any(|o| o.leaf == holder.leaf);
    let mut left: Vec<(usize, Holder)> = old.iter().copied().enumerate().collect();
    left.retain(|(_, holder)| holder.leaf == NONE || !among(holder, row));
    let mut came: Vec<(usize, Holder)> = row.iter().copied().enumerate().collect();
    came.retain(|(_, holder)| !among(holder, old));
    // With fewer replicas the first freed places are closed, and the others move up.
    let closed = old.len().saturating_sub(row.len()).min(left.len());
    let dropped: Vec<Holder> = left.drain(..closed).map(|(_, holder)| holder).collect();
    let mut pairs = Vec::with_capacity(came.len());
    if dropped.is_empty() {
        came.retain(|(place, to)| {
            let same = left.iter().position(|(freed, _)| freed == place);
            pairs.extend(same.map(|same| (to.slot, left.remove(same).1)));
            same.is_none()
        });
    }
    pairs.extend(came.into_iter().zip(left).map(|((_, to), (_, from))| (to.slot, from)));
    (pairs, dropped)
}

impl Facts<'_> {
    fn fresh(&self, plan: &Plan, partition: u32, to: Holder) -> Vec<Reason> {
        let vertex = self.problem.tree.vertex(to.leaf);
        let holds = self.holds.get(vertex).copied().unwrap_or_default();
        let pinned = plan.inputs().constraints.pins_of(partition).contains(&to.leaf);
        let pinned = pinned.then_some(Reason::Pinned);
        vec![pinned.unwrap_or(Reason::Fresh { holds, quota: self.quota(vertex) })]
    }

    /// Why a replica stays.
    fn stays(&self, plan: &Plan, partition: u32, leaf: u32) -> Vec<Reason> {
        let constraints = &plan.inputs().constraints;
        if constraints.frozen.contains(&partition) {
            return vec![Reason::Frozen];
        }
        if constraints.full.contains(&leaf) {
            return vec![Reason::Maintenance];
        }
        if constraints.pins_of(partition).contains(&leaf) {
            return vec![Reason::Pinned];
        }
        if constraints.soft.contains(&partition) && self.work.moved(partition) == 0 {
            return vec![Reason::FrozenIfPossible];
        }
        let count = |list: &[u64], place: usize| list.get(place).copied().unwrap_or_default();
        let vertex = self.problem.tree.vertex(leaf);
        let (held, gives) = (count(&self.held, vertex), count(&self.gives, leaf as usize));
        let mut reasons = vec![Reason::Kept { held, gives, quota: self.quota(vertex) }];
        let other = self.other_keeper((partition, leaf)).filter(|_| gives > 0);
        let dispersed = self.dispersed;
        reasons.extend(other.map(|partition| Reason::FreePartition { partition, dispersed }));
        reasons
    }

    /// Why an old holder gives its replica of a partition.
    fn leaves(&self, plan: &Plan, partition: u32, leaf: u32) -> Reason {
        let tree = &self.problem.tree;
        if leaf == NONE {
            return Reason::Removed;
        }
        if !self.is_live(leaf) {
            return Reason::Drained;
        }
        if let Some(reason) = self.bound(plan, partition, leaf) {
            return reason;
        }
        let vertex = tree.vertex(leaf);
        let count = |list: &[u64], place: usize| list.get(place).copied().unwrap_or_default();
        let (held, holds) = (count(&self.held, vertex), count(&self.holds, vertex));
        let quota = self.quota(vertex);
        if held > quota.1 {
            return Reason::OverQuota { held, quota };
        }
        let over = |domain: &usize| count(&self.held, *domain) > self.quota(*domain).1;
        if let Some(domain) = self.domains(leaf).find(over) {
            let (held, quota) = (count(&self.held, domain), self.quota(domain));
            return Reason::DomainOverQuota { domain: self.name(domain), held, quota };
        }
        if holds < held {
            return Reason::GivesWithinQuota { held, holds, quota };
        }
        Reason::GivesInExchange { takes: count(&self.takes, leaf as usize) }
    }

    /// Why the old row cannot stay on this leaf under the limits and pins.
    fn bound(&self, plan: &Plan, partition: u32, leaf: u32) -> Option<Reason> {
        let (tree, work) = (&self.problem.tree, &self.work);
        let live = work.old_row(partition).iter().copied().filter(|leaf| self.is_live(*leaf));
        let live: Vec<u32> = live.collect();
        let pins = plan.inputs().constraints.pins_of(partition);
        let pins: Vec<u32> = pins.iter().copied().filter(|pin| !live.contains(pin)).collect();
        let within = |list: &[u32], level, domain| tree.others_within(list, NONE, level, domain);
        let slot = |leaf: u32| tree.slots.get(leaf as usize).copied().unwrap_or_default();
        for (level, limit) in tree.limits.iter().rev() {
            let domain = tree.domain(leaf, *level);
            let held = within(&live, *level, domain);
            if held > *limit {
                let domain = self.name(domain as usize);
                return Some(Reason::OverLimit { domain, held, limit: *limit });
            }
            let pinned = pins.iter().copied().find(|pin| tree.domain(*pin, *level) == domain);
            if let Some(pinned) = pinned {
                if held + within(&pins, *level, domain) > *limit {
                    let domain = self.name(domain as usize);
                    return Some(Reason::MakesRoom { pinned: slot(pinned), domain, limit: *limit });
                }
            }
        }
        if let Some(reason) = self.outside_affinity(partition, &live, leaf) {
            return Some(reason);
        }
        let size = work.size(partition);
        let full = live.len() <= size && live.len() + pins.len() > size;
        let pinned = pins.first().copied().filter(|_| full)?;
        let limit = size as u32;
        Some(Reason::MakesRoom { pinned: slot(pinned), domain: String::new(), limit })
    }

    /// Why affinities do not let the old holders of a partition stay with this leaf.
    fn outside_affinity(&self, partition: u32, live: &[u32], leaf: u32) -> Option<Reason> {
        let class = self.work.constraints.rules.class_of(partition)?;
        let name = |leaves: &Spans| named(&self.problem.tree, leaves, self.problem.members);
        let held = |leaves: &Spans| live.iter().filter(|leaf| leaves.contains(**leaf)).count();
        if class.excluded.contains(leaf) {
            let nodes = name(&Spans::of([leaf]));
            return Some(Reason::AboveAffinity { nodes, held: 1, at_most: 0 });
        }
        let above =
            |set: &&LeafSet| set.leaves.contains(leaf) && held(&set.leaves) > set.at_most as usize;
        if let Some(set) = class.sets().iter().rfind(above) {
            let (nodes, held) = (name(&set.leaves), held(&set.leaves) as u32);
            return Some(Reason::AboveAffinity { nodes, held, at_most: set.at_most });
        }
        let full = live.len() >= self.work.size(partition);
        let below = |set: &&LeafSet| {
            !set.leaves.contains(leaf) && held(&set.leaves) < set.at_least as usize
        };
        let set = class.sets().iter().rfind(below).filter(|_| full)?;
        let (nodes, held) = (name(&set.leaves), held(&set.leaves) as u32);
        Some(Reason::BelowAffinity { nodes, held, at_least: set.at_least })
    }

    /// The affinity that asks for a replica of a partition on this leaf.
    fn asked_for(&self, partition: u32, leaf: u32) -> Option<Reason> {
        let class = self.work.constraints.rules.class_of(partition)?;
        let old = self.work.old_row(partition).iter().filter(|leaf| self.is_live(**leaf));
        let held = |leaves: &Spans| old.clone().filter(|leaf| leaves.contains(**leaf)).count();
        let below =
            |set: &&LeafSet| set.leaves.contains(leaf) && held(&set.leaves) < set.at_least as usize;
        let set = class.sets().iter().rfind(below)?;
        let nodes = named(&self.problem.tree, &set.leaves, self.problem.members);
        let held = held(&set.leaves) as u32;
        Some(Reason::BelowAffinity { nodes, held, at_least: set.at_least })
    }

    /// Why a new holder takes a replica of a partition.
    fn comes(&self, plan: &Plan, partition: u32, to: Holder) -> Reason {
        let inputs = plan.inputs();
        if inputs.constraints.pins_of(partition).contains(&to.leaf) {
            return Reason::Pinned;
        }
        if let Some(reason) = self.asked_for(partition, to.leaf) {
            return reason;
        }
        let vertex = self.problem.tree.vertex(to.leaf);
        let quota = self.quota(vertex);
        let label = inputs.members.label(to.slot);
        let known = inputs.old.as_ref().and_then(|(_, before)| before.find(label?));
        if known.is_none() {
            return Reason::Joined { quota };
        }
        let count = |list: &[u64], place: usize| list.get(place).copied().unwrap_or_default();
        let (held, holds) = (count(&self.held, vertex), count(&self.holds, vertex));
        if held < quota.0 {
            return Reason::BelowQuota { held, quota };
        }
        let below = |domain: &usize| count(&self.held, *domain) < self.quota(*domain).0;
        if let Some(domain) = self.domains(to.leaf).find(below) {
            let (held, quota) = (count(&self.held, domain), self.quota(domain));
            return Reason::DomainBelowQuota { domain: self.name(domain), held, quota };
        }
        if holds > held {
            return Reason::TakesWithinQuota { held, holds, quota };
        }
        Reason::TakesInExchange { gives: count(&self.gives, to.leaf as usize) }
    }

    /// Whether another choice moves as few replicas.
    fn choice(&self, p: u32, from: Option<u32>, to: u32) -> Option<Reason> {
        let dispersed = self.dispersed;
        let giver = from.filter(|from| self.is_live(*from));
        let giver = giver.and_then(|from| self.other_giver((p, from, to)));
        if let Some(partition) = giver {
            return Some(Reason::FreePartition { partition, dispersed });
        }
        let partition = self.other_taker((p, to))?;
        Some(Reason::FreeNode { partition, dispersed })
    }

    fn name(&self, domain: usize) -> String {
        self.problem.tree.name(domain, self.problem.members)
    }
}
