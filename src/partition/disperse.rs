//! Spreading what nodes share.

use super::cells::at;
use super::construct;
use super::holders::Holders;
use super::leaders::{self, Leaders};
use super::pairs::Pairs;
use super::plan::Plan;
use super::planner::Planner;
use super::quota::Quotas;
use super::tree::{NONE, Tree};
use super::work::Work;
use crate::error::{Error, PartitionFault};
use crate::hash::mix::{reduce, word};
use alloc::vec::Vec;

/// Passes over all places that may change.
const PASSES: u64 = 48;

/// The first of them look at all pairs.
const GENERAL: u64 = 4;

/// Passes without an exchange, of those that look only at pairs over their share.
const IDLE: u64 = 6;

/// Tries without an exchange for each replica that may be exchanged, after which it is at an end: so
/// many would have found one.
const VAIN: u64 = 64;

/// Partners tried for a place in one pass.
const TRIES: u64 = 8;

/// Places tried in one pass for each partition that a pair shares above its limit.
///
/// A pair that shares 78,650 partitions where 78,644 are allowed is mended by six exchanges, so a
/// pass tries some dozens of its places and not all 157,300. Where a pair shares no more than this
/// many times its excess, as in a table with many nodes, every place is tried.
const PLACES: u64 = 64;

/// Steps, which are tries and pairs looked up, for each replica that may be exchanged and for each
/// replica of the table, after which no pass begins. 1,000 nodes and 2^18 partitions of three take
/// 200 for each.
const EFFORT: (u64, u64) = (256, 32);

impl Planner<'_> {
    /// Spreads the partitions that nodes share: when a node fails, those who hold the other replicas
    /// of its partitions are then as many as can be, each with as little of the work as can be.
    ///
    /// Exchanges replicas between partitions, seeded and in integers, as long as the sum over all
    /// pairs of nodes of (partitions shared)² / (their fair share) falls; first anywhere, then at
    /// pairs above their share. Of a rebalanced table only replicas that moved take part, and those
    /// that moved instead, and only where partitions led stay in as good a proportion: promises 1 to 3
    /// and the places of those who stay are as they were. Deterministic.
    ///
    /// # Complexity
    /// O(P·R²): a pass takes no more, there are at most 48, and none begins after 32 steps for each
    /// replica of the table and 256 for each that may be exchanged. A pair above its share is tried
    /// in proportion to what it shares above it. Stops early where every pair has its share, and
    /// where six passes in a row, or 64 tries for each replica that may be exchanged, changed
    /// nothing. Memory: 4·n² bytes for up to 2,048 nodes, else in proportion to P·R².
    ///
    /// # Errors
    /// A plan of a planner for other nodes, another configuration, other pins or other frozen
    /// partitions.
    pub fn disperse(&self, plan: &mut Plan) -> Result<(), Error> {
        let other = || Error::from(PartitionFault::OtherPlanner);
        let same = plan.planner() == self.identity();
        let mut rows = self.leaves_of(plan).filter(|_| same).ok_or_else(other)?;
        let each = self.config.replicas() as usize;
        let fresh = plan.before().is_empty();
        let kept = plan.kept().cloned();
        let mut work = Work::new(
            &self.tree,
            kept.as_ref().unwrap_or(&self.bound),
            self.config.partitions(),
            self.config.replicas(),
            plan.before().clone(),
        );
        work.adopt(core::mem::take(&mut rows));
        if each < 2 {
            return Ok(());
        }
        let mut dispersal = Dispersal {
            pairs: Pairs::new(self.tree.leaves(), &work.rows, each),
            scale: Scale::new(&self.tree, &self.quotas, self.config.replicas()),
            holders: Holders::new(self.tree.leaves(), &work.rows, each),
            left: Vec::new(),
            leaders: Leaders::new(&work),
            fresh,
            drawn: 0,
            looked: 0,
        };
        dispersal.list_left(&work);
        dispersal.run(&mut work);
        if fresh {
            construct::lead(&mut work.rows, self.config.replicas(), &work.loads);
        }
        let doubles = if fresh { 0 } else { work.doubles() };
        // A partition that was to stay may do so now.
        let thawed = self.thawed(&work);
        plan.replace(self.table(&work.rows), doubles, thawed);
        Ok(())
    }
}

/// What a pair's share is.
#[derive(Debug)]
struct Scale {
    /// The inverse of each leaf's quota, so that the dearest is some 2^18.
    inverse: Vec<i64>,
    /// Quotas, and what the leaf's failure would have to be made up for by: (R − 1) / all outside its
    /// outermost domain.
    quotas: Vec<u64>,
    outside: Vec<u64>,
    others: u64,
}

