//! What moves with a thousand nodes and a hundred keys a node, printed and bounded.
//!
//! `cargo test --test bounded figures -- --nocapture` prints the table in `Mode`'s documentation.

use crate::support::Draws;
use apportion::bounded::{BoundedLoads, ChangeReport, LoadFactor};
use apportion::{KeyHash, Locator, NodeIdx, Placement};

const NODES: u64 = 1000;
const KEYS: usize = 100_000;

/// The worst and the mean of some numbers.
#[derive(Default)]
struct Numbers(Vec<f64>);

impl Numbers {
    fn worst(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    fn minimum(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

struct Figures {
    /// Keys that move when a node leaves, over those it held.
    removal: Numbers,
    /// Keys that move when a node joins, over its fair load.
    addition: Numbers,
    /// What it then holds, over its fair load.
    filled: Numbers,
}

fn within_caps<P: Placement>(held: &BoundedLoads<u64, P>) {
    let sum: u32 = held.locator().topology().iter().map(|(node, _)| held.load(node)).sum();
    assert_eq!(sum as usize, held.len());
    for (node, _) in held.locator().topology().iter() {
        assert!(u64::from(held.load(node)) <= held.cap(node));
    }
}

fn measure<P: Placement + Clone>(
    start: &BoundedLoads<u64, P>,
    without: impl Fn(&Locator<u64, P>, u64) -> Locator<u64, P>,
    with: impl Fn(&Locator<u64, P>, u64) -> Locator<u64, P>,
) -> Figures {
    let mut figures = Figures {
        removal: Numbers::default(),
        addition: Numbers::default(),
        filled: Numbers::default(),
    };
    within_caps(start);
    for i in 0..5 {
        let mut held = start.clone();
        let node = i * 191;
        let ideal = held.load(NodeIdx::new(node as u32));
        let moves: ChangeReport = held.change(without(held.locator(), node)).unwrap();
        within_caps(&held);
        assert_eq!(moves.orphaned, ideal);
        figures.removal.0.push(f64::from(moves.moved) / f64::from(ideal));

        let mut held = start.clone();
        let moves: ChangeReport = held.change(with(held.locator(), NODES + i)).unwrap();
        within_caps(&held);
        let filled = moves.filled[0];
        assert_eq!((moves.filled.len(), moves.orphaned), (1, 0));
        assert_eq!(filled.load, held.load(filled.node));
        assert_eq!(filled.fair, 100);
        figures.addition.0.push(f64::from(moves.moved) / f64::from(filled.fair));
        figures.filled.0.push(f64::from(filled.load) / f64::from(filled.fair));
    }
    figures
}

fn both_modes<P: Placement + Clone>(
    name: &str,
    nodes: &Locator<u64, P>,
    factor: LoadFactor,
    without: impl Fn(&Locator<u64, P>, u64) -> Locator<u64, P>,
    with: impl Fn(&Locator<u64, P>, u64) -> Locator<u64, P>,
) -> Figures {
    let hashes: Vec<KeyHash> = Draws(1608).keys(KEYS);
    let mut modes = [
        BoundedLoads::canonical(nodes.clone(), factor),
        BoundedLoads::online(nodes.clone(), factor),
    ];
    let [_, online] = modes.each_mut().map(|held| {
        held.extend_hashes(hashes.iter().copied()).unwrap();
        let figures = measure(held, &without, &with);
        println!(
            "{name} at {factor}, {:?}: a node less moves {:.2} ({:.2}) of the ideal, a node more \
             {:.2} ({:.2}) and is filled to {:.2} ({:.2})",
            held.mode(),
            figures.removal.mean(),
            figures.removal.worst(),
            figures.addition.mean(),
            figures.addition.worst(),
            figures.filled.mean(),
            figures.filled.minimum(),
        );
        figures
    });
    online
}

#[test]
fn a_node_less_and_a_node_more_at_21_of_20() {
    let ring = Locator::ring(0..NODES).unwrap();
    let factor = LoadFactor::new(21, 20).unwrap();
    let online = both_modes(
        "ring",
        &ring,
        factor,
        |nodes, id| nodes.without(&id).unwrap(),
        |nodes, id| nodes.with(id).unwrap(),
    );
    assert!(online.removal.worst() <= 1.3, "{}", online.removal.worst());
    assert!(online.filled.minimum() >= 0.9, "{}", online.filled.minimum());
}

#[test]
#[ignore = "prints the rest of the table"]
fn a_node_less_and_a_node_more() {
    let ring = Locator::ring(0..NODES).unwrap();
    let rendezvous = Locator::rendezvous(0..NODES).unwrap();
    for (num, den) in [(21, 20), (5, 4), (2, 1)] {
        let factor = LoadFactor::new(num, den).unwrap();
        both_modes(
            "ring",
            &ring,
            factor,
            |nodes, id| nodes.without(&id).unwrap(),
            |nodes, id| nodes.with(id).unwrap(),
        );
        both_modes(
            "rendezvous",
            &rendezvous,
            factor,
            |nodes, id| nodes.without(&id).unwrap(),
            |nodes, id| nodes.with(id).unwrap(),
        );
    }
}

/// One node more lets every cap fall by one key: whoever is full sheds one. It does so only shortly
/// after the caps rose, when few nodes are full: no more than keys came since.
#[test]
fn a_node_more_that_lowers_all_caps() {
    let ring = Locator::ring(0..NODES - 1).unwrap();
    let factor = LoadFactor::new(21, 20).unwrap();
    let mut held = BoundedLoads::online(ring, factor);
    held.extend_hashes(Draws(1608).keys(KEYS)).unwrap();
    let full = (0..NODES as u32 - 1).map(NodeIdx::new).filter(|node| held.load(*node) == 106);
    let full = full.count() as u32;
    let moves = held.change(held.locator().with(NODES).unwrap()).unwrap();
    within_caps(&held);
    let filled = moves.filled[0];
    println!("{full} full nodes shed a key each, {} keys move, {filled:?}", moves.moved);
    assert!((1..=100).contains(&full), "{full}");
    assert!(moves.moved >= full && moves.moved <= full + filled.load, "{moves:?}");
    assert!(filled.load >= filled.fair * 9 / 10, "{filled:?}");
}
