//! The holders of an interval on both sides, at any number of replicas.

use super::rings::{Ends, Rings, place};
use crate::ring::Circle;
use alloc::vec::Vec;

/// The holders before and after at the current interval, and what moves between them.
#[derive(Clone, Debug)]
pub(super) struct Lists<'a> {
    rings: Rings<'a>,
    at: (usize, usize),
    /// Holders that either side can have.
    most: (usize, usize),
    pub(super) old: Vec<u32>,
    pub(super) new: Vec<u32>,
    pub(super) ends: Vec<Ends>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(rings: &Rings<'a>) -> Self {
        let most = |ring: &Circle| rings.replicas.min(ring.live());
        Self {
            rings: *rings,
            at: (usize::MAX, usize::MAX),
            most: (most(rings.old), most(rings.new)),
            old: Vec::new(),
            new: Vec::new(),
            ends: Vec::new(),
        }
    }

    pub(super) fn go_to(&mut self, old: usize, new: usize) {
        let Rings { old: a, new: b, union, .. } = self.rings;
        if self.at.0 != old {
            collect(a, old, self.most.0, &union.old, &mut self.old);
        }
        if self.at.1 != new {
            collect(b, new, self.most.1, &union.new, &mut self.new);
        }
        self.at = (old, new);
        self.ends.clear();
        // A replica that only changes its place in the list is no move.
        let mut gone = self.old.iter().filter(|n| !self.new.contains(n)).copied();
        let mut came = self.new.iter().filter(|n| !self.old.contains(n)).copied();
        loop {
            let ends = (gone.next(), came.next());
            if ends == (None, None) {
                break;
            }
            self.ends.push(ends);
        }
    }
}

/// The first `k` distinct owners from a point on.
fn collect(ring: &Circle, at: usize, k: usize, places: &[u32], out: &mut Vec<u32>) {
    out.clear();
    if k == 0 {
        return;
    }
    for owner in ring.owners_from(at) {
        let Some(owner) = place(places, Some(owner)) else { continue };
        if !out.contains(&owner) {
            out.push(owner);
            if out.len() == k {
                return;
            }
        }
    }
}
