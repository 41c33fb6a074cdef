//! Shortest augmenting paths.

use super::path::{Step, apart, joined};
use super::residual::{Residual, Scope};
use crate::partition::cells::put;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

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
/// *Network Flows*, 1993, sections 9.7 and 9.8.
impl Residual<'_> {
    /// Shortest paths along flat arcs that have no leaf, domain or partition in common; none if
    /// there is none. O(n + R·levels·log n for each replica in the scope).
    pub(super) fn paths(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
    ) -> Vec<Vec<Step>> {
        if let Ends::Balance(_) = ends {
            let paths = self.explore(work, targets, quotas, ends, scope, true);
            if !paths.is_empty() {
                return paths;
            }
        }
        self.explore(work, targets, quotas, ends, scope, false)
    }

    /// The same. If `shared`, the beginnings share the leaves out among themselves, so that one
    /// does not claim them all: there are many paths then, or none though there are some.
    fn explore(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
        shared: bool,
    ) -> Vec<Vec<Step>> {
        self.clear();
        self.claims.clear();
        let most = match ends {
            Ends::Balance(without) => self.begin_all(work, targets, without, shared),
            Ends::Between { from, except, .. } => {
                self.except = except;
                self.begin(work, from);
                1
            }
        };
        if let Ends::Balance(without) = ends {
            for (partition, root) in without.iter().zip(work.tree.vertices() as u32..) {
                self.expand_replica(work, *partition, NONE, (0, NONE, root), scope);
            }
        }
        let is_end = |leaf: u32| match ends {
            Ends::Balance(_) => work.lack(targets, leaf) > 0,
            Ends::Between { to, .. } => leaf == to,
        };
        let (mut found, mut next) = (Vec::new(), 0);
        while let Some(vertex) = self.queue.get(next).copied() {
            next += 1;
            if work.tree.leaf(vertex as usize).is_some_and(is_end) {
                found.push(vertex);
                if found.len() >= most {
                    break;
                }
            } else {
                self.expand(work, targets, quotas, vertex, scope);
            }
        }
        let plain = self.is_plain();
        let paths = found.iter().map(|vertex| joined(work, self.steps(work, *vertex), plain));
        apart(work, targets, paths)
    }

    /// The beginnings of paths to balance, and the most paths that there can be.
    fn begin_all(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        without: &[u32],
        shared: bool,
    ) -> usize {
        let leaves = 0..work.tree.leaves() as u32;
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
        self.look(2 * work.tree.leaves() as u64);
        units.min(leaves.filter(|leaf| work.lack(targets, *leaf) > 0).count())
    }

    /// True if any path leads to balance, whatever it costs. O(n + the places).
    pub(super) fn leads_on(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        without: &[u32],
    ) -> bool {
        self.set_plain(work, true);
        let ends = Ends::Balance(without);
        let paths = self.explore(work, targets, quotas, ends, Scope::All, false);
        self.set_plain(work, false);
        !paths.is_empty()
    }

    /// True if a replica that goes back, from one leaf to another, closes a cycle with every path
    /// that leads from there to here.
    pub(super) fn closes(&self, work: &Work<'_>, from: u32, to: u32) -> bool {
        let potential = |leaf| self.potential(work.tree.vertex(leaf));
        !self.is_plain() && potential(from) - potential(to) == 1
    }
}
