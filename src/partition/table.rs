//! Partition tables: the holders of each partition.

use super::config::{TableConfig, sizes};
use super::fallback::Fallback;
use super::row_sizes::RowSizes;
use super::tree::Tree;
use crate::error::{Error, PartitionFault};
use crate::hash::KeyHash;
use crate::hash::mix::reduce;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, NodeList, Placement, Rows, Structure, View, Viewed, Walk};
use crate::slips::OrSlip;
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The name in messages and saved forms.
pub(super) const NAME: &str = "partition-table";

/// A table of P partitions with R holders each: a lookup is one load, and a replica takes two bytes
/// up to 65,535 slots.
///
/// Partition p contains the hashes h with ⌊h·P / 2^64⌋ = p; if P is a power of two, those are the
/// hashes with these top bits. The first holder of a partition owns its keys. A table comes from
/// the exact [`Planner`](crate::Planner), from any other [`Placement`]
/// ([`derived`](Self::derived)), or from your own rows ([`from_rows`](Self::from_rows)). It is
/// itself a [`Placement`] with R replicas for each key.
///
/// # Candidates
/// The candidates of a key are the R holders of its partition, then all other live nodes in the
/// order of weighted rendezvous hashing. So a health filter or
/// [`BoundedLoads`](crate::bounded::BoundedLoads) finds a node as long as one is live. These
/// fallback nodes hold no replica: to read data, take only the first R, the
/// [`replicas`](Placement::replicas).
///
/// # Complexity
/// A lookup takes O(1), all replicas O(R). Each fallback node costs O(n), all of them O(n log n).
/// Memory: 2·P·R bytes (4·P·R from 65,536 slots on), plus 20 bytes for each live node.
///
/// # Equality
/// Two tables are equal if they have the same configuration, the same holders (by slot, in the same
/// order) and the same live nodes. They then give the same answers over one topology.
#[doc(alias = "virtual partition")]
#[doc(alias = "shard map")]
#[doc(alias = "vbucket")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionTable {
    config: Arc<TableConfig>,
    partitions: u32,
    sizes: RowSizes,
    /// Exclusive bound of the slots.
    slots: usize,
    live: usize,
    owners: Arc<Owners>,
    fallback: Arc<Fallback>,
}

#[derive(PartialEq, Eq, Debug)]
enum Owners {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl PartitionTable {
    /// Creates a table from rows of `replicas` holders, without checks.
    pub(crate) fn of_slots(
        members: &Members,
        config: TableConfig,
        replicas: u32,
        rows: impl Iterator<Item = NodeIdx>,
    ) -> Self {
        Self::of_places(members, config, RowSizes::uniform(replicas), rows)
    }

    /// Creates a table from all places of rows of these sizes, without checks. The places after the end
    /// of a row are [`NodeIdx::NONE`].
    pub(super) fn of_places(
        members: &Members,
        config: TableConfig,
        sizes: RowSizes,
        rows: impl Iterator<Item = NodeIdx>,
    ) -> Self {
        let partitions = config.partitions();
        let slots = members.slots();
        let owners = if slots < 1 << 16 {
            Owners::Narrow(rows.map(|node| node.get() as u16).collect())
        } else {
            Owners::Wide(rows.map(NodeIdx::get).collect())
        };
        let (config, owners) = (Arc::new(config), Arc::new(owners));
        let fallback = Arc::new(Fallback::new(members));
        Self { config, partitions, sizes, slots, live: members.live(), owners, fallback }
    }

    /// The size of the table and the rules that a change of nodes keeps: those under which it was
    /// planned, or none if it was not planned.
    #[must_use]
    pub fn config(&self) -> &TableConfig {
        &self.config
    }

