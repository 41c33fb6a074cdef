//! What a step of bounded loads may do, from who held what before and who does after it.

use super::bounded::{Held, empty};
use super::bounded_nodes::{Name, Nodes};
use apportion::bounded::{ChangeReport, LoadFactor, Mode};
use apportion::{KeyHash, NodeIdx};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Who holds what, by name.
pub struct State {
    pub nodes: Rc<Nodes>,
    pub held: BTreeMap<u64, Name>,
    factor: LoadFactor,
}

impl State {
    /// Everything a value says of itself, each in its own way.
    pub fn of(held: &Held, nodes: Rc<Nodes>) -> Self {
        let by_key = held.iter().map(|(key, at)| (key.get(), nodes.name(at))).collect();
        let state = Self { held: by_key, factor: held.factor(), nodes };
        assert_eq!((held.len(), held.is_empty()), (state.held.len(), state.held.is_empty()));
        assert_eq!(held.iter().len(), held.len());
        for (key, name) in &state.held {
            assert!(state.nodes.weight(*name) > 0, "a node that is not live holds {key:#x}");
            let at = held.holder(KeyHash::from_hash(*key)).expect("it is held");
            assert_eq!(state.nodes.name(at), *name);
        }
        let slots = state.nodes.locator.topology().members().slots() as u32;
        let mut sum = 0;
        for at in (0..=slots).map(NodeIdx::new) {
            let name = state.nodes.locator.topology().get(at);
            let (load, cap) = name.map_or((0, 0), |name| (state.load(*name), state.cap(*name)));
            assert_eq!((u64::from(held.load(at)), held.cap(at)), (load, cap), "{at:?}");
            assert!(load <= cap, "{at:?} holds {load} of {cap}");
            sum += load;
        }
        assert_eq!(sum, held.len() as u64, "the loads add up");
        state
    }

    fn load(&self, name: Name) -> u64 {
        self.held.values().filter(|holder| **holder == name).count() as u64
    }

    fn cap_of(&self, keys: usize, name: Name) -> u64 {
        self.nodes.cap((self.factor.num(), self.factor.den()), keys, name)
    }

    fn cap(&self, name: Name) -> u64 {
        self.cap_of(self.held.len(), name)
    }

    fn fair(&self, name: Name) -> u64 {
        self.nodes.cap((1, 1), self.held.len(), name)
    }

    /// The first node of a key that is below its cap for so many keys.
    fn first(&self, key: u64, keys: usize) -> Name {
        let below = |name: &Name| self.load(*name) < self.cap_of(keys, *name);
        self.nodes.order(key).iter().copied().find(below).expect("there is room")
    }

    /// Keys of nodes above these caps, the highest of each until it is at its cap.
    fn surplus(&self, nodes: &Nodes, keys: usize) -> BTreeSet<u64> {
        let mut surplus = BTreeSet::new();
        for (name, weight) in &nodes.weights {
            let cap = nodes.cap((self.factor.num(), self.factor.den()), keys, *name);
            let over = self.load(*name).saturating_sub(cap);
            if *weight > 0 {
                let own = self.held.iter().rev().filter(|(_, holder)| *holder == name);
                surplus.extend(own.take(over as usize).map(|(key, _)| *key));
            }
        }
        surplus
    }

    /// Places these keys one after the other, out of so many.
    fn place(&mut self, order: impl Iterator<Item = u64>, keys: usize) {
        for key in order {
            let holder = self.first(key, keys);
            self.held.insert(key, holder);
        }
    }

    fn take(&mut self, keys: &BTreeSet<u64>) {
        self.held.retain(|key, _| !keys.contains(key));
    }
}

/// Keys held before and after, whose holder is another one.
fn moved(before: &State, after: &State) -> BTreeSet<u64> {
    let held = after.held.iter();
    let other = held.filter(|(key, now)| before.held.get(key).is_some_and(|was| was != *now));
    other.map(|(key, _)| *key).collect()
}

/// Nodes that joined or were raised, in the order of their labels.
fn gaining(before: &State, after: &State) -> BTreeSet<Name> {
    let names = after.nodes.weights.keys().copied();
    // A node that was drained comes back like a new one.
    names.filter(|name| after.nodes.weight(*name) > before.nodes.weight(*name)).collect()
}

