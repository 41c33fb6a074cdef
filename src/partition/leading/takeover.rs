//! Take-over: who leads a failed node's partitions.
//!
//! ```text
//!  rows led by x   [x a b]  [x a c]  [x a d]  [x b c]      if x fails, the second holders lead:
//!                    a        a        a        b          a 3, b 1
//!                  [x b a]  [x a c]  [x d a]  [x c b]      a 1, b 1, c 1, d 1
//! ```
//!
//! For each node the second holders of the partitions it leads are chosen as leaders are: among the
//! other holders, each node the floor or the ceiling of its max-min fair share by weight, and the
//! fewest second holders change.

use super::super::cells::{at, put};
use super::super::old_rows::OldRows;
use super::super::row_sizes::RowSizes;
use super::super::tree::NONE;
use super::choose;
use super::evening::Evening;
use super::flow::{Bounds, Flow};
use super::rows::HolderRows;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Brings a second holder to the second place of every row, whose first one is the leader. `before`
/// has the old rows, which are empty for a fresh table.
pub(super) fn spread(rows: &mut [u32], sizes: &RowSizes, before: &OldRows, weights: &[u128]) {
    if sizes.stride() < 3 {
        return;
    }
    let mut led: Vec<Vec<u32>> = vec![Vec::new(); weights.len()];
    // Partitions of one replica have no second holder.
    let several = (0..).zip(HolderRows::of(rows, sizes).iter()).filter(|(_, row)| row.len() > 1);
    for (partition, row) in several {
        let list = row.first().and_then(|leader| led.get_mut(*leader as usize));
        if let Some(list) = list {
            list.push(partition);
        }
    }
    // The number of each leaf among the holders of one leader's partitions.
    let mut numbers = vec![NONE; weights.len()];
    let mut evening = Evening::default();
    for partitions in led.into_iter().filter(|partitions| partitions.len() > 1) {
        let (mut leaves, mut own): (Vec<u32>, Vec<u128>) = (Vec::new(), Vec::new());
        let mut holders = Vec::with_capacity(partitions.len() * (sizes.stride() - 1));
        let mut starts = vec![0];
        for partition in &partitions {
            for leaf in others(rows, sizes, *partition) {
                if at(&numbers, *leaf as usize) == NONE {
                    put(&mut numbers, *leaf as usize, leaves.len() as u32);
                    leaves.push(*leaf);
                    own.push(at(weights, *leaf as usize));
                }
                holders.push(at(&numbers, *leaf as usize));
            }
            starts.push(holders.len() as u32);
        }
        let old = partitions.iter().map(|partition| {
            let second = before.row(*partition).get(1).copied().unwrap_or(NONE);
            let stays = others(rows, sizes, *partition).contains(&second);
            if stays { at(&numbers, second as usize) } else { NONE }
        });
        let old: Option<Vec<u32>> = (!before.is_empty()).then(|| old.collect());
        let local = HolderRows::ragged(&holders, &starts);
        let seconds = if own.iter().all(|weight| Some(weight) == own.first()) {
            evenly(&mut evening, local, leaves.len(), old.as_deref())
        } else {
            choose(local, &own, old.as_deref()).leaders
        };
        for (partition, second) in partitions.iter().zip(&seconds) {
            let second = at(&leaves, *second as usize);
            let places = sizes.places(*partition);
            let row = rows.get_mut(places.start + 1..places.end).into_iter();
            row.for_each(|row| {
                if let Some(place) = row.iter().position(|leaf| *leaf == second) {
                    row.swap(0, place);
                }
            });
        }
        for leaf in &leaves {
            put(&mut numbers, *leaf as usize, NONE);
        }
    }
}

/// What [`choose`] does for equal weights, faster: along shortest paths of changes, and by a flow only
/// if these may be more than necessary.
fn evenly(
    evening: &mut Evening,
    rows: HolderRows<'_>,
    nodes: usize,
    old: Option<&[u32]>,
) -> Vec<u32> {
    let start = rows.iter().enumerate().map(|(partition, row)| {
        let old = old.map_or(NONE, |old| at(old, partition));
        if old == NONE { row.first().copied().unwrap_or(0) } else { old }
    });
    let start: Vec<u32> = start.collect();
    let mut seconds = start.clone();
    evening.even_out(rows, nodes, &mut seconds);
    let Some(old) = old else { return seconds };
    let changed = |(old, second): &(&u32, &u32)| **old != NONE && old != second;
    let changes = old.iter().zip(&seconds).filter(changed).count() as i128;
    if changes == 0 {
        return seconds;
    }
    let (low, high) = evening.bounds(rows, &seconds);
    let mut kept = vec![0_i128; nodes];
    for old in old.iter().filter(|old| **old != NONE) {
        let count = at(&kept, *old as usize) + 1;
        put(&mut kept, *old as usize, count);
    }
    let above = kept.iter().zip(&high).map(|(kept, high)| (kept - high).max(0));
    if changes == above.sum() {
        return seconds;
    }
    let bounds = Bounds { low, high, groups: vec![0; nodes], units: vec![1] };
    let mut flow = Flow::new(rows, start, bounds, Some(old));
    if flow.run() { flow.shares.into_leaders() } else { seconds }
}

/// All holders of a row but the leader.
fn others<'a>(rows: &'a [u32], sizes: &RowSizes, partition: u32) -> &'a [u32] {
    let places = sizes.places(partition);
    rows.get(places.start + 1..places.end).or_slip()
}

#[cfg(test)]
mod tests {
    use super::super::evening::Evening;
    use super::super::quotas::led;
    use super::super::rows::HolderRows;
    use super::{choose, evenly};
    use crate::hash::mix::{reduce, word};
    use crate::partition::row_sizes::RowSizes;
    use crate::partition::tree::NONE;
    use std::prelude::rust_2024::*;
    use std::vec;

    /// The fast way for equal weights has the bounds and the number of changes of the general one.
    #[test]
    fn the_fast_way_changes_as_few_as_the_general_one() {
        let (mut evening, mut changed, mut draws) = (Evening::default(), 0, 0);
        let mut draw = |below: u64| {
            draws += 1;
            reduce(word(0x7A6E, draws), below)
        };
        for _ in 0..3_000 {
            let nodes = 3 + draw(8);
            let partitions = 1 + draw(14) as usize;
            let (mut holders, mut old) = (Vec::new(), Vec::new());
            for _ in 0..partitions {
                let (a, b) = (draw(nodes), draw(nodes - 1));
                // Lower numbers hold more.
                let a = a.min(draw(nodes));
                let b = if b >= a { b + 1 } else { b };
                let pair = [a as u32, b as u32];
                old.push([pair[0], pair[0], pair[1], NONE][draw(4) as usize]);
                holders.extend(pair);
            }
            let pairs = RowSizes::uniform(2);
            let rows = HolderRows::of(&holders, &pairs);
            for old in [Some(&*old), None] {
                let fast = evenly(&mut evening, rows, nodes as usize, old);
                let slow = choose(rows, &vec![1; nodes as usize], old);
                let counts = led(&fast, nodes as usize);
                assert_eq!(slow.quotas.outside(&counts), 0, "{holders:?}, {old:?}: {counts:?}");
                let cost = |seconds: &[u32]| {
                    let old = old.into_iter().flatten().zip(seconds);
                    old.filter(|(old, second)| **old != NONE && old != second).count()
                };
                assert_eq!(cost(&fast), cost(&slow.leaders), "{holders:?}, {old:?}");
                changed += cost(&fast);
            }
        }
        assert!(changed > 1_000, "{changed}");
    }
}
