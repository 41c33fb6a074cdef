//! The exact difference of two circles, interval of hashes by interval.

use super::changed_moves::Pass;
use super::circles::{CircleSide, Circles};
use super::ends::{Ends, len};
use super::held::on_circle;
use super::loads::Loads;
use super::pairs::{Pairs, Sums};
use super::parts::Ratio;
use super::windows::Lists;
use crate::circle::Rule;
use crate::placement::OnCircle;
use crate::topology::Members;

impl<'a> Circles<'a> {
    /// The number of hashes that move, summed over the replicas. O(points · R²), or that of
    /// [`by_changed_points`](Self::by_changed_points).
    pub(super) fn moved(&self, before: &Members, after: &Members) -> u128 {
        let enough = self.replicas <= self.old.live.min(self.new.live);
        let few: Option<fn(&Self) -> u128> = match self.replicas {
            1 if enough => Some(Self::moved_of_few::<1>),
            2 if enough => Some(Self::moved_of_few::<2>),
            3 if enough => Some(Self::moved_of_few::<3>),
            4 if enough => Some(Self::moved_of_few::<4>),
            5 if enough => Some(Self::moved_of_few::<5>),
            _ => None,
        };
        let pass = if few.is_some() { Pass::Sums } else { Pass::Lists };
        if let Some(moves) = self.by_changed_points(before, after, pass) {
            return moves.into_iter().map(|(range, _)| len(range)).sum();
        }
        if let Some(moved) = few {
            return moved(self);
        }
        let mut sum = 0;
        self.for_each(|hashes, ends| sum += hashes * ends.len() as u128);
        sum
    }

    /// Visits the intervals in which a replica moves, in order: the length of each and its moves.
    pub(super) fn for_each(&self, mut visit: impl FnMut(u128, &[Ends])) {
        let mut lists = Lists::new(self);
        for interval in self.sweep() {
            lists.go_to(interval.old, interval.new);
            if !lists.ends.is_empty() {
                visit(interval.len(), &lists.ends);
            }
        }
    }

    /// The number of hashes that move between each pair of nodes, each pair once. O(points) plus a
    /// sort of the pairs; memory proportional to the pairs.
    pub(super) fn matrix(&self, before: &Members, after: &Members) -> Sums {
        let mut pairs = Pairs::default();
        if let Some(moves) = self.by_changed_points(before, after, Pass::Lists) {
            for (range, ends) in moves {
                pairs.add(ends, len(range));
            }
        } else {
            self.for_each(|hashes, all| {
                for ends in all {
                    pairs.add(*ends, hashes);
                }
            });
        }
        pairs.into_sums()
    }

    /// The minimum movement from the shares before to the shares after, for these numbers of replicas of a
    /// key. O(points), or that of [`by_changed_points`](Self::by_changed_points) plus O(nodes).
    pub(super) fn minimum(&self, before: &Members, after: &Members, held: (u128, u128)) -> Ratio {
        let alike = held.0 == held.1;
        let moves = alike.then(|| self.by_changed_points(before, after, Pass::Lists)).flatten();
        let Some(moves) = moves else { return self.loads().minimum(held) };
        // What stays is the same on both sides.
        let mut loads = Loads::new(self.union.nodes.len());
        for (range, (from, to)) in moves {
            if let Some(from) = from {
                loads.add_before(from, len(range));
            }
            if let Some(to) = to {
                loads.add_after(to, len(range));
            }
        }
        loads.minimum(held)
    }

    /// The load of each node before and after.
    pub(super) fn loads(&self) -> Loads {
        let mut loads = Loads::new(self.union.nodes.len());
        let of = |side: CircleSide<'a>, slots: usize| {
            let CircleSide { circle, live, sequence } = side;
            let view = OnCircle { circle, rule: Rule::FirstAtOrAfter, live, sequence };
            on_circle(&view, slots, self.replicas)
        };
        // Free slots map to an arbitrary place; their load is 0.
        let (old, new) = (&self.union.old, &self.union.new);
        for (place, hashes) in old.iter().zip(of(self.old, old.len())) {
            loads.add_before(*place, hashes);
        }
        for (place, hashes) in new.iter().zip(of(self.new, new.len())) {
            loads.add_after(*place, hashes);
        }
        loads
    }
}
