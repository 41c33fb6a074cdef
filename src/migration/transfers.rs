//! What is copied, and what is deleted.

use super::sources::NONE;
use crate::diff::{Diff, Extent, UnitHolders};
use crate::error::{Error, Label, NodeFault};
use crate::hash::StableHash;
use crate::node::NodeLabel;
use crate::slips::OrSlip;
use crate::topology::{Domain, Identity, Topology};
use alloc::vec;
use alloc::vec::Vec;

/// One new replica of some keys: copy it, then let it serve.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Transfer<'a, N> {
    /// The number of its unit, by which transfers of the same keys are known.
    pub unit: usize,
    /// The keys.
    pub extent: Extent,
    /// The node to copy from; `None` if no holder of these keys survives, or nobody held them.
    pub from: Option<&'a N>,
    /// The new holder.
    pub to: &'a N,
    /// The size of the unit, 1 if none was given: see [`Migration::sized`].
    pub size: u64,
}

/// A replica that is deleted once its unit's transfers have completed.
#[derive(PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Deletion<'a, N> {
    /// The number of its unit.
    pub unit: usize,
    /// The keys.
    pub extent: Extent,
    /// The node that holds the replica no more.
    pub node: &'a N,
    /// The size of the unit.
    pub size: u64,
}

/// All transfers and deletions that lead from one placement to another: made from a
/// [`Diff`](Self::of) or from a planner's [`Plan`](Self::of_plan).
///
/// A **unit** is what moves as one: a partition, an interval of hashes, or all keys that go from one
/// node to another. A replica that joins a node is a transfer, one that leaves a node a deletion; a
/// holder that only changes its place in the order is neither. A node of the old side is taken to
/// be alive and able to give its copies unless it is declared [lost](Self::lost), whether it is in
/// the new topology or not.
///
/// Every transfer comes from one of its unit's holders, chosen so that the busiest node gives as few
/// transfers as possible: exactly, not by a rule of thumb. Where units have sizes, it gives little
/// more than any choice must: see [`busiest_source`](Self::busiest_source). Nodes are numbered by label, so the
/// answer does not depend on the order in which nodes were given.
///
/// ```
/// use apportion::{Node, Planner, Topology, Locator};
/// use apportion::migration::Migration;
/// use apportion::partition::TableConfig;
///
/// let config = TableConfig::new(64, 2);
/// let old = Locator::table_of(Topology::new(["a", "b", "c"])?, config)?;
/// let new = old.with("d")?;
/// let migration = Migration::of(&old.diff_replicas(&new, 2)?);
/// assert_eq!(migration.len(), 32); // a quarter of 128 replicas
/// assert!(migration.transfers().all(|transfer| *transfer.to == "d"));
/// let (busiest, transfers) = migration.busiest_source().ok_or("a source")?;
/// assert_eq!(transfers, 11); // 32 / 3
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
/// 56 bytes a unit, 12 bytes a transfer, and 4 bytes for each holder of a unit before and after.
#[derive(Debug)]
pub struct Migration<N> {
    pub(super) old: Topology<N>,
    pub(super) new: Topology<N>,
    /// Ascending by label.
    pub(super) nodes: Vec<Identity>,
    pub(super) units: Vec<Unit>,
    /// Holders of all units before and after, one list after the other.
    holders: Vec<u32>,
    /// Ascending by unit and destination.
    pub(super) transfers: Vec<Copying>,
    /// Nodes that lost what they held: they keep their places in the lists before, empty.
    pub(super) lost: Vec<bool>,
    /// No choice of sources has a busiest one that gives less.
    pub(super) source_bound: u128,
}

/// Two migrations are equal if they lead from equal nodes to equal nodes by the same units, sizes
/// and sources.
impl<N: PartialEq> PartialEq for Migration<N> {
    fn eq(&self, other: &Self) -> bool {
        let Self { old, new, units, holders, transfers, lost, .. } = self;
        (units, holders, transfers, lost)
            == (&other.units, &other.holders, &other.transfers, &other.lost)
            && (old, new) == (&other.old, &other.new)
    }
}

impl<N: Eq> Eq for Migration<N> {}

/// Keys that move together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    pub(super) extent: Extent,
    pub(super) size: u64,
    /// Where its holders before and after begin in the list of all, and where they end.
    lists: [usize; 3],
}

/// A transfer by numbers of nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Copying {
    pub(super) unit: u32,
    /// `NONE` if there is no source.
    pub(super) from: u32,
    pub(super) to: u32,
}

impl<N> Clone for Migration<N> {
    fn clone(&self) -> Self {
        Self {
            old: self.old.clone(),
            new: self.new.clone(),
            nodes: self.nodes.clone(),
            units: self.units.clone(),
            holders: self.holders.clone(),
            transfers: self.transfers.clone(),
            lost: self.lost.clone(),
            source_bound: self.source_bound,
        }
    }
}