impl Scale {
    fn new(tree: &Tree, quotas: &Quotas, replicas: u32) -> Self {
        let ceils: Vec<u64> = quotas.ceils.iter().skip(tree.domains()).copied().collect();
        let most = ceils.iter().copied().max().unwrap_or(1).max(1);
        let inverse = |quota: &u64| (most * 256 / (*quota).max(1)).min(1 << 18) as i64;
        let all: u64 = ceils.iter().sum();
        let sums = tree.sums(&ceils);
        let outer = |leaf: u32| match tree.depth {
            0 => at(&ceils, leaf as usize),
            _ => at(&sums, tree.domain(leaf, 0) as usize),
        };
        let outside = (0..tree.leaves() as u32).map(|leaf| all.saturating_sub(outer(leaf)).max(1));
        Self {
            inverse: ceils.iter().map(inverse).collect(),
            outside: outside.collect(),
            quotas: ceils,
            others: u64::from(replicas) - 1,
        }
    }

    #[inline]
    fn weight(&self, a: u32, b: u32) -> i64 {
        (at(&self.inverse, a as usize) * at(&self.inverse, b as usize)) >> 8
    }

    /// The least that the larger of the two shares of a pair can be rounded to.
    fn limit(&self, a: u32, b: u32) -> u32 {
        let (q, r) = (at(&self.quotas, a as usize), at(&self.quotas, b as usize));
        let outside = at(&self.outside, a as usize).max(at(&self.outside, b as usize));
        let fair = u128::from(q) * u128::from(r) * u128::from(self.others);
        fair.div_ceil(u128::from(outside).max(1)).min(u32::MAX.into()) as u32
    }
}

struct Dispersal {
    pairs: Pairs,
    scale: Scale,
    /// Who was on each leaf in the beginning.
    holders: Holders,
    /// Partitions with a new holder that left each leaf; some are there again.
    left: Vec<Vec<u32>>,
    leaders: Leaders,
    fresh: bool,
    drawn: u64,
    /// Tries and pairs looked up so far.
    looked: u64,
}

impl Dispersal {
    fn draw(&mut self, below: usize) -> usize {
        self.drawn += 1;
        self.look(1);
        reduce(word(0xD15B, self.drawn), below as u64) as usize
    }

    fn list_left(&mut self, work: &Work<'_>) {
        self.left.resize_with(work.tree.leaves(), Vec::new);
        for partition in 0..work.partitions {
            // Dropped replicas alone leave nothing that could be exchanged.
            if work.row(partition).iter().all(|leaf| work.was_on(partition, *leaf)) {
                continue;
            }
            for leaf in work.old_row(partition).iter().filter(|leaf| **leaf != NONE) {
                if !work.is_on(partition, *leaf) {
                    if let Some(list) = self.left.get_mut(*leaf as usize) {
                        list.push(partition);
                    }
                }
            }
        }
    }

    fn run(&mut self, work: &mut Work<'_>) {
        let moved: Vec<u32> =
            (0..work.rows.len() as u32).filter(|place| self.is_free(work, *place)).collect();
        if moved.is_empty() {
            return;
        }
        let most = EFFORT.0 * moved.len() as u64 + EFFORT.1 * work.rows.len() as u64;
        let (mut idle, mut vain) = (0, 0);
        for pass in 0..PASSES {
            if self.looked > most {
                break;
            }
            let general = pass < GENERAL;
            let (mut exchanged, mut hot, mut tries) = (0_u64, 0_u64, 0_u64);
            for place in 0..work.rows.len() {
                let free = self.is_free(work, place as u32);
                if !free && self.left.get(at(&work.rows, place) as usize).is_none_or(Vec::is_empty)
                {
                    continue;
                }
                let (above, chosen) = self.above(work, place);
                hot += u64::from(above);
                let above = chosen;
                if !(above || (general && free)) {
                    continue;
                }
                for _ in 0..if above { TRIES } else { 1 } {
                    tries += 1;
                    if let Some(other) = self.partner(work, place, free, &moved) {
                        if self.exchange(work, place, other) {
                            exchanged += 1;
                            break;
                        }
                    }
                }
            }
            if exchanged == 0 {
                (idle, vain) = (idle + 1, vain + tries);
            } else {
                (idle, vain) = (0, 0);
            }
            let ended = idle >= IDLE || vain > VAIN * moved.len() as u64;
            if hot == 0 || (!general && ended) {
                break;
            }
        }
    }

    /// True for a replica that is where it was not before, all of a fresh table.
    fn is_free(&self, work: &Work<'_>, place: u32) -> bool {
        let (partition, leaf) = (place / work.replicas as u32, at(&work.rows, place as usize));
        !work.bound.holds(partition, leaf) && (self.fresh || !work.was_on(partition, leaf))
    }

