//! Fresh tables: the wrap-around rule, then a shuffle.
//!
//! ```text
//!  replicas in depth-first order   a a a b  b b b c  c c d d     quotas 3, 4, 3, 2; P = 4, R = 3
//!  unit u goes to partition        0 1 2 3  0 1 2 3  0 1 2 3     u mod P
//!  at place of the row             0        1        2           u div P
//!
//!  rows:   0: a b c    1: a b c    2: a b d    3: b c d
//! ```

use super::cells::{add, at, put};
use super::row_sizes::RowSizes;
use super::tree::Tree;
use crate::hash::mix::{reduce, word};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Rows in which every leaf has its rounded quota and no partition breaks a limit. O(P·R + n).
///
/// The leaves' replicas stand on a line in depth-first order, and partition p takes every P-th one
/// starting with the p-th. An interval of up to P replicas meets a partition at most once, and one
/// of up to c·P at most c times, so caps hold for leaves and domains alike.
///
/// # Source
/// The wrap-around rule of Robert McNaughton, *Scheduling with deadlines and loss functions*,
/// Management Science 6(1), 1959, DOI 10.1287/mnsc.6.1.1.
pub(super) fn wrapped(partitions: u32, replicas: u32, rounded: &[u64]) -> Vec<u32> {
    let (partitions, replicas) = (partitions as usize, replicas as usize);
    let mut rows = vec![0; partitions * replicas];
    let mut unit = 0;
    for (leaf, count) in (0..).zip(rounded) {
        for _ in 0..*count {
            put(&mut rows, unit % partitions * replicas + unit / partitions, leaf);
            unit += 1;
        }
    }
    rows
}

/// Shuffles replicas between partitions as far as the rules allow, so the other replicas of a
/// node's partitions are spread over all nodes. Tries each place once, in order; seeded, so the
/// result is always the same.
pub(super) fn shuffle(tree: &Tree, rows: &mut [u32], replicas: u32) {
    let places = rows.len() as u64;
    let each = replicas as usize;
    for place in 0..rows.len() {
        // Several tries, because the limits reject some exchanges.
        for turn in 0..4 {
            let other = reduce(word(place as u64, turn), places) as usize;
            if exchange(tree, rows, each, place, other) {
                break;
            }
        }
    }
}

/// Exchanges two replicas of different partitions if the limits allow both new rows.
fn exchange(tree: &Tree, rows: &mut [u32], each: usize, a: usize, b: usize) -> bool {
    let (p, q) = (a / each, b / each);
    let (x, y) = (at(rows, a), at(rows, b));
    if p == q || x == y {
        return false;
    }
    let row = |partition: usize| rows.get(partition * each..(partition + 1) * each).or_slip();
    let fits = |row: &[u32], leaving, leaf| !row.contains(&leaf) && tree.admits(row, leaving, leaf);
    if !fits(row(p), x, y) || !fits(row(q), y, x) {
        return false;
    }
    put(rows, a, y);
    put(rows, b, x);
    true
}

/// Makes one holder of each row the leader: the one that leads the fewest partitions so far,
/// relative to its load. Leaders are then spread in proportion to loads.
pub(super) fn assign_leaders(rows: &mut [u32], sizes: &RowSizes, loads: &[u64]) {
    let mut led = vec![0_u64; loads.len()];
    for (partition, row) in (0..).zip(rows.chunks_exact_mut(sizes.stride().max(1))) {
        let Some(row) = row.get_mut(..sizes.of_partition(partition)) else { continue };
        let led_per_load = |leaf: u32| {
            let (led, load) = (at(&led, leaf as usize), at(loads, leaf as usize).max(1));
            (led << 32) / load
        };
        let min = row.iter().enumerate().min_by_key(|(_, leaf)| led_per_load(**leaf));
        if let Some(place) = min.map(|(place, _)| place) {
            row.swap(0, place);
        }
        if let Some(first) = row.first() {
            add(&mut led, *first as usize, 1);
        }
    }
}
