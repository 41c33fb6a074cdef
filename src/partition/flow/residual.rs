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

impl Scope {
    /// False if no replica of a partition that is where it was may go.
    pub(super) fn lets_home_go(self) -> bool {
        !matches!(self, Self::Heaped(_) | Self::Onto(_))
    }

    /// What a replica costs that goes where none of its partition was, from a leaf or without a
    /// place; `None` if the scope forbids it.
    pub(super) fn price(self, work: &Work<'_>, partition: u32, leaf: u32) -> Option<i32> {
        if leaf == NONE {
            return Some(1);
        }
        if !work.was_on(partition, leaf) {
            return Some(0);
        }
        let allowed = match self {
            Self::All => true,
            Self::Singly => work.moved(partition) == 0,
            Self::Gathered => work.moved(partition) != 1,
            Self::Heaped(least) => work.moved(partition) >= least,
            Self::Onto(heap) => partition == heap,
        };
        allowed.then_some(1)
    }
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
    pub(super) astray: Vec<Vec<u32>>,
    pub(super) listed: Vec<bool>,
    potentials: Potentials,
    /// True if all arcs count as flat: for whether there is any path at all.
    plain: bool,
    /// The search that reached each vertex last, and the number of this one.
    reached: Vec<u32>,
    turn: u32,
    via: Vec<Via>,
    /// Vertices reached, in order, and the arcs that led to each of them.
    pub(super) queue: Vec<u32>,
    layers: Vec<u32>,
    /// The layer of what is reached now.
    layer: u32,
    /// Leaves not reached.
    open: Open,
    /// A partition that is left alone.
    pub(super) except: u32,
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
            open: Open::new(work),
            potentials,
            plain: false,
            reached: vec![0; vertices],
            turn: 0,
            via: vec![Via::default(); vertices],
            queue: Vec::new(),
            layers: vec![0; vertices],
            layer: 0,
            except: NONE,
            looked: 0,
            taken: Vec::new(),
        };
        residual.list(work);
        residual.open_all(work);
        residual
    }

    /// Orders the leaves by their potentials.
    fn open_all(&mut self, work: &Work<'_>) {
        let leaves = 0..work.tree.leaves() as u32;
        let (plain, of) = (self.plain, &self.potentials.of);
        let potential = |leaf| if plain { 0 } else { at(of, work.tree.vertex(leaf)) };
        self.open.order(leaves.map(|leaf| ((potential(leaf), 0), leaf)));
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
        self.open_all(work);
    }

    /// From now on, or no longer, all arcs count as flat.
    pub(super) fn set_plain(&mut self, work: &Work<'_>, plain: bool) {
        if self.plain != plain {
            self.plain = plain;
            self.open_all(work);
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    pub(super) fn potential(&self, vertex: usize) -> i32 {
        if self.plain { 0 } else { at(&self.potentials.of, vertex) }
    }

    pub(super) fn is_flat(&self, (from, to): (i32, i32), cost: i32) -> bool {
        debug_assert!(self.plain || cost >= to - from, "an arc costs less than potentials say");
        self.plain || cost <= to - from
    }

    pub(super) fn astray_at(&self, leaf: u32, i: u32) -> Option<u32> {
        self.astray.get(leaf as usize)?.get(i as usize).copied()
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
        self.layer = 0;
        // More searches than there are numbers: marks of the first ones would count again.
        self.turn = self.turn.checked_add(1).unwrap_or_else(|| {
            self.reached.fill(0);
            1
        });
    }

    pub(super) fn begin(&mut self, work: &Work<'_>, leaf: u32) {
        let vertex = work.tree.vertex(leaf);
        self.reach(work, vertex, Via { before: vertex as u32, partition: NONE });
    }

    fn reach(&mut self, work: &Work<'_>, vertex: usize, via: Via) {
        if at(&self.reached, vertex) == self.turn {
            return;
        }
        put(&mut self.reached, vertex, self.turn);
        put(&mut self.via, vertex, via);
        put(&mut self.layers, vertex, self.layer);
        self.queue.push(vertex as u32);
        if let Some(leaf) = work.tree.leaf(vertex) {
            self.open.remove(leaf);
        }
    }

    pub(super) fn set_layer(&mut self, layer: u32) {
        self.layer = layer;
    }

    /// The layer of a vertex, if the last search reached it.
    pub(super) fn layer(&self, vertex: usize) -> Option<u32> {
        (at(&self.reached, vertex) == self.turn).then(|| at(&self.layers, vertex))
    }

    /// Of the leaves that a replica may go to by potential, the key.
    pub(super) fn wanted(&self, potential: i32, price: i32) -> i32 {
        if self.plain { 0 } else { potential + price }
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
        self.layer = at(&self.layers, here) + 1;
        let along = Via { before: vertex, partition: NONE };
        let children = work.tree.children(here);
        self.look(1 + children.len() as u64);
        if let Some(parent) = work.tree.parent(here) {
            if self.rises(targets, quotas, here, parent) {
                self.reach(work, parent, along);
            }
        }
        for child in children.iter().map(|child| *child as usize) {
            if self.falls(targets, quotas, here, child) {
                self.reach(work, child, along);
            }
        }
        let Some(leaf) = work.tree.leaf(here) else { return };
        let potential = self.potential(here);
        let astray = self.astray.get_mut(leaf as usize).map(core::mem::take).unwrap_or_default();
        for partition in &astray {
            if work.is_on(*partition, leaf) {
                self.expand_replica(work, (*partition, leaf), (potential, vertex), scope);
            }
        }
        self.look(astray.len() as u64);
        if let Some(list) = self.astray.get_mut(leaf as usize) {
            *list = astray;
        }
        if !scope.lets_home_go() {
            return;
        }
        let dear = (self.wanted(potential, 1), 0);
        let holders = self.holders;
        for partition in holders.of(leaf).iter() {
            self.look(1);
            if !self.open.has(dear) {
                break;
            }
            if work.is_on(partition, leaf) && !at(&self.listed, partition as usize) {
                self.expand_replica(work, (partition, leaf), (potential, vertex), scope);
            }
        }
    }

    /// True if a vertex may hold one more in place of others of its parent, along a flat arc.
    pub(super) fn rises(
        &self,
        targets: &[u64],
        quotas: &Quotas,
        vertex: usize,
        parent: usize,
    ) -> bool {
        at(targets, vertex) < at(&quotas.ceils, vertex)
            && self.is_flat((self.potential(vertex), self.potential(parent)), 0)
    }

    /// True if a vertex may hold one less, and others of its parent one more.
    pub(super) fn falls(
        &self,
        targets: &[u64],
        quotas: &Quotas,
        parent: usize,
        vertex: usize,
    ) -> bool {
        at(targets, vertex) > at(&quotas.floors, vertex)
            && self.is_flat((self.potential(parent), self.potential(vertex)), 0)
    }

    /// The arcs of one replica.
    pub(super) fn expand_replica(
        &mut self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        (potential, vertex): (i32, u32),
        scope: Scope,
    ) {
        self.look(1);
        if partition == self.except || (leaf != NONE && work.bound.holds(partition, leaf)) {
            return;
        }
        let via = Via { before: vertex, partition };
        for old in work.old_row(partition) {
            if self.returns(work, (partition, leaf), potential, *old) {
                self.reach(work, work.tree.vertex(*old), via);
            }
        }
        let Some(price) = scope.price(work, partition, leaf) else { return };
        let wanted = (self.wanted(potential, price), 0);
        let mut taken = core::mem::take(&mut self.taken);
        self.open.take(work, (partition, leaf), wanted, &mut taken);
        for leaf in taken.drain(..) {
            self.reach(work, work.tree.vertex(leaf), via);
        }
        self.taken = taken;
    }

    /// True if a replica may go to where one of its partition was before, along a flat arc.
    pub(super) fn returns(
        &self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        potential: i32,
        old: u32,
    ) -> bool {
        old != NONE && work.fits(partition, leaf, old) && {
            let to = self.potential(work.tree.vertex(old));
            self.is_flat((potential, to), work.cost(partition, leaf, old))
        }
    }

    /// The path on which a vertex was reached.
    pub(super) fn steps(&self, work: &Work<'_>, end: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut here = end;
        // A path has no vertex twice.
        for _ in 0..=work.tree.vertices() {
            let Via { before, partition } = at(&self.via, here as usize);
            if before == here {
                break;
            }
            let leaf = |vertex: u32| work.tree.leaf(vertex as usize).unwrap_or(NONE);
            if partition != NONE {
                steps.push(Step::Move { partition, from: leaf(before), to: leaf(here) });
            } else if work.tree.parent(before as usize) == Some(here as usize) {
                steps.push(Step::Raise(before as usize));
            } else {
                steps.push(Step::Lower(here as usize));
            }
            here = before;
        }
        steps.reverse();
        steps
    }
}
