//! Max-min fair quotas where partitions have different numbers of replicas.
//!
//! ```text
//!  copies 3 3 1 1 1:   t            0  1  2  3
//!                      F(t)         0  5  7  9       what t nodes can hold: the sum of min(r, t)
//!
//!  nodes a b c d of weights 8 1 1 1
//!  λ rises    all nodes hold λ·w; at λ = 5/8 node a alone holds F(1) = 5 and is full
//!             the others share the 4 replicas that are left
//! ```
//!
//! A set S of nodes can hold Σ_p min(r_p, limit(S)) replicas, where limit(S) is how many replicas of
//! one partition the failure domains admit in it. With r the same for all partitions, only nodes and
//! domains bind, and [`Quotas`](super::quota::Quotas) fills a tree. Otherwise any set may: the one that
//! is full first is the heaviest of all sets with the same limit t, for some t.
//!
//! The level rises until a set is full; its nodes are done, and the level rises on for the others. A
//! set that is full later contains the earlier ones, so its limit is larger, and there are at most as
//! many rounds as a partition has replicas. Which set is full first is found by Newton's method: from a
//! level that is too high down to that of the set which exceeds its room the most, until none does.
//!
//! # Sources
//! Satoru Fujishige, *Lexicographically optimal base of a polymatroid with respect to a weight vector*,
//! Mathematics of Operations Research 5(2), 1980, DOI 10.1287/moor.5.2.186. Nimrod Megiddo, *Optimal
//! flows in networks with multiple sources and sinks*, Mathematical Programming 7, 1974, DOI
//! 10.1007/BF01585506.

use super::cells::{at, put};
use super::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;

/// Replicas per unit of weight, as a ratio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) num: u128,
    pub(super) den: u128,
}

impl Level {
    /// What a leaf holds, times the denominator: λ·w or its slots, whichever is less.
    fn scaled(self, weight: u64, room: Room) -> u128 {
        let slots = self.den.saturating_mul(room.slots.into());
        if room.full { slots } else { slots.min(self.num * u128::from(weight)) }
    }
}

/// What a leaf can hold; `full` if it holds as much whatever its weight.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    slots: u64,
    full: bool,
}

/// The share of a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Share {
    /// As many replicas as it has slots.
    Slots(u64),
    /// λ·w, where λ is the level of the round in which its set was full.
    Level(u32),
}

/// What the nodes cannot hold: so many replicas are wanted, and at most so many fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooFew {
    pub(super) limit: u64,
}

pub(super) struct Shares {
    pub(super) levels: Vec<Level>,
    /// By leaf.
    pub(super) shares: Vec<Share>,
}

/// Σ_p min(r_p, t) for every t up to the largest number of replicas.
pub(super) fn rooms(sizes: impl Iterator<Item = u32>) -> Vec<u64> {
    let mut with: Vec<u64> = vec![0];
    for size in sizes.map(|size| size as usize) {
        if with.len() <= size {
            with.resize(size + 1, 0);
        }
        if let Some(count) = with.get_mut(size) {
            *count += 1;
        }
    }
    // Partitions with at least t replicas, added up.
    let mut more: u64 = with.iter().sum();
    let mut room = 0;
    let mut rooms = Vec::with_capacity(with.len());
    for (t, count) in with.iter().enumerate() {
        room += if t > 0 { more } else { 0 };
        rooms.push(room);
        more -= count;
    }
    rooms
}

/// The shares of all leaves. `rooms` is F(t) for every t, `slots` what each leaf can hold, and true
/// where it holds as much whatever its weight.
///
/// O(n·r²) for each step of Newton's method, with up to r rounds of a few steps each.
pub(super) fn shares(tree: &Tree, rooms: &[u64], slots: &[(u64, bool)]) -> Result<Shares, TooFew> {
    let leaves = tree.leaves();
    let all = rooms.last().copied().unwrap_or(0);
    // Nobody can hold more than all partitions.
    let most = rooms.get(1).copied().unwrap_or(0);
    let room = |(slots, full): &(u64, bool)| Room { slots: (*slots).min(most), full: *full };
    let slots: Vec<Room> = slots.iter().map(room).collect();
    let mut search = Search { tree, rooms, slots: &slots, full: vec![false; leaves] };
    let limit = search.most_that_fits();
    if limit < all {
        return Err(TooFew { limit });
    }
    let mut shares = vec![Share::Slots(0); leaves];
    let (mut levels, mut held) = (Vec::new(), 0);
    while held < all {
        let (level, set, limit) = search.first_full(held);
        let round = levels.len() as u32;
        for leaf in set {
            let (weight, room) = (at(&tree.weights, leaf as usize), at(&slots, leaf as usize));
            let by_slots = level.den.saturating_mul(room.slots.into());
            let by_slots = room.full || level.num * u128::from(weight) >= by_slots;
            let share = if by_slots { Share::Slots(room.slots) } else { Share::Level(round) };
            if let Some(entry) = shares.get_mut(leaf as usize) {
                *entry = share;
            }
            put(&mut search.full, leaf as usize, true);
        }
        levels.push(level);
        held = at(rooms, limit);
    }
    Ok(Shares { levels, shares })
}

