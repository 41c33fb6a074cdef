//! A schedule: rounds of transfers.

use super::cells::{add, at, put};
use super::graph::Numbers;
use super::limits::NodeLimits;
use super::optimality::Optimality;
use super::rounds::Rounds;
use alloc::vec;
use alloc::vec::Vec;

/// Transfers in rounds, in as few rounds as the limits of the nodes allow.
///
/// The transfers of a round run at the same time; a round begins when the one before it has ended.
/// In no round does a node send or receive more than its [`Limits`](super::Limits), and no round has
/// two transfers of the same unit. A transfer without a source counts for its receiver alone.
///
/// Transfers are known by their positions in the migration's list. The same transfers and limits
/// give the same schedule, on every target.
///
/// # How few rounds
/// A node that sends d transfers, s at a time, needs ⌈d / s⌉ rounds, and so on; a unit with q
/// transfers needs q. The maximum of these is the [`bound`](Self::bound), and it is met whenever no
/// unit has several transfers and sends and receives have separate limits.
/// [`optimality`](Self::optimality) says what is known otherwise.
///
/// # Complexity
/// O(m + n) memory for m transfers and n nodes, however many rounds there are. Each transfer walks a
/// constant number of alternating paths. A path is a few transfers long as a rule; at worst it has as
/// many as all limits add up to, and never more than m. A unit with q transfers costs O(q²) besides,
/// and each conflict within a unit tries up to 256 paths, a bounded number of times.
///
/// # Source
/// D. Kőnig, "Über Graphen und ihre Anwendung auf Determinantentheorie und Mengenlehre",
/// Mathematische Annalen 77, 1916: a bipartite multigraph has an edge colouring in as many colours as
/// its maximum degree, by alternating paths. Capacities and even joint limits: S. L. Hakimi,
/// O. Kariv, "A generalization of edge-coloring in graphs", Journal of Graph Theory 10, 1986. Odd
/// joint limits: C. E. Shannon, "A theorem on coloring the lines of a network", Journal of Mathematics
/// and Physics 28, 1949.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    round_of: Vec<u32>,
    /// The transfers round by round, ascending within a round.
    order: Vec<u32>,
    /// Where each round begins in `order`, and the end of the last.
    starts: Vec<u32>,
    bound: u32,
    guarantee: Optimality,
    extra_unit: Option<u32>,
}

impl Schedule {
    /// The schedule of transfers, each with the number of its unit, of its source and of its
    /// destination.
    pub(crate) fn of(transfers: &[Numbers], limits: &NodeLimits) -> Self {
        let Rounds { round_of, number, bound, guarantee, forcing } =
            Rounds::new(transfers, &limits.0);
        let unit = |transfer: u32| transfers.get(transfer as usize).map(|(unit, ..)| *unit);
        let extra_unit = forcing.and_then(unit);
        Self::of_rounds(round_of, number, bound, guarantee, extra_unit)
    }

    /// The schedule of transfers whose rounds are known, each below `number`.
    pub(super) fn of_rounds(
        round_of: Vec<u32>,
        number: u32,
        bound: u32,
        guarantee: Optimality,
        extra_unit: Option<u32>,
    ) -> Self {
        let mut starts = vec![0; number as usize + 1];
        for round in &round_of {
            add(&mut starts, round + 1, 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut order = vec![0; round_of.len()];
        for (transfer, round) in (0..).zip(&round_of) {
            put(&mut order, at(&next, *round), transfer);
            add(&mut next, *round, 1);
        }
        Self { round_of, order, starts, bound, guarantee, extra_unit }
    }

    /// The rounds of all transfers.
    pub(in super::super) fn rounds_of(&self) -> &[u32] {
        &self.round_of
    }

    /// The number of rounds, 0 if there is no transfer.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.starts.len().saturating_sub(1) as u32
    }

    /// The round of a transfer, counted from 0; `None` if there is no such transfer.
    #[must_use]
    pub fn round_of(&self, transfer: usize) -> Option<u32> {
        self.round_of.get(transfer).copied()
    }

    /// The transfers of a round, ascending; none if there is no such round.
    #[must_use]
    pub fn round(&self, round: u32) -> &[u32] {
        let start = self.starts.get(round as usize).copied().unwrap_or(0);
        let end = self.starts.get(round as usize + 1).copied().unwrap_or(start);
        self.order.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The rounds in their order, each with its transfers, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> + DoubleEndedIterator {
        self.starts.windows(2).map(|ends| match *ends {
            [start, end] => self.order.get(start as usize..end as usize).unwrap_or_default(),
            _ => &[],
        })
    }

    /// Rounds that no schedule does without: the maximum of ⌈transfers / limit⌉ over all nodes and
    /// limits, and of the number of transfers of a unit.
    #[must_use]
    pub fn bound(&self) -> u32 {
        self.bound
    }

    /// How many rounds there are more than the [`bound`](Self::bound).
    #[must_use]
    pub fn extra(&self) -> u32 {
        self.rounds().saturating_sub(self.bound)
    }

    /// The number of a unit whose transfers found no different rounds within the bound; `None` if
    /// there is no extra round, or if odd joint limits alone are the reason.
    #[must_use]
    pub fn extra_unit(&self) -> Option<usize> {
        self.extra_unit.map(|unit| unit as usize)
    }

    /// What is known about the number of rounds.
    #[must_use]
    pub fn optimality(&self) -> Optimality {
        self.guarantee
    }
}
