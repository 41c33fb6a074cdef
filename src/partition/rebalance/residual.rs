//! The residual network of a table.

use super::open::Open;
use super::path::Step;
use super::potentials::Potentials;
use crate::partition::cells::{at, put};
use crate::partition::holders::Holders;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

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
/// the network, a tree of limits each, need no vertices: a path crosses each of them so that its
/// moves are legal together, or has a shortcut ([`joined`](super::path::joined)).
///
/// Only flat arcs are gone along, see [`Potentials`]. So each vertex is reached once, at the cost
/// that its potential says, and which leaves an arc may lead to is a matter of their potential.
#[derive(Debug)]
pub(super) struct Residual<'h> {
    pub(super) holders: &'h Holders,
    /// On each leaf, partitions that have or had a replica elsewhere; some are there no more.
    astray: Vec<Vec<u32>>,
    listed: Vec<bool>,
    potentials: Potentials,
    /// True if all arcs count as flat: for whether there is any path at all.
    plain: bool,
    /// The search that reached each vertex last, and the number of this one.
    reached: Vec<u32>,
    turn: u32,
    via: Vec<Via>,
    /// Vertices reached, in order.
    pub(super) queue: Vec<u32>,
    /// Leaves not reached.
    open: Open,
    /// A partition that is left alone.
    pub(super) except: u32,
    /// Where the path to each vertex begins, and how many leaves more each beginning may claim.
    roots: Vec<u32>,
    pub(super) claims: Vec<usize>,
    /// Vertices and replicas looked at so far.
    looked: u64,
    taken: Vec<u32>,
}

