//! Leaves that a search may still go to, by potential and layer.

use crate::partition::cells::{at, put};
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// The potential of leaves, and the layer they stand in, or 0.
pub(super) type LeafKey = (i32, u32);

/// The leaves in order of a key, and of their numbers among equals, so that the leaves of a domain
/// follow one another. A leaf that is taken out leaves a link to the next place, so a look for the
/// next leaf that is left, or for the next one behind a domain that is full, does not look at any
/// other.
#[derive(Debug)]
pub(super) struct UnreachedLeaves {
    leaves: Vec<u32>,
    /// Where each leaf stands, `NONE` if it does not.
    places: Vec<u32>,
    /// Where the leaves of each key begin and end, in order of the keys.
    keys: Vec<(LeafKey, u32, u32)>,
    /// The place itself, or a later one if its leaf was taken out.
    next: Vec<u32>,
    /// Places whose leaf was taken out.
    removed: Vec<u32>,
    /// First leaf of each domain with a limit, and the one behind its last.
    domain_spans: Vec<(u32, u32)>,
    /// Spans of leaves that a row does not admit.
    refused: Vec<(u32, u32)>,
    domains: Vec<u32>,
    sorted: Vec<(LeafKey, u32)>,
    /// Leaves looked at so far.
    pub(super) effort: u64,
}

impl UnreachedLeaves {
    /// No leaf. O(n · levels).
    pub(super) fn new(work: &Work<'_>) -> Self {
        let tree = work.tree;
        let mut domain_spans = vec![(NONE, 0); tree.domains()];
        for leaf in 0..tree.leaves() as u32 {
            for (level, _) in &tree.limits {
                if let Some(span) = domain_spans.get_mut(tree.domain(leaf, *level) as usize) {
                    *span = (span.0.min(leaf), leaf + 1);
                }
            }
        }
        Self {
            leaves: Vec::new(),
            places: vec![NONE; tree.leaves()],
            keys: Vec::new(),
            next: Vec::new(),
            removed: Vec::new(),
            domain_spans,
            refused: Vec::new(),
            domains: Vec::new(),
            sorted: Vec::new(),
            effort: 0,
        }
    }

    /// These leaves and no others. O(n log n) of them.
    pub(super) fn order(&mut self, leaves: impl Iterator<Item = (LeafKey, u32)>) {
        for leaf in self.leaves.drain(..) {
            put(&mut self.places, leaf as usize, NONE);
        }
        self.sorted.clear();
        self.sorted.extend(leaves);
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

    /// Puts back all that was taken out.
    pub(super) fn restore(&mut self) {
        for place in self.removed.drain(..) {
            put(&mut self.next, place as usize, place);
        }
    }

    /// Takes a leaf out.
    pub(super) fn remove(&mut self, leaf: u32) {
        if self.is_left(leaf) {
            let place = at(&self.places, leaf as usize);
            put(&mut self.next, place as usize, place + 1);
            self.removed.push(place);
        }
    }

    /// True for a leaf that was put in and not taken out.
    pub(super) fn is_left(&self, leaf: u32) -> bool {
        let place = self.places.get(leaf as usize).copied().unwrap_or(NONE);
        self.next.get(place as usize).is_some_and(|next| *next == place)
    }

    /// The first place from this one on whose leaf is left.
    fn find(&mut self, mut place: u32) -> u32 {
        loop {
            let next = at(&self.next, place as usize);
            if next == place {
                return place;
            }
            // Halves the way for those who come later.
            let further = at(&self.next, next as usize);
            put(&mut self.next, place as usize, further);
            place = further;
        }
    }

    /// The places of a key from the first on whose leaf is left.
    fn of(&mut self, key: LeafKey) -> Option<(u32, u32)> {
        let place = self.keys.binary_search_by_key(&key, |(key, ..)| *key).ok()?;
        let (_, first, end) = self.keys.get(place).copied()?;
        let first = self.find(first);
        (first < end).then_some((first, end))
    }

    /// True if a leaf of this key is left.
    pub(super) fn has(&mut self, key: LeafKey) -> bool {
        self.of(key).is_some()
    }

    /// Takes out all leaves of a key that a partition's replica on `leaving` (`NONE`: one without a
    /// place) may go to. O(R·levels·log n) and O(1) for each.
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

    /// The first of these leaves, which stays.
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

    /// Shows the leaves of a key that a replica may go to, as long as `more` says.
    fn visit(
        &mut self,
        work: &Work<'_>,
        (partition, leaving): (u32, u32),
        key: LeafKey,
        mut more: impl FnMut(&mut Self, u32) -> bool,
    ) {
        let Some((mut place, end)) = self.of(key) else { return };
        self.list_refused(work, partition, leaving);
        let mut effort = self.refused.len() as u64;
        let mut next = 0;
        while place < end {
            effort += 1;
            let leaf = at(&self.leaves, place as usize);
            while self.refused.get(next).is_some_and(|(_, behind)| *behind <= leaf) {
                next += 1;
            }
            place = match self.refused.get(next) {
                Some((first, behind)) if *first <= leaf => {
                    let rest = self.leaves.get(place as usize..end as usize).unwrap_or_default();
                    place + rest.partition_point(|leaf| leaf < behind) as u32
                }
                _ => {
                    debug_assert!(work.fits(partition, leaving, leaf), "a closed leaf");
                    if !more(self, leaf) {
                        break;
                    }
                    place + 1
                }
            };
            place = self.find(place);
        }
        self.effort += effort;
        steps::count(effort);
    }

    /// Lists what is closed to a replica: the holders, and every domain that has as many of the
    /// others as its limit.
    fn list_refused(&mut self, work: &Work<'_>, partition: u32, leaving: u32) {
        self.refused.clear();
        let others = || work.row(partition).iter().copied().filter(|leaf| *leaf != NONE);
        self.refused.extend(others().map(|leaf| (leaf, leaf + 1)));
        for (level, cap) in &work.tree.limits {
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
