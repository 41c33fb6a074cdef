//! Two placements whose replicas are the same for all hashes of a piece, by one lookup in each.

use super::ends::{Ends, Range, changes, len, place};
use super::loads::Loads;
use super::pairs::{Pairs, Sums};
use super::parts::{Ratio, fraction};
use super::pieces::TwoCuts;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::replica::Spread;
use crate::steps;
use alloc::vec::Vec;

/// How replicas are found on one side.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) placement: &'a (dyn Placement + Send + Sync + 'a),
    /// The spread that chooses the replicas; `None` for the first candidates.
    pub(super) spread: Option<&'a Spread>,
    pub(super) replicas: usize,
}

impl Lookup<'_> {
    /// Writes the places of a key's holders to `out`.
    fn holders(&self, key: KeyHash, places: &[u32], slots: &mut Vec<NodeIdx>, out: &mut Vec<u32>) {
        slots.resize(self.replicas.min(self.placement.live()), NodeIdx::NONE);
        let found = match self.spread {
            Some(spread) => spread.replicas(self.placement, key, slots),
            None => self.placement.replicas(key, slots),
        };
        out.clear();
        let holders = slots.iter().take(found);
        out.extend(holders.filter_map(|slot| place(places, Some(*slot))));
    }
}

/// The lookups of both sides, and the pieces into which they cut the hashes.
#[derive(Clone, Copy)]
pub(super) struct Lookups<'a> {
    pub(super) cuts: TwoCuts<'a>,
    pub(super) old: Lookup<'a>,
    pub(super) new: Lookup<'a>,
}

/// The holders on both sides that the last lookup found.
#[derive(Default)]
struct Holders {
    slots: Vec<NodeIdx>,
    before: Vec<u32>,
    after: Vec<u32>,
}

impl<'a> Lookups<'a> {
    fn look_up(&self, hash: u64, holders: &mut Holders) {
        steps::count(1);
        let (key, union) = (KeyHash::from_hash(hash), self.cuts.union);
        let Holders { slots, before, after } = holders;
        self.old.holders(key, &union.old, slots, before);
        self.new.holders(key, &union.new, slots, after);
    }

    /// The moves of one key's replicas.
    pub(super) fn ends_of(&self, key: KeyHash) -> Vec<Ends> {
        let mut holders = Holders::default();
        self.look_up(key.get(), &mut holders);
        holders.ends().collect()
    }

    /// The pieces in order of the hashes, with the holders before and after.
    pub(super) fn holders(self) -> impl Iterator<Item = (Range, Vec<u32>, Vec<u32>)> + use<'a> {
        let mut holders = Holders::default();
        self.cuts.ranges().map(move |range| {
            self.look_up(range.0, &mut holders);
            (range, holders.before.clone(), holders.after.clone())
        })
    }

    /// The moves in order of the hashes, neighbours with the same ends joined.
    pub(super) fn joined(self) -> impl Iterator<Item = (Range, Ends)> + use<'a> {
        let mut holders = Holders::default();
        let mut last: Option<(Range, Vec<Ends>)> = None;
        let mut pieces = self.cuts.ranges();
        // Neighbouring pieces with the same moves become one; then its moves follow one by one.
        let merged = core::iter::from_fn(move || {
            loop {
                let Some(range) = pieces.next() else { return last.take() };
                self.look_up(range.0, &mut holders);
                let mut ends: Vec<Ends> = holders.ends().collect();
                ends.sort_unstable();
                match &mut last {
                    Some((before, same)) if *same == ends => before.1 = range.1,
                    _ => {
                        let done = last.replace((range, ends));
                        if done.is_some() {
                            return done;
                        }
                    }
                }
            }
        });
        merged.flat_map(|(range, ends)| ends.into_iter().map(move |ends| (range, ends)))
    }

    /// The moves and the load of each node, by one pass over the pieces.
    pub(super) fn totals(&self) -> Totals {
        let loads = Loads::new(self.cuts.union.nodes.len());
        let mut totals = Totals { moved: 0, loads, before: 0, after: 0 };
        self.for_each(|hashes, holders| {
            totals.moved += hashes * holders.ends().count() as u128;
            totals.before += hashes * holders.before.len() as u128;
            totals.after += hashes * holders.after.len() as u128;
            holders.before.iter().for_each(|place| totals.loads.add_before(*place, hashes));
            holders.after.iter().for_each(|place| totals.loads.add_after(*place, hashes));
        });
        totals
    }

    /// The number of hashes for each (from, to), and the number of hashes of all replicas.
    pub(super) fn matrix(&self) -> (Sums, u128) {
        let (mut pairs, mut totals) = (Pairs::default(), (0, 0));
        self.for_each(|hashes, holders| {
            holders.ends().for_each(|ends| pairs.add(ends, hashes));
            totals.0 += hashes * holders.before.len() as u128;
            totals.1 += hashes * holders.after.len() as u128;
        });
        (pairs.into_sums(), totals.0.max(totals.1).max(1))
    }

    fn for_each(&self, mut visit: impl FnMut(u128, &Holders)) {
        let mut holders = Holders::default();
        for range in self.cuts.ranges() {
            self.look_up(range.0, &mut holders);
            visit(len(range), &holders);
        }
    }
}

/// Sums over all hashes, in hashes times replicas.
pub(super) struct Totals {
    moved: u128,
    loads: Loads,
    /// The hashes of all replicas before and after.
    before: u128,
    after: u128,
}

impl Totals {
    /// The fraction of all replicas that move.
    pub(super) fn moved(&self) -> Ratio {
        (self.moved, self.before.max(self.after).max(1))
    }

    /// Σ max(0, share after − share before), as an exact fraction; where one side has no replica,
    /// everything that the other one holds. `None` where integers of 128 bits do not hold it: keys
    /// of some pieces have fewer replicas than others.
    pub(super) fn minimum(&self) -> Option<Ratio> {
        let (a, b) = (self.before, self.after);
        if a == 0 || b == 0 {
            return Some((a.max(b).min(1), 1));
        }
        // If all keys have the same number of replicas, both sums are multiples of 2^64.
        let common = a.trailing_zeros().min(b.trailing_zeros());
        let (few, many) = (a >> common, b >> common);
        if few == many {
            let gained = self.loads.iter().map(|(before, after)| after.saturating_sub(before));
            return Some((gained.sum(), a));
        }
        let gained = self.loads.iter().try_fold(0_u128, |sum, (before, after)| {
            sum.checked_add(after.checked_mul(few)?.saturating_sub(before.checked_mul(many)?))
        })?;
        Some((gained, few.checked_mul(b)?))
    }

    /// The same as a floating-point number, which is always known.
    pub(super) fn minimum_fraction(&self) -> f64 {
        if let Some(ratio) = self.minimum() {
            return fraction(ratio);
        }
        let (a, b) = (self.before as f64, self.after as f64);
        let gained = |(x, y): (u128, u128)| (y as f64 / b - x as f64 / a).max(0.0);
        self.loads.iter().map(gained).sum()
    }
}

impl Holders {
    fn ends(&self) -> impl Iterator<Item = Ends> {
        changes(&self.before, &self.after)
    }
}
