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
        chosen.iter().for_each(|node| add(&mut self.loads, *node as usize, 1));
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
            let (first, last) = (at(&self.starts, node as usize), at(&self.starts, node as usize + 1));
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
