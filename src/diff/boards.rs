//! Two boards side by side, one replica.

use super::ends::{Ends, place};
use crate::placement::Board;
use crate::steps;
use crate::topology::Union;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Figures are only given if the share of the keys that reach the fallback is below this.
const NEGLIGIBLE: f64 = 1e-13;

/// The weights of each node on two boards.
///
/// The first dart that hits on either board decides. If it hits on both sides, the key stays unless
/// the slot has another node. If it hits on one side only, the key goes on throwing on the other side
/// and hits any of its nodes in proportion to their weights.
#[derive(Clone, Debug)]
pub(super) struct Boards {
    nodes: Vec<Held>,
    /// Weight that other nodes have than before, by these.
    handed_over: BTreeMap<Ends, u64>,
    /// The nodes that have weight after, and those of them that have slots with more than before.
    taking: Vec<u32>,
    grown: Vec<u32>,
    /// Weight before, after, and on either side.
    before: u64,
    after: u64,
    either: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    before: u64,
    after: u64,
    /// Weight that slots have on one side only.
    gone: u64,
    came: u64,
}

impl Boards {
    /// `None` if so many keys come to the fallback that the figures would not be exact.
    pub(super) fn new(old: &Board<'_>, new: &Board<'_>, union: &Union) -> Option<Self> {
        let mut boards = Self {
            nodes: vec![Held::default(); union.nodes.len()],
            handed_over: BTreeMap::new(),
            taking: Vec::new(),
            grown: Vec::new(),
            before: 0,
            after: 0,
            either: 0,
        };
        for slot in 0..old.weights.len().max(new.weights.len()) {
            steps::count(1);
            let weights = (old.weight(slot).into(), new.weight(slot).into());
            boards.add(
                weights,
                place(&union.old, old.node(slot)),
                place(&union.new, new.node(slot)),
            );
        }
        let with = |has: fn(&Held) -> u64| {
            let nodes = (0..).zip(&boards.nodes).filter(|(_, held)| has(held) > 0);
            nodes.map(|(place, _)| place).collect()
        };
        (boards.taking, boards.grown) = (with(|held| held.after), with(|held| held.came));
        let exact = boards.missing(old, new) < NEGLIGIBLE;
        (exact || boards.before == 0 || boards.after == 0).then_some(boards)
    }

    fn add(&mut self, (before, after): (u64, u64), from: Option<u32>, to: Option<u32>) {
        let kept = before.min(after);
        if kept > 0 && from != to {
            *self.handed_over.entry((from, to)).or_default() += kept;
        }
        if let Some(from) = from.and_then(|place| self.nodes.get_mut(place as usize)) {
            from.before += before;
            from.gone += before - kept;
        }
        if let Some(to) = to.and_then(|place| self.nodes.get_mut(place as usize)) {
            to.after += after;
            to.came += after - kept;
        }
        self.before += before;
        self.after += after;
        self.either += before.max(after);
    }

    /// The chance that a key's darts miss, or that they do on the larger board only.
    fn missing(&self, old: &Board<'_>, new: &Board<'_>) -> f64 {
        let exponent = old.exponent.max(new.exponent);
        let hit = if old.exponent == new.exponent && old.darts == new.darts {
            self.either
        } else {
            self.before.min(self.after)
        };
        let whole = u64::from(old.full) << exponent;
        let miss = whole.saturating_sub(hit) as f64 / whole as f64;
        (0..old.darts.min(new.darts)).fold(1.0, |all, _| all * miss)
    }

    fn places(&self) -> impl Iterator<Item = (Option<u32>, Held)> {
        (0..).map(Some).zip(self.nodes.iter().copied())
    }

    /// The fraction of keys that change their node. O(nodes).
    pub(super) fn moved(&self) -> f64 {
        if self.before == 0 || self.after == 0 {
            return f64::from(u8::from(self.before != self.after));
        }
        let all = |weight: u64| weight as f64 / self.either as f64;
        let part = |weight: u64, whole: u64| weight as f64 / whole as f64;
        let handed_over = self.handed_over.values().map(|weight| all(*weight));
        let redrawn = self.nodes.iter().map(|node| {
            let gone = all(node.gone) * part(self.after - node.after, self.after);
            gone + all(node.came) * part(self.before - node.before, self.before)
        });
        handed_over.chain(redrawn).sum()
    }

    /// Σ max(0, share after − share before), as a fraction; where nobody is left, everything.
    pub(super) fn minimum(&self) -> f64 {
        if self.before == 0 || self.after == 0 {
            return f64::from(u8::from(self.before != self.after));
        }
        let (before, after) = (u128::from(self.before), u128::from(self.after));
        // Weights of a board are below 2^55.
        let gained = |node: &Held| {
            (u128::from(node.after) * before).saturating_sub(u128::from(node.before) * after)
        };
        let gained: u128 = self.nodes.iter().map(gained).sum();
        gained as f64 / (before * after) as f64
    }

    /// Fractions by (from, to). O(nodes that change · nodes).
    pub(super) fn matrix(&self) -> BTreeMap<Ends, f64> {
        let mut matrix: BTreeMap<Ends, f64> = BTreeMap::new();
        let mut add = |ends: Ends, part: f64| {
            if ends.0 != ends.1 && part > 0.0 {
                *matrix.entry(ends).or_default() += part;
            }
        };
        if self.before == 0 || self.after == 0 {
            for (place, held) in self.places() {
                add((place, None), held.before as f64 / self.before.max(1) as f64);
                add((None, place), held.after as f64 / self.after.max(1) as f64);
            }
            return matrix;
        }
        let all = |weight: u64| weight as f64 / self.either as f64;
        for (ends, weight) in &self.handed_over {
            add(*ends, all(*weight));
        }
        for (place, held) in self.places().filter(|(_, held)| held.gone + held.came > 0) {
            for (other, at) in self.places() {
                add((place, other), all(held.gone) * (at.after as f64 / self.after as f64));
                add((other, place), all(held.came) * (at.before as f64 / self.before as f64));
            }
        }
        matrix
    }

    /// Every pair between which keys may move, each once. O(n) before the first and for each node
    /// that keys move from; the iterator holds O(1).
    pub(super) fn pairs(&self) -> impl Iterator<Item = Ends> {
        let both = self.before > 0 && self.after > 0;
        let one_sided = self.places().filter(move |_| !both).filter_map(|(place, held)| {
            steps::count(1);
            match (held.before, held.after) {
                (0, 0) => None,
                (_, 0) => Some((place, None)),
                _ => Some((None, place)),
            }
        });
        let froms = self.places().filter(move |(_, held)| both && held.before > 0);
        let between = froms.flat_map(move |(from, held)| {
            steps::count(1);
            // Keys of a slot that shrank go anywhere; all others, to slots that grew or that have
            // another node than before.
            let to = if held.gone > 0 { &self.taking } else { &self.grown };
            let to = to.iter().copied().map(Some).filter(move |to| {
                steps::count(1);
                *to != from
            });
            let handed_over = self.handed_over.range((from, None)..).map(|(ends, _)| *ends);
            let handed_over = handed_over.take_while(move |ends| ends.0 == from);
            let else_where = handed_over.filter(move |(_, to)| {
                let at = to.and_then(|to| self.nodes.get(to as usize)).copied();
                held.gone == 0 && at.is_none_or(|at| at.came == 0)
            });
            to.map(move |to| (from, to)).chain(else_where)
        });
        one_sided.chain(between)
    }
}
