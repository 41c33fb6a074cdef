//! Potentials: the proof of minimum movement, maintained during the search.

use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// A potential π for every vertex, and the distance D. The invariant: no arc a → b of the residual
/// network costs less than π(b) − π(a).
///
/// # Why every step keeps the invariant, and why there is an end
///
/// An arc is *flat* if it costs exactly π(b) − π(a). Searches follow flat arcs only.
///
/// 1. At the start π and D are 0, and no arc has a negative cost ([`start`](super::start)).
/// 2. Sources (leaves above their target, and unplaced replicas) have potential 0, sinks (leaves
///    below their target) have D. So a path of flat arcs from a source to a sink costs D. Every
///    path between them costs at least π(end) − π(start) = D, so this path is a shortest one.
/// 3. Applying a path replaces its arcs with their reverses, which cost π(a) − π(b) and are flat as
///    well. All other arcs stay as they were, for this reason: the partitions' own sides of the
///    network have potentials too, namely at each of their vertices the minimum of π(a) + cost over
///    the ways there from a leaf a. No arc of a side costs less than its difference either, and a
///    legal move along a flat arc crosses only flat arcs of the side. So the invariant still holds
///    after a path, and after a cycle of cost 0.
///
///    Each path is applied before the next one is searched
///    ([`Blocking`](super::blocking::Blocking)). Paths that are found together must not be applied
///    one after the other: the second may start where the first used up the surplus, or need the
///    place or the partition that the first took.
/// 4. If the search reaches no sink, π rises by one at all vertices it did not reach, and so does
///    D. Arcs from a reached vertex to an unreached one were not flat, so they cost at least one
///    more than π(b) − π(a); the difference of every other arc stays or falls. Sources were reached
///    and stay at 0; sinks were not reached and stay at D.
///
/// A search reaches each vertex at most once, so it ends, whatever π is. With every step the pair
/// (leaves + 1 − D, total deficit) falls: a path lowers the second, a rise of D lowers the first,
/// and no step raises either. D is at most the number of leaves, because it is the cost of a path
/// that meets no leaf twice.
///
/// So at most (total deficit) + (leaves + 1) searches in the scope of all partitions are needed,
/// and as many in a narrower scope; [`augment`](super::augment::augment) counts them. If D exceeded
/// the number of leaves, or a further search were needed, this argument would have a bug. Debug
/// builds then panic; release builds finish the plan without regard to costs. It is then balanced
/// and legal, but its certificate proves fewer moves than it makes.
///
/// If all moves crossed flat arcs, π is a tight dual solution: the bound that
/// [`Certificate`](crate::partition::Certificate) computes from it equals the movement.
#[derive(Clone, Debug)]
pub(super) struct Potentials {
    pub(super) of: Vec<i32>,
    pub(super) distance: i32,
}

impl Potentials {
    /// The potentials at the start.
    pub(super) fn zero(work: &Work<'_>) -> Self {
        Self { of: vec![0; work.tree.vertices()], distance: 0 }
    }

    /// The potentials after a first search in rows where no replica could return: that search
    /// would follow only arcs of the tree. O(n).
    pub(super) fn beside_tree(work: &Work<'_>, targets: &[u64], quotas: &Quotas) -> Self {
        let tree = work.tree;
        let over = |leaf: &u32| work.surplus(targets, *leaf) > 0;
        let over = (0..tree.leaves() as u32).filter(over);
        let mut open: Vec<usize> = over.map(|leaf| tree.vertex(leaf)).collect();
        let mut of = vec![1; tree.vertices()];
        while let Some(vertex) = open.pop() {
            if at(&of, vertex) == 0 {
                continue;
            }
            put(&mut of, vertex, 0);
            if at(targets, vertex) < at(&quotas.ceils, vertex) {
                open.extend(tree.parent(vertex));
            }
            let lowered = |child: &usize| at(targets, *child) > at(&quotas.floors, *child);
            let children = tree.children(vertex).iter().map(|child| *child as usize);
            open.extend(children.filter(lowered));
        }
        Self { of, distance: 1 }
    }

    /// Raises the potentials of the vertices that a search did not reach, and the distance, by one.
    pub(super) fn raise(&mut self, reached: impl Fn(usize) -> bool) {
        for (vertex, potential) in self.of.iter_mut().enumerate() {
            if !reached(vertex) {
                *potential += 1;
            }
        }
        self.distance += 1;
    }

    /// The potentials as a certificate stores them, shifted to 0 at the sinks.
    pub(super) fn into_certificate(mut self) -> Vec<i32> {
        self.of.iter_mut().for_each(|potential| *potential -= self.distance);
        self.of
    }
}
