//! A table from nothing.

use super::cells::{add, at, put};
use super::tree::Tree;
use crate::hash::mix::{reduce, word};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Rows in which every leaf has its rounded quota and no partition breaks a limit. O(P·R + n).
///
/// The leaves' replicas are laid on a line in depth-first order and partition p takes every P-th
/// from p on: an interval no longer than P meets a partition once, one no longer than c·P at most c
/// times. (The wrap-around rule of Robert McNaughton, *Scheduling with deadlines and loss
/// functions*, Management Science 6(1), 1959, DOI 10.1287/mnsc.6.1.1.)
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

/// Exchanges replicas at random as far as the rules allow, so that the partitions of a node have
/// their other replicas anywhere. Every place is exchanged once with some other.
pub(super) fn shuffle(tree: &Tree, rows: &mut [u32], replicas: u32) {
    let places = rows.len() as u64;
    let each = replicas as usize;
    for place in 0..rows.len() {
        // A few tries: an exchange between full domains is refused.
        for turn in 0..4 {
            let other = reduce(word(place as u64, turn), places) as usize;
            if exchange(tree, rows, each, place, other) {
                break;
            }
        }
    }
}

/// Exchanges two replicas of two partitions, if both may be where the other is.
fn exchange(tree: &Tree, rows: &mut [u32], each: usize, a: usize, b: usize) -> bool {
    let (p, q) = (a / each, b / each);
    let (x, y) = (at(rows, a), at(rows, b));
    if p == q || x == y {
        return false;
    }
    let row = |partition: usize| rows.get(partition * each..(partition + 1) * each).or_slip();
    let may =
        |row: &[u32], going, coming| !row.contains(&coming) && tree.admits(row, going, coming);
    if !may(row(p), x, y) || !may(row(q), y, x) {
        return false;
    }
    put(rows, a, y);
    put(rows, b, x);
    true
}

/// Puts the holder of each row first that has been first least often for what it holds, so that
/// owners are spread as replicas are.
pub(super) fn assign_leaders(rows: &mut [u32], replicas: u32, loads: &[u64]) {
    let mut led = vec![0_u64; loads.len()];
    for row in rows.chunks_exact_mut(replicas as usize) {
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
