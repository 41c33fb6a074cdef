//! A blocking flow: all shortest paths of one length, found and applied one after the other.
//!
//! ```text
//!  layer 0         layer 1         layer 2         layer 3 = last
//!  sources         reached by 1    reached by 2    leaves below their targets
//!
//!    a ------------> c ------------> e ------------> s
//!      \-----------> d               f ------------> t
//!                    d has no arc into layer 2: it is marked and not visited again
//! ```

use super::path::{PathArc, Scope, joined};
use super::residual::{Residual, apply};
use super::unreached::UnreachedLeaves;
use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// The position in the arcs of a vertex, which are tried in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum NextArc {
    /// The arc to the parent.
    #[default]
    Parent,
    /// The arc to the i-th child.
    Child(u32),
    /// The arcs of the i-th displaced partition on this leaf.
    Displaced(u32),
    /// The arcs of the leaf's i-th old partition, if it is not displaced.
    Kept(u32),
    /// No arc is left.
    End,
}

/// A blocking flow in the layers of a search: every arc leads from one layer to the next, and a
/// vertex without such an arc is not visited again.
///
/// Each path is applied before the next one is searched, so every path is valid in the network as
/// it is then. Arcs that a change adds beyond the layers are left to the next search. A vertex is
/// abandoned when its arcs are used up, so all paths together look at each arc once, plus their own
/// length.
///
/// # Source
/// E. A. Dinic, *Algorithm for solution of a problem of maximum flow in networks with power
/// estimation*, 1970.
#[derive(Debug)]
pub(super) struct Blocking {
    /// Leaves that may still be on a path.
    unused: UnreachedLeaves,
    /// For each vertex, the arc to try next.
    cursors: Vec<NextArc>,
    /// Inner vertices whose arcs are used up.
    exhausted: Vec<bool>,
    /// The last layer.
    last: u32,
}

impl Blocking {
    pub(super) fn new(work: &Work<'_>) -> Self {
        let vertices = work.tree.vertices();
        let (cursors, exhausted) = (vec![NextArc::Parent; vertices], vec![false; vertices]);
        Self { unused: UnreachedLeaves::new(work), cursors, exhausted, last: 0 }
    }

    /// Finds and applies all paths of `last` arcs. Returns their number.
    pub(super) fn flow(
        &mut self,
        work: &mut Work<'_>,
        targets: &mut [u64],
        quotas: &Quotas,
        search: &mut Residual<'_>,
        (unplaced, scope, last): (&[u32], Scope, u32),
    ) -> u64 {
        let sources = self.begin(work, targets, search, last);
        let mut paths = 0;
        for partition in unplaced {
            while work.row(*partition).contains(&NONE)
                && self.find_path(
                    work,
                    targets,
                    quotas,
                    search,
                    (PathStart::Row(*partition), scope),
                )
            {
                paths += 1;
            }
        }
        for leaf in sources {
            while work.surplus(targets, leaf) > 0
                && self.find_path(work, targets, quotas, search, (PathStart::Leaf(leaf), scope))
            {
                paths += 1;
            }
        }
        search.count_effort(core::mem::take(&mut self.unused.effort));
        paths
    }

    /// Prepares for the layers of a search. Returns the leaves at which paths begin.
    fn begin(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        search: &Residual<'_>,
        last: u32,
    ) -> Vec<u32> {
        self.last = last;
        let mut sources = Vec::new();
        let mut unused = Vec::new();
        for vertex in search.queue.iter().map(|vertex| *vertex as usize) {
            let Some(layer) = search.layer(vertex) else { continue };
            put(&mut self.cursors, vertex, NextArc::Parent);
            let Some(leaf) = work.tree.leaf(vertex) else {
                put(&mut self.exhausted, vertex, layer >= last);
                continue;
            };
            if layer == 0 {
                sources.push(leaf);
            } else if layer < last || (layer == last && work.deficit(targets, leaf) > 0) {
                let table = work.tree.table_of(leaf);
                unused.push(((search.potential(vertex), layer, table), leaf));
            }
        }
        self.unused.order(&work.constraints.rules, unused.into_iter());
        sources
    }

    /// Looks for one path, and goes it.
    fn find_path(
        &mut self,
        work: &mut Work<'_>,
        targets: &mut [u64],
        quotas: &Quotas,
        search: &mut Residual<'_>,
        (from, scope): (PathStart, Scope),
    ) -> bool {
        let mut path: Vec<PathArc> = Vec::new();
        let mut stack: Vec<usize> = Vec::new();
        if let PathStart::Leaf(leaf) = from {
            stack.push(work.tree.vertex(leaf));
        }
        loop {
            let layer = path.len() as u32;
            let step = match (stack.last(), from) {
                (Some(here), _) => {
                    self.next_arc(work, (targets, quotas), search, (*here, layer), scope)
                }
                (None, PathStart::Row(partition)) => {
                    let to = self.next_leaf(work, search, (partition, NONE), (0, 0), scope);
                    to.map(|to| PathArc::Move { partition, from: NONE, to })
                }
                (None, PathStart::Leaf(_)) => None,
            };
            let Some(step) = step else {
                let Some(vertex) = stack.pop() else { return false };
                self.mark_exhausted(work, vertex);
                path.pop();
                continue;
            };
            path.push(step);
            let to = step.to(work);
            stack.push(to);
            let end = work.tree.leaf(to).filter(|leaf| work.deficit(targets, *leaf) > 0);
            if let Some(leaf) = end.filter(|_| layer + 1 == self.last) {
                let distance: i32 = path.iter().map(|step| step.cost(work)).sum();
                let path = joined(work, path, search.ignores_costs());
                debug_assert!(
                    search.ignores_costs()
                        || (distance == search.distance()
                            && distance == path.iter().map(|step| step.cost(work)).sum()),
                    "a detour"
                );
                apply(work, targets, search, &path);
                if work.deficit(targets, leaf) == 0 {
                    self.mark_exhausted(work, to);
                }
                return true;
            }
        }
    }

