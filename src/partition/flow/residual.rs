//! The residual network of a table.
//!
//! ```text
//!               root                      An arc between a vertex and its parent shifts a target
//!              /    \                     between floor and ceiling, at no cost:
//!         domain    domain                  child -> parent  if target(child) < ceiling(child)
//!         /    \    /    \                  parent -> child  if target(child) > floor(child)
//!      leaf  leaf  leaf  leaf
//!       a ----------> b                   An arc a -> b through partition p is a legal move of p's
//!            p: cost -1, 0 or 1           replica: 1 if it leaves a leaf where p was before, -1 if
//!                                         it returns to one, 0 if neither or both.
//!
//!  source: a leaf above its target, or a replica without a place      potential 0
//!  sink:   a leaf below its target                                    potential D
//!
//!  flat arc a -> b:   cost = potential(b) - potential(a)    searches use no other
//!  every arc a -> b:  cost >= potential(b) - potential(a)   kept by every step
//! ```
//!
//! A path of flat arcs from a source to a sink costs D, and no path costs less, so moving along it
//! keeps the movement minimal. If flat arcs lead to no sink, the potentials of all vertices that
//! were not reached rise by one, and so does D. With every step either the total deficit of the
//! sinks falls, or D rises, which is at most the number of leaves: see [`Potentials`].

use super::fruitless::Fruitless;
use super::path::PathArc;
use super::potentials::Potentials;
use super::unreached::UnreachedLeaves;
use crate::partition::cells::{add, at, put, take};
use crate::partition::old_rows::PartitionsByLeaf;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// How a vertex was reached.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Via {
    /// The vertex before; the vertex itself where a path begins.
    pub(super) before: u32,
    /// The partition that moves; `NONE` along an arc of the tree.
    pub(super) partition: u32,
}

/// The residual network, whose vertices are the nodes, the domains and the root.
///
/// The partitions' own sides of the flow, a tree of limits each, need no vertices here: the moves
/// of a path through one of them are legal together, or the path has a shortcut
/// ([`joined`](super::path::joined)).
///
/// Searches follow flat arcs only. So each vertex is reached once, at the cost given by its
/// potential, and the potential of a leaf decides whether a move to it is flat.
#[derive(Debug)]
pub(super) struct Residual<'h> {
    pub(super) by_leaf: &'h PartitionsByLeaf,
    /// For each leaf, its partitions that differ from their old rows, or did so earlier. Some may
    /// have left the leaf since.
    pub(super) displaced: Vec<Vec<u32>>,
    /// True for the partitions listed in `displaced`.
    pub(super) is_listed: Vec<bool>,
    potentials: Potentials,
    /// True if all arcs count as flat, to find out whether any path exists.
    ignores_costs: bool,
    /// The number of the last search that reached each vertex.
    pub(super) reached: Vec<u32>,
    /// The number of the current search.
    pub(super) search_number: u32,
    pub(super) via: Vec<Via>,
    /// The vertices reached, in order.
    pub(super) queue: Vec<u32>,
    /// The layer of each reached vertex: the number of arcs on its path.
    pub(super) layers: Vec<u32>,
    /// The layer of the vertices that are being reached.
    pub(super) layer: u32,
    /// The leaves not reached yet.
    pub(super) unreached: UnreachedLeaves,
    /// Kinds of rows from which nothing was reached.
    pub(super) fruitless: Fruitless,
    /// A partition whose replicas must not move; `NONE` for none.
    pub(super) except: u32,
    /// The number of vertices and replicas looked at so far.
    effort: u64,
    /// A buffer for the leaves found in one step.
    pub(super) found: Vec<u32>,
}

impl<'h> Residual<'h> {
    pub(super) fn new(
        work: &Work<'_>,
        by_leaf: &'h PartitionsByLeaf,
        potentials: Potentials,
    ) -> Self {
        let vertices = work.tree.vertices();
        let mut residual = Self {
            by_leaf,
            displaced: vec![Vec::new(); work.tree.leaves()],
            is_listed: vec![false; work.partitions as usize],
            unreached: UnreachedLeaves::new(work),
            potentials,
            ignores_costs: false,
            reached: vec![0; vertices],
            search_number: 0,
            via: vec![Via::default(); vertices],
            queue: Vec::new(),
            layers: vec![0; vertices],
            layer: 0,
            fruitless: Fruitless::default(),
            except: NONE,
            effort: 0,
            found: Vec::new(),
        };
        residual.list_displaced(work);
        residual.reset_unreached(work);
        residual
    }

    /// Sorts the unreached leaves by their potentials.
    fn reset_unreached(&mut self, work: &Work<'_>) {
        let leaves = 0..work.tree.leaves() as u32;
        let (ignores_costs, of) = (self.ignores_costs, &self.potentials.of);
        let potential = |leaf| if ignores_costs { 0 } else { at(of, work.tree.vertex(leaf)) };
        let key = |leaf| (potential(leaf), 0, work.tree.table_of(leaf));
        self.unreached.order(&work.constraints.rules, leaves.map(|leaf| (key(leaf), leaf)));
    }

    /// The work done so far, in steps: unlike time, it is the same on every machine.
    pub(super) fn effort(&self) -> u64 {
        self.effort + self.unreached.effort
    }

