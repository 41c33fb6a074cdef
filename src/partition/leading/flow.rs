//! A minimum-cost flow that chooses leaders.
//!
//! ```text
//!  partitions          nodes            sink        a partition sends one unit to one of its
//!   p ----0----> a --[floor..ceil]--> t             holders: at cost 0 to its old leader, at cost 1
//!    \---1-----> b --[floor..ceil]--> t             to another; all cost 0 if the old leader left
//!
//!  the residual network has nodes alone: an arc a -> b for each partition that a leads and b holds
//! ```
//!
//! Every partition starts with a cheapest holder, so no arc has a negative cost. A node that leads
//! more than its ceiling has an excess, one below its floor a deficit, and the sink has what is
//! left. Shortest paths from excesses to deficits keep the costs minimal. All shortest paths of one
//! cost are saturated by blocking flows, before the potentials rise.
//!
//! # Source
//! The primal-dual method: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993, section
//! 9.8; blocking flows: E. A. Dinic, *Algorithm for solution of a problem of maximum flow in
//! networks with power estimation*, Soviet Math. Doklady 11, 1970.

use super::super::cells::{at, put};
use super::super::tree::NONE;
use super::rows::HolderRows;
use super::shares::Shares;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// What each node may lead, in units of its group.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) low: Vec<i128>,
    pub(super) high: Vec<i128>,
    /// The group of each node: partitions stay within the group of their leader.
    pub(super) groups: Vec<u32>,
    /// Units of a partition, by group.
    pub(super) units: Vec<i128>,
}

#[derive(Debug)]
pub(super) struct Flow<'a> {
    pub(super) shares: Shares<'a>,
    bounds: Bounds,
    /// The old leader of each partition, `NONE` if no holder is; all holders cost the same without
    /// it.
    old: Option<&'a [u32]>,
    /// What each node sends to the sink.
    sent: Vec<i128>,
    /// What each node, and last the sink, has to give; a deficit if negative.
    excess: Vec<i128>,
    pub(super) potentials: Vec<i64>,
    /// Arcs from the sources, in the current blocking flow; `NONE` if not reached.
    levels: Vec<u32>,
    /// The next arc of each node: the place in its list, and in that partition's row.
    arcs: Vec<(usize, usize)>,
}

impl<'a> Flow<'a> {
    /// Starts with these leaders, whose costs must be the lowest of their partitions.
    pub(super) fn new(
        rows: HolderRows<'a>,
        leaders: Vec<u32>,
        bounds: Bounds,
        old: Option<&'a [u32]>,
    ) -> Self {
        let nodes = bounds.low.len();
        let mut excess = vec![0_i128; nodes + 1];
        for leader in &leaders {
            let group = at(&bounds.groups, *leader as usize);
            let led = at(&excess, *leader as usize) + at(&bounds.units, group as usize);
            put(&mut excess, *leader as usize, led);
        }
        let mut sent = vec![0; nodes];
        for node in 0..nodes {
            let led = at(&excess, node);
            let flow = led.max(at(&bounds.low, node)).min(at(&bounds.high, node));
            put(&mut sent, node, flow);
            put(&mut excess, node, led - flow);
        }
        let rest: i128 = excess.iter().sum();
        put(&mut excess, nodes, -rest);
        Self {
            shares: Shares::new(rows, nodes, leaders),
            bounds,
            old,
            sent,
            excess,
            potentials: vec![0; nodes + 1],
            levels: vec![NONE; nodes + 1],
            arcs: vec![(0, 0); nodes + 1],
        }
    }

    /// Sends all excesses to deficits, at minimum cost. False if some cannot be sent.
    pub(super) fn run(&mut self) -> bool {
        while self.excess.iter().any(|excess| *excess > 0) {
            if self.old.is_some() && !self.reprice() {
                return false;
            }
            let mut found = false;
            while self.find_levels() {
                self.saturate();
                found = true;
            }
            if self.old.is_none() || !found {
                break;
            }
        }
        self.excess.iter().all(|excess| *excess <= 0)
    }

    /// After an incomplete run without costs: true for the nodes to which an excess could go.
    pub(super) fn is_reached(&self, node: usize) -> bool {
        at(&self.levels, node) != NONE
    }

    pub(super) fn has_excess(&self, node: usize) -> bool {
        at(&self.excess, node) > 0
    }

    pub(super) fn groups(&self) -> &[u32] {
        &self.bounds.groups
    }

    fn sink(&self) -> u32 {
        self.sent.len() as u32
    }

    #[inline]
    fn unit(&self, node: u32) -> i128 {
        at(&self.bounds.units, at(&self.bounds.groups, node as usize) as usize)
    }

