//! What holds for any algorithm, beside a model that says who a key's holders are.

use super::input::Input;
use super::walks::{Value, edit};
use apportion::{Candidates, KeyHash, Locator, NodeIdx, Placement, Walk};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// The nodes of a locator by slot.
pub fn name_of<'a, P>(locator: &'a Locator<String, P>) -> impl Fn(NodeIdx) -> &'a str {
    move |slot| locator.topology().get(slot).expect("a slot without a node")
}

/// The holders of a key, by name.
pub fn names<T>(
    placement: &impl Placement,
    key: KeyHash,
    k: usize,
    name: impl Fn(NodeIdx) -> T,
) -> Vec<T> {
    let mut out = vec![NodeIdx::default(); k];
    let found = placement.replicas(key, &mut out);
    out[..found].iter().map(|slot| name(*slot)).collect()
}

/// Laws 1 and 2: every way to ask gives the beginning of the one order.
pub fn answers<T: PartialEq + Debug>(
    placement: &impl Placement,
    key: KeyHash,
    expected: &[T],
    name: impl Fn(NodeIdx) -> T,
) {
    let live = placement.live();
    assert_eq!(expected.len(), live, "the model lost a node");
    for k in [0, 1, 2, 3, live, live + 2] {
        let found = names(placement, key, k, &name);
        assert_eq!(found, expected[..k.min(live)], "{key:?}, k = {k}");
    }
    assert_eq!(placement.locate(key).map(&name).as_ref(), expected.first());
    let walked: Vec<T> = Candidates::new(placement, key).map(&name).collect();
    assert_eq!(walked, expected, "the walk differs");
    let mut one = [NodeIdx::default()];
    let found = placement.locate_batch(&[key.get()], &mut one);
    assert_eq!(one[..found].first().copied(), placement.locate(key));
}

/// Law 3: one changed weight changes at most one member of a set, and only by its node.
pub fn one_change(was: &[&str], is: &[&str], target: Option<&str>, raised: bool) {
    let came: Vec<&str> = is.iter().copied().filter(|n| !was.contains(n)).collect();
    let gone: Vec<&str> = was.iter().copied().filter(|n| !is.contains(n)).collect();
    assert!(came.len() <= 1 && gone.len() <= 1, "{target:?}: {was:?} -> {is:?}");
    let (cause, effect) = if raised { (came, gone) } else { (gone, came) };
    let by_target = cause.iter().all(|name| Some(*name) == target);
    assert!(by_target && effect.len() <= cause.len(), "{target:?}: {was:?} -> {is:?}");
}

/// Which fingerprint belongs to which content, over one history.
pub struct Fingerprints<C> {
    of: BTreeMap<C, u64>,
    contents: BTreeMap<u64, C>,
}

impl<C> Default for Fingerprints<C> {
    fn default() -> Self {
        Self { of: BTreeMap::new(), contents: BTreeMap::new() }
    }
}

impl<C: Ord + Clone + Debug> Fingerprints<C> {
    pub fn check(&mut self, fingerprint: u64, content: C) {
        assert_eq!(*self.of.entry(content.clone()).or_insert(fingerprint), fingerprint);
        assert_eq!(*self.contents.entry(fingerprint).or_insert(content.clone()), content);
    }
}

/// A walk whose words may be anything gives live nodes, and ends within so many steps.
pub fn hostile_walk(
    placement: &impl Placement,
    live: impl Fn(NodeIdx) -> bool,
    bound: u64,
    input: &mut Input<'_>,
) {
    let value = Value { placement: Box::new(placement), live: Box::new(live), bound };
    let mut walk = Walk::new(KeyHash::from_hash(input.word()));
    for _ in 0..3 {
        for _ in 0..input.below(8) {
            value.step(&mut walk);
        }
        edit(&mut walk, input);
        value.to_the_end(walk);
    }
}