impl<N> Migration<N> {
    /// The migration that a diff asks for. Units are partitions if the new table has as many as the
    /// old one or a multiple; intervals of hashes between rings, Maglev tables and tables of other
    /// sizes; else one for each ordered pair of nodes.
    ///
    /// # Complexity
    /// As [`Diff::moves`] to its end, and O(n log n) for n nodes; for the sources see
    /// [`busiest_source`](Self::busiest_source).
    #[must_use]
    pub fn of(diff: &Diff<'_, N>) -> Self {
        let (old, new) = diff.topologies();
        Self::from_units((old, new), diff.identities(), diff.units())
    }

    /// The migration of these units; `places` are the nodes of both sides by which they name holders.
    pub(super) fn from_units(
        (old, new): (&Topology<N>, &Topology<N>),
        places: &[Identity],
        units: impl Iterator<Item = UnitHolders>,
    ) -> Self {
        let (mut migration, ranks) = Self::between(old.clone(), new.clone(), places);
        for unit in units {
            let rank = |place: &u32| ranks.get(*place as usize).copied().or_slip();
            let (before, after) = (unit.before.iter().map(rank), unit.after.iter().map(rank));
            migration.push(unit.extent, 1, before, after);
        }
        migration.choose_sources();
        migration
    }

    /// A migration without units, and the number of the node at each place of a union.
    pub(super) fn between(
        old: Topology<N>,
        new: Topology<N>,
        places: &[Identity],
    ) -> (Self, Vec<u32>) {
        let (nodes, ranks) = ranked(places, &old, &new);
        let (units, holders, transfers) = (Vec::new(), Vec::new(), Vec::new());
        let lost = vec![false; nodes.len()];
        (Self { old, new, nodes, units, holders, transfers, lost, source_bound: 0 }, ranks)
    }

    /// Adds a unit with its holders before and after.
    pub(super) fn push(
        &mut self,
        extent: Extent,
        size: u64,
        before: impl Iterator<Item = u32>,
        after: impl Iterator<Item = u32>,
    ) {
        let first = self.holders.len();
        self.holders.extend(before);
        let middle = self.holders.len();
        self.holders.extend(after);
        self.units.push(Unit { extent, size, lists: [first, middle, self.holders.len()] });
    }

    /// The same migration, where each unit has a size: bytes, keys, or what else counts. The sources
    /// are chosen by size then: see [`busiest_source`](Self::busiest_source).
    #[must_use]
    pub fn sized(mut self, mut size: impl FnMut(Extent) -> u64) -> Self {
        for unit in &mut self.units {
            unit.size = size(unit.extent);
        }
        self.choose_sources();
        self
    }

    /// The same migration after some nodes have crashed and lost what they held. They give no copies
    /// and need delete nothing; any other holder of a unit gives the copy. Where they are holders after
    /// the migration, they come back empty, and get copies of all their units.
    ///
    /// Units of the jump family, anchors, Asura and rendezvous are what moves between two nodes. Keys
    /// that stay on a node are none, so a lost node of the new side gets no copies of them there: lead
    /// to a placement without it.
    ///
    /// # Errors
    /// A node that is on neither side.
    pub fn lost(mut self, ids: impl IntoIterator<Item = impl StableHash>) -> Result<Self, Error> {
        for id in ids {
            let (old, new) = (self.old.find(&id), self.new.find(&id));
            let same = |node: &Identity| {
                old.is_some() && node.old == old || new.is_some() && node.new == new
            };
            let place = self.nodes.iter().position(same);
            let entry = place.and_then(|place| self.lost.get_mut(place));
            let unknown = || NodeFault::Unknown { label: NodeLabel::of(&id).shown() };
            *entry.ok_or_else(unknown)? = true;
        }
        self.choose_sources();
        Ok(self)
    }

