//! The optimality certificate: a proof that no table moves less.
//!
//! ```text
//!  planner --potentials--> Certificate --+
//!                                        +--> Dual: max replicas that any table can keep
//!  old rows, pins, quotas ---------------+        = sum over partitions of the best row's value
//!                                                 - what the quotas take back of the potentials
//!  minimum moves = P * (replicas that could stay per partition) - that maximum
//! ```

use super::cells::at;
use super::constraints::Constraints;
use super::domain_counts::DomainCounts;
use super::quota::Quotas;
use super::row_rules::RowRules;
use super::tree::{NONE, Tree};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// A proof of the minimum movement: a potential for every node and failure domain. From these,
/// anyone can compute a lower bound on the moves of every balanced table.
///
/// # Why it proves a bound
/// Let π be the potentials, z(v) = π(v) − π(parent of v), and keep(p, v) = 1 if node v held
/// partition p before and 0 otherwise. Take any table within the limits, where S(p) is the set of
/// holders of p, and each node and domain v holds n(v) replicas with floor(v) ≤ n(v) ≤ ceil(v). It
/// keeps in place
///
/// ```text
/// Σ_p Σ_{v in S(p)} keep(p, v)
///   =  Σ_p Σ_{v in S(p)} (keep(p, v) + π(v))  −  Σ_nodes n(v)·π(v)
///   =  Σ_p Σ_{v in S(p)} (keep(p, v) + π(v))  −  Σ_{v ≠ root} n(v)·z(v)  −  N·π(root)
///   ≤  Σ_p max_S Σ_{v in S} (keep(p, v) + π(v))
///      −  Σ_{v ≠ root} (floor(v)·z(v) if z(v) > 0, else ceil(v)·z(v))  −  N·π(root)
/// ```
///
/// of the N replicas of all partitions, whatever the potentials are. The second line holds because π(v) is π(root) plus the
/// sum of z along v's path, and n(v) is the sum over the nodes below v. Bad potentials prove less,
/// never more than is true. Those of a [`Planner`](crate::Planner) prove for each of its plans that
/// it moves the minimum.
///
/// [`Planner::verify`](crate::Planner::verify) computes the bound. The empty certificate, which is
/// the default, stands for potentials of 0; what it proves follows from the limits and the removed
/// nodes alone.
///
/// # Source
/// Linear programming duality: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993,
/// chapter 9.
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

    /// Creates a certificate from potentials in the order of [`potentials`](Self::potentials).
    #[must_use]
    pub fn from_potentials(potentials: Vec<i32>) -> Self {
        Self { potentials }
    }

    /// The potentials: first that of the whole cluster, then those of the failure domains in
    /// depth-first order, then those of the nodes in the same order. Domains are sorted by name and
    /// the nodes of a domain by label, so the list does not depend on slots.
    /// [`Planner::potential`] finds that of a node.
    ///
    /// [`Planner::potential`]: crate::Planner::potential
    #[must_use]
    pub fn potentials(&self) -> &[i32] {
        &self.potentials
    }
}

/// Computes the bound of a certificate, partition by partition, in O(R·levels) each.
///
/// The holder sets that the limits allow are the bases of a laminar matroid, so the greedy
/// algorithm finds the best of them: it takes leaves in order of falling value, whichever still
/// fits. The best set of fewer leaves is its beginning.
///
/// Let B be its result for the potentials alone, and let the values of a set K rise, the old
/// holders of a partition. Then B ∪ K contains a best set: a leaf e outside of it was rejected
/// because leaves of B that precede it span it. Their values stay or rise and e's value stays, so
/// they still precede e, and e is rejected again. The pins T of a partition are chosen first; what
/// is spanned without T is also spanned with it, so B ∪ K ∪ T is enough. This is why a partition
/// does not need to look at all n leaves.
#[derive(Debug)]
pub(super) struct Dual<'a> {
    tree: &'a Tree,
    potentials: &'a [i32],
    /// The largest number of replicas of a partition.
    replicas: usize,
    rules: &'a RowRules,
    tally: DomainCounts<'a>,
    /// All leaves that take something new, those of a table together, highest value first.
    leaves: Vec<(i64, u32)>,
    /// B for partitions without rules of their own, highest value first.
    basis: Vec<(i64, u32)>,
    /// B for the partitions of each class and size.
    of_classes: BTreeMap<(u32, usize), Vec<(i64, u32)>>,
    /// The leaves chosen for a row, if it has rules.
    chosen: Vec<u32>,
    /// K with its values, highest value first.
    before: Vec<(i64, u32)>,
    sum: i128,
}

impl<'a> Dual<'a> {
    /// O(n log n).
    pub(super) fn new(
        tree: &'a Tree,
        certificate: &'a Certificate,
        constraints: &'a Constraints,
        replicas: u32,
    ) -> Self {
        let mut dual = Self {
            tree,
            potentials: &certificate.potentials,
            replicas: replicas as usize,
            rules: &constraints.rules,
            tally: DomainCounts::new(tree),
            leaves: Vec::new(),
            basis: Vec::new(),
            of_classes: BTreeMap::new(),
            chosen: Vec::new(),
            before: Vec::new(),
            sum: 0,
        };
        // A leaf that takes nothing new is there only for its old partitions.
        let open =
            |leaf: &u32| at(&tree.weights, *leaf as usize) > 0 && !constraints.is_closed(*leaf);
        let mut leaves: Vec<(i64, u32)> = (0..tree.leaves() as u32)
            .filter(open)
            .map(|leaf| (dual.potential(tree.vertex(leaf)), leaf))
            .collect();
        leaves.sort_unstable_by_key(|(value, leaf)| (Reverse(*value), *leaf));
        for (value, leaf) in &leaves {
            if dual.basis.len() < dual.replicas && dual.tally.admits(*leaf) {
                dual.tally.add(*leaf);
                dual.basis.push((*value, *leaf));
            }
        }
        // Those of a table together.
        if tree.tables > 1 {
            leaves.sort_by_key(|(_, leaf)| tree.table_of(*leaf));
        }
        dual.leaves = leaves;
        dual
    }

