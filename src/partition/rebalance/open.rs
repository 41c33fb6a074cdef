//! Leaves that a search has not reached yet, by potential.

use crate::partition::cells::{at, put};
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// The leaves in order of their potentials, and of their numbers among equals, so that the leaves
/// of a domain follow one another. A leaf that is taken out leaves a link to the next place, so a
/// look for the next leaf that is left, or for the next one behind a domain that is full, does not
/// look at any other.
#[derive(Debug)]
pub(super) struct Open {
    leaves: Vec<u32>,
    /// Where each leaf stands.
    places: Vec<u32>,
    /// Where each potential begins; one entry more at the end.
    starts: Vec<u32>,
    /// The place itself, or a later one if its leaf was taken out.
    next: Vec<u32>,
    /// Places whose leaf was taken out.
    gone: Vec<u32>,
    /// First leaf of each domain, and the one behind its last.
    spans: Vec<(u32, u32)>,
    /// Spans of leaves that a row does not admit.
    closed: Vec<(u32, u32)>,
    domains: Vec<u32>,
    /// Leaves looked at so far.
    pub(super) looked: u64,
}

impl Open {
    /// O(n · levels).
    pub(super) fn new(work: &Work<'_>, potentials: &[i32]) -> Self {
        let tree = work.tree;
        let mut spans = vec![(NONE, 0); tree.domains()];
        for leaf in 0..tree.leaves() as u32 {
            for (level, _) in &tree.limits {
                if let Some(span) = spans.get_mut(tree.domain(leaf, *level) as usize) {
                    *span = (span.0.min(leaf), leaf + 1);
                }
            }
        }
        let mut open = Self {
            leaves: Vec::new(),
            places: vec![0; tree.leaves()],
            starts: Vec::new(),
            next: Vec::new(),
            gone: Vec::new(),
            spans,
            closed: Vec::new(),
            domains: Vec::new(),
            looked: 0,
        };
        open.order(work, potentials);
        open
    }

    /// All leaves by these potentials, which are not negative. O(n + the greatest of them).
    pub(super) fn order(&mut self, work: &Work<'_>, potentials: &[i32]) {
        let leaves = work.tree.leaves();
        let key = |leaf: u32| at(potentials, work.tree.vertex(leaf)).max(0) as usize;
        let most = (0..leaves as u32).map(key).max().unwrap_or(0);
        self.starts.clear();
        self.starts.resize(most + 2, 0);
        for leaf in 0..leaves as u32 {
            if let Some(start) = self.starts.get_mut(key(leaf) + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        let mut free = self.starts.clone();
        self.leaves.clear();
        self.leaves.resize(leaves, NONE);
        for leaf in 0..leaves as u32 {
            let Some(place) = free.get_mut(key(leaf)) else { continue };
            put(&mut self.leaves, *place as usize, leaf);
            put(&mut self.places, leaf as usize, *place);
            *place += 1;
        }
        self.next.clear();
        self.next.extend(0..=leaves as u32);
        self.gone.clear();
        self.looked += leaves as u64;
        steps::count(leaves as u64);
    }

    /// Puts back all that was taken out.
    pub(super) fn restore(&mut self) {
        for place in self.gone.drain(..) {
            put(&mut self.next, place as usize, place);
        }
    }

    /// Takes a leaf out.
    pub(super) fn remove(&mut self, leaf: u32) {
        let place = at(&self.places, leaf as usize);
        if at(&self.next, place as usize) == place {
            put(&mut self.next, place as usize, place + 1);
            self.gone.push(place);
        }
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

    /// The places of a potential.
    fn of(&self, potential: i32) -> (u32, u32) {
        let Ok(potential) = usize::try_from(potential) else { return (0, 0) };
        let end = self.starts.get(potential + 1).copied().unwrap_or(0);
        (self.starts.get(potential).copied().unwrap_or(0).min(end), end)
    }

    /// True if a leaf of this potential is left.
    pub(super) fn has(&mut self, potential: i32) -> bool {
        let (first, end) = self.of(potential);
        first < end && self.find(first) < end
    }

    /// Takes out leaves of one potential that a partition's replica on `leaving` (`NONE`: one
    /// without a place) may go to, no more than `most`. O(R·levels·log n) and O(1) for each.
    pub(super) fn take(
        &mut self,
        work: &Work<'_>,
        (partition, leaving): (u32, u32),
        potential: i32,
        most: usize,
        taken: &mut Vec<u32>,
    ) {
        let (first, end) = self.of(potential);
        if first >= end {
            return;
        }
        let mut place = self.find(first);
        if place >= end {
            return;
        }
        self.close(work, partition, leaving);
        let mut looked = self.closed.len() as u64;
        let mut next = 0;
        while place < end && taken.len() < most {
            looked += 1;
            let leaf = at(&self.leaves, place as usize);
            while self.closed.get(next).is_some_and(|(_, behind)| *behind <= leaf) {
                next += 1;
            }
            place = match self.closed.get(next) {
                Some((first, behind)) if *first <= leaf => {
                    let rest = self.leaves.get(place as usize..end as usize).unwrap_or_default();
                    place + rest.partition_point(|leaf| leaf < behind) as u32
                }
                _ => {
                    debug_assert!(work.fits(partition, leaving, leaf), "a closed leaf is taken");
                    taken.push(leaf);
                    self.remove(leaf);
                    place + 1
                }
            };
            place = self.find(place);
        }
        self.looked += looked;
        steps::count(looked);
    }

    /// Lists what is closed to a replica: the holders, and every domain that has as many of the
    /// others as its limit.
    fn close(&mut self, work: &Work<'_>, partition: u32, leaving: u32) {
        self.closed.clear();
        let others = || work.row(partition).iter().copied().filter(|leaf| *leaf != NONE);
        self.closed.extend(others().map(|leaf| (leaf, leaf + 1)));
        for (level, cap) in &work.tree.limits {
            self.domains.clear();
            let staying = others().filter(|leaf| *leaf != leaving);
            self.domains.extend(staying.map(|leaf| work.tree.domain(leaf, *level)));
            self.domains.sort_unstable();
            for same in self.domains.chunk_by(|a, b| a == b) {
                if let (true, Some(domain)) = (same.len() >= *cap as usize, same.first()) {
                    self.closed.push(at(&self.spans, *domain as usize));
                }
            }
        }
        self.closed.sort_unstable();
    }
}
