//! A proof that no table moves less.

use super::cells::at;
use super::domain_counts::DomainCounts;
use super::quota::Quotas;
use super::tree::{NONE, Tree};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// A dual solution: a potential for every node and failure domain, from which anybody can compute a
/// bound that the movement of no balanced table is below.
///
/// With π the potentials, z(v) = π(v) − π(parent of v), and keep(p, v) = 1 if node v held partition
/// p before and 0 otherwise, every table under the limits S (the set of holders of p is S(p)) in
/// which each node and domain v holds n(v), floor(v) ≤ n(v) ≤ ceil(v), keeps in place
///
/// ```text
/// Σ_p Σ_{v in S(p)} keep(p, v)
///   =  Σ_p Σ_{v in S(p)} (keep(p, v) + π(v))  −  Σ_nodes n(v)·π(v)
///   =  Σ_p Σ_{v in S(p)} (keep(p, v) + π(v))  −  Σ_{v ≠ root} n(v)·z(v)  −  P·R·π(root)
///   ≤  Σ_p max_S Σ_{v in S} (keep(p, v) + π(v))
///      −  Σ_{v ≠ root} (floor(v)·z(v) if z(v) > 0, else ceil(v)·z(v))  −  P·R·π(root)
/// ```
///
/// replicas, whatever the potentials are: n(v) is the sum over the nodes below v, so π(v) is the sum
/// of z along v's path and π(root). Bad potentials prove less, never more than is true; those of a
/// [`Planner`](crate::Planner) prove that its movement is the least, for every plan (linear programming duality;
/// R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993, chapter 9).
///
/// See [`Planner::verify`](crate::Planner::verify). The empty certificate, which is the default,
/// stands for potentials of 0; what it proves follows from the limits and the nodes that are gone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Certificate {
    potentials: Vec<i32>,
}

impl Certificate {
    pub(super) fn fresh() -> Self {
        Self::default()
    }

    pub(super) fn new(_tree: &Tree, potentials: &[i32]) -> Self {
        Self { potentials: potentials.to_vec() }
    }

    /// A certificate of these potentials, in the order of [`potentials`](Self::potentials).
    #[must_use]
    pub fn from_potentials(potentials: Vec<i32>) -> Self {
        Self { potentials }
    }

    /// The potentials: of the whole cluster, of the failure domains in depth-first order, of the
    /// nodes in the same order. Domains are in order of their names, and nodes of one domain in order of
    /// their labels, so the list does not depend on slots. [`Planner::potential`] finds a node's.
    ///
    /// [`Planner::potential`]: crate::Planner::potential
    #[must_use]
    pub fn potentials(&self) -> &[i32] {
        &self.potentials
    }
}

/// The sum of the bound above, partition by partition.
///
/// The sets of holders that the limits allow are the bases of a laminar matroid, so the greedy
/// algorithm finds the best of them: highest value first, whatever still fits. Let B be its answer
/// for the potentials alone. When the values of a set K rise (what a partition held), B ∪ K holds a
/// best set: a leaf e outside was refused because leaves of B that precede it span it. Their values
/// rise or stay, e's stays, so they still precede it, and e is refused again. A partition's pins T
/// are chosen first, and what is spanned without T is spanned with it, so B ∪ K ∪ T is enough then.
/// So a partition costs O(R·levels), not O(n).
#[derive(Debug)]
pub(super) struct Dual<'a> {
    tree: &'a Tree,
    potentials: &'a [i32],
    replicas: usize,
    tally: DomainCounts<'a>,
    /// B, dearest first.
    basis: Vec<(i64, u32)>,
    /// K with its values, dearest first.
    before: Vec<(i64, u32)>,
    sum: i128,
}

