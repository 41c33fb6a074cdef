//! Who gives each copy: the busiest source gives as few as possible.
//!
//! ```text
//! transfers   t0      t1      t2        each may come from any holder of its unit that survives
//!            /  \    /  \    /  \
//! nodes     a    b  b    c  a    c      load of a node: transfers that come from it
//! ```
//!
//! An assignment of transfers to nodes under which the largest load is as small as possible is a
//! flow: all loads can be at most T if and only if no node above T lacks a path of transfers that
//! can be handed on, one node to the next, to a node below T. Loads are brought below T along
//! shortest such paths, many of one length at a time, and T is found by bisection.
//!
//! # Source
//! N. J. A. Harvey, R. E. Ladner, L. Lovász, T. Tamir, "Semi-matchings for bipartite graphs and load
//! balancing", Journal of Algorithms 59 (2006), doi:10.1016/j.jalgor.2005.01.003; shortest paths in
//! phases: E. A. Dinic, 1970.

mod by_size;

use crate::slips::OrSlip;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// The holders that may give each transfer, and the one that gives it.
#[derive(Debug)]
pub(super) struct Sources {
    /// Candidates of all transfers, one list after the other.
    candidates: Vec<u32>,
    /// Where each transfer's list begins; one entry more at the end.
    starts: Vec<u32>,
    /// The source of each transfer; `NONE` without candidates.
    chosen: Vec<u32>,
    loads: Vec<u32>,
}

impl Sources {
    pub(super) fn new(nodes: usize) -> Self {
        Self { candidates: vec![], starts: vec![0], chosen: vec![], loads: vec![0; nodes] }
    }

    /// Adds a transfer. Of equally loaded candidates the first one gives it.
    pub(super) fn push(&mut self, candidates: impl Iterator<Item = u32>) {
        let first = self.candidates.len();
        self.candidates.extend(candidates);
        self.starts.push(self.candidates.len() as u32);
        let list = self.candidates.get(first..).or_slip();
        let least = list.iter().copied().min_by_key(|node| self.load(*node));
        self.chosen.push(least.unwrap_or(NONE));
        if let Some(load) = least.and_then(|node| self.loads.get_mut(node as usize)) {
            *load += 1;
        }
    }

    /// The source of each transfer, after the largest load was made as small as possible, and this
    /// load.
    ///
    /// O(candidates · √transfers · log transfers) at worst; O(candidates) where taking the node with
    /// the fewest transfers so far is best already, which is nearly always.
    pub(super) fn balanced(mut self) -> (Vec<u32>, u32) {
        let given = self.chosen.iter().filter(|node| **node != NONE).count();
        let nodes = self.used_nodes().max(1);
        // No assignment has a smaller largest load than `low`; `high` is reached.
        let mut low = given.div_ceil(nodes) as u32;
        let mut high = self.loads.iter().copied().max().unwrap_or(0);
        while low < high {
            let target = low + (high - low) / 2;
            if self.lower_to(target) {
                high = target;
            } else {
                low = target + 1;
            }
        }
        (self.chosen, high)
    }

    /// Brings all loads to the target if that is possible; else the loads above it stay above it.
    fn lower_to(&mut self, target: u32) -> bool {
        let mut given_by = given_by(&self.chosen, self.loads.len());
        loop {
            let levels = self.levels(target, &given_by);
            let mut next = vec![0_u32; self.loads.len()];
            let mut moved = false;
            let above: Vec<u32> =
                (0..self.loads.len() as u32).filter(|node| self.load(*node) > target).collect();
            if above.is_empty() {
                return true;
            }
            for node in above {
                while self.load(node) > target
                    && self.hand_on(node, target, &levels, &mut next, &mut given_by)
                {
                    moved = true;
                }
            }
            if !moved {
                return false;
            }
        }
    }

    /// How many nodes are a candidate.
    fn used_nodes(&self) -> usize {
        let mut used = vec![false; self.loads.len()];
        for node in &self.candidates {
            if let Some(used) = used.get_mut(*node as usize) {
                *used = true;
            }
        }
        used.into_iter().filter(|used| *used).count()
    }

    /// How many transfers have to be handed on from a node above the target to reach each node.
    fn levels(&self, target: u32, given_by: &[Vec<u32>]) -> Vec<u32> {
        let mut levels = vec![NONE; self.loads.len()];
        let mut queue: Vec<u32> =
            (0..self.loads.len() as u32).filter(|node| self.load(*node) > target).collect();
        for node in &queue {
            set(&mut levels, *node, 0);
        }
        let mut at = 0;
        while let Some(node) = queue.get(at).copied() {
            at += 1;
            let level = get(&levels, node) + 1;
            for transfer in given_by.get(node as usize).map_or(&[][..], Vec::as_slice) {
                for other in self.list(*transfer) {
                    steps::count(1);
                    if get(&levels, *other) == NONE {
                        set(&mut levels, *other, level);
                        queue.push(*other);
                    }
                }
            }
        }
        levels
    }

    /// Hands one transfer on along a shortest path from a node to one below the target. `next` says
    /// which transfers of each node were tried in vain.
    fn hand_on(
        &mut self,
        from: u32,
        target: u32,
        levels: &[u32],
        next: &mut [u32],
        given_by: &mut [Vec<u32>],
    ) -> bool {
        // The path so far: a node, and the candidate of its transfer that comes next.
        let mut path = vec![(from, 0_u32)];
        while let Some((node, tried)) = path.last_mut() {
            let node = *node;
            let transfer = given_by
                .get(node as usize)
                .and_then(|list| list.get(get(next, node) as usize).copied());
            let Some(transfer) = transfer else {
                path.pop();
                continue;
            };
            steps::count(1);
            let Some(other) = self.list(transfer).get(*tried as usize).copied() else {
                let at = get(next, node);
                set(next, node, at + 1);
                *tried = 0;
                continue;
            };
            *tried += 1;
            if get(levels, other) != get(levels, node) + 1 {
                continue;
            }
            path.push((other, 0));
            if self.load(other) < target {
                self.shift(&path, next, given_by);
                return true;
            }
        }
        false
    }

