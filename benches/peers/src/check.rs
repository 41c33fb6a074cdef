//! Before any clock runs: a peer that answers constants, forgets nodes or repeats them is no peer.

use crate::keys::Keys;
use crate::peer::{Diff, Locate, Three};
use std::borrow::Borrow;

/// Every node owns keys and none far too many of them.
pub fn places<P: Locate<K>, K: ?Sized>(peer: &P, n: u32, keys: &[impl Borrow<K>]) {
    let mut owned = vec![0_u32; n as usize];
    for key in keys {
        owned[peer.locate(key.borrow()) as usize] += 1;
    }
    let fair = keys.len() / n as usize;
    // With few keys a node may well get none: nothing to see then.
    if fair >= 500 {
        let (least, most) = (owned.iter().min(), owned.iter().max());
        assert!(least.is_some_and(|c| *c as usize > fair / 3), "{}: {least:?} of {fair}", P::NAME);
        assert!(most.is_some_and(|c| (*c as usize) < fair * 3), "{}: {most:?} of {fair}", P::NAME);
    }
}

/// Three nodes, distinct if the crate says so.
pub fn three<P: Three>(peer: &P, n: u32, keys: &Keys) {
    for key in keys.ids.iter().take(1000) {
        let [a, b, c] = peer.three(*key);
        assert!(a < n && b < n && c < n, "{}: no such node", P::NAME);
        if P::DISTINCT {
            assert!(a != b && a != c && b != c, "{}: a node twice", P::NAME);
        }
    }
}

/// What moves is about as much as has to, points standing where chance puts them.
pub fn moves<P: Diff>(peer: &P, share: f64) {
    let moved = peer.moved();
    assert!((0.7..1.4).contains(&(moved / share)), "{}: {moved} moves, not {share}", P::NAME);
}
