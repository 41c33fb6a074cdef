//! The table of owners.

use super::entrant::Entrant;
use super::filling::Filling;
use super::turns::Turns;
use crate::hash::mix::reduce;
use crate::node::NodeIdx;
use crate::placement::NodeList;
use alloc::vec;
use alloc::vec::Vec;

/// The owner of each entry; narrow if all slots fit 16 bits.
#[derive(Debug)]
pub(super) enum OwnerTable {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl OwnerTable {
    /// Fills a table of `entries` entries, a prime, for at most as many nodes.
    ///
    /// # Complexity
    /// O(entries · ln entries). Memory beside the table: one bit per entry, three words per node, and
    /// one more word per entry if weights differ.
    pub(super) fn fill(entries: u32, mut nodes: Vec<Entrant>) -> Self {
        nodes.sort_unstable_by_key(|node| node.identity);
        let highest = nodes.iter().map(|entrant| entrant.node.get()).max().unwrap_or(0);
        let entries = if nodes.is_empty() { 0 } else { entries };
        if u16::try_from(highest).is_ok() {
            Self::Narrow(filled(entries, &nodes, |node| node.get() as u16))
        } else {
            Self::Wide(filled(entries, &nodes, NodeIdx::get))
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(owners) => owners.len(),
            Self::Wide(owners) => owners.len(),
        }
    }

    #[inline]
    pub(super) fn owner(&self, at: usize) -> Option<NodeIdx> {
        match self {
            Self::Narrow(owners) => owners.get(at).map(|owner| NodeIdx::new(u32::from(*owner))),
            Self::Wide(owners) => owners.get(at).map(|owner| NodeIdx::new(*owner)),
        }
    }

    /// The owners in order.
    pub(super) fn nodes(&self) -> NodeList<'_> {
        match self {
            Self::Narrow(owners) => NodeList::Narrow(owners),
            Self::Wide(owners) => NodeList::Wide(owners),
        }
    }

    /// The entry of a hash.
    #[inline]
    pub(super) fn entry(&self, hash: u64) -> usize {
        reduce(hash, self.len() as u64) as usize
    }
}

fn filled<T: Copy + Default>(
    entries: u32,
    nodes: &[Entrant],
    owner: impl Fn(NodeIdx) -> T,
) -> Vec<T> {
    let mut owners = vec![T::default(); entries as usize];
    let mut filling = Filling::new(entries, nodes);
    let mut turn = |index: usize| {
        let Some(entrant) = nodes.get(index) else { return };
        let at = filling.next_free(index);
        if let Some(place) = owners.get_mut(at as usize) {
            *place = owner(entrant.node);
        }
    };
    let first = nodes.first().map(|node| node.weight);
    if nodes.iter().all(|node| Some(node.weight) == first) {
        (0..nodes.len()).cycle().take(entries as usize).for_each(&mut turn);
    } else {
        Turns::new(entries, nodes).take(entries as usize).for_each(&mut turn);
    }
    owners
}
