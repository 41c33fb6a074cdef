//! The start of a rebalance: every replica stays that the rules allow to stay.

use crate::partition::cells::{add, at, put};
use crate::partition::domain_counts::DomainCounts;
use crate::partition::tree::{NONE, Tree};
use crate::partition::work::Work;
use crate::steps;
use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Places every pin and as many old holders as the rules allow; frozen partitions stay unchanged.
/// `ceils` are the ceilings of the leaves' quotas: where not all old holders can stay, those on the
/// leaves that are fullest relative to their ceilings leave.
pub(in crate::partition) fn start(work: &mut Work<'_>, ceils: &[u64]) {
    let mut reduced = Vec::new();
    for partition in 0..work.partitions {
        if work.constraints.frozen.contains(&partition) {
            keep_all(work, partition);
            continue;
        }
        let pins = work.constraints.pins_of(partition).len();
        if pins > 0
            || work.before.size(partition) > work.size(partition)
            || !keep_all(work, partition)
        {
            reduced.push(partition);
        }
    }
    let mut greedy = Greedy::new(work.tree);
    for partition in reduced {
        greedy.keep_some(work, partition, ceils);
    }
}

/// Places all old holders of a partition if the rules allow it; otherwise none. None of its
/// replicas is placed yet.
fn keep_all(work: &mut Work<'_>, partition: u32) -> bool {
    let old = work.old_row(partition);
    let rules = &work.constraints.rules;
    legal(work.tree, old)
        && rules.keep(work.tree, partition, old, work.size(partition))
        && work.keep(partition)
}

/// True if a row has no leaf twice and exceeds no limit. `NONE` entries do not count.
pub(super) fn legal(tree: &Tree, row: &[u32]) -> bool {
    let placed = || row.iter().copied().enumerate().filter(|(_, leaf)| *leaf != NONE);
    let within = |before: usize, same: &dyn Fn(u32) -> bool| {
        placed().take_while(|(i, _)| *i < before).filter(|(_, leaf)| same(*leaf)).count() as u32
    };
    placed().all(|(i, leaf)| {
        within(i, &|other| other == leaf) == 0
            && tree.limits.iter().all(|(level, cap)| {
                let domain = tree.domain(leaf, *level);
                within(i, &|other| tree.domain(other, *level) == domain) < *cap
            })
    })
}

/// Chooses the old holders that stay in partitions where not all of them can.
///
/// The partitions of a split row are consecutive and choose from the same old holders. A choice
/// makes only the chosen leaves fuller, so the heap remains valid from one partition to the next.
struct Greedy<'t> {
    tally: DomainCounts<'t>,
    /// The leaves of the old row `row`, the emptiest first.
    order: BinaryHeap<Reverse<Fullness>>,
    /// The old row in `order`; `None` if it has to be rebuilt.
    row: Option<u32>,
    /// Leaves taken from `order` for this partition.
    tried: Vec<Fullness>,
    /// Old places of the holders that stay.
    staying: Vec<u32>,
    /// The leaves chosen for the row.
    chosen: Vec<u32>,
}

/// How full a leaf is: true for a ceiling of 0, which sorts last, then load / ceiling, then its
/// place in the old row.
type Fullness = (bool, Option<u64>, u32);

impl<'t> Greedy<'t> {
    fn new(tree: &'t Tree) -> Self {
        let tally = DomainCounts::new(tree);
        let (order, tried, staying) = (BinaryHeap::new(), Vec::new(), Vec::new());
        Self { tally, order, row: None, tried, staying, chosen: Vec::new() }
    }

    /// Places the pins of a partition, then greedily every other old holder that fits. The limits
    /// form a matroid, so this keeps the maximum number. None of its replicas is placed yet.
    ///
    /// O(old R) for each old row and each partition with pins, and O(log old R) for each leaf
    /// looked at.
    fn keep_some(&mut self, work: &mut Work<'_>, partition: u32, ceils: &[u64]) {
        let old = work.before.row(partition);
        let pins = work.constraints.pins_of(partition);
        let row = partition / work.before.ways().max(1);
        if !pins.is_empty() || self.row != Some(row) {
            let loads = &work.loads;
            let others = (0..).zip(old).filter(|(_, leaf)| **leaf != NONE && !pins.contains(leaf));
            let order = others.map(|(place, leaf)| Reverse(fullness(loads, ceils, *leaf, place)));
            self.order.clear();
            self.order.extend(order);
            steps::count(old.len() as u64);
        }
        self.row = pins.is_empty().then_some(row);
        self.tally.clear();
        self.staying.clear();
        for pin in pins {
            self.tally.add(*pin);
            let place = old.iter().position(|leaf| leaf == pin);
            self.staying.extend(place.map(|place| place as u32));
        }
        self.chosen.clear();
        self.chosen.extend_from_slice(pins);
        let (rules, size) = (&work.constraints.rules, work.size(partition));
        while self.chosen.len() < size {
            let Some(Reverse(next)) = self.order.pop() else { break };
            steps::count(1);
            let leaf = at(old, next.2 as usize);
            if self.tally.admits(leaf)
                && rules.admit(work.tree, partition, (&self.chosen, size), leaf)
            {
                self.tally.add(leaf);
                self.staying.push(next.2);
                self.chosen.push(leaf);
            }
            self.tried.push(next);
        }
        self.place(work, partition);
        let old = work.before.row(partition);
        for (_, _, place) in self.tried.drain(..) {
            let leaf = at(old, place as usize);
            self.order.push(Reverse(fullness(&work.loads, ceils, leaf, place)));
        }
    }

    /// Writes the holders that stay to their old places, or to the first free place if that one is
    /// taken or no longer exists; then the other pins.
    fn place(&mut self, work: &mut Work<'_>, partition: u32) {
        self.staying.sort_unstable();
        let old = work.before.row(partition);
        let pins = work.constraints.pins_of(partition).iter();
        let pins = pins.filter(|pin| !old.contains(pin)).map(|pin| (usize::MAX, *pin));
        let staying = self.staying.iter().map(|place| (*place as usize, at(old, *place as usize)));
        let Some(row) = work.rows.get_mut(work.sizes.places(partition)) else { return };
        let mut free = 0;
        for (place, leaf) in staying.chain(pins) {
            while row.get(free).is_some_and(|place| *place != NONE) {
                free += 1;
            }
            let own = row.get(place) == Some(&NONE);
            put(row, if own { place } else { free }, leaf);
            add(&mut work.loads, leaf as usize, 1);
        }
        put(&mut work.kept, partition as usize, self.staying.len() as u8);
    }
}

fn fullness(loads: &[u64], ceils: &[u64], leaf: u32, place: u32) -> Fullness {
    let (load, ceil) = (at(loads, leaf as usize), at(ceils, leaf as usize));
    (ceil == 0, (load << 32).checked_div(ceil), place)
}