    /// Sets the rules that changes of nodes keep from now on, without changing the holders.
    ///
    /// # Errors
    /// A configuration of another size, a level that no node has, nodes whose levels differ, and a
    /// partition that exceeds a limit.
    pub fn under(self, config: TableConfig, members: &Members) -> Result<Self, Error> {
        config.checked()?;
        let (partitions, replicas) = (config.partitions(), config.max_replicas());
        let max = self.sizes.stride() as u32;
        let fewer = config.allows_under_replicated() && max < replicas;
        let wanted = RowSizes::of(&if fewer { config.at_most(max) } else { config.clone() });
        if partitions != self.partitions || wanted.stride() != self.sizes.stride() {
            let slots = self.places();
            return Err(PartitionFault::Length { slots, partitions, replicas }.into());
        }
        let other = |p: &u32| wanted.of_partition(*p) != self.sizes.of_partition(*p);
        if let Some(partition) = (0..partitions).filter(|_| wanted != self.sizes).find(other) {
            let (found, replicas) =
                (self.sizes.of_partition(partition), wanted.of_partition(partition) as u32);
            return Err(PartitionFault::Replicas { found, partition, replicas }.into());
        }
        if config.limits().next().is_some() {
            let tree = Tree::new(members, &config)?;
            let mut leaves = Vec::with_capacity(self.sizes.stride());
            for partition in 0..self.partitions {
                leaves.clear();
                leaves.extend(self.row(partition).filter_map(|node| tree.leaf_at(node)));
                if let Some((vertex, limit)) = tree.over_limit(&leaves) {
                    let domain = tree.name(vertex, members);
                    return Err(PartitionFault::RowBreaks { partition, domain, limit }.into());
                }
            }
        }
        Ok(Self { config: Arc::new(config), ..self })
    }

    /// The number of partitions, P.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// The number of holders of each partition: R, or fewer in an
    /// [under-replicated](TableConfig::allow_under_replicated) table. If partitions have different
    /// numbers of [copies](TableConfig::copies), the largest of them; the length of a
    /// [row](Self::row) is that of its partition.
    #[must_use]
    pub fn replication_factor(&self) -> u32 {
        self.sizes.stride() as u32
    }

    /// The partition of a key.
    #[inline]
    #[must_use]
    pub fn partition(&self, key: KeyHash) -> u32 {
        reduce(key.get(), self.partitions.into()) as u32
    }

    /// The holders of a partition, its owner first; empty for a partition out of range.
    pub fn row(&self, partition: u32) -> impl ExactSizeIterator<Item = NodeIdx> + '_ {
        let places = self.sizes.places(partition);
        let places = if partition < self.partitions { places } else { 0..0 };
        places.map(|at| self.at(at))
    }