    /// The cost if a leaf leads a partition.
    #[inline]
    fn cost(&self, partition: u32, leaf: u32) -> i64 {
        let old = self.old.map_or(NONE, |old| at(old, partition as usize));
        i64::from(old != NONE && old != leaf)
    }

    /// Calls `visit` with the head and the reduced cost of each residual arc from a node.
    fn arcs_from(&self, node: u32, mut visit: impl FnMut(u32, i64)) {
        let potential = at(&self.potentials, node as usize);
        let reduced = |to: u32, cost: i64| cost + potential - at(&self.potentials, to as usize);
        let sink = self.sink();
        if node == sink {
            steps::count(u64::from(sink));
            let open = |to: &u32| at(&self.sent, *to as usize) > at(&self.bounds.low, *to as usize);
            return (0..sink).filter(open).for_each(|to| visit(to, reduced(to, 0)));
        }
        let group = at(&self.bounds.groups, node as usize);
        for partition in self.shares.led(node) {
            let (row, cost) = (self.shares.rows.row(*partition), self.cost(*partition, node));
            steps::count(row.len() as u64);
            for to in row {
                if *to != node && at(&self.bounds.groups, *to as usize) == group {
                    visit(*to, reduced(*to, self.cost(*partition, *to) - cost));
                }
            }
        }
        if at(&self.sent, node as usize) < at(&self.bounds.high, node as usize) {
            visit(sink, reduced(sink, 0));
        }
    }

    /// Raises the potentials so that the cheapest paths from an excess to a deficit have reduced
    /// cost 0. False if there is no path. O(P·R + n).
    fn reprice(&mut self) -> bool {
        let mut costs = vec![i64::MAX; self.excess.len()];
        let mut buckets: Vec<Vec<u32>> = vec![Vec::new()];
        for (node, excess) in self.excess.iter().enumerate().filter(|(_, excess)| **excess > 0) {
            debug_assert!(*excess > 0);
            put(&mut costs, node, 0);
            if let Some(bucket) = buckets.first_mut() {
                bucket.push(node as u32);
            }
        }
        let mut best = i64::MAX;
        let mut current = 0;
        while current < buckets.len() && (current as i64) < best {
            let Some(node) = buckets.get_mut(current).and_then(Vec::pop) else {
                current += 1;
                continue;
            };
            if at(&costs, node as usize) != current as i64 {
                continue;
            }
            self.arcs_from(node, |to, reduced| {
                debug_assert!(reduced >= 0, "an arc of negative reduced cost");
                let cost = current as i64 + reduced;
                if cost >= at(&costs, to as usize) || cost >= best {
                    return;
                }
                put(&mut costs, to as usize, cost);
                if at(&self.excess, to as usize) < 0 {
                    best = cost;
                    return;
                }
                if buckets.len() <= cost as usize {
                    buckets.resize_with(cost as usize + 1, Vec::new);
                }
                if let Some(bucket) = buckets.get_mut(cost as usize) {
                    bucket.push(to);
                }
            });
        }
        for (potential, cost) in self.potentials.iter_mut().zip(costs) {
            if best < i64::MAX {
                *potential += cost.min(best);
            }
        }
        best < i64::MAX
    }

    /// Counts arcs of reduced cost 0 from the sources, up to the first deficit. False if there is
    /// none; every node that can be reached then has a level. O(P·R + n).
    fn find_levels(&mut self) -> bool {
        self.levels.fill(NONE);
        self.arcs.fill((0, 0));
        let sources = (0..self.excess.len() as u32).filter(|v| at(&self.excess, *v as usize) > 0);
        let mut now: Vec<u32> = sources.collect();
        for source in &now {
            put(&mut self.levels, *source as usize, 0);
        }
        let mut level = 0;
        let mut found = false;
        while !now.is_empty() && !found {
            level += 1;
            let mut next = Vec::new();
            let mut levels = core::mem::take(&mut self.levels);
            for node in now {
                self.arcs_from(node, |to, reduced| {
                    if reduced == 0 && at(&levels, to as usize) == NONE {
                        put(&mut levels, to as usize, level);
                        found |= at(&self.excess, to as usize) < 0;
                        next.push(to);
                    }
                });
            }
            self.levels = levels;
            now = next;
        }
        found
    }

    /// Sends flow along the levels until no path is left.
    fn saturate(&mut self) {
        let mut path: Vec<u32> = Vec::new();
        for source in 0..self.excess.len() as u32 {
            while at(&self.excess, source as usize) > 0 {
                path.clear();
                path.push(source);
                if !self.find_path(&mut path) {
                    break;
                }
                self.augment(&path);
            }
        }
    }

