//! Evens the sizes of nodes by exchanging replicas between them.
//!
//! ```text
//!  x holds the most for its quota, y less; p is larger than q
//!
//!  swap      p: [.. x ..] -> [.. y ..]   q: [.. y ..] -> [.. x ..]   both are new where they are
//!  keep      p: [.. x ..] -> [.. y ..]   q: [.. y ..] -> [.. x ..]   q had left x: x keeps it and
//!                                                                    gives p instead
//!  return    p: [.. x ..] -> [.. y ..]   q: [.. y ..] -> [.. x ..]   p had left y: y keeps it and
//!                                                                    gives q instead
//!  shift     p: [.. x ..] -> [.. y ..]                               x may hold a replica less and y
//!                                                                    one more
//!  detour    as keep and return, or both are new, and q goes from or to a third node z: x, y and z may
//!            hold other numbers of replicas
//! ```
//!
//! No step adds a move or a partition with two moves. Each lowers the greatest of the ratios of x, y
//! and z, so the ratios of all nodes, sorted from the greatest on, fall in lexicographic order, and there
//! is an end. In a fresh table all replicas are new.

use super::super::problem::Problem;
use super::super::quota::Quotas;
use super::super::tree::NONE;
use super::super::work::Work;
use super::counts::Counts;
use super::given::PartitionSizes;
use super::held::HeldSizes;
use super::ratio::{Ratio, TOLERANCE};
use super::replicas::{List, Replicas, around, near};
use super::step::{Move, Step, is_allowed};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Steps after which no further exchange is looked for: the first number for each replica of the table,
/// plus the second.
const EFFORT: (u64, u64) = (8, 1 << 20);

/// Nodes tried for one that holds too much, those that hold the least first.
const PARTNERS: usize = 24;

/// Replicas tried that a node gives to one other, in each direction from the best size.
const GIVEN: usize = 16;

/// Replicas looked at for those, in each direction: the rules may exclude many of them.
const SEEN: usize = 64;

/// Where no step is found, smaller ones are looked for: by these factors, powers of two.
const SCALES: [u32; 3] = [0, 3, 6];

/// Replicas tried in return for one, in each direction from the best size.
const RETURNED: usize = 4;

/// Third nodes tried for one that holds too much, those that hold the least first.
const DETOURS: usize = 8;

/// Replicas looked at in return for one that both nodes held before.
const LOOKS: usize = 32;

/// Evens the sizes of the nodes by exchanging replicas, without a move more, and lets later exchanges
/// raise no node above the greatest ratio that remains. Rows keep no order.
pub(in super::super) fn even(problem: &Problem<'_>, sizes: &PartitionSizes, work: &mut Work<'_>) {
    let mut held = HeldSizes::new(problem, sizes, &work.rows);
    search(work, &problem.quotas, &mut held);
    held.set_max();
    work.held_sizes = Some(held);
}

/// Lowers the greatest ratio of size to quota, and then those below it, as far as single steps get.
fn search(work: &mut Work<'_>, quotas: &Quotas, held: &mut HeldSizes) {
    let effort = EFFORT.0 * work.rows.len() as u64 + EFFORT.1;
    let mut search = Search {
        replicas: Replicas::new(work, &held.sizes),
        counts: Counts::new(work.tree, quotas, &work.loads),
        held,
        order: BTreeSet::new(),
        effort,
    };
    let leaves = 0..work.tree.leaves() as u32;
    search.order = leaves
        .filter(|leaf| search.held.quota(*leaf) > 0)
        .map(|leaf| search.ranked(leaf))
        .collect();
    while search.pass(work) && search.effort > 0 {}
}

/// A leaf, ordered by its ratio.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ranked {
    ratio: Ratio,
    leaf: u32,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ratio.cmp(other.ratio).then(self.leaf.cmp(&other.leaf))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best step so far, and the greatest ratio of its leaves after it.
struct Best {
    ratio: Ratio,
    step: Option<Step>,
    /// True if it relieves x by between half and twice the wanted size.
    good: bool,
}

struct Search<'a> {
    held: &'a mut HeldSizes,
    counts: Counts<'a>,
    replicas: Replicas,
    order: BTreeSet<Ranked>,
    effort: u64,
}