impl<'h> Residual<'h> {
    pub(super) fn new(work: &Work<'_>, holders: &'h Holders, potentials: Potentials) -> Self {
        let vertices = work.tree.vertices();
        let mut residual = Self {
            holders,
            astray: vec![Vec::new(); work.tree.leaves()],
            listed: vec![false; work.partitions as usize],
            open: Open::new(work, &potentials.of),
            potentials,
            plain: false,
            reached: vec![0; vertices],
            turn: 0,
            via: vec![Via::default(); vertices],
            queue: Vec::new(),
            except: NONE,
            roots: vec![0; vertices],
            claims: Vec::new(),
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
        self.looked + self.open.looked
    }

    pub(super) fn look(&mut self, steps: u64) {
        self.looked += steps;
        steps::count(steps);
    }

    /// The cost of a shortest path.
    pub(super) fn distance(&self) -> i32 {
        self.potentials.distance
    }

    pub(super) fn potentials(self) -> Potentials {
        self.potentials
    }

    /// After a search that found no way: see [`Potentials::raise`].
    pub(super) fn raise(&mut self, work: &Work<'_>) {
        let (reached, turn) = (&self.reached, self.turn);
        self.potentials.raise(|vertex| at(reached, vertex) == turn);
        self.open.order(work, &self.potentials.of);
    }

    /// From now on, or no longer, all arcs count as flat.
    pub(super) fn set_plain(&mut self, work: &Work<'_>, plain: bool) {
        if self.plain != plain {
            self.plain = plain;
            self.open.order(work, if plain { &[] } else { &self.potentials.of });
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    pub(super) fn potential(&self, vertex: usize) -> i32 {
        if self.plain { 0 } else { at(&self.potentials.of, vertex) }
    }

    fn is_flat(&self, (from, to): (i32, i32), cost: i32) -> bool {
        debug_assert!(self.plain || cost >= to - from, "an arc costs less than potentials say");
        self.plain || cost <= to - from
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

    /// Begins a search.
    pub(super) fn clear(&mut self) {
        self.open.restore();
        self.queue.clear();
        self.except = NONE;
        // More searches than there are numbers: marks of the first ones would count again.
        self.turn = self.turn.checked_add(1).unwrap_or_else(|| {
            self.reached.fill(0);
            1
        });
    }

    pub(super) fn begin(&mut self, work: &Work<'_>, leaf: u32) {
        let vertex = work.tree.vertex(leaf);
        self.reach(work, vertex, Via { before: vertex as u32, partition: NONE }, vertex as u32);
    }

    fn reach(&mut self, work: &Work<'_>, vertex: usize, via: Via, root: u32) {
        if at(&self.reached, vertex) == self.turn {
            return;
        }
        put(&mut self.reached, vertex, self.turn);
        put(&mut self.roots, vertex, root);
        put(&mut self.via, vertex, via);
        self.queue.push(vertex as u32);
        if let Some(leaf) = work.tree.leaf(vertex) {
            self.open.remove(leaf);
        }
    }

    fn claim(&self, root: u32) -> usize {
        self.claims.get(root as usize).copied().unwrap_or(usize::MAX)
    }

    /// Reaches what flat arcs lead to from a vertex.
    pub(super) fn expand(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        vertex: u32,
        scope: Scope,
    ) {
        let here = vertex as usize;
        let along = Via { before: vertex, partition: NONE };
        let root = at(&self.roots, here);
        let potential = self.potential(here);
        if let Some(parent) = work.tree.parent(here) {
            if at(targets, here) < at(&quotas.ceils, here)
                && self.is_flat((potential, self.potential(parent)), 0)
            {
                self.reach(work, parent, along, root);
            }
        }
        let children = work.tree.children(here);
        self.look(1 + children.len() as u64);
        for child in children.iter().map(|child| *child as usize) {
            if at(targets, child) > at(&quotas.floors, child)
                && self.is_flat((potential, self.potential(child)), 0)
            {
                self.reach(work, child, along, root);
            }
        }
        let Some(leaf) = work.tree.leaf(here) else { return };
        let astray = self.astray.get_mut(leaf as usize).map(core::mem::take).unwrap_or_default();
        for partition in &astray {
            if work.is_on(*partition, leaf) {
                self.expand_replica(work, *partition, leaf, (potential, vertex, root), scope);
            }
        }
        self.look(astray.len() as u64);
        if let Some(list) = self.astray.get_mut(leaf as usize) {
            *list = astray;
        }
        // What is where it was goes anywhere at the cost of one, if the scope lets it.
        if matches!(scope, Scope::Heaped(_) | Scope::Onto(_)) {
            return;
        }
        let dear = if self.plain { 0 } else { potential + 1 };
        let holders = self.holders;
        for partition in holders.of(leaf) {
            self.look(1);
            if self.claim(root) == 0 || !self.open.has(dear) {
                break;
            }
            if work.is_on(*partition, leaf) && !at(&self.listed, *partition as usize) {
                self.expand_replica(work, *partition, leaf, (potential, vertex, root), scope);
            }
        }
    }

    /// The arcs of one replica.
    pub(super) fn expand_replica(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaf: u32,
        (potential, vertex, root): (i32, u32, u32),
        scope: Scope,
    ) {
        self.look(1);
        if partition == self.except || (leaf != NONE && work.bound.holds(partition, leaf)) {
            return;
        }
        let via = Via { before: vertex, partition };
        for old in work.old_row(partition) {
            if *old != NONE && work.fits(partition, leaf, *old) {
                let to = work.tree.vertex(*old);
                if self.is_flat((potential, self.potential(to)), work.cost(partition, leaf, *old)) {
                    self.reach(work, to, via, root);
                }
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
        let most = self.claim(root);
        if (price == 1 && leaf != NONE && refused) || most == 0 {
            return;
        }
        let wanted = if self.plain { 0 } else { potential + price };
        let mut taken = core::mem::take(&mut self.taken);
        self.open.take(work, (partition, leaf), wanted, most, &mut taken);
        put(&mut self.claims, root as usize, most.saturating_sub(taken.len()));
        for leaf in taken.drain(..) {
            self.reach(work, work.tree.vertex(leaf), via, root);
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
