//! All paths of one length that a search found, one after the other.

use super::path::{PathArc, Scope, joined};
use super::residual::{Residual, apply};
use super::unreached::UnreachedLeaves;
use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// Which arcs of a vertex come next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum NextArc {
    /// To the parent, or to a child.
    #[default]
    Parent,
    Child(u32),
    /// Of a replica on a list of the residual network.
    Displaced(u32),
    /// Of a replica that is where it was.
    Kept(u32),
    End,
}

/// A blocking flow in the layers of a search: every arc leads from one layer to the next, and what
/// was found to lead nowhere is not gone to again. (E. A. Dinic, *Algorithm for solution of a
/// problem of maximum flow in networks with power estimation*, 1970.)
///
/// Each path is gone before the next one is looked for, so it is a path of the network as it is
/// then, move by move; what a change makes possible beside that, the next search finds. A vertex is
/// left for good when its arcs are used up, so all paths together take one look at each arc and
/// their own length.
#[derive(Debug)]
pub(super) struct Blocking {
    unused: UnreachedLeaves,
    cursors: Vec<NextArc>,
    exhausted: Vec<bool>,
    last: u32,
}

impl Blocking {
    pub(super) fn new(work: &Work<'_>) -> Self {
        let vertices = work.tree.vertices();
        let (cursors, exhausted) = (vec![NextArc::Parent; vertices], vec![false; vertices]);
        Self { unused: UnreachedLeaves::new(work), cursors, exhausted, last: 0 }
    }

    /// Goes all paths of `last` arcs there are. The number of them.
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

    /// Takes up the layers of a search. The leaves that paths begin at.
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
                unused.push(((search.potential(vertex), layer), leaf));
            }
        }
        self.unused.order(unused.into_iter());
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
                    self.onward(work, (targets, quotas), search, (*here, layer), scope)
                }
                (None, PathStart::Row(partition)) => {
                    let to = self.forward(work, search, (partition, NONE), (0, 0), scope);
                    to.map(|to| PathArc::Move { partition, from: NONE, to })
                }
                (None, PathStart::Leaf(_)) => None,
            };
            let Some(step) = step else {
                let Some(vertex) = stack.pop() else { return false };
                self.bury(work, vertex);
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
                    self.bury(work, to);
                }
                return true;
            }
        }
    }

    fn bury(&mut self, work: &Work<'_>, vertex: usize) {
        match work.tree.leaf(vertex) {
            Some(leaf) => self.unused.remove(leaf),
            None => put(&mut self.exhausted, vertex, true),
        }
    }

    /// The next arc of a vertex that leads on.
    fn onward(
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
                        let to = self.forward(
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
                    let dear = (search.key_potential(potential, 1), layer + 1);
                    match search.by_leaf.of(leaf).get(i as usize) {
                        Some(partition) if self.unused.has(dear) => {
                            let to = (!at(&search.is_listed, partition as usize))
                                .then(|| {
                                    let key = (potential, layer);
                                    self.forward(work, search, (partition, leaf), key, scope)
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

    /// True if a vertex stands in the next layer and is not used up.
    fn is_usable(&self, work: &Work<'_>, search: &Residual<'_>, vertex: usize, layer: u32) -> bool {
        search.layer(vertex) == Some(layer + 1)
            && work
                .tree
                .leaf(vertex)
                .map_or(!at(&self.exhausted, vertex), |leaf| self.unused.is_left(leaf))
    }

    /// Where a replica may go that is in the next layer.
    fn forward(
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
        let key = (search.key_potential(potential, move_cost), layer + 1);
        self.unused.first(work, (partition, leaf), key)
    }
}

/// Where a path begins.
#[derive(Clone, Copy, Debug)]
enum PathStart {
    /// At a leaf above its target.
    Leaf(u32),
    /// With a replica of this partition that has no place.
    Row(u32),
}
