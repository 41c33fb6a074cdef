//! The leaves that a search has not reached yet, by potential and layer.
//!
//! ```text
//!  place      0     1     2     3     4     5
//!  leaves     2     5     6     0     1     7       sorted by (key, kind, leaf)
//!  keys      [ key A: 0..3    ][ key B: 3..6  ]
//!  next       0     2     2     3     5     5     6
//!
//!  next[place] == place: its leaf is left; otherwise a later place, to continue from.
//!  Here leaf 5 (place 1) and leaf 1 (place 4) were removed.
//! ```

use crate::partition::cells::{at, put};
use crate::partition::row_rules::RowRules;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// The potential of a leaf; its layer, or 0 where layers do not matter; and its table.
pub(super) type LeafKey = (i32, u32, u32);

/// A set of leaves sorted by key, then by kind, of which there is one without affinities for scattered
/// nodes, and then by number, so that the leaves of a domain are adjacent.
///
/// A removed leaf leaves a link to the next place. So finding the next remaining leaf, or the next
/// one after a domain that has reached its limit, does not visit the leaves between.
#[derive(Debug)]
pub(super) struct UnreachedLeaves {
    leaves: Vec<u32>,
    /// The place of each leaf, or `NONE`.
    places: Vec<u32>,
    /// For each key and kind, in order, its first place and the end of its places.
    keys: Vec<((LeafKey, u32), u32, u32)>,
    /// For each place the place itself, or a later one if its leaf was removed.
    next: Vec<u32>,
    /// Places whose leaf was removed.
    removed: Vec<u32>,
    /// For each domain with a limit, its first leaf and the end of its leaves.
    domain_spans: Vec<(u32, u32)>,
    /// Leaves that take nothing new.
    closed_spans: Vec<(u32, u32)>,
    /// Ranges of leaves that the rules exclude for the current replica.
    refused: Vec<(u32, u32)>,
    /// For each kind, whether the rules exclude it; empty if they exclude ranges alone.
    refused_kinds: Vec<bool>,
    /// A buffer for the domains of one row.
    domains: Vec<u32>,
    /// A buffer for sorting.
    sorted: Vec<((LeafKey, u32), u32)>,
    /// The number of leaves looked at so far.
    pub(super) effort: u64,
}

impl UnreachedLeaves {
    /// Creates an empty set. O(n · levels).
    pub(super) fn new(work: &Work<'_>) -> Self {
        let tree = work.tree;
        let mut domain_spans = vec![(NONE, 0); tree.domains()];
        let rules = &work.constraints.rules;
        let tables = rules.classes().iter().filter_map(|class| class.table.as_ref());
        let limits = tables.flat_map(|(_, limits)| limits).chain(&tree.limits);
        let mut limited: Vec<usize> = limits.map(|(level, _)| *level).collect();
        limited.sort_unstable();
        limited.dedup();
        for leaf in 0..tree.leaves() as u32 {
            for level in &limited {
                if let Some(span) = domain_spans.get_mut(tree.domain(leaf, *level) as usize) {
                    *span = (span.0.min(leaf), leaf + 1);
                }
            }
        }
        let mut closed_spans: Vec<(u32, u32)> = Vec::new();
        for leaf in work.constraints.closed.iter().copied() {
            match closed_spans.last_mut() {
                Some((_, end)) if *end == leaf => *end += 1,
                _ => closed_spans.push((leaf, leaf + 1)),
            }
        }
        Self {
            leaves: Vec::new(),
            places: vec![NONE; tree.leaves()],
            keys: Vec::new(),
            next: Vec::new(),
            removed: Vec::new(),
            domain_spans,
            closed_spans,
            refused: Vec::new(),
            refused_kinds: Vec::new(),
            domains: Vec::new(),
            sorted: Vec::new(),
            effort: 0,
        }
    }

    /// Replaces the set by these leaves. O(k log k) for k leaves.
    pub(super) fn order(&mut self, rules: &RowRules, leaves: impl Iterator<Item = (LeafKey, u32)>) {
        for leaf in self.leaves.drain(..) {
            put(&mut self.places, leaf as usize, NONE);
        }
        self.sorted.clear();
        self.sorted.extend(leaves.map(|(key, leaf)| ((key, rules.kind_of(leaf)), leaf)));
        self.sorted.sort_unstable();
        self.keys.clear();
        for (place, (key, leaf)) in (0..).zip(&self.sorted) {
            match self.keys.last_mut() {
                Some((same, _, end)) if same == key => *end = place + 1,
                _ => self.keys.push((*key, place, place + 1)),
            }
            put(&mut self.places, *leaf as usize, place);
            self.leaves.push(*leaf);
        }
        self.next.clear();
        self.next.extend(0..=self.leaves.len() as u32);
        self.removed.clear();
        self.effort += self.leaves.len() as u64;
        steps::count(self.leaves.len() as u64);
    }

    /// Puts all removed leaves back.
    pub(super) fn restore(&mut self) {
        for place in self.removed.drain(..) {
            put(&mut self.next, place as usize, place);
        }
    }

    /// Removes a leaf.
    pub(super) fn remove(&mut self, leaf: u32) {
        if self.is_left(leaf) {
            let place = at(&self.places, leaf as usize);
            put(&mut self.next, place as usize, place + 1);
            self.removed.push(place);
        }
    }