struct Search<'a> {
    tree: &'a Tree,
    rooms: &'a [u64],
    slots: &'a [Room],
    /// The leaves of sets that are full.
    full: Vec<bool>,
}

/// The best sets of the leaves below a vertex: for each limit the most that such a set can hold. `None`
/// where the full leaves alone have a larger one.
struct Best {
    values: Vec<Option<u128>>,
    /// For each child, the values of it and those before it together.
    before: Vec<Vec<Option<u128>>>,
    /// The limit of the domain itself, if a set may reach it: then it may as well have all leaves.
    whole: Option<usize>,
}

impl Search<'_> {
    /// How many replicas fit on all nodes at most.
    fn most_that_fits(&self) -> u64 {
        let slots = |leaf: usize| match at(&self.tree.weights, leaf) {
            0 => 0,
            _ => u128::from(at(self.slots, leaf).slots),
        };
        let all: u128 = (0..self.tree.leaves()).map(slots).sum();
        let best = self.best(slots);
        let root = best.first().map(|best| best.values.as_slice()).unwrap_or_default();
        let rest = |(t, value): (usize, &Option<u128>)| {
            Some(u128::from(at(self.rooms, t)) + all - (*value)?)
        };
        root.iter().enumerate().filter_map(rest).min().unwrap_or(0).min(u64::MAX.into()) as u64
    }

    /// The level at which a further set is full, its leaves that were not full before, and its limit.
    /// `held` is what the leaves that are full already hold.
    fn first_full(&self, held: u64) -> (Level, Vec<u32>, usize) {
        let open = |leaf: &u32| !at(&self.full, *leaf as usize);
        let mut set: Vec<u32> = (0..self.tree.leaves() as u32).filter(open).collect();
        let mut limit = self.rooms.len() - 1;
        loop {
            crate::steps::count(1);
            let level = self.level_of(&set, at(self.rooms, limit) - held);
            let best =
                self.best(|leaf| level.scaled(at(&self.tree.weights, leaf), at(self.slots, leaf)));
            let root = best.first().map(|best| best.values.as_slice()).unwrap_or_default();
            let over = |(t, value): (usize, &Option<u128>)| {
                let room = u128::from(at(self.rooms, t).saturating_sub(held)) * level.den;
                let over = (*value)?.checked_sub(room).filter(|over| *over > 0)?;
                Some((over, t))
            };
            let worst = root.iter().enumerate().filter_map(over).max_by_key(|(over, _)| *over);
            let Some((_, t)) = worst else {
                return (level, set, limit);
            };
            set.clear();
            self.collect(&best, 0, t, &mut set);
            limit = t;
        }
    }

    /// The level at which these leaves hold so many replicas.
    fn level_of(&self, set: &[u32], replicas: u64) -> Level {
        let weight = |leaf: u32| u128::from(at(&self.tree.weights, leaf as usize));
        let slots = |leaf: u32| u128::from(at(self.slots, leaf as usize).slots);
        let full = |leaf: u32| at(self.slots, leaf as usize).full;
        let mut order: Vec<u32> = set.iter().copied().filter(|leaf| weight(*leaf) > 0).collect();
        // Those with the fewest slots per weight are full first.
        order.sort_unstable_by(|a, b| {
            let less = (slots(*a) * weight(*b)).cmp(&(slots(*b) * weight(*a)));
            full(*b).cmp(&full(*a)).then(less).then(a.cmp(b))
        });
        let mut open: u128 = order.iter().map(|leaf| weight(*leaf)).sum();
        let mut left = u128::from(replicas);
        for leaf in order {
            // λ = left / open; full before that?
            if !full(leaf) && slots(leaf) * open >= left * weight(leaf) {
                break;
            }
            left = left.saturating_sub(slots(leaf));
            open -= weight(leaf);
        }
        Level { num: left, den: open.max(1) }
    }

    /// The best sets below every vertex, where a leaf that is not full yet holds `gain`. O(n·r²).
    fn best(&self, gain: impl Fn(usize) -> u128) -> Vec<Best> {
        let tree = self.tree;
        let mut best: Vec<Best> = Vec::new();
        best.resize_with(tree.vertices(), || Best {
            values: Vec::new(),
            before: Vec::new(),
            whole: None,
        });
        for vertex in (0..tree.vertices()).rev() {
            let found = match tree.leaf(vertex) {
                Some(leaf) => {
                    let (leaf, empty) = (leaf as usize, vec![Some(0)]);
                    let values = match (at(&self.full, leaf), at(&tree.weights, leaf)) {
                        (true, _) => vec![None, Some(0)],
                        (false, 0) => empty,
                        (false, _) => vec![Some(0), Some(gain(leaf))],
                    };
                    Best { values, before: Vec::new(), whole: None }
                }
                None => self.best_of(vertex, &best),
            };
            if let Some(entry) = best.get_mut(vertex) {
                *entry = found;
            }
        }
        best
    }

    /// The best sets below a domain, from those below its children.
    fn best_of(&self, vertex: usize, best: &[Best]) -> Best {
        let cap = at(&self.tree.caps, vertex) as usize;
        let (mut values, mut before) = (vec![Some(0)], Vec::new());
        let (mut limit, mut all) = (0, 0);
        for child in self.tree.children(vertex) {
            let Some(child) = best.get(*child as usize) else { continue };
            crate::steps::count((values.len() * child.values.len()) as u64);
            limit += child.values.len() - 1;
            all += child.values.last().copied().flatten().unwrap_or(0);
            values = joined(&values, &child.values, cap);
            before.push(values.clone());
        }
        let whole = (limit >= cap).then_some(cap);
        if let Some(value) = whole.and_then(|cap| values.get_mut(cap)) {
            *value = Some(all);
        }
        Best { values, before, whole }
    }

    /// Lists the leaves of the best set of this limit below a vertex that were not full before.
    fn collect(&self, best: &[Best], vertex: usize, limit: usize, set: &mut Vec<u32>) {
        if let Some(leaf) = self.tree.leaf(vertex) {
            if limit == 1 && !at(&self.full, leaf as usize) {
                set.push(leaf);
            }
            return;
        }
        let Some(Best { before, whole, .. }) = best.get(vertex) else { return };
        let mut left = limit;
        for (i, child) in self.tree.children(vertex).iter().enumerate().rev() {
            let child = *child as usize;
            let values = best.get(child).map(|child| child.values.as_slice()).unwrap_or_default();
            if *whole == Some(limit) {
                self.collect(best, child, values.len().saturating_sub(1), set);
                continue;
            }
            let value = |list: &[Option<u128>], t: usize| list.get(t).copied().flatten();
            let empty = [Some(0)];
            let earlier = i.checked_sub(1).and_then(|i| before.get(i));
            let earlier = earlier.map_or(&empty[..], Vec::as_slice);
            let wanted = before.get(i).and_then(|list| value(list, left));
            let fits = |own: &usize| {
                let sum = value(values, *own).zip(value(earlier, left - own));
                sum.map(|(a, b)| a + b) == wanted
            };
            let own = (0..values.len().min(left + 1)).find(fits).unwrap_or(0);
            self.collect(best, child, own, set);
            left -= own;
        }
    }
}

