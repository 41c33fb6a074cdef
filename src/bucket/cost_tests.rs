//! The costs of numbered buckets. The functions themselves are `const`, where nothing can count;
//! their jumps are told from their answers.

use super::{BucketHash as _, Buckets, FlipHash, Jump, JumpBack, Numbered, jump};
use crate::hash::KeyHash;
use crate::node::{Node, NodeIdx};
use crate::placement::{Build, Placement};
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

/// Jump hash goes through the numbers of buckets at which the key would have moved: ln n of them.
#[test]
fn jumps_are_logarithmic() {
    let jumps = |n: u32| {
        let of_key = |key: u64| {
            let hash = KeyHash::of_id(key);
            (2..=n).filter(|n| jump(hash, *n) == n - 1).count()
        };
        (0..200).map(of_key).sum::<usize>() as f64 / 200.0
    };
    for n in [64, 512, 4096] {
        assert!((jumps(n) - f64::from(n).ln()).abs() < 1.0, "{n}: {}", jumps(n));
    }
}

/// A replica more costs O(1) expected, whatever n is: the octaves that are looked at from the top
/// down halve.
#[test]
fn replicas_are_constant_each() {
    fn steps(buckets: &impl Placement, k: usize) -> u64 {
        let mut out = std::vec![NodeIdx::default(); k];
        let keys = (0..200).map(KeyHash::of_id);
        keys.map(|key| during(|| buckets.replicas(key, &mut out)).1).sum()
    }
    for n in [1 << 10, 1 << 20, (1 << 30) + 1] {
        assert_growth("k replicas", 16, 2.3, |k| steps(&Buckets::new(JumpBack, n).unwrap(), k));
        let each = steps(&Buckets::new(FlipHash, n).unwrap(), 16) as f64 / (200.0 * 16.0);
        // An octave of all is left out half the time just above a power of two.
        assert!(each < 6.0, "{n}: {each}");
    }
    // All of them: as many steps as there are buckets in the octaves.
    assert_growth("all replicas", 500, 2.2, |n| steps(&Buckets::new(Jump, n as u32).unwrap(), n));
}

#[test]
fn batches_take_a_few_rounds() {
    for n in [1000, 513, 1 << 20] {
        let hashes: std::vec::Vec<u64> = (0..6400).map(|i| KeyHash::of_id(i).get()).collect();
        let mut out = std::vec![0; hashes.len()];
        let (_, steps) = during(|| JumpBack.bucket_batch(&hashes, n, &mut out));
        assert!(steps < 2 * 6400, "{n}: {steps}");
    }
}

#[test]
fn a_node_more_copies_the_numbering() {
    assert_growth("a node more", 500, 2.2, |n| {
        let nodes = Topology::new(0..n as u32).unwrap();
        let numbered = Numbered::<Jump>::build(&(), nodes.members()).unwrap();
        let (more, change) = nodes.with_node(Node::new(u32::MAX)).unwrap();
        during(|| numbered.update(&[change], nodes.members(), more.members()).unwrap()).1
    });
}