/// The report is a comparison of before and after.
pub fn reported(before: &State, after: &State, moves: &ChangeReport, change: bool) {
    let count = |keys: usize| keys as u32;
    let lacking = |a: &State, b: &State| a.held.keys().filter(|k| !b.held.contains_key(k)).count();
    assert_eq!(moves.added, count(lacking(after, before)));
    assert_eq!(moves.removed, count(lacking(before, after)));
    assert_eq!(moves.moved, count(moved(before, after).len()));
    let gone = before.held.values().filter(|name| after.nodes.weight(**name) == 0).count();
    assert_eq!(moves.orphaned, count(gone));
    let filled = moves.filled.iter();
    let filled: Vec<(Name, u64, u64)> =
        filled.map(|f| (after.nodes.name(f.node), f.load.into(), f.fair.into())).collect();
    let gaining = if change { gaining(before, after) } else { BTreeSet::new() };
    let expected = gaining.into_iter().map(|name| (name, after.load(name), after.fair(name)));
    assert_eq!(filled, expected.collect::<Vec<_>>());
}

/// Every key, from the lowest on, is on its first node below its cap, whatever happened before.
pub fn canonical(after: &State) {
    let (nodes, factor) = (after.nodes.clone(), after.factor);
    let mut greedy = State { nodes, factor, held: BTreeMap::new() };
    for key in after.held.keys() {
        let holder = greedy.first(*key, after.held.len());
        greedy.held.insert(*key, holder);
    }
    assert_eq!(after.held, greedy.held);
    let mut fresh = empty(&after.nodes, factor, Mode::Canonical);
    // A function of the sets: in whatever order they come.
    let keys = after.held.keys().rev().map(|key| KeyHash::from_hash(*key));
    fresh.extend_hashes(keys).expect("they are held already");
    assert_eq!(State::of(&fresh, after.nodes.clone()).held, after.held);
}

/// Online, keys that come are placed one by one and nothing else moves.
pub fn came(before: &State, after: &State, keys: &[u64]) {
    let (nodes, held) = (before.nodes.clone(), before.held.clone());
    let mut now = State { nodes, held, factor: before.factor };
    for key in keys {
        if !now.held.contains_key(key) {
            let holder = now.first(*key, now.held.len() + 1);
            now.held.insert(*key, holder);
        }
    }
    assert_eq!(now.held, after.held);
}

/// Online, a key that goes makes nodes part with what is above their new caps, and no more.
pub fn went(before: &State, after: &State, key: u64) {
    let (nodes, mut held) = (before.nodes.clone(), before.held.clone());
    held.remove(&key);
    let mut rest = State { nodes, held, factor: before.factor };
    let keys = rest.held.len();
    let surplus = rest.surplus(&rest.nodes, keys);
    rest.take(&surplus);
    rest.place(surplus.into_iter().rev(), keys);
    assert_eq!(rest.held, after.held);
}

/// Online, after a change of nodes only those keys are elsewhere whose node is gone or was above
/// its cap, and those that prefer a node that joined or was raised.
pub fn followed(before: &State, after: &State) {
    let gone = |(_, name): &(&u64, &Name)| after.nodes.weight(**name) == 0;
    let orphans: BTreeSet<u64> = before.held.iter().filter(gone).map(|(key, _)| *key).collect();
    let surplus = before.surplus(&after.nodes, before.held.len());
    let had_to = &orphans | &surplus;
    let gaining = gaining(before, after);
    let moved = moved(before, after);
    for key in &moved - &had_to {
        let (was, now) = (before.held[&key], after.held[&key]);
        assert!(gaining.contains(&now), "{key:#x} moved from {was} to {now}");
        assert!(after.nodes.before(key, was).any(|name| name == now), "{key:#x} preferred {was}");
    }
    for key in &had_to - &moved {
        // It may come back while raised nodes are filled.
        assert!(gaining.contains(&after.held[&key]), "{key:#x} stayed");
    }
    if gaining.is_empty() {
        // Orphans first: a node above its cap gets none, so it parts with keys of its own.
        let (nodes, held) = (after.nodes.clone(), before.held.clone());
        let (mut now, keys) = (State { nodes, held, factor: after.factor }, before.held.len());
        now.take(&orphans);
        now.place(orphans.into_iter(), keys);
        now.take(&surplus);
        now.place(surplus.into_iter().rev(), keys);
        assert_eq!(now.held, after.held);
    }
    // Who joined or was raised holds its fair load, or there is no key left that would prefer it.
    for (key, holder) in &after.held {
        for name in after.nodes.before(*key, *holder).filter(|name| gaining.contains(name)) {
            assert!(after.load(name) >= after.fair(name), "{name} could have {key:#x}");
        }
    }
    // Filling stops there: more than that only came as orphans or surplus, or was there.
    for name in &gaining {
        let came = moved.iter().filter(|key| after.held[key] == *name && !had_to.contains(key));
        let filled = came.count() > 0;
        assert!(!filled || after.load(*name) <= after.fair(*name), "{name} is filled too far");
    }
}