    /// Whether this replica is of a pair that shares more than it has to, and whether it is one of
    /// the places by which this pass tries to mend that.
    fn above(&mut self, work: &Work<'_>, place: usize) -> (bool, bool) {
        let leaf = at(&work.rows, place);
        let mut above = false;
        for other in work.row((place / work.replicas) as u32).iter().filter(|l| **l != leaf) {
            self.look(1);
            let shared = self.pairs.shared(leaf, *other);
            let excess = u64::from(shared.saturating_sub(self.scale.limit(leaf, *other)));
            if excess == 0 {
                continue;
            }
            above = true;
            let shared = u64::from(shared);
            if excess * PLACES >= shared || (self.draw(shared as usize) as u64) < excess * PLACES {
                return (true, true);
            }
        }
        (above, false)
    }

    fn look(&mut self, steps: u64) {
        crate::steps::count(steps);
        self.looked += steps;
    }

    /// A place to exchange with. For a replica that moved: another one that did, or one that could
    /// have moved instead; for one that did not, of a partition that left the same leaf, the
    /// replica that moved.
    fn partner(
        &mut self,
        work: &Work<'_>,
        place: usize,
        free: bool,
        moved: &[u32],
    ) -> Option<usize> {
        let partition = (place / work.replicas) as u32;
        if !free {
            let leaf = at(&work.rows, place) as usize;
            let left = self.left.get(leaf).map_or(0, Vec::len);
            let turn = self.draw(left);
            let other = self.left.get(leaf)?.get(turn).copied()?;
            let new = |leaf: &u32| !work.was_on(other, *leaf);
            let at_other = work.row(other).iter().position(new)?;
            return Some(other as usize * work.replicas + at_other);
        }
        if !self.fresh {
            let lost = |leaf: &u32| *leaf != NONE && !work.is_on(partition, *leaf);
            let homes = work.old_row(partition).iter().filter(|leaf| lost(leaf)).count();
            let choice = self.draw(homes + 1);
            if choice < homes {
                let home = *work.old_row(partition).iter().filter(|leaf| lost(leaf)).nth(choice)?;
                // A node that was drained holds none.
                let held = self.holders.of(home).len();
                let turn = self.draw(held.max(1));
                let other = self.holders.of(home).get(turn)?;
                let at_home = work.row(other).iter().position(|leaf| *leaf == home)?;
                return Some(other as usize * work.replicas + at_home);
            }
        }
        let turn = self.draw(moved.len());
        Some(at(moved, turn) as usize)
    }

    /// Exchanges two replicas if it is allowed and pays.
    fn exchange(&mut self, work: &mut Work<'_>, a: usize, b: usize) -> bool {
        let (p, q) = ((a / work.replicas) as u32, (b / work.replicas) as u32);
        let (x, y) = (at(&work.rows, a), at(&work.rows, b));
        if p == q
            || x == y
            || !work.fits(p, x, y)
            || !work.fits(q, y, x)
            || work.bound.holds(p, x)
            || work.bound.holds(q, y)
        {
            return false;
        }
        if !self.fresh && !work.may_exchange((p, x), (q, y)) {
            return false;
        }
        self.look(4 * work.replicas as u64);
        if self.change(work.row(p), x, y) + self.change(work.row(q), y, x) >= 0 {
            return false;
        }
        if self.fresh {
            work.put(p, x, y);
            work.put(q, y, x);
        } else {
            let leaders = &mut self.leaders;
            let pays = |led| leaders.accept(led, false);
            if !leaders::exchange(work, (p, x), (q, y), pays) {
                return false;
            }
        }
        for (partition, from, to) in [(p, x, y), (q, y, x)] {
            for other in work.row(partition).iter().filter(|leaf| **leaf != to) {
                self.pairs.take(from, *other);
                self.pairs.add(to, *other);
            }
            if !self.fresh && work.was_on(partition, from) {
                if let Some(list) = self.left.get_mut(from as usize) {
                    list.push(partition);
                }
            }
        }
        true
    }

    /// What a row's sum gains if `to` replaces `from`.
    #[inline]
    fn change(&self, row: &[u32], from: u32, to: u32) -> i64 {
        let mut change = 0;
        for other in row.iter().filter(|leaf| **leaf != from) {
            let (gained, lost) = (self.pairs.shared(to, *other), self.pairs.shared(from, *other));
            change += self.scale.weight(to, *other) * (2 * i64::from(gained) + 1);
            change -= self.scale.weight(from, *other) * (2 * i64::from(lost) - 1);
        }
        change
    }
}
