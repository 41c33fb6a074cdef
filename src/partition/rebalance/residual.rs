//! The residual network of a table.

use super::open::Open;
use super::path::Step;
use crate::partition::cells::{at, put};
use crate::partition::holders::Holders;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Not reached.
pub(super) const FAR: i32 = i32::MAX;

/// How a vertex was reached.
#[derive(Clone, Copy, Debug, Default)]
struct Via {
    /// The vertex before; the vertex itself where a path begins.
    before: u32,
    /// The partition moved; `NONE` along the tree.
    partition: u32,
}

/// Of which partitions a path may move one replica more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Any.
    All,
    /// None that was moved already.
    Singly,
    /// None of which exactly one was moved.
    Gathered,
    /// Only such of which at least so many were moved.
    Heaped(usize),
    /// Only this one.
    Onto(u32),
}

/// The residual network, explored from its vertices: the nodes and domains.
///
/// An arc a → b through partition p is a legal move of p's replica from a to b; it costs one where a
/// replica that was there before leaves, and gives one back where it returns. An arc between a vertex
/// and its parent shifts a target between floor and ceiling, at no cost. The partitions' own sides of
/// the network, a tree of limits each, need no vertices: a shortest path crosses each of them so
/// that its moves are legal together, or has a shortcut ([`joined`](super::path::joined)).
#[derive(Debug)]
pub(super) struct Residual<'h> {
    pub(super) holders: &'h Holders,
    /// On each leaf, partitions that have or had a replica elsewhere; some are there no more.
    astray: Vec<Vec<u32>>,
    listed: Vec<bool>,
    pub(super) costs: Vec<i32>,
    via: Vec<Via>,
    pub(super) heap: BinaryHeap<Reverse<(i32, u32, u32)>>,
    turn: u32,
    /// Leaves dearer than the cost of the moment, and by more than one.
    dearer: [Open; 2],
    level: Option<i32>,
    /// A partition that is left alone.
    pub(super) except: u32,
    /// Where the path to each vertex begins, and how many leaves more each beginning may claim.
    pub(super) roots: Vec<u32>,
    pub(super) claims: Vec<usize>,
    /// Dearer paths are not looked for.
    pub(super) bound: i32,
    /// Vertices and replicas looked at so far.
    looked: u64,
    taken: Vec<u32>,
}

impl<'h> Residual<'h> {
    pub(super) fn new(work: &Work<'_>, holders: &'h Holders) -> Self {
        let mut residual = Self {
            holders,
            astray: vec![Vec::new(); work.tree.leaves()],
            listed: vec![false; work.partitions as usize],
            costs: Vec::new(),
            via: Vec::new(),
            heap: BinaryHeap::new(),
            turn: 0,
            dearer: [Open::default(), Open::default()],
            level: None,
            except: NONE,
            roots: Vec::new(),
            claims: Vec::new(),
            bound: FAR,
            looked: 0,
            taken: Vec::new(),
        };
        residual.list(work);
        residual
    }

    /// Partitions that may be on a leaf, some of them twice.
    pub(super) fn on(&self, leaf: u32) -> impl Iterator<Item = u32> {
        let astray = self.astray.get(leaf as usize).map_or(&[][..], Vec::as_slice);
        let held = self.holders.of(leaf).iter();
        let held = held.filter(|partition| !at(&self.listed, **partition as usize));
        held.chain(astray).copied()
    }

    /// A measure of the time taken so far that is the same everywhere.
    pub(super) fn effort(&self) -> u64 {
        let [cheap, dear] = &self.dearer;
        self.looked + cheap.looked + dear.looked
    }