    fn mark_exhausted(&mut self, work: &Work<'_>, vertex: usize) {
        match work.tree.leaf(vertex) {
            Some(leaf) => self.unused.remove(leaf),
            None => put(&mut self.exhausted, vertex, true),
        }
    }

    /// The next arc of a vertex that leads to the next layer.
    fn next_arc(
        &mut self,
        work: &Work<'_>,
        (targets, quotas): (&[u64], &Quotas),
        search: &mut Residual<'_>,
        (here, layer): (usize, u32),
        scope: Scope,
    ) -> Option<PathArc> {
        let leaf = work.tree.leaf(here);
        let potential = search.potential(here);
        loop {
            search.count_effort(1);
            let cursor = at(&self.cursors, here);
            let (step, next) = match cursor {
                NextArc::Parent => {
                    let up = |parent: &usize| {
                        self.is_usable(work, search, *parent, layer)
                            && search.can_raise(targets, quotas, here, *parent)
                    };
                    let up = work.tree.parent(here).filter(up).map(|_| PathArc::Raise(here));
                    (up, NextArc::Child(0))
                }
                NextArc::Child(i) => match (work.tree.children(here).get(i as usize), leaf) {
                    (Some(child), _) => {
                        let child = *child as usize;
                        let down = self.is_usable(work, search, child, layer)
                            && search.can_lower(targets, quotas, here, child);
                        (down.then_some(PathArc::Lower(child)), NextArc::Child(i + 1))
                    }
                    (None, Some(_)) => (None, NextArc::Displaced(0)),
                    (None, None) => (None, NextArc::End),
                },
                NextArc::Displaced(i) => match (search.displaced_at(leaf?, i), leaf?) {
                    (Some(partition), leaf) => {
                        let to = self.next_leaf(
                            work,
                            search,
                            (partition, leaf),
                            (potential, layer),
                            scope,
                        );
                        (
                            to.map(|to| PathArc::Move { partition, from: leaf, to }),
                            NextArc::Displaced(i + 1),
                        )
                    }
                    (None, _) if scope.allows_kept_to_move() => (None, NextArc::Kept(0)),
                    (None, _) => (None, NextArc::End),
                },
                NextArc::Kept(i) => {
                    let leaf = leaf?;
                    let table = work.tree.table_of(leaf);
                    let paid_key = (search.key_potential(potential, 1), layer + 1, table);
                    match search.by_leaf.of(leaf).get(i as usize) {
                        Some(partition) if self.unused.has(paid_key) => {
                            let to = (!at(&search.is_listed, partition as usize))
                                .then(|| {
                                    let key = (potential, layer);
                                    self.next_leaf(work, search, (partition, leaf), key, scope)
                                })
                                .flatten();
                            let step = to.map(|to| PathArc::Move { partition, from: leaf, to });
                            (step, NextArc::Kept(i + 1))
                        }
                        _ => (None, NextArc::End),
                    }
                }
                NextArc::End => return None,
            };
            if step.is_some() {
                return step;
            }
            put(&mut self.cursors, here, next);
        }
    }

    /// True if a vertex is in the next layer and not exhausted.
    fn is_usable(&self, work: &Work<'_>, search: &Residual<'_>, vertex: usize, layer: u32) -> bool {
        search.layer(vertex) == Some(layer + 1)
            && work
                .tree
                .leaf(vertex)
                .map_or(!at(&self.exhausted, vertex), |leaf| self.unused.is_left(leaf))
    }

    /// A leaf of the next layer to which a replica may move.
    fn next_leaf(
        &mut self,
        work: &Work<'_>,
        search: &Residual<'_>,
        (partition, leaf): (u32, u32),
        (potential, layer): (i32, u32),
        scope: Scope,
    ) -> Option<u32> {
        if leaf != NONE && (!work.is_on(partition, leaf) || work.constraints.holds(partition, leaf))
        {
            return None;
        }
        let back = |old: &&u32| {
            **old != NONE
                && self.is_usable(work, search, work.tree.vertex(**old), layer)
                && search.can_return(work, (partition, leaf), potential, **old)
        };
        if let Some(old) = work.old_row(partition).iter().find(back) {
            return Some(*old);
        }
        let move_cost = scope.move_cost(work, partition, leaf)?;
        let table = work.constraints.rules.table_of(partition);
        let key = (search.key_potential(potential, move_cost), layer + 1, table);
        self.unused.first(work, (partition, leaf), key)
    }
}

/// Where a path begins.
#[derive(Clone, Copy, Debug)]
enum PathStart {
    /// At a leaf above its target.
    Leaf(u32),
    /// With an unplaced replica of this partition.
    Row(u32),
}
