//! Take-over: who leads a failed node's partitions.
//!
//! ```text
//!  rows led by x   [x a b]  [x a c]  [x a d]  [x b c]      if x fails, the second holders lead:
//!                    a        a        a        b          a 3, b 1
//!                  [x b a]  [x a c]  [x d a]  [x c b]      a 1, b 1, c 1, d 1
//! ```
//!
//! For each node the second holders of the partitions it leads are chosen as leaders are, among the
//! other holders: max-min fair by weight, each node the floor or the ceiling. If their weights differ,
//! the fewest second holders change. If they are the same, which is faster, second holders change
//! along shortest paths, each of which is necessary, but another choice of paths may be shorter.

use super::super::cells::{at, put};
use super::super::old_rows::OldRows;
use super::super::tree::NONE;
use super::choose;
use super::evening::Evening;
use super::rows::HolderRows;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Brings a second holder to the second place of every row, whose first one is the leader. `before`
/// has the old rows, which are empty for a fresh table.
pub(super) fn spread(rows: &mut [u32], each: usize, before: &OldRows, weights: &[u128]) {
    if each < 3 {
        return;
    }
    let mut led: Vec<Vec<u32>> = vec![Vec::new(); weights.len()];
    for (partition, row) in (0..).zip(rows.chunks_exact(each)) {
        let list = row.first().and_then(|leader| led.get_mut(*leader as usize));
        list.into_iter().for_each(|list| list.push(partition));
    }
    // The number of each leaf among the holders of one leader's partitions.
    let mut numbers = vec![NONE; weights.len()];
    let mut evening = Evening::default();
    for partitions in led.into_iter().filter(|partitions| partitions.len() > 1) {
        let (mut leaves, mut own): (Vec<u32>, Vec<u128>) = (Vec::new(), Vec::new());
        let mut holders = Vec::with_capacity(partitions.len() * (each - 1));
        for partition in &partitions {
            for leaf in others(rows, each, *partition) {
                if at(&numbers, *leaf as usize) == NONE {
                    put(&mut numbers, *leaf as usize, leaves.len() as u32);
                    leaves.push(*leaf);
                    own.push(at(weights, *leaf as usize));
                }
                holders.push(at(&numbers, *leaf as usize));
            }
        }
        let old = partitions.iter().map(|partition| {
            let second = before.row(*partition).get(1).copied().unwrap_or(NONE);
            let stays = others(rows, each, *partition).contains(&second);
            if stays { at(&numbers, second as usize) } else { NONE }
        });
        let old: Option<Vec<u32>> = (!before.is_empty()).then(|| old.collect());
        let local = HolderRows::even(&holders, each - 1);
        let seconds = if own.iter().all(|weight| Some(weight) == own.first()) {
            let mut seconds: Vec<u32> = old.unwrap_or_else(|| vec![NONE; partitions.len()]);
            for (second, row) in seconds.iter_mut().zip(local.iter()) {
                let first = row.first().copied().unwrap_or(0);
                *second = if *second == NONE { first } else { *second };
            }
            evening.even_out(local, leaves.len(), &mut seconds);
            seconds
        } else {
            choose(local, &own, old.as_deref()).leaders
        };
        for (partition, second) in partitions.iter().zip(&seconds) {
            let second = at(&leaves, *second as usize);
            let first = *partition as usize * each;
            let row = rows.get_mut(first + 1..first + each).into_iter();
            row.for_each(|row| {
                if let Some(place) = row.iter().position(|leaf| *leaf == second) {
                    row.swap(0, place);
                }
            });
        }
        leaves.iter().for_each(|leaf| put(&mut numbers, *leaf as usize, NONE));
    }
}

/// All holders of a row but the leader.
fn others(rows: &[u32], each: usize, partition: u32) -> &[u32] {
    let first = partition as usize * each;
    rows.get(first + 1..first + each).or_slip()
}