    pub(super) fn holders(&self) -> &'h Holders {
        self.holders
    }

    /// Takes notice of all rows anew.
    pub(super) fn list(&mut self, work: &Work<'_>) {
        self.astray.iter_mut().for_each(Vec::clear);
        self.listed.fill(false);
        for partition in 0..work.partitions {
            self.note(work, partition, NONE);
        }
    }

    /// Takes notice of a change of a partition's row.
    pub(super) fn note(&mut self, work: &Work<'_>, partition: u32, to: u32) {
        if !work.astray(partition) {
            return;
        }
        let listed = at(&self.listed, partition as usize);
        for leaf in work.row(partition) {
            if !listed || *leaf == to {
                if let Some(list) = self.astray.get_mut(*leaf as usize) {
                    list.push(partition);
                }
            }
        }
        put(&mut self.listed, partition as usize, true);
    }

    pub(super) fn clear(&mut self, work: &Work<'_>, cost: i32) {
        self.costs.clear();
        self.costs.resize(work.tree.vertices(), cost);
        self.via.clear();
        self.via
            .extend((0..work.tree.vertices() as u32).map(|v| Via { before: v, partition: NONE }));
        self.roots.clear();
        self.roots.extend(0..work.tree.vertices() as u32);
        self.claims.clear();
        self.claims.resize(work.tree.vertices(), usize::MAX);
        self.looked += work.tree.vertices() as u64;
        self.heap.clear();
        self.turn = 0;
        self.level = None;
    }

    pub(super) fn begin(&mut self, work: &Work<'_>, leaf: u32) {
        let vertex = work.tree.vertex(leaf);
        put(&mut self.costs, vertex, 0);
        self.push(0, vertex);
    }

    pub(super) fn push(&mut self, cost: i32, vertex: usize) {
        self.heap.push(Reverse((cost, self.turn, vertex as u32)));
        self.turn += 1;
    }

    fn relax(&mut self, vertex: usize, cost: i32, via: Via, root: u32) {
        if cost < at(&self.costs, vertex) && cost <= self.bound {
            put(&mut self.roots, vertex, root);
            put(&mut self.costs, vertex, cost);
            put(&mut self.via, vertex, via);
            self.push(cost, vertex);
        }
    }

    /// Lists the leaves that arcs from a vertex of this cost may improve.
    pub(super) fn at_level(&mut self, work: &Work<'_>, cost: i32) {
        if self.level == Some(cost) {
            return;
        }
        self.level = Some(cost);
        let [cheap, dear] = &mut self.dearer;
        cheap.refill(work, |leaf| at(&self.costs, work.tree.vertex(leaf)) > cost);
        dear.refill(work, |leaf| at(&self.costs, work.tree.vertex(leaf)) > cost + 1);
    }

    pub(super) fn expand(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        vertex: u32,
        cost: i32,
        scope: Scope,
    ) {
        let here = vertex as usize;
        let along = Via { before: vertex, partition: NONE };
        let root = at(&self.roots, here);
        if let Some(parent) = work.tree.parent(here) {
            if at(targets, here) < at(&quotas.ceils, here) {
                self.relax(parent, cost, along, root);
            }
        }
        for child in work.tree.children(here).iter().map(|child| *child as usize) {
            if at(targets, child) > at(&quotas.floors, child) {
                self.relax(child, cost, along, root);
            }
        }
        let Some(leaf) = work.tree.leaf(here) else { return };
        self.at_level(work, cost);
        let astray = self.astray.get_mut(leaf as usize).map(core::mem::take).unwrap_or_default();
        for partition in &astray {
            if work.is_on(*partition, leaf) {
                self.expand_replica(work, *partition, leaf, (cost, vertex, root), scope);
            }
        }
        if let Some(list) = self.astray.get_mut(leaf as usize) {
            *list = astray;
        }
        let holders = self.holders;
        for partition in holders.of(leaf) {
            let [_, dear] = &self.dearer;
            if dear.is_empty() || cost >= self.bound || at(&self.claims, root as usize) == 0 {
                break;
            }
            if work.is_on(*partition, leaf) && !at(&self.listed, *partition as usize) {
                self.expand_replica(work, *partition, leaf, (cost, vertex, root), scope);
            }
        }
    }

    /// The arcs of one replica.
    pub(super) fn expand_replica(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaf: u32,
        (cost, vertex, root): (i32, u32, u32),
        scope: Scope,
    ) {
        self.looked += 1;
        if partition == self.except || (leaf != NONE && work.bound.holds(partition, leaf)) {
            return;
        }
        let via = Via { before: vertex, partition };
        for old in work.old_row(partition) {
            if *old != NONE && work.fits(partition, leaf, *old) {
                let cost = cost + work.cost(partition, leaf, *old);
                self.relax(work.tree.vertex(*old), cost, via, root);
            }
        }
        // To any other leaf.
        let fresh = leaf != NONE && !work.was_on(partition, leaf);
        let price = i32::from(!fresh);
        let refused = match scope {
            Scope::All => false,
            Scope::Singly => work.moved(partition) > 0,
            Scope::Gathered => work.moved(partition) == 1,
            Scope::Heaped(least) => work.moved(partition) < least,
            Scope::Onto(heap) => partition != heap,
        };
        if (price == 1 && leaf != NONE && refused) || cost + price > self.bound {
            return;
        }
        let mut taken = core::mem::take(&mut self.taken);
        let [cheap, dear] = &mut self.dearer;
        let open = if fresh { cheap } else { dear };
        let costs = &self.costs;
        let dearer = |leaf| at(costs, work.tree.vertex(leaf)) > cost + price;
        let most = at(&self.claims, root as usize);
        open.take(work, partition, leaf, dearer, most, &mut taken);
        put(&mut self.claims, root as usize, most.saturating_sub(taken.len()));
        for leaf in taken.drain(..) {
            self.relax(work.tree.vertex(leaf), cost + price, via, root);
        }
        self.taken = taken;
    }

    /// The path that ends at a vertex.
    pub(super) fn steps(&self, work: &Work<'_>, end: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut here = end;
        // A path has no vertex twice.
        for _ in 0..=work.tree.vertices() {
            let Via { before, partition } = at(&self.via, here as usize);
            if before == here {
                break;
            }
            let to = work.tree.leaf(here as usize);
            if partition != NONE {
                let from = if before == NONE { None } else { work.tree.leaf(before as usize) };
                let (from, to) = (from.unwrap_or(NONE), to.unwrap_or(NONE));
                steps.push(Step::Move { partition, from, to });
            } else if work.tree.parent(before as usize) == Some(here as usize) {
                steps.push(Step::Raise(before as usize));
            } else {
                steps.push(Step::Lower(here as usize));
            }
            if before == NONE {
                break;
            }
            here = before;
        }
        steps.reverse();
        steps
    }
}
