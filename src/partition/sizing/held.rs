//! The size that each node holds.

use super::super::cells::{add, at, put, take};
use super::super::problem::Problem;
use super::super::table::PartitionTable;
use super::super::tree::NONE;
use super::given::PartitionSizes;
use super::ratio::{self, Ratio, TOLERANCE};
use crate::node::NodeIdx;
use alloc::vec;
use alloc::vec::Vec;

/// The size of each leaf beside its quota, and the greatest ratio that exchanges may lead to.
#[derive(Clone, Debug)]
pub(in super::super) struct HeldSizes {
    pub(super) sizes: PartitionSizes,
    /// Quotas of the leaves in units of 2^-34 replicas.
    pub(super) quotas: Vec<u64>,
    held: Vec<u64>,
    /// The size of all replicas over all quotas: the ratio of a node that holds its fair size.
    pub(super) fair: Ratio,
    max: Ratio,
}

impl HeldSizes {
    /// The sizes in these rows of leaves, with the greatest ratio of them as the limit. O(P·R + n).
    pub(in super::super) fn new(
        problem: &Problem<'_>,
        sizes: &PartitionSizes,
        rows: &[u32],
    ) -> Self {
        let mut held = vec![0; problem.tree.leaves()];
        let mut total = 0_u64;
        for partition in 0..problem.config.partitions() {
            let size = sizes.of(partition);
            let row = rows.get(problem.sizes.places(partition)).unwrap_or_default();
            for leaf in row.iter().filter(|leaf| **leaf != NONE) {
                add(&mut held, *leaf as usize, size);
                total += size;
            }
        }
        let quotas = ratio::quotas(&problem.quotas);
        let fair = Ratio::new(total, quotas.iter().sum());
        let mut held = Self { sizes: sizes.clone(), quotas, held, fair, max: fair };
        held.set_max();
        held
    }

    /// The greatest ratio in a table of any origin, as a multiple of the fair one, in floating point.
    /// `leaf` finds the leaf of a slot.
    pub(super) fn over_fair(
        mut self,
        table: &PartitionTable,
        leaf: impl Fn(NodeIdx) -> Option<u32>,
    ) -> f64 {
        let mut total = 0_u64;
        self.held.fill(0);
        for partition in 0..table.partitions() {
            let size = self.sizes.of(partition);
            for leaf in table.row(partition).filter_map(&leaf) {
                total = total.saturating_add(size);
                let held = self.held(leaf).saturating_add(size);
                put(&mut self.held, leaf as usize, held);
            }
        }
        self.greatest().over(Ratio::new(total, self.fair.quota))
    }

    /// The greatest ratio of all leaves.
    pub(super) fn greatest(&self) -> Ratio {
        let ratios = (0..self.held.len() as u32).map(|leaf| self.ratio(leaf));
        ratios.fold(Ratio::default(), Ratio::max)
    }

    /// Limits later exchanges to the greatest ratio at present, or to one that is even enough.
    pub(super) fn set_max(&mut self) {
        let Ratio { size, quota } = self.fair;
        self.max = self.greatest().max(Ratio::new(size.saturating_add(size >> TOLERANCE), quota));
    }

    /// True if no leaf exceeds the limit of other sizes.
    pub(in super::super) fn is_within(&self, limit: &Self) -> bool {
        !self.greatest().exceeds(limit.max)
    }

    #[inline]
    pub(super) fn held(&self, leaf: u32) -> u64 {
        at(&self.held, leaf as usize)
    }

    #[inline]
    pub(super) fn quota(&self, leaf: u32) -> u64 {
        at(&self.quotas, leaf as usize)
    }

    #[inline]
    pub(super) fn ratio(&self, leaf: u32) -> Ratio {
        Ratio::new(self.held(leaf), self.quota(leaf))
    }

    /// The ratio of a leaf that gives one size and takes another.
    #[inline]
    pub(super) fn after(&self, leaf: u32, gives: u64, takes: u64) -> Ratio {
        let held = self.held(leaf).saturating_sub(gives).saturating_add(takes);
        Ratio::new(held, self.quota(leaf))
    }

    /// A replica of a partition moves; `NONE` for one that is placed or removed.
    #[inline]
    pub(in super::super) fn put(&mut self, partition: u32, from: u32, to: u32) {
        let size = self.sizes.of(partition);
        if from != NONE {
            take(&mut self.held, from as usize, size);
        }
        if to != NONE {
            add(&mut self.held, to as usize, size);
        }
    }

    /// True if `p` can exchange x for y and `q` y for x, and neither leaf then exceeds the limit.
    pub(in super::super) fn allows(&self, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        let (p, q) = (self.sizes.of(p), self.sizes.of(q));
        let (of_x, of_y) = (self.after(x, p, q), self.after(y, q, p));
        p == q || !(of_x.exceeds(self.max) || of_y.exceeds(self.max))
    }
}