    /// Extends a path, whose arcs are the next ones of its nodes, up to a deficit.
    fn find_path(&mut self, path: &mut Vec<u32>) -> bool {
        while let Some(node) = path.last().copied() {
            steps::count(1);
            if at(&self.excess, node as usize) < 0 {
                return true;
            }
            if let Some(to) = self.next_arc(node) {
                path.push(to);
                continue;
            }
            // A dead end for the rest of this blocking flow.
            put(&mut self.levels, node as usize, NONE);
            path.pop();
            if let Some((_, place)) = path.last().and_then(|v| self.arcs.get_mut(*v as usize)) {
                *place += 1;
            }
        }
        false
    }

    /// The head of a node's next arc to the next level at reduced cost 0.
    fn next_arc(&mut self, node: u32) -> Option<u32> {
        let (level, potential) =
            (at(&self.levels, node as usize), at(&self.potentials, node as usize));
        if level == NONE {
            return None;
        }
        let tight = |to: u32, cost: i64| {
            at(&self.levels, to as usize) == level + 1
                && cost + potential == at(&self.potentials, to as usize)
        };
        let (mut first, mut second) = at(&self.arcs, node as usize);
        let sink = self.sink();
        let mut found = None;
        if node == sink {
            // Its arcs are numbered by the sum of both places.
            let open = |to: &u32| at(&self.sent, *to as usize) > at(&self.bounds.low, *to as usize);
            let to = ((first + second) as u32..sink).find(|to| open(to) && tight(*to, 0));
            first = to.map_or(sink as usize, |to| to as usize);
            put(&mut self.arcs, node as usize, (first, 0));
            return to;
        }
        let group = at(&self.bounds.groups, node as usize);
        let led = self.shares.led(node);
        while let Some(partition) = led.get(first) {
            let (row, cost) = (self.shares.rows.row(*partition), self.cost(*partition, node));
            let arc = |to: &u32| {
                *to != node
                    && at(&self.bounds.groups, *to as usize) == group
                    && tight(*to, self.cost(*partition, *to) - cost)
            };
            let rest = row.get(second..).unwrap_or_default();
            if let Some(place) = rest.iter().position(arc) {
                steps::count(place as u64 + 1);
                second += place;
                found = row.get(second).copied();
                break;
            }
            steps::count(rest.len() as u64 + 1);
            (first, second) = (first + 1, 0);
        }
        let open = at(&self.sent, node as usize) < at(&self.bounds.high, node as usize);
        if found.is_none() && second == 0 && open && tight(sink, 0) {
            found = Some(sink);
        }
        put(&mut self.arcs, node as usize, (first, second));
        found
    }

    /// What the next arc of a node can carry.
    fn capacity(&self, node: u32, to: u32) -> i128 {
        let sink = self.sink();
        if node == sink {
            return at(&self.sent, to as usize) - at(&self.bounds.low, to as usize);
        }
        if to == sink {
            return at(&self.bounds.high, node as usize) - at(&self.sent, node as usize);
        }
        let (place, _) = at(&self.arcs, node as usize);
        let partition = self.shares.led(node).get(place).copied().unwrap_or(NONE);
        self.shares.share(partition, node, self.unit(node))
    }

    /// Sends as much as a path carries.
    fn augment(&mut self, path: &[u32]) {
        let ends = path.first().zip(path.last());
        let Some((source, end)) = ends.map(|(source, end)| (*source as usize, *end as usize))
        else {
            return;
        };
        let arcs = || path.iter().zip(path.iter().skip(1));
        let max = arcs().map(|(from, to)| self.capacity(*from, *to)).min().unwrap_or(0);
        let amount = max.min(at(&self.excess, source)).min(-at(&self.excess, end));
        let (sink, given) = (self.sink(), at(&self.excess, source) - amount);
        let taken = at(&self.excess, end) + amount;
        put(&mut self.excess, source, given);
        put(&mut self.excess, end, taken);
        // From the end on: a list must not change before its own arc is used.
        for (from, to) in path.iter().zip(path.iter().skip(1)).rev() {
            if *from == sink {
                let sent = at(&self.sent, *to as usize) - amount;
                put(&mut self.sent, *to as usize, sent);
            } else if *to == sink {
                let sent = at(&self.sent, *from as usize) + amount;
                put(&mut self.sent, *from as usize, sent);
            } else {
                let (place, _) = at(&self.arcs, *from as usize);
                let unit = self.unit(*from);
                if self.shares.transfer((*from, place), *to, amount, unit) {
                    put(&mut self.arcs, *from as usize, (place, 0));
                }
            }
        }
    }
}