    /// The number of transfers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.transfers.len()
    }

    /// True if no replica is copied; some may be deleted all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// The transfers, by unit.
    pub fn transfers(&self) -> impl Iterator<Item = Transfer<'_, N>> {
        self.transfers.iter().filter_map(|copying| self.transfer(copying))
    }

    /// The replicas that are deleted, by unit.
    pub fn deletions(&self) -> impl Iterator<Item = Deletion<'_, N>> {
        let dropped = |unit| self.dropped(unit).map(move |node| (unit, node));
        (0..self.units.len()).flat_map(dropped).filter_map(|(unit, node)| {
            let Unit { extent, size, .. } = *self.units.get(unit)?;
            Some(Deletion { unit, extent, node: self.value(node)?, size })
        })
    }

    /// The sum of the sizes of all transfers.
    #[must_use]
    pub fn total_size(&self) -> u128 {
        self.transfers.iter().map(|copying| u128::from(self.size(copying.unit))).sum()
    }

    /// Transfers without a source: no holder of their unit survives.
    #[must_use]
    pub fn without_source(&self) -> usize {
        self.transfers.iter().filter(|copying| copying.from == NONE).count()
    }

    /// The nodes of both sides, ascending by label.
    pub fn nodes(&self) -> impl Iterator<Item = &N> {
        (0..self.nodes.len() as u32).filter_map(|node| self.value(node))
    }

    pub(super) fn transfer(&self, copying: &Copying) -> Option<Transfer<'_, N>> {
        let Copying { unit, from, to } = *copying;
        let Unit { extent, size, .. } = *self.units.get(unit as usize)?;
        let (from, to) = (self.value(from), self.value(to)?);
        Some(Transfer { unit: unit as usize, extent, from, to, size })
    }

    /// The value of a node, the newer one where it has two.
    pub(super) fn value(&self, node: u32) -> Option<&N> {
        let Identity { old, new, .. } = self.nodes.get(node as usize)?;
        new.and_then(|new| self.new.get(new)).or_else(|| self.old.get((*old)?))
    }

    /// The number of the node with a label.
    pub(super) fn find(&self, label: &NodeLabel) -> Option<u32> {
        let order = |node: &Identity| self.label(node).cmp(&Some(&**label));
        self.nodes.binary_search_by(order).ok().map(|node| node as u32)
    }

    /// The failure domains of a node: the newer ones where it has two.
    pub(super) fn domain(&self, node: u32) -> Option<&Domain> {
        let Identity { old, new, .. } = self.nodes.get(node as usize)?;
        let newer = new.and_then(|new| self.new.members().domain(new));
        newer.or_else(|| self.old.members().domain((*old)?))
    }

    /// A node's label in a message.
    pub(super) fn shown(&self, node: u32) -> Label {
        let Some(Identity { old, new, .. }) = self.nodes.get(node as usize) else {
            return Label::default();
        };
        let newer = new.map(|new| self.new.members().shown(new));
        newer.or(old.map(|old| self.old.members().shown(old))).unwrap_or_default()
    }

    pub(super) fn label_at(&self, node: u32) -> Option<&[u8]> {
        self.label(self.nodes.get(node as usize)?)
    }

    fn label(&self, node: &Identity) -> Option<&[u8]> {
        label(node, &self.old, &self.new)
    }

    pub(super) fn size(&self, unit: u32) -> u64 {
        self.units.get(unit as usize).map_or(0, |unit| unit.size)
    }

    /// The holders of a unit before and after, lost ones among them.
    pub(super) fn holders(&self, unit: usize) -> (&[u32], &[u32]) {
        let Some(Unit { lists: [first, middle, end], .. }) = self.units.get(unit) else {
            return (&[], &[]);
        };
        let list = |range: core::ops::Range<usize>| self.holders.get(range).or_slip();
        (list(*first..*middle), list(*middle..*end))
    }

    /// The holders of a unit that are to delete it.
    pub(super) fn dropped(&self, unit: usize) -> impl Iterator<Item = u32> {
        let (before, after) = self.holders(unit);
        let gone = before.iter().filter(|node| !after.contains(node)).copied();
        gone.filter(|node| !self.is_lost(*node))
    }

    /// The holders of a unit that get a copy: new ones, and lost ones that stay.
    pub(super) fn copied(&self, unit: usize) -> impl Iterator<Item = u32> {
        let (before, after) = self.holders(unit);
        let copied = |node: &u32| !before.contains(node) || self.is_lost(*node);
        after.iter().copied().filter(copied)
    }

    /// The lost holders of a unit that stay: they get it again.
    pub(super) fn again(&self, unit: usize) -> impl Iterator<Item = u32> {
        let (before, after) = self.holders(unit);
        let stays = |node: &u32| self.is_lost(*node) && after.contains(node);
        before.iter().copied().filter(stays)
    }

    pub(super) fn is_lost(&self, node: u32) -> bool {
        self.lost.get(node as usize).copied().unwrap_or(false)
    }
}

/// The nodes ascending by label, and the rank of each place of a union.
fn ranked<N>(
    places: &[Identity],
    old: &Topology<N>,
    new: &Topology<N>,
) -> (Vec<Identity>, Vec<u32>) {
    let label = |node: &Identity| label(node, old, new);
    let mut order: Vec<u32> = (0..places.len() as u32).collect();
    // Holes of both sides are places too, without a node.
    order.retain(|place| places.get(*place as usize).and_then(label).is_some());
    order.sort_unstable_by(|a, b| {
        let [a, b] = [a, b].map(|place| places.get(*place as usize).and_then(label));
        a.cmp(&b)
    });
    let mut ranks = vec![0; places.len()];
    let mut nodes = Vec::with_capacity(order.len());
    for place in order {
        if let (Some(rank), Some(node)) =
            (ranks.get_mut(place as usize), places.get(place as usize))
        {
            *rank = nodes.len() as u32;
            nodes.push(*node);
        }
    }
    (nodes, ranks)
}

/// A node's label; `None` for a hole of both sides.
fn label<'a, N>(node: &Identity, old: &'a Topology<N>, new: &'a Topology<N>) -> Option<&'a [u8]> {
    let newer = node.new.and_then(|node| new.members().label(node));
    newer.or_else(|| old.members().label(node.old?))
}
