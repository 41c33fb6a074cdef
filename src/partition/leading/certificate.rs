//! The proof that no leadership of the same holders changes fewer leaders.

use alloc::vec::Vec;

/// A proof of the minimum number of changed leaders: a potential and a block for every node, in the
/// depth-first order of [`Certificate::potentials`](crate::partition::Certificate::potentials),
/// without the entries of failure domains.
///
/// # Why it proves quotas
/// The blocks divide the nodes. A partition belongs to the first block that has one of its holders;
/// only nodes of this block and of earlier ones hold partitions of these blocks, so together they
/// can lead no more. The quota of a node is its share by weight of the partitions of its block. If
/// leaders per weight do not fall from block to block, and leaders exist within floors and ceilings,
/// no leadership is fairer: the first block has the fewest per weight and cannot lead more, then the
/// second one, and so on.
///
/// # Why it proves a bound
/// Let y be the potentials, and let change(p, v) = 1 if p had another leader than v, which still
/// holds it, and 0 otherwise. Let each node v lead n(v) partitions with floor(v) ≤ n(v) ≤ ceil(v), and
/// let v(p) lead p. Then
///
/// ```text
/// Σ_p change(p, v(p))  =  Σ_p (change(p, v(p)) + y(v(p)))  −  Σ_v n(v)·y(v)
///                      ≥  Σ_p min over the holders v of p of (change(p, v) + y(v))
///                         −  Σ_v (ceil(v)·y(v) if y(v) > 0, else floor(v)·y(v))
/// ```
///
/// A partition whose old leader holds it no more changes its leader in any case, and is added.
///
/// [`Planner::verify_leaders`](crate::Planner::verify_leaders) computes the bound.
///
/// # Source
/// Linear programming duality: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993,
/// chapter 9; the blocks: S. Fujishige, *Lexicographically optimal base of a polymatroid with
/// respect to a weight vector*, Mathematics of Operations Research 5(2), 1980.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LeaderCertificate {
    potentials: Vec<i64>,
    blocks: Vec<u32>,
}

impl LeaderCertificate {
    /// From the potentials of a flow, of which the last is the sink's.
    pub(super) fn new(potentials: &[i64], blocks: Vec<u32>) -> Self {
        let (sink, nodes) = potentials.split_last().unwrap_or((&0, &[]));
        Self { potentials: nodes.iter().map(|potential| sink - potential).collect(), blocks }
    }

    /// Creates a certificate from potentials and blocks, one of each for every node.
    #[must_use]
    pub fn from_parts(potentials: Vec<i64>, blocks: Vec<u32>) -> Self {
        Self { potentials, blocks }
    }

    /// The potentials of the nodes.
    #[must_use]
    pub fn potentials(&self) -> &[i64] {
        &self.potentials
    }

    /// The block of each node, from 0 on. Nodes of an earlier block lead no more per weight.
    #[must_use]
    pub fn blocks(&self) -> &[u32] {
        &self.blocks
    }
}

/// The result of verifying leaders: how many changed, and how many have to change for every
/// leadership of the same holders. See
/// [`Planner::verify_leaders`](crate::Planner::verify_leaders).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct VerifiedLeaders {
    /// The number of partitions whose leader is not the old one, counted anew. 0 without an old
    /// table.
    pub moved: u64,
    /// The number of partitions whose leader has to change in every table with the same holders in
    /// which each node leads the floor or the ceiling of its quota, as far as the certificate proves
    /// it.
    pub minimum: u64,
    /// [`Plan::leaders_lower_bound`](crate::partition::Plan::leaders_lower_bound), counted anew.
    pub lower_bound: u64,
}

impl VerifiedLeaders {
    /// True if the certificate proves that no leadership of the same holders changes fewer leaders.
    #[must_use]
    pub fn optimal(&self) -> bool {
        self.moved == self.minimum
    }
}
