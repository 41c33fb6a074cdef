//! The planning problem: nodes, sizes, rules, quotas and constraints.

use super::affinity_classes::{infeasible as affinity_infeasible, named};
use super::cells::{at, put};
use super::config::TableConfig;
use super::constraints::Constraints;
use super::old_rows::OldRows;
use super::quota::{Overfull, Quotas};
use super::row_class::Conflict;
use super::row_sizes::RowSizes;
use super::spans::Spans;
use super::table::PartitionTable;
use super::tree::{NONE, Tree};
use crate::error::{Error, Infeasible, InfeasibleKind, PartitionFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Everything that decides which tables are allowed: nodes, sizes, rules, quotas, pins and frozen
/// partitions. The search reads it, and so do the explanation of a failure and the verifier.
#[derive(Clone, Debug)]
pub(super) struct Problem<'a> {
    pub(super) members: &'a Members,
    /// The configuration that is planned. It has fewer replicas than the requested one if the nodes
    /// do not admit as many and [`TableConfig::allow_under_replicated`] is set.
    pub(super) config: TableConfig,
    /// The number of replicas of each partition.
    pub(super) sizes: RowSizes,
    pub(super) tree: Tree,
    pub(super) quotas: Quotas,
    pub(super) constraints: Constraints,
}

impl<'a> Problem<'a> {
    /// O(n log n).
    pub(super) fn new(members: &'a Members, config: &TableConfig) -> Result<Self, Error> {
        config.checked()?;
        if members.live() == 0 {
            let quota = config.total_replicas();
            return Err(infeasible(InfeasibleKind::NoLiveNode, String::new(), quota, 0, None));
        }
        let mut config = config.clone();
        let mut tree = Tree::new(members, &config)?;
        let admitted = tree.admitted();
        if config.allows_under_replicated() && admitted < config.max_replicas() {
            config = config.at_most(admitted);
            tree = Tree::new(members, &config)?;
        }
        let sizes = RowSizes::of(&config);
        let constraints = Constraints::default();
        let quotas = quotas(&tree, (&config, &sizes), &constraints, members)?;
        Ok(Self { members, config, sizes, tree, quotas, constraints })
    }

    /// Sets how many replicas some nodes can hold, and the quotas that follow.
    pub(super) fn set_slots(
        &mut self,
        slots: impl IntoIterator<Item = (NodeIdx, u64)>,
    ) -> Result<(), Error> {
        for (node, slots) in slots {
            let leaf = self.leaf("slots", node)?;
            self.constraints.slots.insert(leaf, slots);
        }
        self.set_quotas()
    }

    /// Closes nodes to what they do not hold in the old table; `full`: they also keep all they hold.
    pub(super) fn close(
        &mut self,
        nodes: impl IntoIterator<Item = NodeIdx>,
        (old, before): (&PartitionTable, &Members),
        full: bool,
    ) -> Result<(), Error> {
        let rows = self.rows_of(old, before)?;
        let counts = self.tree.counts(rows.rows());
        for node in nodes {
            let leaf = self.leaf("a node's state", node)?;
            let held = at(&counts, leaf as usize) * u64::from(rows.ways());
            let slots = self.constraints.slots.entry(leaf).or_insert(u64::MAX);
            *slots = if full { held } else { held.min(*slots) };
            self.constraints.closed.insert(leaf);
            if full {
                if at(&self.tree.weights, leaf as usize) == 0 {
                    let label = self.members.shown(node);
                    return Err(PartitionFault::MaintenanceDrained { label }.into());
                }
                self.constraints.full.insert(leaf);
                for partition in 0..self.config.partitions() {
                    if rows.row(partition).contains(&leaf) {
                        let pins = self.constraints.pins.entry(partition).or_default();
                        if !pins.contains(&leaf) {
                            pins.push(leaf);
                        }
                    }
                }
            }
        }
        self.check_pins()?;
        self.set_quotas()
    }

    /// Computes the quotas anew after the constraints have changed.
    pub(super) fn set_quotas(&mut self) -> Result<(), Error> {
        let Self { tree, config, sizes, constraints, members, .. } = &*self;
        self.quotas = quotas(tree, (config, sizes), constraints, members)?;
        Ok(())
    }

    fn leaf(&self, what: &'static str, node: NodeIdx) -> Result<u32, Error> {
        let unknown = || PartitionFault::Slot { what, slot: node.get() };
        Ok(self.tree.leaf_at(node).ok_or_else(unknown)?)
    }

    /// Rejects a partition number outside the table.
    pub(super) fn check_partition(&self, what: &'static str, partition: u32) -> Result<(), Error> {
        let partitions = self.config.partitions();
        if partition < partitions {
            return Ok(());
        }
        Err(PartitionFault::Partition { what, partition, partitions }.into())
    }

    /// Adds a pin.
    pub(super) fn pin(&mut self, partition: u32, node: NodeIdx) -> Result<(), Error> {
        self.check_partition("the pinned", partition)?;
        let slot = node.get();
        let Some(leaf) = self.tree.leaf_at(node) else {
            return Err(PartitionFault::Slot { what: "a pin", slot }.into());
        };
        let label = || self.members.shown(node);
        let pins = self.constraints.pins.entry(partition).or_default();
        if pins.contains(&leaf) {
            return Err(PartitionFault::PinnedTwice { partition, label: label() }.into());
        }
        pins.push(leaf);
        Ok(())
    }