    pub(super) fn count_effort(&mut self, steps: u64) {
        self.effort += steps;
        steps::count(steps);
    }

    /// The cost of a shortest path.
    pub(super) fn distance(&self) -> i32 {
        self.potentials.distance
    }

    pub(super) fn potentials(self) -> Potentials {
        self.potentials
    }

    /// Raises the potentials after a search that found no path: see [`Potentials::raise`].
    pub(super) fn raise(&mut self, work: &Work<'_>) {
        let (reached, search_number) = (&self.reached, self.search_number);
        self.potentials.raise(|vertex| at(reached, vertex) == search_number);
        self.reset_unreached(work);
    }

    /// Sets whether all arcs count as flat.
    pub(super) fn ignore_costs(&mut self, work: &Work<'_>, ignores_costs: bool) {
        if self.ignores_costs != ignores_costs {
            self.ignores_costs = ignores_costs;
            self.reset_unreached(work);
        }
    }

    pub(super) fn ignores_costs(&self) -> bool {
        self.ignores_costs
    }

    pub(super) fn potential(&self, vertex: usize) -> i32 {
        if self.ignores_costs { 0 } else { at(&self.potentials.of, vertex) }
    }

    pub(super) fn is_flat(&self, (from, to): (i32, i32), cost: i32) -> bool {
        debug_assert!(
            self.ignores_costs || cost >= to - from,
            "an arc costs less than potentials say"
        );
        self.ignores_costs || cost <= to - from
    }

    pub(super) fn displaced_at(&self, leaf: u32, i: u32) -> Option<u32> {
        self.displaced.get(leaf as usize)?.get(i as usize).copied()
    }

    pub(super) fn by_leaf(&self) -> &'h PartitionsByLeaf {
        self.by_leaf
    }

    /// Lists the displaced partitions of all rows anew.
    pub(super) fn list_displaced(&mut self, work: &Work<'_>) {
        self.displaced.iter_mut().for_each(Vec::clear);
        self.is_listed.fill(false);
        for partition in 0..work.partitions {
            self.list_if_displaced(work, partition, NONE);
        }
        self.fruitless.list(work);
    }

    /// Updates the lists after a replica of a partition moved to `to`.
    pub(super) fn note_change(&mut self, work: &Work<'_>, partition: u32, to: u32) {
        self.fruitless.note_change(work, partition);
        self.list_if_displaced(work, partition, to);
    }

    fn list_if_displaced(&mut self, work: &Work<'_>, partition: u32, to: u32) {
        if !work.is_displaced(partition) {
            return;
        }
        let is_listed = at(&self.is_listed, partition as usize);
        for leaf in work.row(partition) {
            if !is_listed || *leaf == to {
                if let Some(list) = self.displaced.get_mut(*leaf as usize) {
                    list.push(partition);
                }
            }
        }
        put(&mut self.is_listed, partition as usize, true);
    }

    /// The potential of the leaves that a replica with this potential reaches along flat arcs.
    pub(super) fn key_potential(&self, potential: i32, move_cost: i32) -> i32 {
        if self.ignores_costs { 0 } else { potential + move_cost }
    }

    /// True if the target of a vertex may rise and another one below its parent fall, along a flat
    /// arc.
    pub(super) fn can_raise(
        &self,
        targets: &[u64],
        quotas: &Quotas,
        vertex: usize,
        parent: usize,
    ) -> bool {
        at(targets, vertex) < at(&quotas.ceils, vertex)
            && self.is_flat((self.potential(vertex), self.potential(parent)), 0)
    }

    /// True if the target of a vertex may fall and another one below its parent rise, along a flat
    /// arc.
    pub(super) fn can_lower(
        &self,
        targets: &[u64],
        quotas: &Quotas,
        parent: usize,
        vertex: usize,
    ) -> bool {
        at(targets, vertex) > at(&quotas.floors, vertex)
            && self.is_flat((self.potential(parent), self.potential(vertex)), 0)
    }

    /// True if a replica may move to the old holder `old` of its partition along a flat arc.
    pub(super) fn can_return(
        &self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        potential: i32,
        old: u32,
    ) -> bool {
        if old == NONE {
            return false;
        }
        let (to, cost) = (self.potential(work.tree.vertex(old)), work.cost(partition, leaf, old));
        // The cheaper check goes first; without costs every arc is flat.
        (self.ignores_costs || cost <= to - potential)
            && work.fits(partition, leaf, old)
            && self.is_flat((potential, to), cost)
    }
}

/// Applies the arcs of a path to the rows and targets.
pub(super) fn apply(
    work: &mut Work<'_>,
    targets: &mut [u64],
    search: &mut Residual<'_>,
    steps: &[PathArc],
) {
    for step in steps {
        match *step {
            PathArc::Move { partition, from, to } => {
                debug_assert!(work.fits(partition, from, to), "a path breaks the rules");
                work.put(partition, from, to);
                search.note_change(work, partition, to);
            }
            PathArc::Raise(vertex) => add(targets, vertex, 1),
            PathArc::Lower(vertex) => take(targets, vertex, 1),
        }
    }
}
