//! Potentials: the proof, kept along the way, that nothing moves without need.

use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// A number π for every vertex under which no arc a → b of the residual network costs less than
/// π(b) − π(a), and the distance D.
///
/// # Why every step keeps that, and why there is an end
///
/// An arc is *flat* if it costs π(b) − π(a), and every search goes along flat arcs alone.
///
/// 1. In the beginning π and D are 0, and no arc costs less than nothing ([`start`](super::start)).
/// 2. Whatever is above its target, and replicas without a place, are at 0; whatever is below its
///    target is at D. So a path of flat arcs from the one to the other costs D, and as every path
///    costs at least π(end) − π(beginning) = D, it is a shortest one.
/// 3. A change along flat arcs replaces them with their reverses, which cost π(a) − π(b): flat as
///    well. The partitions' own sides of the network have potentials with them: at each vertex of a
///    side the least π(a) + cost of the way there from a leaf a. Under these too no arc costs less
///    than it gains, and a legal move along a flat arc crosses flat arcs of the side alone. So a
///    change leaves all other arcs as they were, and (1) still holds: after a path, and after a
///    cycle that costs nothing. Each path is gone before the next one is looked for
///    ([`Blocking`](super::blocking::Blocking)). Paths found together and gone one after the other
///    would not do: the second may begin where the first used up the surplus, or need the place or
///    the partition that the first took.
/// 4. If the search ends and reached no vertex below its target, π rises by one at all vertices it
///    did not reach, and so does D. Arcs from what was reached to what was not were not flat, so
///    they cost at least one more than π(b) − π(a); other arcs keep their difference or gain.
///    What is above its target was reached and stays at 0; what is below was not and stays at D.
///
/// A search reaches each vertex once, so it ends, whatever π is. What falls with every step is the
/// pair (leaves + 1 − D, what is lacking): a path lowers the second, a rise of D the first, and no
/// step raises either. D is at most the number of leaves, for it is what a path costs that meets no
/// leaf twice. So (what is lacking) + (leaves + 1) searches in the scope of all partitions find
/// everything, and as many in a narrower one; [`augment`](super::augment::augment) counts them.
/// That D passes the number of leaves, or a search more is needed, would be a slip in the above,
/// and debug builds say so. Others finish the plan without regard to costs: it is balanced and
/// legal, and its certificate proves less than it moves.
///
/// Where all replicas that were moved crossed flat arcs, π is a dual solution that is tight: what
/// [`Certificate`](crate::partition::Certificate) computes from it is the movement.
#[derive(Clone, Debug)]
pub(super) struct Potentials {
    pub(super) of: Vec<i32>,
    pub(super) distance: i32,
}

impl Potentials {
    /// Those of the beginning.
    pub(super) fn zero(work: &Work<'_>) -> Self {
        Self { of: vec![0; work.tree.vertices()], distance: 0 }
    }

    /// Those after the first search, where nothing could go back to where it was: that search would
    /// have met no arc but those of the tree. O(n).
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

    /// One more at every vertex that a search did not reach, and for the distance.
    pub(super) fn raise(&mut self, reached: impl Fn(usize) -> bool) {
        for (vertex, potential) in self.of.iter_mut().enumerate() {
            if !reached(vertex) {
                *potential += 1;
            }
        }
        self.distance += 1;
    }

    /// As a certificate has them: 0 where something was lacking.
    pub(super) fn into_certificate(mut self) -> Vec<i32> {
        self.of.iter_mut().for_each(|potential| *potential -= self.distance);
        self.of
    }
}