    /// B for the partitions of a class with rows of this size. O(n).
    fn basis_of(&mut self, partition: u32, size: usize) -> Vec<(i64, u32)> {
        let mut basis: Vec<(i64, u32)> = Vec::with_capacity(size);
        self.tally.clear();
        self.chosen.clear();
        let (tree, table) = (self.tree, self.rules.table_of(partition));
        let first = self.leaves.partition_point(|(_, leaf)| tree.table_of(*leaf) < table);
        let of_table = self.leaves.iter().skip(first);
        for (value, leaf) in of_table.take_while(|(_, leaf)| tree.table_of(*leaf) == table) {
            if basis.len() == size {
                break;
            }
            if self.tally.admits(*leaf)
                && self.rules.admit(self.tree, partition, (&self.chosen, size), *leaf)
            {
                self.tally.add(*leaf);
                self.chosen.push(*leaf);
                basis.push((*value, *leaf));
            }
        }
        basis
    }

    /// The potential of a vertex; 0 in the empty certificate.
    #[inline]
    fn potential(&self, vertex: usize) -> i64 {
        self.potentials.get(vertex).copied().unwrap_or(0).into()
    }

    #[inline]
    fn value(&self, leaf: u32, before: &[u32]) -> i64 {
        self.potential(self.tree.vertex(leaf)) + i64::from(before.contains(&leaf))
    }

    /// Adds a partition of this many replicas with the old holders `before` (`NONE` for a node that is
    /// gone) and these pins. `legal` says that `before` is a row of as many leaves within the limits
    /// and rules, with all pins.
    #[inline]
    pub(super) fn free(
        &mut self,
        partition: u32,
        size: usize,
        (before, pins): (&[u32], &[u32]),
        legal: bool,
    ) {
        if legal && self.is_best_row(before) {
            // The greedy algorithm would choose exactly these leaves.
            return self.frozen(before);
        }
        let class = self.rules.number_of(partition);
        let own = class > 0;
        if own && !self.of_classes.contains_key(&(class, size)) {
            let basis = self.basis_of(partition, size);
            self.of_classes.insert((class, size), basis);
        }
        self.chosen.clear();
        self.tally.clear();
        let mut sum = 0;
        let mut remaining = size;
        for leaf in pins {
            self.tally.add(*leaf);
            self.chosen.push(*leaf);
            sum += self.value(*leaf, before);
            remaining = remaining.saturating_sub(1);
        }
        self.before.clear();
        for leaf in before.iter().filter(|leaf| **leaf != NONE) {
            let value = self.potential(self.tree.vertex(*leaf)) + 1;
            self.before.push((value, *leaf));
        }
        self.before.sort_unstable_by_key(|(value, leaf)| (Reverse(*value), *leaf));
        let basis = if own { self.of_classes.get(&(class, size)) } else { None };
        let basis = basis.unwrap_or(&self.basis);
        let (mut raised, mut plain) = (self.before.iter().peekable(), basis.iter().peekable());
        while remaining > 0 {
            // A leaf of both lists is worth more in the first one, and then rejected in the second.
            let first = match (raised.peek(), plain.peek()) {
                (Some((a, _)), Some((b, _))) => a >= b,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let next = if first { raised.next() } else { plain.next() };
            let Some((value, leaf)) = next.copied() else { break };
            if self.tally.admits(leaf)
                && (!own || self.rules.admit(self.tree, partition, (&self.chosen, size), leaf))
            {
                self.tally.add(leaf);
                if own {
                    self.chosen.push(leaf);
                }
                sum += value;
                remaining -= 1;
            }
        }
        self.sum += i128::from(sum);
    }

    /// True if no leaf has a greater value than each of these old holders.
    #[inline]
    fn is_best_row(&self, before: &[u32]) -> bool {
        let best = self.basis.first().map_or(i64::MIN, |(value, _)| *value);
        before.iter().all(|leaf| self.potential(self.tree.vertex(*leaf)) + 1 >= best)
    }

    /// Adds a partition whose holders must stay.
    pub(super) fn frozen(&mut self, before: &[u32]) {
        let values = before.iter().map(|leaf| self.potential(self.tree.vertex(*leaf)) + 1);
        self.sum += i128::from(values.sum::<i64>());
    }

    /// The maximum number of replicas that can stay, after all partitions were added. O(n).
    pub(super) fn max_kept(&self, quotas: &Quotas, replicas: u64) -> i128 {
        let root = self.potential(0);
        let mut max_kept = self.sum;
        for vertex in 1..self.tree.vertices() {
            let above = self.tree.parent(vertex).map_or(root, |parent| self.potential(parent));
            let z = i128::from(self.potential(vertex) - above);
            let bound = if z > 0 { &quotas.floors } else { &quotas.ceils };
            max_kept -= z * i128::from(at(bound, vertex));
        }
        max_kept - i128::from(root) * i128::from(replicas)
    }
}
