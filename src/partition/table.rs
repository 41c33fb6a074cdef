//! Who holds each partition.

use super::config::{TableConfig, sizes};
use super::fallback::Fallback;
use super::tree::Tree;
use crate::error::{Error, PartitionFault};
use crate::hash::KeyHash;
use crate::hash::mix::{last_of, reduce};
use crate::node::{NodeIdx, Weight};
use crate::placement::{Guarantees, NodeList, Placement, Rows, Structure, View, Viewed, Walk};
use crate::slips::OrSlip;
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The name in messages and saved forms.
pub(super) const NAME: &str = "partition-table";

/// The holders of P partitions of all key hashes, R replicas each: two bytes a replica as long as
/// there are fewer than 65,536 slots, and one load a lookup.
///
/// Partition p holds the hashes h with ⌊h·P / 2^64⌋ = p: for a power of two the top bits. The first
/// holder of a partition is the owner of its keys. A table comes from the exact
/// [`Planner`](crate::Planner), from any [`Placement`] ([`derived`](Self::derived)), or from rows of
/// your own ([`from_rows`](Self::from_rows)); it is a [`Placement`] that knows R replicas of a key.
///
/// **Memory** — 2·P·R bytes, 4·P·R from 65,536 slots on, and 20 bytes a live node. **Time** — a
/// lookup O(1), all replicas O(R).
///
/// **Candidates** — the R holders of the key's partition, then all other live nodes in the order of
/// weighted rendezvous hashing of the key, so that a health filter or
/// [`BoundedLoads`](crate::bounded::BoundedLoads) finds a node wherever one is live. The nodes behind the
/// holders hold no replica: to read data, take the first R, which are
/// [`replicas`](Placement::replicas). Each of the others costs O(n), all of them O(n log n).
///
/// **Equality** — two tables are equal if they have the same configuration, the same holders, by
/// slot and in the same order, and the same live nodes behind them. They then give the same answers
/// over one topology.
#[doc(alias = "virtual partition")]
#[doc(alias = "shard map")]
#[doc(alias = "vbucket")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionTable {
    config: Arc<TableConfig>,
    partitions: u32,
    replicas: u32,
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
    /// A table of given holders: `rows` has the R holders of partition 0, then those of partition 1
    /// and so on.
    ///
    /// # Errors
    /// Sizes beyond the limits or that do not fit `rows`, a slot without a node or whose node is
    /// drained, and a partition with two replicas on one node.
    pub fn from_rows(
        members: &Members,
        partitions: u32,
        replicas: u32,
        rows: &[NodeIdx],
    ) -> Result<Self, Error> {
        sizes(partitions, replicas)?;
        if rows.len() as u64 != u64::from(partitions) * u64::from(replicas) {
            let slots = rows.len();
            return Err(PartitionFault::Length { slots, partitions, replicas }.into());
        }
        for (partition, row) in (0..).zip(rows.chunks_exact(replicas as usize)) {
            for (i, node) in row.iter().enumerate() {
                if !members.weight(*node).is_some_and(Weight::is_live) {
                    let what = "a partition's row";
                    return Err(PartitionFault::Slot { what, slot: node.get() }.into());
                }
                if row.iter().take(i).any(|earlier| earlier == node) {
                    let why = "it has two replicas on one node";
                    return Err(PartitionFault::Row { partition, why }.into());
                }
            }
        }
        let config = TableConfig::new(partitions, replicas);
        Ok(Self::of_slots(members, config, replicas, rows.iter().copied()))
    }

    /// The table of another placement: partition p has the replicas that `placement` gives to a
    /// hash within p, `replicas` writes them and returns how many there are. That hash is
    /// p's lowest plus a pseudo-random part of its width, so that neither high nor low bits are
    /// alike in all partitions.
    ///
    /// Tables of two values of a placement have exact differences where the placement has none, and
    /// a placement's rules for replicas become a table: pass
    /// [`Spread::replicas`](crate::replica::Spread::replicas) for failure domains.
    ///
    /// ```
    /// use apportion::{Locator, PartitionTable, Placement};
    ///
    /// let ring = Locator::ring(["a", "b", "c", "d"])?;
    /// let table = PartitionTable::derived(ring.topology().members(), 256, 3, |key, out| {
    ///     ring.placement().replicas(key, out)
    /// })?;
    /// assert_eq!(table.row(17).count(), 3);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// Sizes beyond the limits, and a partition that finds fewer nodes than it has replicas.
    pub fn derived(
        members: &Members,
        partitions: u32,
        replicas: u32,
        mut holders: impl FnMut(KeyHash, &mut [NodeIdx]) -> usize,
    ) -> Result<Self, Error> {
        sizes(partitions, replicas)?;
        let mut rows = Vec::with_capacity(partitions as usize * replicas as usize);
        let mut row = alloc::vec![NodeIdx::new(0); replicas as usize];
        for partition in 0..partitions {
            let found = holders(sample(partition, partitions), &mut row);
            if found < row.len() {
                return Err(PartitionFault::Replicas { found, partition, replicas }.into());
            }
            rows.extend_from_slice(&row);
        }
        Self::from_rows(members, partitions, replicas, &rows)
    }

    /// Rows of so many replicas that are known to be in order.
    pub(super) fn of_slots(
        members: &Members,
        config: TableConfig,
        replicas: u32,
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
        Self { config, partitions, replicas, slots, live: members.live(), owners, fallback }
    }

    /// Its size, and the rules that a change of nodes keeps: those it was planned under, none if
    /// it was not.
    #[must_use]
    pub fn config(&self) -> &TableConfig {
        &self.config
    }

    /// The same holders under the rules of a configuration, which a change of nodes keeps from then on.
    ///
    /// # Errors
    /// Another size, a level that no node has, nodes whose levels differ, and a partition that breaks
    /// a limit.
    pub fn under(self, config: TableConfig, members: &Members) -> Result<Self, Error> {
        config.checked()?;
        let (partitions, replicas) = (config.partitions(), config.replicas());
        let fewer = config.allows_under_replicated() && self.replicas < replicas;
        if partitions != self.partitions || (replicas != self.replicas && !fewer) {
            let slots = self.places();
            return Err(PartitionFault::Length { slots, partitions, replicas }.into());
        }
        if config.limits().next().is_some() {
            let tree = Tree::new(members, &config)?;
            let mut leaves = Vec::with_capacity(self.replicas as usize);
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

    /// P.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// R; fewer in an [under-replicated](TableConfig::allow_under_replicated) table.
    #[must_use]
    pub fn replication_factor(&self) -> u32 {
        self.replicas
    }

    /// The partition of a key.
    #[inline]
    #[must_use]
    pub fn partition(&self, key: KeyHash) -> u32 {
        reduce(key.get(), self.partitions.into()) as u32
    }

    /// The holders of a partition, its owner first; none for a partition that there is not.
    pub fn row(&self, partition: u32) -> impl ExactSizeIterator<Item = NodeIdx> + '_ {
        let each = if partition < self.partitions { self.replicas } else { 0 };
        let first = partition as usize * self.replicas as usize;
        (first..first + each as usize).map(|at| self.at(at))
    }

    /// The partitions of which a node holds a replica, ascending. O(P·R).
    pub fn partitions_of(&self, node: NodeIdx) -> impl Iterator<Item = u32> + '_ {
        (0..self.partitions).filter(move |partition| self.holds(*partition, node))
    }

    /// The same holders under so many times as many partitions, each of which becomes `ways` that
    /// follow one another. No key moves.
    ///
    /// # Errors
    /// 0 ways, or a size beyond the limits.
    pub fn split(&self, ways: u32) -> Result<Self, Error> {
        let refused = PartitionFault::Splits { partitions: self.partitions, ways };
        let partitions = self.partitions.checked_mul(ways).filter(|p| *p > 0).ok_or(refused)?;
        sizes(partitions, self.replicas)?;
        let each = self.replicas as usize;
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
        Ok(Self { config, partitions, owners: Arc::new(owners), ..self.clone() })
    }

    /// The next holder of a walk that `accept` admits; `None` behind the last one.
    ///
    /// The walk keeps its place among the holders in word 0; behind them it is a walk of its own in
    /// words 0 to 3, and word 7 says so.
    fn next_holder(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        const BEHIND: u64 = 1;
        let partition = self.partition(walk.key());
        let state = walk.state();
        if state[7] == BEHIND {
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
        state[7] = BEHIND;
        None
    }

    fn holds(&self, partition: u32, node: NodeIdx) -> bool {
        self.row(partition).any(|holder| holder == node)
    }

    /// The holder in a place of all rows, one after the other.
    #[inline]
    pub(super) fn at(&self, place: usize) -> NodeIdx {
        NodeIdx::new(match &*self.owners {
            Owners::Narrow(owners) => owners.get(place).copied().or_slip().into(),
            Owners::Wide(owners) => owners.get(place).copied().or_slip(),
        })
    }

    /// Places in all rows.
    pub(super) fn places(&self) -> usize {
        self.partitions as usize * self.replicas as usize
    }
}

/// A hash within a partition.
fn sample(partition: u32, partitions: u32) -> KeyHash {
    let last = |p: u32| last_of(p.into(), partitions.into());
    let first = partition.checked_sub(1).map_or(0, |before| last(before) + 1);
    // 0 for the only partition, whose width is 2^64.
    let width = (last(partition) - first).wrapping_add(1);
    let within = crate::hash::mix::word(u64::from(partition), u64::from(partitions));
    KeyHash::from_hash(if width == 0 { within } else { first + reduce(within, width) })
}

impl Viewed for PartitionTable {
    fn view(&self) -> View<'_> {
        let holders = match &*self.owners {
            Owners::Narrow(owners) => NodeList::Narrow(owners),
            Owners::Wide(owners) => NodeList::Wide(owners),
        };
        let rows = Rows { holders, partitions: self.partitions, replicas: self.replicas };
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

    /// A change moves as few replicas as quotas and limits allow, and those may have to move between
    /// nodes that did not change.
    fn guarantees(&self) -> Guarantees {
        Guarantees {
            weights: true,
            any_removal: true,
            max_replicas: self.replicas as usize,
            ..Guarantees::none()
        }
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        Some(self.at(self.partition(key) as usize * self.replicas as usize))
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
