//! Checks adapters before measuring: one that answers constants, or that omits or repeats nodes, is
//! not a fair comparison.

use crate::keys::Keys;
use crate::peer::{Batch, Diff, Locate, Three};
use std::borrow::Borrow;

/// Checks that every node owns keys, none owns far too many, and removed nodes own none.
pub fn places<P: Locate<K>, K: ?Sized>(peer: &P, n: u32, keys: &[impl Borrow<K>]) {
    let (weights, name) = (P::weights(n), P::NAME);
    let total: u32 = weights.iter().sum();
    let enough = n as usize * if n <= 100 { 600 } else { 40 };
    let keys = &keys[..keys.len().min(enough)];
    let mut owned = vec![0_u32; n as usize];
    for key in keys {
        owned[peer.locate(key.borrow()) as usize] += 1;
    }

    let mut missed = 0;
    for (node, (owned, weight)) in owned.into_iter().zip(weights).enumerate() {
        let (owned, fair) = (f64::from(owned), f64::from(weight) / f64::from(total));
        let fair = keys.len() as f64 * fair;
        assert!(weight > 0 || owned == 0.0, "{name}: node {node} was removed and owns {owned}");
        // With fewer keys a node may own none by chance, so nothing can be checked.
        if fair >= 20.0 {
            missed += u32::from(owned == 0.0);
        }
        if fair >= 500.0 {
            let least = if P::EVEN { fair / 3.0 } else { 0.0 };
            assert!((least..fair * 3.0).contains(&owned), "{name}: {node} owns {owned} of {fair}");
        }
    }
    let allowed = if P::EVEN { 0 } else { n / 10 };
    assert!(missed <= allowed, "{name}: {missed} nodes own nothing");
}

/// Checks that two adapters give the same answer for every key.
pub fn agree<A: Locate<u64>, B: Locate<u64>>(a: &A, b: &B, keys: &[u64]) {
    for key in keys {
        let (ours, theirs) = (a.locate(key), b.locate(key));
        assert_eq!(ours, theirs, "{} and {} on {key:#x}", A::NAME, B::NAME);
    }
}

/// Checks that two rings of the same points give the same answers. Where points are equal, which
/// node has them is not specified in the other crate: of 160,000 points of 32 bits about six are,
/// and a key in 50,000 belongs to them.
pub fn agree_but_for_ties<A: Locate<u64>, B: Locate<u64>>(a: &A, b: &B, n: u32, keys: &[u64]) {
    if n <= 100 {
        return agree(a, b, keys);
    }
    let others = keys.iter().filter(|key| a.locate(key) != b.locate(key)).count();
    assert!(others <= keys.len() / 10_000, "{} and {}: {others} keys", A::NAME, B::NAME);
}

/// Checks that a batch gives the same answers as single lookups.
pub fn batch<A: Batch, B: Locate<u64>>(batch: &A, single: &B, hashes: &[u64]) {
    let mut out = vec![A::Owner::default(); hashes.len()];
    batch.batch(hashes, &mut out);
    for (hash, owner) in hashes.iter().zip(out) {
        let (ours, theirs) = (A::number(owner), single.locate(hash));
        assert_eq!(ours, theirs, "{} and {} on {hash:#x}", A::NAME, B::NAME);
    }
}

/// Checks that three existing nodes are found, distinct if the crate promises that.
pub fn three<P: Three>(peer: &P, n: u32, keys: &Keys) {
    for key in keys.ids.iter().take(1000) {
        let [a, b, c] = peer.three(*key);
        assert!(a < n && b < n && c < n, "{}: no such node", P::NAME);
        if P::DISTINCT {
            assert!(a != b && a != c && b != c, "{}: a node twice", P::NAME);
        }
    }
}

/// Checks that about the expected share moves; it varies because points are random.
pub fn moves<P: Diff>(peer: &P, share: f64) {
    let moved = peer.moved();
    assert!((0.7..1.4).contains(&(moved / share)), "{}: {moved} moves, not {share}", P::NAME);
}
