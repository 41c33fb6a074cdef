//! The placement: lookups in the table of owners.

use super::config::MaglevConfig;
use super::entrant::Entrant;
use super::table::OwnerTable;
use crate::error::{Error, MaglevFault};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{
    Build, Entries, FingerprintOf, Guarantees, Placement, Structure, View, Viewed, Walk,
};
use crate::steps;
use crate::topology::{Change, Members};
use alloc::sync::Arc;

/// The name in options, messages and saved forms.
pub(super) const NAME: &str = "maglev";

/// Maglev hashing: one table load per lookup and nearly equal shares, for slightly more movement
/// than the minimum.
///
/// Use it for load balancers, where lookups must be fast and shares even. Prefer a
/// [`Ring`](crate::Ring) or [`Rendezvous`](crate::Rendezvous) where moving a key is expensive.
///
/// - **Movement**: the keys of a node that leaves, its share to a node that joins, and some keys
///   between other nodes. When one of a hundred nodes leaves with 1 % of the keys, another 1.75 %
///   move elsewhere (with a hundred entries per node). Replicas are the owners of the entries that
///   follow, and have no movement guarantee either.
/// - **Weights**: any u64, as numbers of entries; every live node has at least one.
/// - **Order of changes**: does not matter: nodes are sorted by identity before they take turns.
///
/// ```
/// use apportion::Locator;
///
/// let pool = Locator::maglev(["a", "b", "c"])?;
/// for (slot, _) in pool.topology().iter() {
///     assert!(pool.placement().entries_of(slot).abs_diff(65_537 / 3) <= 1);
/// }
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// For M table entries, a lookup takes O(1), one table load; building and changing take O(M · ln M).
/// Memory is 2 bytes per entry, or 4 where slots exceed 65,535.
///
/// # Source
/// Eisenbud et al., *Maglev: A Fast and Reliable Software Network Load Balancer*, NSDI 2016.
#[derive(Clone, Debug)]
pub struct Maglev {
    table: Arc<OwnerTable>,
    config: MaglevConfig,
    live: usize,
    slots: usize,
}

impl Maglev {
    /// The number of table entries.
    #[must_use]
    pub fn table_size(&self) -> u32 {
        self.config.get_table_size()
    }

    /// The configuration the table was built with.
    #[must_use]
    pub fn config(&self) -> &MaglevConfig {
        &self.config
    }

    /// The next owner of a walk that `accept` admits. The walk stores the number of steps.
    #[inline]
    fn next_admitted(
        &self,
        walk: &mut Walk,
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let start = self.table.entry(walk.key().get());
        let [taken, ..] = walk.state();
        let len = self.table.len();
        let step = usize::try_from(*taken).ok().filter(|step| *step < len)?;
        let mut at = (start + step) % len;
        for step in step..len {
            steps::count(1);
            let owner = self.table.owner(at)?;
            if accept(owner) {
                *taken = step as u64 + 1;
                return Some(owner);
            }
            at = if at + 1 < len { at + 1 } else { 0 };
        }
        *taken = len as u64;
        None
    }

    /// Entries that a node holds: its exact share, out of all entries. O(entries).
    #[must_use]
    pub fn entries_of(&self, node: NodeIdx) -> usize {
        (0..self.table.len()).filter(|at| self.table.owner(*at) == Some(node)).count()
    }
}

impl Placement for Maglev {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.live
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees { weights: true, order_free: true, any_removal: true, ..Guarantees::none() }
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.table.owner(self.table.entry(key.get()))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_admitted(walk, |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        self.next_admitted(walk, accept)
    }
}

impl Viewed for Maglev {
    fn view(&self) -> View<'_> {
        let owners = self.table.nodes();
        View { algorithm: NAME, structure: Structure::Entries(Entries { owners }) }
    }
}

impl crate::placement::sealed::SealedBuild for Maglev {
    fn cut(&self) -> Option<View<'_>> {
        Some(self.view())
    }
}

impl Build for Maglev {
    type Config = MaglevConfig;

    fn build(config: &MaglevConfig, members: &Members) -> Result<Self, Error> {
        config.check()?;
        let (entries, live) = (config.get_table_size(), members.live());
        if live > entries as usize {
            return Err(MaglevFault::Nodes { entries, live }.into());
        }
        let entrant = |(node, member): (NodeIdx, &crate::topology::Member)| Entrant {
            identity: member.identity,
            weight: member.weight.get(),
            node,
        };
        let nodes = members.live_entries().map(entrant).collect();
        let table = Arc::new(OwnerTable::fill(entries, nodes));
        Ok(Self { table, config: *config, live, slots: members.slots() })
    }

    fn update(&self, _: &[Change], _: &Members, after: &Members) -> Result<Self, Error> {
        Self::build(&self.config, after)
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        FingerprintOf { algorithm: "maglev 1", members }
            .with([u64::from(self.config.get_table_size())])
    }
}
