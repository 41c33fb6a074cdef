//! Histories of large rings beside rings of the same points in one piece, with every version kept.

use super::formulas::word;
use super::input::Input;
use apportion::ring::{ClusterPoints, ClusterPointsConfig, RingConfig};
use apportion::{Error, KeyHash, Locator, Node, NodeIdx, Placement, Ring, Topology};

const STEPS: usize = 12;

type Pages = Locator<u32, Ring>;
type Flat = Locator<u32, Ring<ClusterPoints>>;

/// One version of a ring, and the ring of the same points.
struct Version {
    ring: Pages,
    flat: Flat,
}

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    // Rings change their storage at 4,096 and at 2,048 points, and the number of their pages when it
    // is doubled or halved.
    let first = *input.pick(&[14_u32, 20, 26, 27, 40, 90, 200]);
    let seed = input.word();
    let nodes = (0..first).map(|id| Node::new(id).weight(weight(&mut input)));
    let Some(ring) = built(nodes) else { return };
    let mut versions = vec![version(ring)];
    let mut fresh = first;
    for step in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let Some(last) = versions.last() else { return };
        let Ok(next) = changed(&last.ring, &mut input, &mut fresh) else { continue };
        let next = version(next);
        check(&next, word(seed, step as u64));
        same_diff(last, &next);
        let apart = Locator::ring_of(next.ring.topology().clone(), RingConfig::default());
        assert_eq!(apart.map(|ring| ring.fingerprint()).ok(), Some(next.ring.fingerprint()));
        versions.push(next);
    }
    for (version, at) in versions.iter().zip(0..) {
        check(version, word(seed, 100 + at));
    }
}

/// Mostly 1, so that most nodes have 160 points; now and then more points than one byte can number, and
/// rarely too many for pages.
fn weight(input: &mut Input<'_>) -> u64 {
    match input.byte() {
        0..=220 => 1,
        221..=240 => 2,
        241..=250 => 5,
        251..=253 => 20,
        254 => 26,
        _ => 0,
    }
}

fn built(nodes: impl Iterator<Item = Node<u32>>) -> Option<Pages> {
    Locator::ring_of(Topology::of(nodes).ok()?, RingConfig::default()).ok()
}

fn version(ring: Pages) -> Version {
    let flat = Locator::cluster_points_of(ring.topology().clone(), ClusterPointsConfig::default());
    Version { flat: flat.expect("as many points as the ring has"), ring }
}

fn changed(ring: &Pages, input: &mut Input<'_>, fresh: &mut u32) -> Result<Pages, Error> {
    let mut new = |input: &mut Input<'_>| {
        *fresh += 1;
        Node::new(*fresh).weight(weight(input))
    };
    let highest = ring.topology().iter().map(|(_, id)| *id).max().unwrap_or_default();
    // An id that may have left already.
    let old = |input: &mut Input<'_>| u32::from(input.byte()) * highest / 255;
    match input.below(8) {
        0 | 1 => ring.with_node(new(input)),
        2 | 3 => ring.without(&old(input)),
        4 => {
            let weight = weight(input);
            ring.reweighted(&old(input), weight)
        }
        5 => {
            let count = input.below(60);
            ring.with_nodes((0..count).map(|_| new(input)))
        }
        // A new list: some leave, and others take their slots.
        6 => {
            let keep = 1 + input.below(8) as u32;
            let kept = ring.topology().iter().map(|(_, id)| *id).filter(|id| id % keep != 0);
            let mut nodes: Vec<Node<u32>> = kept.map(Node::new).collect();
            let count = input.below(40);
            nodes.extend((0..count).map(|_| new(input)));
            ring.replaced_by(nodes)
        }
        _ => {
            let half = ring.topology().iter().map(|(_, id)| *id).filter(|id| id % 2 == 0);
            ring.without_all(half.collect::<Vec<u32>>())
        }
    }
}

fn check(version: &Version, seed: u64) {
    let (ring, flat) = (version.ring.placement(), version.flat.placement());
    assert_eq!((ring.points(), ring.live()), (flat.points(), flat.live()));
    assert!(ring.arcs().eq(flat.arcs()), "intervals of hashes");
    let ends = flat.arcs().step_by(1 + flat.points() / 60).map(|arc| arc.last);
    let near = ends.flat_map(|end| [end, end.wrapping_add(1)]);
    let all: Vec<u64> = near.chain((0..150).map(|i| word(seed, i))).collect();
    let mut owners = vec![NodeIdx::default(); all.len()];
    assert_eq!(ring.locate_batch(&all, &mut owners), if flat.live() > 0 { all.len() } else { 0 });
    for (hash, owner) in all.iter().zip(owners) {
        let key = KeyHash::from_hash(*hash);
        assert_eq!(ring.locate(key), flat.locate(key));
        assert_eq!(ring.locate(key), (flat.live() > 0).then_some(owner));
    }
    for hash in all.iter().step_by(7) {
        let key = KeyHash::from_hash(*hash);
        for k in [1, 2, 3, 4, 9, flat.live()] {
            let (mut ours, mut theirs) = (vec![NodeIdx::default(); k], vec![NodeIdx::default(); k]);
            assert_eq!(ring.replicas(key, &mut ours), flat.replicas(key, &mut theirs));
            assert_eq!(ours, theirs, "{k} replicas");
        }
        let ours = version.ring.candidates(&key).take(12);
        assert!(ours.eq(version.flat.candidates(&key).take(12)), "candidates");
    }
}

/// What moves between two versions that share pages, and from the first to one without shared pages.
fn same_diff(old: &Version, new: &Version) {
    for replicas in [1, 2, 3] {
        let ours = old.ring.diff_replicas(&new.ring, replicas).expect("two rings");
        let theirs = old.flat.diff_replicas(&new.flat, replicas).expect("two rings");
        assert_eq!(ours.moved(), theirs.moved(), "{replicas} replicas");
    }
}