/// The best sums of two lists for each limit up to `cap`.
fn joined(a: &[Option<u128>], b: &[Option<u128>], cap: usize) -> Vec<Option<u128>> {
    let len = (a.len() + b.len() - 1).min(cap + 1);
    let mut sums = vec![None; len];
    for (i, a) in a.iter().enumerate() {
        let Some(a) = a else { continue };
        for (sum, b) in sums.iter_mut().skip(i).zip(b) {
            if let Some(b) = b {
                *sum = (*sum).max(Some(a + b));
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{rooms, shares};
    use crate::hash::mix::word;
    use crate::partition::TableConfig;
    use crate::partition::tree::Tree;
    use crate::steps::{assert_growth, during};
    use crate::{Node, Topology};
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn rooms_add_up_what_so_many_nodes_can_hold() {
        assert_eq!(rooms([3, 3, 1, 1, 1].into_iter()), [0, 5, 7, 9]);
        assert_eq!(rooms([2].into_iter()), [0, 1, 2]);
    }

    /// O(n·r²) for each step of Newton's method, of which there are a few for each round.
    #[test]
    fn quotas_are_by_the_nodes() {
        for zones in [0, 4] {
            assert_growth("quotas of copies", 1000, 2.3, |n| {
                let node = |i: u64| {
                    let node = Node::new(i).weight(1 + word(7, i) % 1000);
                    if zones > 0 {
                        node.domain("zone", &std::format!("z{}", i % zones))
                    } else {
                        node
                    }
                };
                let nodes = Topology::of((0..n as u64).map(node)).unwrap();
                let copies: Vec<(u32, u32)> = (0..256).map(|p| (p, 1 + p % 8)).collect();
                let mut config = TableConfig::new(256, 1).copies(copies.iter().copied());
                if zones > 0 {
                    config = config.max_per_domain("zone", 2);
                }
                let tree = Tree::new(nodes.members(), &config).unwrap();
                let rooms = rooms(copies.iter().map(|(_, copies)| *copies));
                let slots = vec![(u64::MAX, false); n];
                during(|| shares(&tree, &rooms, &slots).map(|_| ()).unwrap_or_default()).1
            });
        }
    }
}
