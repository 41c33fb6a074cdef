//! The first distinct owners of a walk over points.

use crate::node::NodeIdx;
use crate::seen::Seen;
use crate::steps;

/// Up to this many replicas are compared one by one; for more, a set of the nodes is kept.
const LINEAR_SCAN_MAX: usize = 32;

/// Writes the first distinct owners to `out` until it is full, and returns how many it wrote. Slots are
/// below `slots`.
#[inline]
pub(super) fn first_distinct(
    owners: impl Iterator<Item = NodeIdx>,
    slots: usize,
    out: &mut [NodeIdx],
) -> usize {
    if out.len() <= LINEAR_SCAN_MAX {
        return first_new(owners, out, |chosen, owner| !chosen.contains(&owner));
    }
    let mut seen = Seen::new(slots);
    first_new(owners, out, |_, owner| seen.insert(owner))
}

#[inline]
fn first_new(
    mut owners: impl Iterator<Item = NodeIdx>,
    out: &mut [NodeIdx],
    mut is_new: impl FnMut(&[NodeIdx], NodeIdx) -> bool,
) -> usize {
    let mut found = 0;
    let _ = owners.try_for_each(|owner| {
        steps::count(1);
        let (chosen, rest) = out.split_at_mut_checked(found)?;
        let (place, rest) = rest.split_first_mut()?;
        if is_new(chosen, owner) {
            *place = owner;
            found += 1;
            if rest.is_empty() {
                return None;
            }
        }
        Some(())
    });
    found
}

/// True if no node is there twice. Without a branch on the nodes; for a few of them.
#[inline]
pub(super) fn all_differ(mut nodes: &[NodeIdx]) -> bool {
    let mut repeats = false;
    while let Some((first, others)) = nodes.split_first() {
        repeats |= others.iter().fold(false, |any, other| any | (other == first));
        nodes = others;
    }
    !repeats
}
