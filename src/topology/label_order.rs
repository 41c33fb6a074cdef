//! Sorts changes by the labels of their nodes.

use super::members::Members;
use crate::node::NodeIdx;
use crate::steps;
use alloc::vec::Vec;

/// Sorts items by the labels of their nodes, in ascending order of the bytes. No node occurs twice.
///
/// Labels lie scattered in memory, so reading two of them for every comparison costs several cache
/// misses each: for a million nodes that took most of the time of a whole change. Names of one
/// cluster usually begin alike, so the eight bytes behind what all of them share decide nearly every
/// comparison, and they are kept beside the items. O(n log n), and O(n) labels read if those bytes
/// differ.
pub(super) fn sort_by_label<T>(members: &Members, items: &mut Vec<T>, at: impl Fn(&T) -> NodeIdx) {
    // In the order of the slots, labels of neighbours are read one after another.
    items.sort_unstable_by_key(&at);
    let label = |item: &T| members.label(at(item)).unwrap_or_default();
    let shared = items.first().map(label).map_or(0, |first| {
        items.iter().fold(first.len(), |shared, item| {
            let both = first.iter().zip(label(item)).take(shared);
            both.take_while(|(a, b)| a == b).count()
        })
    });
    let keyed = items.drain(..).map(|item| {
        steps::count(1);
        let label = label(&item);
        (word(label.get(shared..).unwrap_or_default()), label, item)
    });
    let mut keyed: Vec<(u64, &[u8], T)> = keyed.collect();
    keyed.sort_unstable_by(|(a, a_label, _), (b, b_label, _)| {
        a.cmp(b).then_with(|| {
            steps::count(1);
            a_label.cmp(b_label)
        })
    });
    items.extend(keyed.into_iter().map(|(_, _, item)| item));
}

/// The first eight bytes as a number that compares as they do. A byte that is missing counts as 0: the
/// whole labels decide between it and a byte 0.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::sort_by_label;
    use crate::hash::mix::word;
    use crate::steps::{assert_growth, during};
    use crate::{Node, NodeIdx, Topology};
    use alloc::collections::BTreeSet;
    use alloc::format;
    use alloc::vec::Vec;

    fn topology(labels: impl IntoIterator<Item = Vec<u8>>) -> Topology<()> {
        let nodes = labels.into_iter().map(|label| Node::labelled((), label.as_slice()));
        Topology::of(nodes).unwrap()
    }

    #[test]
    fn as_by_whole_labels() {
        for case in 0..300 {
            // Few bytes, so that labels share long beginnings and end in zeros.
            let draw = |i: u64| word(case, i);
            let prefix = draw(0) % 12;
            let label = |i: u64| -> Vec<u8> {
                let len = prefix + draw(i) % 12;
                (0..len).map(|b| if b < prefix { 7 } else { (word(i, b) % 2) as u8 }).collect()
            };
            let labels: BTreeSet<Vec<u8>> = (1..2 + draw(1) % 40).map(label).collect();
            let mut slots: Vec<Vec<u8>> = labels.iter().cloned().collect();
            let by = draw(2) as usize % slots.len();
            slots.rotate_left(by);
            let topology = topology(slots);
            let mut sorted: Vec<NodeIdx> = topology.iter().map(|(at, ())| at).collect();
            sort_by_label(topology.members(), &mut sorted, |at| *at);
            assert!(sorted.iter().filter_map(|at| topology.members().label(*at)).eq(&labels));
        }
    }

    /// One step to take a node's key, and one for each comparison of whole labels.
    #[test]
    fn few_labels_are_compared_whole() {
        let steps = |n: usize| {
            let name = |i| format!("cache-node-{:x}.eu", word(1, i)).into_bytes();
            let topology = topology((0..n as u64).map(name));
            let mut all: Vec<NodeIdx> = topology.iter().map(|(at, ())| at).collect();
            during(|| sort_by_label(topology.members(), &mut all, |at| *at)).1
        };
        assert_growth("a sort by label", 1000, 2.2, steps);
        assert!(steps(1000) <= 1100, "{}", steps(1000));
    }
}
