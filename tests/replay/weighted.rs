//! Weighted rendezvous beside exact logarithms, with draws chosen where they are hard to tell
//! apart: a draw is a bijection of the identity, so a node can be given any.

use super::formulas::{Entry, by_draw, by_logarithm, draw, identity_drawing, word};
use super::input::Input;
use super::log2::{self, BOUND, Wide};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::{Candidates, KeyHash, NodeIdx, Placement, Walk};

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let key = KeyHash::from_hash(input.word());
    let (mut given, mut nodes) = (Vec::<(u64, u64)>::new(), Vec::new());
    let (mut number, mut weight) = (0, 0_u64);
    for _ in 0..input.below(40) {
        number = chosen_draw(&mut input, number);
        weight = match input.below(6) {
            0 => weight,
            1 => weight.wrapping_add(1),
            // Whoever weighs its own logarithm ties with all others that do.
            2 | 3 => log2::fixed(number),
            _ => input.number(),
        };
        let identity = identity_drawing(key, number);
        assert_eq!(draw(key, identity), number);
        given.push((identity, weight));
        if nodes.iter().all(|(id, _)| *id != identity) {
            nodes.push((identity, weight));
        }
    }
    // An identity that comes twice is refused, wherever it stands.
    let identities: Vec<u64> = given.iter().map(|(identity, _)| *identity).collect();
    assert_eq!(WeightedRendezvousSlice::new(&given).is_some(), given == nodes);
    assert_eq!(RendezvousSlice::new(&identities).is_some(), given == nodes);
    let seed = input.word();
    for key in [key, KeyHash::from_hash(seed), KeyHash::from_hash(word(seed, 0))] {
        weighted(&nodes, key);
        unweighted(&nodes, key);
    }
}

/// Near the last draw, near either end, near an end of one of the logarithm's steps, or anywhere.
fn chosen_draw(input: &mut Input<'_>, last: u64) -> u64 {
    let near = |x: u64, by: u8| x.wrapping_add_signed(i64::from(by as i8));
    match input.below(6) {
        0 => near(last, input.byte()),
        1 => near(0, input.byte()),
        2 => near(last >> 1, input.byte()),
        3 => {
            let step = 256 + u64::from(input.byte());
            near((step << 55) >> input.below(56), input.byte())
        }
        4 => input.number(),
        _ => input.word(),
    }
}

fn entries(nodes: &[(u64, u64)]) -> Vec<Entry> {
    let entry = |(at, (identity, weight)): (usize, &(u64, u64))| Entry {
        at,
        identity: *identity,
        weight: *weight,
    };
    nodes.iter().enumerate().map(entry).collect()
}

fn weighted(nodes: &[(u64, u64)], key: KeyHash) {
    let placement = WeightedRendezvousSlice::new(nodes).unwrap();
    let live: Vec<Entry> = entries(nodes).into_iter().filter(|e| e.weight > 0).collect();
    assert_eq!((placement.slots(), placement.live()), (nodes.len(), live.len()));
    live.iter().for_each(|e| log2::check(draw(key, e.identity)));
    // No filter, no early end, all at once.
    let sorted = by_logarithm(key, live);
    answers(&placement, key, &sorted);

    // By exact logarithms: whoever is clearly ahead comes first.
    let logs: Vec<Wide> = sorted.iter().map(|e| log2::exact(draw(key, e.identity))).collect();
    for (i, (a, log_a)) in sorted.iter().zip(&logs).enumerate() {
        for (b, log_b) in sorted.iter().zip(&logs).skip(i + 1) {
            let slack = BOUND.times(a.weight).plus(BOUND.times(b.weight));
            let late = log_b.times(a.weight).plus(slack) < log_a.times(b.weight);
            assert!(!late, "{b:?} should come before {a:?}");
        }
    }
}

/// Without weights the same draws decide by themselves.
fn unweighted(nodes: &[(u64, u64)], key: KeyHash) {
    let identities: Vec<u64> = nodes.iter().map(|(identity, _)| *identity).collect();
    let placement = RendezvousSlice::new(&identities).unwrap();
    answers(&placement, key, &by_draw(key, entries(nodes)));
}

/// Every way to ask gives the nodes in this order.
fn answers(placement: &impl Placement, key: KeyHash, sorted: &[Entry]) {
    let sorted: Vec<NodeIdx> = sorted.iter().map(|e| NodeIdx::new(e.at as u32)).collect();
    let live = sorted.len();
    for k in [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, live, live + 1] {
        let mut out = vec![NodeIdx::default(); k];
        let found = placement.replicas(key, &mut out);
        assert_eq!(out[..found], sorted[..k.min(live)], "k = {k}");
    }
    assert_eq!(placement.locate(key), sorted.first().copied());
    assert!(Candidates::new(placement, key).eq(sorted.iter().copied()));
    let mut walk = Walk::new(key);
    let walked = std::iter::from_fn(|| placement.next_candidate(&mut walk));
    assert!(walked.eq(sorted.iter().copied()));
    let mut one = [NodeIdx::default()];
    let found = placement.locate_batch(&[key.get()], &mut one);
    assert_eq!(one[..found], sorted[..live.min(1)]);
}