    /// Hands a transfer on along each edge of a path.
    fn shift(&mut self, path: &[(u32, u32)], next: &[u32], given_by: &mut [Vec<u32>]) {
        for pair in path.windows(2) {
            let [(node, _), (other, _)] = pair else { continue };
            let Some(list) = given_by.get_mut(*node as usize) else { continue };
            let at = get(next, *node) as usize;
            if at >= list.len() {
                debug_assert!(false, "a path of transfers that are there");
                continue;
            }
            let transfer = list.swap_remove(at);
            if let Some(list) = given_by.get_mut(*other as usize) {
                list.push(transfer);
            }
            set(&mut self.chosen, transfer, *other);
            let (less, more) = (self.load(*node) - 1, self.load(*other) + 1);
            set(&mut self.loads, *node, less);
            set(&mut self.loads, *other, more);
        }
    }

    fn list(&self, transfer: u32) -> &[u32] {
        let start = |transfer: usize| self.starts.get(transfer).copied().or_slip() as usize;
        let transfer = transfer as usize;
        self.candidates.get(start(transfer)..start(transfer + 1)).or_slip()
    }

    fn load(&self, node: u32) -> u32 {
        get(&self.loads, node)
    }
}

/// The transfers of each node.
fn given_by(chosen: &[u32], nodes: usize) -> Vec<Vec<u32>> {
    let mut given = vec![Vec::new(); nodes];
    for (transfer, node) in (0..).zip(chosen) {
        if let Some(list) = given.get_mut(*node as usize) {
            list.push(transfer);
        }
    }
    given
}

fn get(list: &[u32], at: u32) -> u32 {
    list.get(at as usize).copied().or_slip()
}

fn set(list: &mut [u32], at: u32, value: u32) {
    if let Some(entry) = list.get_mut(at as usize) {
        *entry = value;
    }
}

#[cfg(test)]
mod tests {
    use super::{NONE, Sources};
    use crate::hash::mix::word;
    use std::vec;
    use std::vec::Vec;

    fn balanced(nodes: usize, transfers: &[Vec<u32>]) -> (Vec<u32>, u32) {
        let mut sources = Sources::new(nodes);
        for list in transfers {
            sources.push(list.iter().copied());
        }
        let (chosen, most) = sources.balanced();
        let load = |node| chosen.iter().filter(|chosen| **chosen == node).count() as u32;
        let largest = (0..nodes as u32).map(load).max().unwrap_or(0);
        assert_eq!(most, largest);
        (chosen, largest)
    }

    /// The smallest largest load of all assignments, one by one.
    fn exhaustive(loads: &mut Vec<u32>, transfers: &[Vec<u32>]) -> u32 {
        let Some((first, rest)) = transfers.split_first() else {
            return loads.iter().copied().max().unwrap_or(0);
        };
        if first.is_empty() {
            return exhaustive(loads, rest);
        }
        let mut best = u32::MAX;
        for node in first {
            loads[*node as usize] += 1;
            best = best.min(exhaustive(loads, rest));
            loads[*node as usize] -= 1;
        }
        best
    }

    #[test]
    fn the_largest_load_is_the_smallest_there_is() {
        for case in 0..3000_u64 {
            let draw = |i: u64| word(case, i);
            let (nodes, count) = (1 + draw(0) % 5, draw(1) % 8);
            let list = |t: u64| {
                let mask = draw(10 + t) % (1 << nodes);
                (0..nodes as u32).filter(|node| mask >> node & 1 == 1).collect::<Vec<u32>>()
            };
            let transfers: Vec<Vec<u32>> = (0..count).map(list).collect();
            let (chosen, largest) = balanced(nodes as usize, &transfers);
            for (list, chosen) in transfers.iter().zip(&chosen) {
                assert!(list.contains(chosen) || list.is_empty() && *chosen == NONE);
            }
            assert_eq!(largest, exhaustive(&mut vec![0; nodes as usize], &transfers), "{case}");
        }
    }

    #[test]
    fn a_long_chain_is_undone() {
        // Greedy gives node i its first candidate, and the last ones all to node 0.
        let mut transfers: Vec<Vec<u32>> = (0..500).map(|i| vec![i, i + 1]).collect();
        transfers.extend((0..2).map(|_| vec![0]));
        let (_, largest) = balanced(501, &transfers);
        assert_eq!(largest, 2);
        let mut transfers: Vec<Vec<u32>> = (0..500).map(|i| vec![i, i + 1]).collect();
        transfers.push(vec![0]);
        let (_, largest) = balanced(501, &transfers);
        assert_eq!(largest, 1);
    }

    /// Each transfer's candidates are looked at a constant number of times where greedy is good.
    #[test]
    fn steps_grow_with_the_candidates() {
        let steps = |count: u64| {
            let mut sources = Sources::new(100);
            for t in 0..count {
                let holder = |i| (word(t, i) % 33) as u32 * 3 + i as u32;
                sources.push((0..3).map(holder));
            }
            crate::steps::during(|| sources.balanced()).1
        };
        let (one, two) = (steps(20_000), steps(40_000));
        assert!(two <= 3 * one + 1000, "{one} and {two}");
    }
}
