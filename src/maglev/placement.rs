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

/// Maglev hashing: one load a lookup and nearly equal shares, for a little more movement than the
/// least.
///
/// **Time** — O(1) a lookup, one table load; build and change O(M · ln M). **Memory** — 2 bytes an entry, 4 where slots go beyond 65,535. **What
/// moves** — the keys of a node that leaves, its share to one that joins, and some between
/// other nodes: of a hundred nodes one leaves with 1 % of the keys, and 1.75 % move elsewhere at a
/// hundred entries a node. **Weights** — any u64, as numbers of entries: every live node
/// holds at least one. **History** — none: nodes are sorted by identity before they take turns.
/// **Take another** — a ring or rendezvous where keys that move cost more than keys that wait.
/// **Source** — Eisenbud et al., NSDI 2016.
///
/// Replicas are the owners of the entries that follow; they promise nothing about movement either.
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
#[derive(Clone, Debug)]
pub struct Maglev {
    table: Arc<OwnerTable>,
    config: MaglevConfig,
    live: usize,
    slots: usize,
}

impl Maglev {
    /// Entries of the table.
    #[must_use]
    pub fn table_size(&self) -> u32 {
        self.config.get_table_size()
    }

    /// What the table was built with.
    #[must_use]
    pub fn config(&self) -> &MaglevConfig {
        &self.config
    }

    /// The next entry of a walk whose owner `accept` admits. The walk keeps the steps taken.
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

impl crate::placement::sealed::SealedBuild for Maglev {}

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
