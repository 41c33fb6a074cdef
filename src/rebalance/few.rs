//! How much moves between two rings, for a few replicas: lists in registers, no branch that depends
//! on who owns what, no memory.

use super::rings::{Rings, place};
use crate::ring::Circle;
use crate::steps;

impl Rings<'_> {
    /// Hashes that move, times replicas that do. Both rings have at least `K` nodes. O(points · K²).
    ///
    /// Goes down the circle: what a key above a point holds is known when that point is met, and
    /// the list below it is the point's owner and what remains of the list above.
    pub(super) fn moved_of_few<const K: usize>(&self) -> u128 {
        let mut old = Side::<K>::new(self.old, &self.union.old);
        let mut new = Side::<K>::new(self.new, &self.union.new);
        let mut sum = 0;
        let mut last = u64::MAX;
        while old.left > 0 || new.left > 0 {
            steps::count(1);
            let (a, b) = (old.point(), new.point());
            let below = a.max(b);
            sum += u128::from(last - below) * u128::from(gone(&old.list, &new.list));
            last = below;
            old.pass_if(a >= b);
            new.pass_if(b >= a);
        }
        sum + (u128::from(last) + 1) * u128::from(gone(&old.list, &new.list))
    }
}

/// A ring on the way down.
struct Side<'a, const K: usize> {
    ring: &'a Circle,
    points: &'a [u64],
    places: &'a [u32],
    /// Points not met yet.
    left: usize,
    /// The first `K` distinct owners after them, by place.
    list: [u32; K],
}

impl<'a, const K: usize> Side<'a, K> {
    fn new(ring: &'a Circle, places: &'a [u32]) -> Self {
        let points = ring.all_points();
        let list = first_distinct(ring.owners_from(0).filter_map(|o| place(places, Some(o))));
        Self { ring, points, places, left: points.len(), list }
    }

    /// The highest point not met yet; 0 if there is none.
    #[inline]
    fn point(&self) -> u64 {
        self.points.get(self.left.wrapping_sub(1)).copied().unwrap_or(0)
    }

    #[inline]
    fn pass_if(&mut self, met: bool) {
        let met = met && self.left > 0;
        let first = self.list.first().copied().unwrap_or_default();
        let owner = place(self.places, self.ring.owner_at(self.left.wrapping_sub(1)));
        // The first of the list put before it changes nothing.
        self.list = put_first(self.list, owner.filter(|_| met).unwrap_or(first));
        self.left -= usize::from(met);
    }
}

/// The list with a node before it, without its old place or the last one.
#[inline]
fn put_first<const K: usize>(mut list: [u32; K], node: u32) -> [u32; K] {
    let mut carried = node;
    let mut found = false;
    for held in &mut list {
        let next = *held;
        *held = if found { next } else { carried };
        found |= next == node;
        carried = next;
    }
    list
}

/// How many of `before` are not in `after`.
#[inline]
fn gone<const K: usize>(before: &[u32; K], after: &[u32; K]) -> u32 {
    let stays = |node: &u32| after.iter().fold(false, |found, other| found | (other == node));
    before.iter().map(|node| u32::from(!stays(node))).sum()
}

fn first_distinct<const K: usize>(owners: impl Iterator<Item = u32>) -> [u32; K] {
    // No place is that high: see the limits.
    let mut out = [u32::MAX; K];
    let mut found = 0;
    for owner in owners {
        if out.contains(&owner) {
            continue;
        }
        let Some(place) = out.get_mut(found) else { break };
        *place = owner;
        found += 1;
    }
    out
}