impl Search<'_> {
    fn ranked(&self, leaf: u32) -> Ranked {
        Ranked { ratio: self.held.ratio(leaf), leaf }
    }

    /// Goes over all nodes once, from the greatest ratio on, and lowers each as far as possible. True if
    /// any step was found.
    fn pass(&mut self, work: &mut Work<'_>) -> bool {
        let leaves: Vec<u32> = self.order.iter().rev().map(|ranked| ranked.leaf).collect();
        let mut better = false;
        for x in leaves {
            while self.is_above_fair(x) && self.effort > 0 && self.lower(work, x) {
                better = true;
            }
        }
        better
    }

    fn fair_size(&self, leaf: u32) -> u64 {
        let (total, quota) = (u128::from(self.held.fair.size), u128::from(self.held.quota(leaf)));
        (total * quota / u128::from(self.held.fair.quota.max(1))) as u64
    }

    fn is_above_fair(&self, leaf: u32) -> bool {
        let fair = self.fair_size(leaf);
        self.held.held(leaf) > fair.saturating_add(fair >> TOLERANCE)
    }

    /// The size that x should give to y: enough for one of them to hold its fair size or, if both are
    /// above it, as much for its quota as the other.
    fn wanted(&self, x: u32, y: u32) -> u64 {
        let (fair_x, fair_y) = (self.fair_size(x), self.fair_size(y));
        let (of_x, of_y) = (self.held.held(x), self.held.held(y));
        if of_y < fair_y {
            return (fair_y - of_y).min(of_x.saturating_sub(fair_x)).max(1);
        }
        let (quota_x, quota_y) = (u128::from(self.held.quota(x)), u128::from(self.held.quota(y)));
        let more = (u128::from(of_x) * quota_y).saturating_sub(u128::from(of_y) * quota_x);
        ((more / (quota_x + quota_y).max(1)) as u64).max(1)
    }

    /// Takes the best step found that lowers x. False if there is none.
    fn lower(&mut self, work: &mut Work<'_>, x: u32) -> bool {
        let own = self.held.ratio(x);
        let mut best = Best { ratio: own, step: None, good: false };
        let lightest = self.order.iter().take(PARTNERS).map(|ranked| ranked.leaf);
        let lightest: Vec<u32> = lightest.collect();
        self.keep(work, x, &lightest, &mut best);
        self.give_back(work, x, &lightest, &mut best);
        for y in lightest.iter().copied().take(DETOURS) {
            self.displace(work, (x, y), &mut best);
        }
        for scale in SCALES {
            for y in lightest.iter().copied() {
                if best.good || self.effort == 0 || !own.exceeds(self.held.ratio(y)) {
                    break;
                }
                self.swap(work, (x, y), scale, &mut best);
                self.shift(work, (x, y), &mut best);
            }
            if best.step.is_some() {
                break;
            }
        }
        let Some(step) = best.step else { return false };
        self.apply(work, step);
        true
    }

    /// Both replicas are new where they are.
    fn swap(&mut self, work: &Work<'_>, (x, y): (u32, u32), scale: u32, best: &mut Best) {
        let Some(list) = self.replicas.new.get(x as usize) else { return };
        if x == y || self.replicas.new.get(y as usize).is_none_or(BTreeSet::is_empty) {
            return;
        }
        let wanted = (self.wanted(x, y) >> scale).max(1);
        let given: Vec<(u64, u32)> = around(list, wanted, SEEN).collect();
        let mut left = 2 * GIVEN;
        for p in given {
            if self.is_done(best) || left == 0 {
                return;
            }
            if work.fits(p.1, x, y) && !work.was_on(p.1, y) {
                left -= 1;
                let size = p.0.saturating_sub(wanted);
                let step = |q| Step { p, x, y, other: Some(Move { q, from: y, to: x }) };
                self.try_near(work, (List::New(y), size, RETURNED), step, wanted, best);
            }
        }
    }

    /// `p` had left y and is new on x: y keeps it and gives another one instead, to x or a third node.
    fn give_back(&mut self, work: &Work<'_>, x: u32, lightest: &[u32], best: &mut Best) {
        let Some(list) = self.replicas.new.get(x as usize) else { return };
        if work.before.is_empty() {
            return;
        }
        let above = self.held.held(x).saturating_sub(self.fair_size(x));
        let given: Vec<(u64, u32)> = around(list, above, GIVEN).collect();
        for p in given {
            for y in work.old_row(p.1).to_vec() {
                if self.is_done(best) {
                    return;
                }
                if !self.is_lower(y, x) || !work.fits(p.1, x, y) {
                    continue;
                }
                let wanted = self.wanted(x, y);
                let size = p.0.saturating_sub(wanted);
                let step = |q| Step { p, x, y, other: Some(Move { q, from: y, to: x }) };
                self.try_near(work, (List::Kept(y), size, RETURNED), step, wanted, best);
                for z in lightest.iter().copied().take(DETOURS) {
                    if z != y && self.is_lower(z, x) && self.counts.may_shift(x, z) {
                        let step = |q| Step { p, x, y, other: Some(Move { q, from: y, to: z }) };
                        self.try_near(work, (List::Kept(y), p.0, RETURNED), step, above, best);
                    }
                }
            }
        }
    }

    /// `q` had left x, which keeps it and gives another one instead, to its holder or a third node.
    fn keep(&mut self, work: &Work<'_>, x: u32, lightest: &[u32], best: &mut Best) {
        let Some(list) = self.replicas.left.get(x as usize) else { return };
        let left: Vec<(u64, u32)> = list.iter().take(2 * GIVEN).copied().collect();
        for q in left {
            for y in work.row(q.1).to_vec() {
                if self.is_done(best) {
                    return;
                }
                if !self.is_lower(y, x) || !work.fits(q.1, y, x) {
                    continue;
                }
                let wanted = self.wanted(x, y);
                let other = Some(Move { q, from: y, to: x });
                let size = q.0.saturating_add(wanted);
                // Without a move that q saves, y has to take one that it had held as well.
                let was = work.was_on(q.1, y);
                let from = if was {
                    (List::Left(y), size, LOOKS)
                } else {
                    (List::Kept(x), size, RETURNED)
                };
                self.try_near(work, from, |p| Step { p, x, y, other }, wanted, best);
                for z in lightest.iter().copied().take(DETOURS) {
                    if z != y && self.is_lower(z, x) && self.counts.may_shift(y, z) {
                        let from = if was { (List::Left(z), size, LOOKS) } else { from };
                        self.try_near(work, from, |p| Step { p, x, y: z, other }, wanted, best);
                    }
                }
            }
        }
    }

    /// x gives a replica that it held before to y, from which `q` returns to a third node.
    fn displace(&mut self, work: &Work<'_>, (x, y): (u32, u32), best: &mut Best) {
        if x == y || !self.counts.may_give(x) {
            return;
        }
        let Some(list) = self.replicas.new.get(y as usize) else { return };
        let wanted = self.wanted(x, y);
        let returned: Vec<(u64, u32)> = around(list, 0, DETOURS).collect();
        for q in returned {
            for z in work.old_row(q.1).to_vec() {
                if self.is_done(best) {
                    return;
                }
                let lower = self.is_lower(z, x) && work.fits(q.1, y, z);
                if lower && self.counts.may_shift(x, z) {
                    let other = Some(Move { q, from: y, to: z });
                    let size = q.0.saturating_add(wanted);
                    let step = |p| Step { p, x, y, other };
                    self.try_near(work, (List::Kept(x), size, RETURNED), step, wanted, best);
                }
            }
        }
    }

    /// A replica of x goes to y, where the quotas leave both a choice: a new one, or one that y had
    /// held.
    fn shift(&mut self, work: &Work<'_>, (x, y): (u32, u32), best: &mut Best) {
        if best.good || x == y || !self.counts.may_shift(x, y) {
            return;
        }
        let wanted = self.wanted(x, y);
        let step = |p| Step { p, x, y, other: None };
        self.try_near(work, (List::New(x), wanted, RETURNED), step, wanted, best);
        self.try_near(work, (List::Left(y), wanted, LOOKS), step, wanted, best);
    }

    /// Counts a look, and is true if no further one is worth while.
    fn is_done(&mut self, best: &Best) -> bool {
        self.count(1);
        best.good || self.effort == 0
    }

    /// Tries the step that each partition of a list gives, those of a size near `size` first.
    fn try_near(
        &mut self,
        work: &Work<'_>,
        (list, size, max): (List, u64, usize),
        step: impl Fn((u64, u32)) -> Step,
        wanted: u64,
        best: &mut Best,
    ) {
        let Some(list) = self.replicas.list(list) else { return };
        let (mut tries, mut found) = (0, None);
        for entry in near(list, size, max) {
            tries += 1;
            let step = step(entry);
            let ratio = self.ratio_after(step);
            if best.ratio.exceeds(ratio) && is_allowed(work, step) {
                found = Some((step, ratio));
                break;
            }
        }
        self.count(tries);
        if let Some((step, ratio)) = found {
            let taken = step.other.filter(|other| other.to == step.x).map_or(0, |other| other.q.0);
            let given = step.p.0.saturating_sub(taken);
            let good = given >= wanted - wanted / 2 && given <= wanted.saturating_mul(2);
            *best = Best { ratio, step: Some(step), good };
        }
    }

    fn count(&mut self, steps: u64) {
        crate::steps::count(steps);
        self.effort = self.effort.saturating_sub(steps);
    }

    /// True if a leaf has a quota and a smaller ratio than x.
    fn is_lower(&self, leaf: u32, x: u32) -> bool {
        leaf != NONE
            && leaf != x
            && self.held.quota(leaf) > 0
            && self.held.ratio(x).exceeds(self.held.ratio(leaf))
    }

    /// The greatest ratio of the leaves of a step after it.
    fn ratio_after(&self, step: Step) -> Ratio {
        let after = |leaf: u32| {
            let given = step.moves().filter(|of| of.from == leaf).map(|of| of.q.0).sum();
            let taken = step.moves().filter(|of| of.to == leaf).map(|of| of.q.0).sum();
            self.held.after(leaf, given, taken)
        };
        let leaves = step.moves().flat_map(|of| [of.from, of.to]);
        leaves.map(after).fold(Ratio::default(), Ratio::max)
    }

    fn apply(&mut self, work: &mut Work<'_>, step: Step) {
        for Move { q, from, to } in step.moves() {
            for leaf in [from, to] {
                let ranked = self.ranked(leaf);
                self.order.remove(&ranked);
            }
            work.put(q.1, from, to);
            self.held.put(q.1, from, to);
            self.replicas.moves(work, q, from, to);
            self.counts.moves(from, to);
            for leaf in [from, to] {
                let ranked = self.ranked(leaf);
                self.order.insert(ranked);
            }
        }
    }
}
