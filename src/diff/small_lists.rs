//! How much moves between two circles, for a few replicas. The lists of owners stay in registers, no
//! branch depends on the owners, and no memory is allocated.

use super::circles::Circles;
use super::ends::place;
use crate::circle::{Circle, Cursor};
use crate::steps;

impl Circles<'_> {
    /// The number of hashes that move, summed over the replicas. Both circles have at least `K` nodes.
    /// O(points · K²).
    ///
    /// The pass goes down the circle. At each point the list of owners above it is known; the list
    /// below it is the point's owner, followed by the rest of the list above.
    pub(super) fn moved_of_few<const K: usize>(&self) -> u128 {
        let mut old = Descent::<K>::new(self.old.circle, &self.union.old);
        let mut new = Descent::<K>::new(self.new.circle, &self.union.new);
        let mut sum = 0;
        let mut last = u64::MAX;
        while old.at.rank() > 0 || new.at.rank() > 0 {
            steps::count(1);
            let (a, b) = (old.below(), new.below());
            let below = a.max(b);
            sum += u128::from(last - below) * u128::from(gone(&old.list, &new.list));
            last = below;
            old.pass_if(a >= b);
            new.pass_if(b >= a);
        }
        sum + (u128::from(last) + 1) * u128::from(gone(&old.list, &new.list))
    }
}

/// The state of one circle in the downward pass.
struct Descent<'a, const K: usize> {
    /// The position of the last visited point.
    at: Cursor<'a>,
    places: &'a [u32],
    /// The first `K` distinct owners from the last visited point on, by place.
    list: [u32; K],
}

impl<'a, const K: usize> Descent<'a, K> {
    fn new(circle: &'a Circle, places: &'a [u32]) -> Self {
        let owners = circle.iter().map(|(_, owner)| owner);
        let list = first_distinct(owners.filter_map(|owner| place(places, Some(owner))));
        Self { at: circle.end(), places, list }
    }

    /// The highest point that is not visited yet; 0 if there is none.
    #[inline]
    fn below(&self) -> u64 {
        self.at.previous_point().unwrap_or(0)
    }

    #[inline]
    fn pass_if(&mut self, met: bool) {
        let first = self.list.first().copied().unwrap_or_default();
        let met = met & (self.at.rank() > 0);
        // Read before it is known whether it is needed, so that no branch depends on the points:
        // half of such branches are mispredicted.
        let owner = place(self.places, self.at.previous_owner());
        // Putting the first owner in front again changes nothing.
        self.list = put_first(self.list, owner.filter(|_| met).unwrap_or(first));
        self.at.previous_if(met);
    }
}

/// The list with a node in front; its old entry, or else the last entry, is dropped.
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

/// The number of entries of `before` that are not in `after`.
#[inline]
fn gone<const K: usize>(before: &[u32; K], after: &[u32; K]) -> u32 {
    let stays = |node: &u32| after.iter().fold(false, |found, other| found | (other == node));
    before.iter().map(|node| u32::from(!stays(node))).sum()
}

fn first_distinct<const K: usize>(owners: impl Iterator<Item = u32>) -> [u32; K] {
    // No place is that large: see the limits.
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
