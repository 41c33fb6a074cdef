//! Laws of values that are built from nodes: no trace of history, fingerprints, a node comes once, the
//! same answers behind pointers and by the choice at run time.

use crate::support::{Draws, holders, topology, weighted};
use apportion::placement::{Build, DynPlacement};
use apportion::{Algorithm, KeyHash, Locator, Node, NodeIdx, Placement, Topology, Walk, Xxh3};
use std::collections::BTreeMap;

pub(crate) type Of<P> = Locator<String, P>;

pub(crate) fn build<P: Build>(config: &P::Config, weights: &[u64]) -> Of<P> {
    Locator::build(topology(weights), config).unwrap()
}

/// A value that was changed step by step answers like one that was built at once, where order
/// does not matter; and the fingerprints agree exactly then.
pub(crate) fn history_leaves_no_trace<P: Build>(config: &P::Config) {
    let mut draws = Draws(4);
    let order_free = build::<P>(config, &[1; 4]).placement().guarantees().order_free;
    let fresh = build::<P>(config, &[1; 8]);
    let mut changed = build::<P>(config, &[1; 6]);
    for name in ["y", "n6", "z", "n7"] {
        changed = changed.with(name.to_string()).unwrap();
    }
    if !order_free {
        assert_ne!(changed.fingerprint(), fresh.fingerprint());
        return;
    }
    let changed = changed.without("y").unwrap().without("z").unwrap();
    assert_eq!(changed.fingerprint(), fresh.fingerprint());
    assert!(changed.topology().epoch() > fresh.topology().epoch());
    same_by_name(&changed, &fresh, &draws.keys(2000));

    // Any order of the same nodes.
    let mut nodes = weighted(&[1; 8]);
    draws.shuffle(&mut nodes);
    let shuffled: Of<P> = Locator::build(Topology::of(nodes).unwrap(), config).unwrap();
    assert_eq!(shuffled.fingerprint(), fresh.fingerprint());
    same_by_name(&shuffled, &fresh, &draws.keys(2000));

    // One step instead of many.
    let replaced = changed.replaced_by(weighted(&[1; 3])).unwrap();
    assert_eq!(replaced.fingerprint(), build::<P>(config, &[1; 3]).fingerprint());
    same_by_name(&replaced, &build::<P>(config, &[1; 3]), &draws.keys(2000));
}

pub(crate) fn same_by_name<P: Build>(a: &Of<P>, b: &Of<P>, keys: &[KeyHash]) {
    for key in keys {
        let names = |l: &Of<P>| -> Vec<String> {
            let slots = holders(l.placement(), *key, 4);
            slots.iter().map(|s| l.topology().get(*s).unwrap().clone()).collect()
        };
        assert_eq!(names(a), names(b));
    }
}

/// Fingerprints tell what decides apart, and nothing else.
pub(crate) fn fingerprints_tell_apart<P: Build>(config: &P::Config) {
    let base = build::<P>(config, &[1; 4]);
    let mut seen = BTreeMap::new();
    let mut differs = |what: &str, fingerprint: u64| {
        if let Some(other) = seen.insert(fingerprint, what.to_string()) {
            panic!("{what} has the fingerprint of {other}");
        }
    };
    differs("base", base.fingerprint());
    differs("one more", base.with("x".into()).unwrap().fingerprint());
    differs("one less", base.without("n3").unwrap().fingerprint());
    differs("all weights 2", build::<P>(config, &[2; 4]).fingerprint());
    differs(
        "a drained node",
        base.with_node(Node::new("x".into()).weight(0)).unwrap().fingerprint(),
    );
    let domain = base.replaced_by(weighted(&[1; 4]).into_iter().map(|n| n.domain("zone", "a")));
    differs("domains", domain.unwrap().fingerprint());
    let secret = |byte| apportion::SipHash13::new([byte; 16]);
    differs("a secret", base.clone().with_hasher(secret(1)).fingerprint());
    differs("another secret", base.clone().with_hasher(secret(2)).fingerprint());
    assert_eq!(base.clone().fingerprint(), base.fingerprint());
}

/// Law 7: a node that is there already is refused by every way in, and the value goes on as it was.
pub(crate) fn a_node_comes_once<P: Build>(config: &P::Config) {
    let old = build::<P>(config, &[1; 4]);
    let three = || weighted(&[1; 4]).into_iter();
    let answers = |locator: &Of<P>| -> Vec<_> {
        (0..200).map(|i| holders(locator.placement(), KeyHash::of_id(i), 4)).collect()
    };
    let (before, fingerprint) = (answers(&old), old.fingerprint());
    let twice = || three().chain([Node::new("n2".to_string())]);
    let errors = [
        Topology::of(twice()).map(|_| ()),
        old.with("n2".into()).map(|_| ()),
        old.with_node(Node::labelled("other".into(), *b"n2")).map(|_| ()),
        old.replaced_by(twice()).map(|_| ()),
    ];
    for error in errors {
        assert_eq!(
            error.unwrap_err().to_string(),
            "node \"n2\" is given twice; list each node once"
        );
    }
    assert_eq!((answers(&old), old.fingerprint()), (before, fingerprint));
}

/// Pointers, trait objects and the run-time choice answer like the value itself.
pub(crate) fn forwarding_keeps_answers<P: Build + Send + Sync + 'static>(
    config: &P::Config,
    algorithm: Algorithm,
) {
    let mut draws = Draws(6);
    let plain = build::<P>(config, &[1; 12]);
    let any = Locator::any_of(topology(&[1; 12]), algorithm.clone()).unwrap();
    assert_eq!(any.fingerprint(), plain.fingerprint());
    assert_eq!(any.placement().algorithm(), algorithm);
    assert_eq!(any.placement().guarantees(), plain.placement().guarantees());
    let by_ref: &P = plain.placement();
    let boxed: Box<DynPlacement> = Box::new(plain.placement().clone());
    let shared: std::sync::Arc<DynPlacement> = std::sync::Arc::new(any.placement().clone());
    let keys: Vec<u64> = draws.keys(500).into_iter().map(KeyHash::get).collect();
    let batch = |p: &dyn Placement| {
        let mut out = vec![NodeIdx::default(); keys.len()];
        assert_eq!(p.locate_batch(&keys, &mut out), keys.len());
        out
    };
    let others: [&dyn Placement; 5] = [&by_ref, &boxed, &shared, any.placement(), &*shared];
    for other in others {
        assert_eq!((other.slots(), other.live()), (12, 12));
        assert_eq!(other.guarantees(), plain.placement().guarantees());
        assert_eq!(other.walk_repeats(), plain.placement().walk_repeats());
        assert_eq!(batch(other), batch(plain.placement()));
        for key in keys.iter().map(|h| KeyHash::from_hash(*h)) {
            assert_eq!(other.locate(key), plain.placement().locate(key));
            assert_eq!(holders(other, key, 3), holders(plain.placement(), key, 3));
            let mut walk = Walk::new(key);
            assert_eq!(other.next_candidate(&mut walk), plain.placement().locate(key));
        }
    }
    let short = &mut [NodeIdx::default(); 3];
    assert_eq!(plain.locate_batch(&keys, short), 3);
    let boxed = Locator::from_parts(topology(&[1; 12]), boxed, Xxh3).unwrap();
    assert_eq!(boxed.get("key"), plain.get("key"));
}
