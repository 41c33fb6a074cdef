//! Filling the table.

use crate::hash::mix::{mix, reduce};
use crate::node::NodeIdx;
use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Separate the two hashes of a node from each other and from every other word of its identity.
const OFFSET_DOMAIN: u64 = 0x6D61_676C_6576_6F66;
const SKIP_DOMAIN: u64 = 0x6D61_676C_6576_736B;

/// A node that takes part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entrant {
    pub(super) identity: u64,
    pub(super) weight: u64,
    pub(super) node: NodeIdx,
}

/// The owner of each entry, narrow where the slots fit.
#[derive(Debug)]
pub(super) enum Table {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Table {
    /// Fills `entries`, a prime, for no more nodes than that. O(entries · ln entries), and a
    /// factor of ln n where weights differ; no memory but the table, a bit an entry and three words
    /// a node.
    pub(super) fn fill(entries: u32, mut nodes: Vec<Entrant>) -> Self {
        nodes.sort_unstable_by_key(|node| node.identity);
        let highest = nodes.iter().map(|entrant| entrant.node).max().unwrap_or_default();
        let entries = if nodes.is_empty() { 0 } else { entries };
        if u16::try_from(highest.get()).is_ok() {
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
    let mut taken = Taken::new(entries);
    let mut walks: Vec<Walk> = nodes.iter().map(|node| Walk::new(node, entries)).collect();
    let mut turn = |index: usize| {
        let Some((walk, entrant)) = walks.get_mut(index).zip(nodes.get(index)) else { return };
        let at = walk.next_free(&mut taken, entries);
        if let Some(place) = owners.get_mut(at as usize) {
            *place = owner(entrant.node);
        }
    };
    let first = nodes.first().map(|node| node.weight);
    if nodes.iter().all(|node| Some(node.weight) == first) {
        (0..nodes.len()).cycle().take(entries as usize).for_each(&mut turn);
    } else {
        Turns::new(nodes).take(entries as usize).for_each(&mut turn);
    }
    owners
}

/// The order in which weighted nodes take entries: in each round the nodes whose weights, summed
/// over the rounds, have passed another maximum weight. In the first round all of them have a turn,
/// so that no node is left without an entry.
struct Turns<'a> {
    nodes: &'a [Entrant],
    most: u128,
    /// The round of each node's next turn, the node, and the turns it had.
    next: BinaryHeap<Reverse<(u128, usize, u128)>>,
}

impl<'a> Turns<'a> {
    fn new(nodes: &'a [Entrant]) -> Self {
        let most = nodes.iter().map(|node| node.weight).max().unwrap_or(1).into();
        let next = (0..nodes.len()).map(|index| Reverse((1, index, 0))).collect();
        Self { nodes, most, next }
    }
}

impl Iterator for Turns<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let Reverse((round, index, turns)) = self.next.pop()?;
        let weight = u128::from(self.nodes.get(index)?.weight.max(1));
        // Turns are fewer than entries and weights below 2^64: no overflow.
        let due = ((turns + 1) * self.most).div_ceil(weight);
        self.next.push(Reverse((due.max(round + 1), index, turns + 1)));
        Some(index)
    }
}

/// A node's own permutation of the entries: every skip-th one from its offset on.
struct Walk {
    at: u32,
    skip: u32,
}

impl Walk {
    fn new(node: &Entrant, entries: u32) -> Self {
        let hash = |domain, n: u32| (mix(node.identity ^ domain) % u64::from(n)) as u32;
        Self { at: hash(OFFSET_DOMAIN, entries), skip: hash(SKIP_DOMAIN, entries - 1) + 1 }
    }

    /// Takes the first entry of the rest that nobody has.
    #[inline]
    fn next_free(&mut self, taken: &mut Taken, entries: u32) -> u32 {
        loop {
            let at = self.at;
            let next = at + self.skip;
            self.at = if next >= entries { next - entries } else { next };
            if taken.take(at) {
                return at;
            }
        }
    }
}

/// A bit an entry: the table itself would leave the near cache.
struct Taken(Vec<u64>);

impl Taken {
    fn new(entries: u32) -> Self {
        Self(vec![0; entries as usize / 64 + 1])
    }

    /// True the first time. An entry there is not counts as free, so that nothing loops on it.
    #[inline]
    fn take(&mut self, at: u32) -> bool {
        let Some(word) = self.0.get_mut(at as usize / 64) else { return true };
        let bit = 1 << (at % 64);
        let free = *word & bit == 0;
        *word |= bit;
        free
    }
}
