//! Even choices among holders of equal weight.
//!
//! ```text
//!  chosen loads   a 3   b 1   c 1      p: a or b    q: b or c      p goes to b, q to c:
//!                 a 2   b 1   c 2      a path of changes from a load of k to one of at most k - 2
//! ```
//!
//! If no such path is left, the loads are the most even ones: the highest is the lowest possible, as
//! few nodes as possible have it, and so on.
//!
//! # Source
//! N. Harvey, R. Ladner, L. Lovász, T. Tamir, *Semi-matchings for bipartite graphs and load
//! balancing*, Journal of Algorithms 59(1), 2006, DOI 10.1016/j.jalgor.2005.01.003.

use super::super::cells::{add, at, put, take};
use super::super::tree::NONE;
use super::rows::HolderRows;
use crate::slips::OrSlip;
use crate::steps;
use alloc::vec::Vec;

/// Evens choices out; its lists are kept for the next rows.
#[derive(Debug, Default)]
pub(super) struct Evening {
    loads: Vec<u64>,
    /// The partitions of each node: where they start, and which.
    starts: Vec<u32>,
    held: Vec<u32>,
    /// In a search: the partition and the node from which a node was reached.
    reached: Vec<(u32, u32)>,
    queue: Vec<u32>,
}

impl Evening {
    /// Makes the loads of so many nodes as even as their rows allow, along the shortest paths of
    /// changes. O(path · places) for each path.
    pub(super) fn even_out(&mut self, rows: HolderRows<'_>, nodes: usize, chosen: &mut [u32]) {
        self.loads.clear();
        self.loads.resize(nodes, 0);
        for node in chosen.iter() {
            add(&mut self.loads, *node as usize, 1);
        }
        let min = self.loads.iter().copied().min().unwrap_or(0);
        let max = self.loads.iter().copied().max().unwrap_or(0);
        if max <= min + 1 {
            return;
        }
        self.index(rows, nodes);
        self.reached.clear();
        self.reached.resize(nodes, (NONE, NONE));
        let mut better = true;
        while better {
            better = false;
            for node in 0..nodes as u32 {
                while at(&self.loads, node as usize) >= min + 2 && self.relieve(rows, chosen, node)
                {
                    better = true;
                }
            }
        }
    }

    /// The loads that each node can have where loads are as even: its own, and one more or one fewer
    /// if a path of changes exchanges it with such a node. These are the floors and ceilings of the
    /// max-min fair quotas. O(places) for each different load.
    ///
    /// A node's quota is its own number, or between its two: then it is no integer, and as a mean of
    /// even choices it needs both.
    pub(super) fn bounds(&self, rows: HolderRows<'_>, chosen: &[u32]) -> (Vec<i128>, Vec<i128>) {
        let bounds: Vec<i128> = self.loads.iter().map(|load| i128::from(*load)).collect();
        let (mut low, mut high) = (bounds.clone(), bounds);
        let mut different = self.loads.clone();
        different.sort_unstable();
        different.dedup();
        for pair in different.windows(2) {
            let [less, more] = pair else { continue };
            if less + 1 != *more {
                continue;
            }
            let to = self.spread_from(*more, |node, visit| {
                let led = self.held(node).iter().filter(|p| at(chosen, **p as usize) == node);
                led.flat_map(|partition| rows.row(*partition)).for_each(|to| visit(*to));
            });
            let from = self.spread_from(*less, |node, visit| {
                self.held(node).iter().for_each(|partition| visit(at(chosen, *partition as usize)));
            });
            for (node, load) in self.loads.iter().enumerate() {
                if load == less && at(&to, node) {
                    put(&mut high, node, i128::from(*more));
                }
                if load == more && at(&from, node) {
                    put(&mut low, node, i128::from(*less));
                }
            }
        }
        (low, high)
    }

    /// True for the nodes that can be reached from those of this load.
    fn spread_from(&self, load: u64, next: impl Fn(u32, &mut dyn FnMut(u32))) -> Vec<bool> {
        let mut reached: Vec<bool> = self.loads.iter().map(|own| *own == load).collect();
        let sources = (0..).zip(&reached).filter(|(_, reached)| **reached);
        let mut open: Vec<u32> = sources.map(|(node, _)| node).collect();
        while let Some(node) = open.pop() {
            next(node, &mut |to| {
                steps::count(1);
                if !at(&reached, to as usize) {
                    put(&mut reached, to as usize, true);
                    open.push(to);
                }
            });
        }
        reached
    }

    /// The partitions of a node.
    fn held(&self, node: u32) -> &[u32] {
        let (first, last) = (at(&self.starts, node as usize), at(&self.starts, node as usize + 1));
        self.held.get(first as usize..last as usize).or_slip()
    }

    /// Lists the partitions of each node.
    fn index(&mut self, rows: HolderRows<'_>, nodes: usize) {
        self.starts.clear();
        self.starts.resize(nodes + 1, 0);
        for node in rows.iter().flatten() {
            let count = at(&self.starts, *node as usize + 1) + 1;
            put(&mut self.starts, *node as usize + 1, count);
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.held.clear();
        self.held.resize(sum as usize, 0);
        // From the last partition on, so that the starts end where they began.
        for partition in (0..rows.len() as u32).rev() {
            for node in rows.row(partition) {
                let place = at(&self.starts, *node as usize + 1) - 1;
                put(&mut self.held, place as usize, partition);
                put(&mut self.starts, *node as usize + 1, place);
            }
        }
        self.starts.remove(0);
        self.starts.push(sum);
    }

    /// Sends one partition from a node to one with at least two fewer, by a shortest path. False if
    /// there is none.
    fn relieve(&mut self, rows: HolderRows<'_>, chosen: &mut [u32], source: u32) -> bool {
        let low = at(&self.loads, source as usize).saturating_sub(2);
        self.queue.clear();
        self.queue.push(source);
        put(&mut self.reached, source as usize, (NONE, source));
        let (mut next, mut end) = (0, None);
        while let Some(node) = self.queue.get(next).copied().filter(|_| end.is_none()) {
            next += 1;
            let (first, last) =
                (at(&self.starts, node as usize), at(&self.starts, node as usize + 1));
            let held = self.held.get(first as usize..last as usize).or_slip();
            let led = held.iter().filter(|partition| at(chosen, **partition as usize) == node);
            for partition in led {
                for to in rows.row(*partition) {
                    steps::count(1);
                    if at(&self.reached, *to as usize).1 != NONE {
                        continue;
                    }
                    put(&mut self.reached, *to as usize, (*partition, node));
                    self.queue.push(*to);
                    if end.is_none() && at(&self.loads, *to as usize) <= low {
                        end = Some(*to);
                    }
                }
            }
        }
        if let Some(end) = end {
            let mut node = end;
            while node != source {
                let (partition, from) = at(&self.reached, node as usize);
                put(chosen, partition as usize, node);
                node = from;
            }
            take(&mut self.loads, source as usize, 1);
            add(&mut self.loads, end as usize, 1);
        }
        for node in &self.queue {
            put(&mut self.reached, *node as usize, (NONE, NONE));
        }
        end.is_some()
    }
}
