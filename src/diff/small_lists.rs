//! How much moves between two circles, for a few replicas. The lists of owners stay in registers, and no
//! branch depends on the owners.

use super::circles::Circles;
use super::ends::place;
use crate::circle::Circle;
use crate::node::NodeIdx;
use crate::steps;

impl Circles<'_> {
    /// The number of hashes that move, summed over the replicas. Both circles have at least `K` nodes.
    /// O(points · K²).
    ///
    /// The pass goes down the circle. At each point the list of owners above it is known; the list
    /// below it is the point's owner, followed by the rest of the list above.
    pub(super) fn moved_of_few<const K: usize>(&self) -> u128 {
        let (mut old, mut new) = (self.old.circle.read_down(), self.new.circle.read_down());
        let (before, after) = (self.union.old.as_slice(), self.union.new.as_slice());
        let mut lists = Lists::<K> {
            old: first_owners(self.old.circle, before),
            new: first_owners(self.new.circle, after),
            last: u64::MAX,
            sum: 0,
        };
        loop {
            let (a, b) = (old.block(), new.block());
            if a.0.is_empty() && b.0.is_empty() {
                return lists.sum + (u128::from(lists.last) + 1) * u128::from(lists.gone());
            }
            let (passed_old, passed_new) = lists.pass(Side::of(a, before), Side::of(b, after));
            old.pass(passed_old);
            new.pass(passed_new);
        }
    }
}

/// The points of one circle that come next, downward, and their owners.
#[derive(Clone, Copy)]
struct Side<'a> {
    points: &'a [u64],
    owners: &'a [NodeIdx],
    places: &'a [u32],
}

impl<'a> Side<'a> {
    /// Below the lowest point the circle goes on to 0.
    fn of((points, owners): (&'a [u64], &'a [NodeIdx]), places: &'a [u32]) -> Self {
        Self { points: if points.is_empty() { &[0] } else { points }, owners, places }
    }
}

/// The state of the downward pass.
struct Lists<const K: usize> {
    /// The first `K` distinct owners from the last visited point on, by place.
    old: [u32; K],
    new: [u32; K],
    last: u64,
    sum: u128,
}

impl<const K: usize> Lists<K> {
    /// Visits points until all of one side are visited; returns the numbers of visited points. All that the
    /// loop changes is in registers.
    fn pass(&mut self, old: Side<'_>, new: Side<'_>) -> (usize, usize) {
        let (mut at_old, mut at_new) = (0, 0);
        let Self { old: mut before, new: mut after, mut last, mut sum } = *self;
        while let (Some(a), Some(b)) = (old.points.get(at_old), new.points.get(at_new)) {
            steps::count(1);
            let below = *a.max(b);
            sum += u128::from(last - below) * u128::from(gone(&before, &after));
            last = below;
            let (pass_old, pass_new) = (a >= b, b >= a);
            before = passed(before, old, at_old, pass_old);
            after = passed(after, new, at_new, pass_new);
            at_old += usize::from(pass_old);
            at_new += usize::from(pass_new);
        }
        *self = Self { old: before, new: after, last, sum };
        (at_old.min(old.owners.len()), at_new.min(new.owners.len()))
    }

    fn gone(&self) -> u32 {
        gone(&self.old, &self.new)
    }
}

/// The list below a point, if that is passed.
#[inline]
fn passed<const K: usize>(list: [u32; K], side: Side<'_>, at: usize, met: bool) -> [u32; K] {
    let first = list.first().copied().unwrap_or_default();
    // Read before it is known whether it is needed, so that no branch depends on the points: half of such
    // branches are mispredicted.
    let owner = place(side.places, side.owners.get(at).copied());
    // Putting the first owner in front again changes nothing.
    put_first(list, owner.filter(|_| met).unwrap_or(first))
}

/// The first `K` distinct owners on a circle, by place.
fn first_owners<const K: usize>(circle: &Circle, places: &[u32]) -> [u32; K] {
    let owners = circle.iter().map(|(_, owner)| owner);
    first_distinct(owners.filter_map(|owner| place(places, Some(owner))))
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