    /// The partitions in which a node holds a replica, ascending. O(P·R).
    pub fn partitions_of(&self, node: NodeIdx) -> impl Iterator<Item = u32> + '_ {
        (0..self.partitions).filter(move |partition| self.holds(*partition, node))
    }

    /// Splits every partition into `ways` consecutive ones with the same holders. No key moves.
    ///
    /// # Errors
    /// `ways` of 0, or a size beyond the crate's limits.
    pub fn split(&self, ways: u32) -> Result<Self, Error> {
        let refused = PartitionFault::Splits { partitions: self.partitions, ways };
        let partitions = self.partitions.checked_mul(ways).filter(|p| *p > 0).ok_or(refused)?;
        let each = self.sizes.stride();
        sizes(partitions, each as u32)?;
        let place = |slot: usize| {
            let (partition, i) = (slot / each, slot % each);
            partition / ways as usize * each + i
        };
        let places = (0..partitions as usize * each).map(place);
        let owners = match &*self.owners {
            Owners::Narrow(old) => {
                Owners::Narrow(places.map(|at| super::cells::at(old, at)).collect())
            }
            Owners::Wide(old) => Owners::Wide(places.map(|at| super::cells::at(old, at)).collect()),
        };
        let config = Arc::new(self.config.sized(partitions, self.config.replicas()));
        let sizes = self.sizes.split(ways);
        Ok(Self { config, partitions, sizes, owners: Arc::new(owners), ..self.clone() })
    }

    /// The walk's next holder that `accept` admits; `None` after the last one.
    ///
    /// ```text
    ///  walk state   word 0            words 1 to 3         word 7
    ///  holders      next place        -                    0
    ///  fallback     ------ the fallback walk's own ------  PAST_HOLDERS
    /// ```
    fn next_holder(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        const PAST_HOLDERS: u64 = 1;
        let partition = self.partition(walk.key());
        let state = walk.state();
        if state[7] == PAST_HOLDERS {
            return None;
        }
        let given = usize::try_from(state[0]).unwrap_or(usize::MAX);
        for (place, node) in (1..).zip(self.row(partition)).skip(given) {
            if accept(node) {
                state[0] = place;
                return Some(node);
            }
        }
        *state = [0; 8];
        state[7] = PAST_HOLDERS;
        None
    }

    fn holds(&self, partition: u32, node: NodeIdx) -> bool {
        self.row(partition).any(|holder| holder == node)
    }

    /// The holder at a place of the concatenated rows.
    #[inline]
    pub(super) fn at(&self, place: usize) -> NodeIdx {
        NodeIdx::new(match &*self.owners {
            Owners::Narrow(owners) => owners.get(place).copied().or_slip().into(),
            Owners::Wide(owners) => owners.get(place).copied().or_slip(),
        })
    }

    /// The number of places in all rows, P·R.
    pub(super) fn places(&self) -> usize {
        self.partitions as usize * self.sizes.stride()
    }

    /// True if a place has a holder; false after the end of a row.
    #[inline]
    pub(super) fn is_place(&self, place: usize) -> bool {
        let stride = self.sizes.stride().max(1);
        self.sizes.is_uniform() || place % stride < self.sizes.of_partition((place / stride) as u32)
    }

    /// All holders, row after row.
    pub(super) fn holders(&self) -> impl Iterator<Item = NodeIdx> + '_ {
        (0..self.places()).filter(|place| self.is_place(*place)).map(|place| self.at(place))
    }

    /// The number of replicas of each partition.
    pub(super) fn sizes(&self) -> &RowSizes {
        &self.sizes
    }
}

impl Viewed for PartitionTable {
    fn view(&self) -> View<'_> {
        let holders = match &*self.owners {
            Owners::Narrow(owners) => NodeList::Narrow(owners),
            Owners::Wide(owners) => NodeList::Wide(owners),
        };
        let (partitions, replicas) = (self.partitions, self.sizes.stride() as u32);
        let rows = Rows { holders, partitions, replicas, sizes: self.sizes.list() };
        View { algorithm: NAME, structure: Structure::Rows(rows) }
    }
}

impl Placement for PartitionTable {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.live
    }

    /// A change moves the minimum that quotas and limits allow, which may include moves between
    /// unchanged nodes: so none of the `minimal_*` guarantees holds.
    fn guarantees(&self) -> Guarantees {
        Guarantees {
            weights: true,
            any_removal: true,
            max_replicas: self.sizes.stride(),
            ..Guarantees::none()
        }
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        Some(self.at(self.partition(key) as usize * self.sizes.stride()))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_candidate_where(walk, &mut |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        self.next_holder(walk, accept).or_else(|| {
            let partition = self.partition(walk.key());
            self.fallback.next(walk, |node| !self.holds(partition, node) && accept(node))
        })
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let mut found = 0;
        while let Some(place) = out.get_mut(found) {
            let Some(holder) = self.next_holder(walk, accept) else { break };
            *place = holder;
            found += 1;
        }
        let partition = self.partition(walk.key());
        let rest = out.get_mut(found..).filter(|rest| !rest.is_empty());
        found
            + rest.map_or(0, |rest| {
                let other = |node| !self.holds(partition, node) && accept(node);
                self.fallback.next_batch(walk, rest, other)
            })
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let mut found = 0;
        for (place, node) in out.iter_mut().zip(self.row(self.partition(key))) {
            *place = node;
            found += 1;
        }
        found
    }
}
