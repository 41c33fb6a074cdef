//! Shortest augmenting paths.

use super::path::{Step, apart, joined};
use super::residual::{FAR, Residual, Scope};
use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Where paths begin and end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends<'a> {
    /// At a leaf above its target or one of these partitions' replicas without a place; at a leaf
    /// below its target.
    Balance(&'a [u32]),
    /// At one leaf and another, through all partitions but one.
    Between { from: u32, to: u32, except: u32 },
}

/// Successive shortest paths keep a flow of minimum cost: R. K. Ahuja, T. L. Magnanti, J. B. Orlin,
/// *Network Flows*, 1993, section 9.7.
impl Residual<'_> {
    /// Cheapest paths that have no leaf, domain or partition in common, and their cost; none if there
    /// is none. `least` is a bound from below: paths that cost no more are taken without looking for
    /// cheaper ones. Dearer paths are looked for only to balance, in the scope of all partitions.
    pub(super) fn paths(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
        least: i32,
    ) -> (i32, Vec<Vec<Step>>) {
        let tries = match ends {
            Ends::Balance(_) if scope == Scope::Singly => &[(true, least), (false, least)][..],
            Ends::Balance(_) => &[(true, least), (false, least), (false, FAR)][..],
            Ends::Between { .. } => &[(false, least)][..],
        };
        for (shared, bound) in tries {
            self.bound = *bound;
            let (cost, paths) = self.explore(work, targets, quotas, ends, scope, *shared);
            if !paths.is_empty() {
                return (cost, paths);
            }
        }
        (FAR, Vec::new())
    }

    /// The cheapest paths within the bound. If `shared`, the beginnings share the leaves out among
    /// themselves, so that one does not claim them all: there are many paths then, or none though
    /// there are some.
    fn explore(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
        shared: bool,
    ) -> (i32, Vec<Vec<Step>>) {
        self.clear(work, FAR);
        let leaves = 0..work.tree.leaves() as u32;
        self.except = NONE;
        let most = match ends {
            Ends::Balance(without) => {
                let over: Vec<u32> =
                    leaves.clone().filter(|leaf| work.surplus(targets, *leaf) > 0).collect();
                for leaf in &over {
                    self.begin(work, *leaf);
                }
                let above = |leaf: &u32| work.surplus(targets, *leaf) as usize;
                let units = over.iter().map(above).sum::<usize>() + without.len();
                self.claims.resize(work.tree.vertices() + without.len(), usize::MAX);
                if shared {
                    let each = work.tree.leaves() / units.max(1) + 2;
                    self.claims.fill(each);
                    for leaf in &over {
                        put(&mut self.claims, work.tree.vertex(*leaf), each * above(leaf));
                    }
                }
                units.min(leaves.filter(|leaf| work.lack(targets, *leaf) > 0).count())
            }
            Ends::Between { from, except, .. } => {
                self.except = except;
                self.begin(work, from);
                1
            }
        };
        self.at_level(work, 0);
        if let Ends::Balance(without) = ends {
            for (partition, root) in without.iter().zip(work.tree.vertices() as u32..) {
                self.expand_replica(work, *partition, NONE, (0, NONE, root), scope);
            }
        }
        let is_end = |leaf: u32| match ends {
            Ends::Balance(_) => work.lack(targets, leaf) > 0,
            Ends::Between { to, .. } => leaf == to,
        };
        let (mut found, mut lowest) = (Vec::new(), FAR);
        while let Some(Reverse((cost, _, vertex))) = self.heap.pop() {
            if at(&self.costs, vertex as usize) != cost {
                continue;
            }
            // Within a bound all ends are as cheap as can be; without one, an arc may gain yet.
            if self.bound < FAR && found.len() >= most {
                break;
            }
            if work.tree.leaf(vertex as usize).is_some_and(is_end) {
                lowest = lowest.min(cost);
                found.push(vertex);
                if self.bound < FAR {
                    continue;
                }
            }
            self.expand(work, targets, quotas, vertex, cost, scope);
        }
        found.retain(|vertex| at(&self.costs, *vertex as usize) == lowest);
        let paths = found.iter().map(|vertex| joined(work, self.steps(work, *vertex)));
        (lowest, apart(work, targets, paths))
    }

    /// Potentials under which no arc of the residual network costs less than it gains: a proof that
    /// no cheaper table exists. `None` if there is none.
    pub(super) fn potentials(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
    ) -> Option<Vec<i32>> {
        self.clear(work, 0);
        (self.except, self.bound) = (NONE, FAR);
        (0..work.tree.vertices()).for_each(|vertex| self.push(0, vertex));
        let lowest = -(work.tree.vertices() as i32);
        while let Some(Reverse((cost, _, vertex))) = self.heap.pop() {
            if cost < lowest {
                return None;
            }
            if at(&self.costs, vertex as usize) == cost {
                self.expand(work, targets, quotas, vertex, cost, Scope::All);
            }
        }
        Some(self.costs.clone())
    }
}