    /// True for a leaf that is in the set.
    pub(super) fn is_left(&self, leaf: u32) -> bool {
        let place = self.places.get(leaf as usize).copied().unwrap_or(NONE);
        self.next.get(place as usize).is_some_and(|next| *next == place)
    }

    /// The first place from this one on whose leaf is in the set.
    fn find(&mut self, mut place: u32) -> u32 {
        loop {
            let next = at(&self.next, place as usize);
            if next == place {
                return place;
            }
            // Path halving: later calls take half as many steps.
            let further = at(&self.next, next as usize);
            put(&mut self.next, place as usize, further);
            place = further;
        }
    }

    /// The places of a key and kind in the list of keys, from the first leaf that is left to the end;
    /// `None` if none is left.
    fn places(&mut self, of: usize) -> Option<(u32, u32)> {
        let (_, first, end) = self.keys.get(of).copied()?;
        let first = self.find(first);
        (first < end).then_some((first, end))
    }

    /// The kinds of a key in the list of keys.
    fn kinds(&self, key: LeafKey) -> Range<usize> {
        let first = self.keys.partition_point(|((other, _), ..)| *other < key);
        let rest = self.keys.get(first..).unwrap_or_default();
        first..first + rest.iter().take_while(|((other, _), ..)| *other == key).count()
    }

    /// True if a leaf of this key is left.
    pub(super) fn has(&mut self, key: LeafKey) -> bool {
        self.kinds(key).any(|kind| self.places(kind).is_some())
    }

    /// Removes all leaves of a key to which a replica, given by its partition and its leaf (`NONE`
    /// for an unplaced one), may move. Appends them to `found`. O(R·levels·log n), plus O(1) for
    /// each.
    pub(super) fn take(
        &mut self,
        work: &Work<'_>,
        replica: (u32, u32),
        key: LeafKey,
        found: &mut Vec<u32>,
    ) {
        self.visit(work, replica, key, |leaves_left, leaf| {
            found.push(leaf);
            leaves_left.remove(leaf);
            true
        });
    }

    /// The first leaf of a key to which a replica may move; it stays in the set.
    pub(super) fn first(
        &mut self,
        work: &Work<'_>,
        replica: (u32, u32),
        key: LeafKey,
    ) -> Option<u32> {
        let mut first = None;
        self.visit(work, replica, key, |_, leaf| {
            first = Some(leaf);
            false
        });
        first
    }

    /// Visits the leaves of a key to which a replica may move, until `more` returns false.
    fn visit(
        &mut self,
        work: &Work<'_>,
        (partition, leaving): (u32, u32),
        key: LeafKey,
        mut more: impl FnMut(&mut Self, u32) -> bool,
    ) {
        let kinds = self.kinds(key);
        let Some(first) = kinds.clone().find(|kind| self.places(*kind).is_some()) else { return };
        self.list_refused(work, partition, leaving);
        let mut effort = self.refused.len() as u64;
        'kinds: for of in first..kinds.end {
            let kind = self.keys.get(of).map_or(0, |((_, kind), ..)| *kind);
            if self.refused_kinds.get(kind as usize).copied().unwrap_or(false) {
                effort += 1;
                continue;
            }
            let Some((mut place, end)) = self.places(of) else { continue };
            let mut next = 0;
            while place < end {
                effort += 1;
                let leaf = at(&self.leaves, place as usize);
                while self.refused.get(next).is_some_and(|(_, behind)| *behind <= leaf) {
                    next += 1;
                }
                place = match self.refused.get(next) {
                    Some((first, behind)) if *first <= leaf => {
                        let rest =
                            self.leaves.get(place as usize..end as usize).unwrap_or_default();
                        place + rest.partition_point(|leaf| leaf < behind) as u32
                    }
                    _ => {
                        debug_assert!(
                            work.fits(partition, leaving, leaf),
                            "a leaf outside the rules"
                        );
                        if !more(self, leaf) {
                            break 'kinds;
                        }
                        place + 1
                    }
                };
                place = self.find(place);
            }
        }
        self.effort += effort;
        steps::count(effort);
    }

    /// Lists the leaves that the rules exclude for a replica: the holders of its partition, and
    /// every domain in which the other holders reach the limit.
    fn list_refused(&mut self, work: &Work<'_>, partition: u32, leaving: u32) {
        self.refused.clear();
        self.refused_kinds.clear();
        let others = || work.row(partition).iter().copied().filter(|leaf| *leaf != NONE);
        self.refused.extend(others().map(|leaf| (leaf, leaf + 1)));
        // Leaves that take nothing new are reached by what they held alone.
        self.refused.extend_from_slice(&self.closed_spans);
        let class = work.constraints.rules.class_of(partition);
        if let Some(class) = class {
            let (refused, kinds) = (&mut self.refused, &mut self.refused_kinds);
            class.refuse(work.row(partition), leaving, refused, kinds);
        }
        let own = class.and_then(|class| class.table.as_ref()).map(|(_, limits)| limits);
        for (level, cap) in own.unwrap_or(&work.tree.limits) {
            self.domains.clear();
            let staying = others().filter(|leaf| *leaf != leaving);
            self.domains.extend(staying.map(|leaf| work.tree.domain(leaf, *level)));
            self.domains.sort_unstable();
            for same in self.domains.chunk_by(|a, b| a == b) {
                if let (true, Some(domain)) = (same.len() >= *cap as usize, same.first()) {
                    self.refused.push(at(&self.domain_spans, *domain as usize));
                }
            }
        }
        self.refused.sort_unstable();
    }
}