    /// Rejects pins that do not fit into one row of R replicas within the limits.
    pub(super) fn check_pins(&self) -> Result<(), Error> {
        for (partition, pins) in &self.constraints.pins {
            let replicas = self.config.replicas_of(*partition);
            let refused = |domain, quota: usize, limit: u32| {
                infeasible(
                    InfeasibleKind::Pinned,
                    domain,
                    quota as u64,
                    limit.into(),
                    Some(*partition),
                )
            };
            if pins.len() > replicas as usize {
                return Err(refused(String::new(), pins.len(), replicas));
            }
            if let Some((vertex, limit)) = self.tree.over_limit(pins) {
                let pinned = self.tree.within(pins, vertex);
                return Err(refused(self.tree.name(vertex, self.members), pinned, limit));
            }
            self.check_pins_of_class(*partition, pins, replicas)?;
        }
        Ok(())
    }

    /// Rejects pins that leave no row which its affinities allow.
    fn check_pins_of_class(&self, p: u32, pins: &[u32], replicas: u32) -> Result<(), Error> {
        let Some(class) = self.constraints.rules.class_of(p) else { return Ok(()) };
        let name = |leaves: &Spans| named(&self.tree, leaves, self.members);
        let excluded = pins.iter().find(|pin| class.excluded.contains(**pin));
        let (domain, quota, limit) = match (excluded, class.needs_beside(pins)) {
            (Some(pin), _) => (name(&Spans::of([*pin])), 1, 0),
            (_, Err(Conflict { set, wanted })) => {
                let Some(set) = class.sets().get(set) else { return Ok(()) };
                (name(&set.leaves), wanted, set.room)
            }
            (_, Ok(needs)) => (String::new(), needs + pins.len() as u32, replicas),
        };
        if quota <= limit {
            return Ok(());
        }
        let pinned = affinity_infeasible(p, domain, (quota, limit));
        let affinities = self.constraints.affinities.len() as u64;
        let kind = InfeasibleKind::Pinned;
        Err(PartitionFault::Infeasible(Infeasible { kind, affinities, ..pinned }).into())
    }

    /// Rejects pins to nodes that take nothing, unless they hold the replica in the old table.
    pub(super) fn check_pins_of_closed(&self, before: &OldRows) -> Result<(), Error> {
        if self.constraints.closed.is_empty() {
            return Ok(());
        }
        for (partition, pins) in &self.constraints.pins {
            let held = |leaf: &u32| !before.is_empty() && before.row(*partition).contains(leaf);
            let taken = |leaf: &&u32| self.constraints.is_closed(**leaf) && !held(leaf);
            if let Some(leaf) = pins.iter().find(taken) {
                let node = self.tree.name(self.tree.vertex(*leaf), self.members);
                return Err(infeasible(InfeasibleKind::Pinned, node, 1, 0, Some(*partition)));
            }
        }
        Ok(())
    }

    /// The leaves of a table's rows; `None` if the table has another size or unknown nodes.
    pub(super) fn leaves_of(&self, table: &PartitionTable) -> Option<Vec<u32>> {
        let same = table.partitions() == self.config.partitions() && *table.sizes() == self.sizes;
        let leaf = |place| {
            let there = table.is_place(place);
            if there { self.tree.leaf_at(table.at(place)) } else { Some(NONE) }
        };
        if same { (0..table.places()).map(leaf).collect() } else { None }
    }

    /// The rows of another table as leaves of this tree, for the partitions of this problem.
    pub(super) fn rows_of(&self, old: &PartitionTable, before: &Members) -> Result<OldRows, Error> {
        let (from, to) = (old.partitions(), self.config.partitions());
        if to % from != 0 {
            return Err(PartitionFault::NotAMultiple { from, to }.into());
        }
        let mut known: Vec<(&[u8], u32)> = (0..)
            .zip(&self.tree.slots)
            .filter_map(|(leaf, slot)| Some((self.members.label(*slot)?, leaf)))
            .collect();
        known.sort_unstable();
        let mut leaves = vec![NONE; before.slots()];
        for node in before.iter() {
            let Some(label) = before.label(node) else { continue };
            if let Ok(place) = known.binary_search_by(|(known, _)| (*known).cmp(label)) {
                let leaf = known.get(place).map_or(NONE, |(_, leaf)| *leaf);
                put(&mut leaves, node.index(), leaf);
            }
        }
        // The places after the end of a row name a slot that no node can have.
        let leaf = |place| leaves.get(old.at(place).index()).copied().unwrap_or(NONE);
        let rows = (0..old.places()).map(leaf).collect();
        Ok(OldRows::new(rows, old.sizes().clone(), to / from))
    }