impl<'a> Dual<'a> {
    /// O(n log n).
    pub(super) fn new(tree: &'a Tree, certificate: &'a Certificate, replicas: u32) -> Self {
        let mut dual = Self {
            tree,
            potentials: &certificate.potentials,
            replicas: replicas as usize,
            tally: DomainCounts::new(tree),
            basis: Vec::new(),
            before: Vec::new(),
            sum: 0,
        };
        let live = |leaf: &u32| at(&tree.weights, *leaf as usize) > 0;
        let mut leaves: Vec<(i64, u32)> = (0..tree.leaves() as u32)
            .filter(live)
            .map(|leaf| (dual.potential(tree.vertex(leaf)), leaf))
            .collect();
        leaves.sort_unstable_by_key(|(value, leaf)| (Reverse(*value), *leaf));
        for (value, leaf) in leaves {
            if dual.basis.len() < dual.replicas && dual.tally.admits(leaf) {
                dual.tally.add(leaf);
                dual.basis.push((value, leaf));
            }
        }
        dual
    }

    /// 0 everywhere in the empty certificate.
    #[inline]
    fn potential(&self, vertex: usize) -> i64 {
        self.potentials.get(vertex).copied().unwrap_or(0).into()
    }

    #[inline]
    fn value(&self, leaf: u32, before: &[u32]) -> i64 {
        self.potential(self.tree.vertex(leaf)) + i64::from(before.contains(&leaf))
    }

    /// A partition that had replicas on the leaves `before` (`NONE`: none that is live) and has to
    /// have some on `pins`. `legal`: these leaves are R, may be its holders, and have the pins.
    #[inline]
    pub(super) fn free(&mut self, before: &[u32], pins: &[u32], legal: bool) {
        if legal && self.is_best_row(before) {
            // The greedy algorithm would take them one after the other.
            return self.frozen(before);
        }
        self.tally.clear();
        let mut sum = 0;
        let mut remaining = self.replicas;
        for leaf in pins {
            self.tally.add(*leaf);
            sum += self.value(*leaf, before);
            remaining = remaining.saturating_sub(1);
        }
        self.before.clear();
        for leaf in before.iter().filter(|leaf| **leaf != NONE) {
            let value = self.potential(self.tree.vertex(*leaf)) + 1;
            self.before.push((value, *leaf));
        }
        self.before.sort_unstable_by_key(|(value, leaf)| (Reverse(*value), *leaf));
        let (mut raised, mut plain) = (self.before.iter().peekable(), self.basis.iter().peekable());
        while remaining > 0 {
            // A leaf of both lists is worth more in the first, and refused in the second.
            let first = match (raised.peek(), plain.peek()) {
                (Some((a, _)), Some((b, _))) => a >= b,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let next = if first { raised.next() } else { plain.next() };
            let Some((value, leaf)) = next.copied() else { break };
            if self.tally.admits(leaf) {
                self.tally.add(leaf);
                sum += value;
                remaining -= 1;
            }
        }
        self.sum += i128::from(sum);
    }

    /// True if no other leaf has a greater value than these had.
    #[inline]
    fn is_best_row(&self, before: &[u32]) -> bool {
        let best = self.basis.first().map_or(i64::MIN, |(value, _)| *value);
        before.iter().all(|leaf| self.potential(self.tree.vertex(*leaf)) + 1 >= best)
    }

    /// A partition that has to stay on the leaves where it is.
    pub(super) fn frozen(&mut self, before: &[u32]) {
        let values = before.iter().map(|leaf| self.potential(self.tree.vertex(*leaf)) + 1);
        self.sum += i128::from(values.sum::<i64>());
    }

    /// After all partitions: the most replicas that can stay where they are. O(n).
    pub(super) fn max_kept(&self, quotas: &Quotas, partitions: u32) -> i128 {
        let root = self.potential(0);
        let mut max_kept = self.sum;
        for vertex in 1..self.tree.vertices() {
            let above = self.tree.parent(vertex).map_or(root, |parent| self.potential(parent));
            let z = i128::from(self.potential(vertex) - above);
            let held = if z > 0 { &quotas.floors } else { &quotas.ceils };
            max_kept -= z * i128::from(at(held, vertex));
        }
        max_kept - i128::from(root) * i128::from(partitions) * self.replicas as i128
    }
}