    /// How many replicas could stay at most: for each partition the smaller of its old and its new
    /// number. O(P) where these differ.
    pub(super) fn max_kept(&self, before: &OldRows) -> u64 {
        let partitions = self.config.partitions();
        if self.sizes.is_uniform() && before.sizes().is_uniform() {
            let each = self.sizes.stride().min(before.sizes().stride());
            return u64::from(partitions) * each as u64;
        }
        let each = |p| self.sizes.of_partition(p).min(before.size(p)) as u64;
        (0..partitions).map(each).sum()
    }

    /// Checks that frozen partitions can stay: R holders before and now, all of them known nodes,
    /// every pin among them, and no limit exceeded.
    pub(super) fn check_frozen(&self, before: &OldRows) -> Result<(), Error> {
        for partition in self.constraints.frozen.iter().copied() {
            let replicas = self.sizes.of_partition(partition);
            let refused = |domain, quota: u64, limit: usize| {
                infeasible(InfeasibleKind::Frozen, domain, quota, limit as u64, Some(partition))
            };
            let row = before.row(partition);
            let there = row.iter().filter(|leaf| **leaf != NONE).count();
            if there != replicas || before.size(partition) != replicas {
                return Err(refused(String::new(), replicas as u64, there));
            }
            let pins = self.constraints.pins_of(partition);
            if let Some(leaf) = pins.iter().find(|leaf| !row.contains(leaf)) {
                let node = self.tree.name(self.tree.vertex(*leaf), self.members);
                return Err(refused(node, 1, 0));
            }
            if let Some((vertex, limit)) = self.tree.over_limit(row) {
                let count = self.tree.within(row, vertex) as u64;
                return Err(refused(self.tree.name(vertex, self.members), count, limit as usize));
            }
            let class = self.constraints.rules.class_of(partition);
            if let Some((class, (set, holds))) = class.and_then(|c| Some(c).zip(c.broken(row))) {
                let set = set.and_then(|set| class.sets().get(set));
                let limit = set
                    .map_or(0, |set| if holds > set.at_most { set.at_most } else { set.at_least });
                let there = row.iter().copied().filter(|leaf| class.excluded.contains(*leaf));
                let there = Spans::of(there.take(1));
                let leaves = set.map_or(&there, |set| &set.leaves);
                let holds = if set.is_some() { holds } else { 1 };
                let name = named(&self.tree, leaves, self.members);
                let frozen = affinity_infeasible(partition, name, (holds, limit));
                let affinities = self.constraints.affinities.len() as u64;
                let kind = InfeasibleKind::Frozen;
                let frozen = Infeasible { kind, affinities, ..frozen };
                return Err(PartitionFault::Infeasible(frozen).into());
            }
        }
        Ok(())
    }

    /// An error of this kind with the replica counts filled in.
    pub(super) fn infeasible(&self, kind: InfeasibleKind) -> Infeasible {
        let replicas = self.config.max_replicas();
        let affinities = self.constraints.affinities.len() as u64;
        Infeasible { kind, affinities, replicas, admitted: replicas, ..Infeasible::default() }
    }
}

/// The error for an R that the nodes and limits do not admit.
#[cold]
fn too_few(tree: &Tree, config: &TableConfig, members: &Members, full: &Overfull) -> Error {
    let live = |leaf: &u32| at(&tree.weights, *leaf as usize) > 0;
    let leaves = (0..tree.leaves() as u32).filter(live);
    let levels: Vec<&str> = members
        .iter()
        .next()
        .and_then(|node| members.domain(node))
        .map_or_else(Vec::new, |domain| domain.path().map(|(level, _)| level).collect());
    let domains = tree.limits.iter().map(|(level, limit)| {
        let mut domains: Vec<u32> = leaves.clone().map(|leaf| tree.domain(leaf, *level)).collect();
        domains.dedup();
        (levels.get(*level).copied().unwrap_or_default().into(), domains.len() as u64, *limit)
    });
    PartitionFault::Infeasible(Infeasible {
        kind: InfeasibleKind::Capacity,
        domain: tree.name(full.vertex, members),
        quota: full.quota,
        limit: full.limit,
        replicas: config.max_replicas(),
        admitted: tree.admitted(),
        nodes: members.live() as u64,
        domains: domains.collect(),
        ..Infeasible::default()
    })
    .into()
}

fn quotas(
    tree: &Tree,
    (config, sizes): (&TableConfig, &RowSizes),
    constraints: &Constraints,
    members: &Members,
) -> Result<Quotas, Error> {
    let rooms = constraints.rooms(tree.leaves());
    let too_few = |full: Overfull| {
        if constraints.slots.is_empty() || tree.admitted() < config.max_replicas() {
            return too_few(tree, config, members, &full);
        }
        infeasible(InfeasibleKind::Slots, String::new(), config.total_replicas(), full.room, None)
    };
    Quotas::new(tree, config, sizes, &rooms).map_err(too_few)
}

#[cold]
fn infeasible(
    kind: InfeasibleKind,
    domain: String,
    quota: u64,
    limit: u64,
    partition: Option<u32>,
) -> Error {
    let rest = Infeasible::default();
    PartitionFault::Infeasible(Infeasible { kind, domain, quota, limit, partition, ..rest }).into()
}
