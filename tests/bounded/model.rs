//! Bounded loads written down a second time: plain maps by label, everything counted anew.

use crate::Named;
use apportion::KeyHash;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Model {
    pub(crate) online: bool,
    pub(crate) ratio: (u32, u32),
    pub(crate) weights: BTreeMap<String, u64>,
    pub(crate) held: BTreeMap<u64, String>,
}

/// What an operation reports.
#[derive(PartialEq, Eq, Default, Debug)]
pub(crate) struct Report {
    pub(crate) added: u32,
    pub(crate) removed: u32,
    pub(crate) moved: u32,
    pub(crate) orphaned: u32,
    /// Label, load, fair load.
    pub(crate) filled: Vec<(String, u32, u32)>,
}

pub(crate) fn weights(nodes: &Named) -> BTreeMap<String, u64> {
    let members = nodes.topology().members();
    let weight = |at| members.weight(at).unwrap().get();
    nodes.topology().iter().map(|(at, name)| (name.clone(), weight(at))).collect()
}

/// The live nodes in a key's order of preference.
fn preferences(nodes: &Named, key: u64) -> Vec<String> {
    let candidates = apportion::Candidates::new(nodes.placement(), KeyHash::from_hash(key));
    candidates.map(|at| nodes.topology().get(at).unwrap().clone()).collect()
}

impl Model {
    fn up(part: u128, whole: u128) -> u128 {
        part / whole + u128::from(part % whole > 0)
    }

    fn share(&self, (num, den): (u32, u32), keys: usize, label: &str) -> u128 {
        let total: u128 = self.weights.values().map(|w| u128::from(*w)).sum();
        let part = u128::from(num) * keys as u128 * u128::from(self.weights[label]);
        if total == 0 { 0 } else { Self::up(part, u128::from(den) * total) }
    }

    pub(crate) fn cap(&self, label: &str, keys: usize) -> u128 {
        self.share(self.ratio, keys, label)
    }

    pub(crate) fn load(&self, label: &str) -> usize {
        self.held.values().filter(|holder| *holder == label).count()
    }

    fn place(&mut self, nodes: &Named, key: u64, keys: usize) {
        let below = |label: &String| (self.load(label) as u128) < self.cap(label, keys);
        let label = preferences(nodes, key).into_iter().find(below).expect("there is room");
        assert_eq!(self.held.insert(key, label), None);
    }

    /// The highest key of any node above its cap goes elsewhere, again and again.
    fn shed(&mut self, nodes: &Named, keys: usize) {
        loop {
            let above = |label: &String| self.load(label) as u128 > self.cap(label, keys);
            let Some(key) = self.held.iter().rev().find(|(_, l)| above(l)).map(|(k, _)| *k) else {
                return;
            };
            self.held.remove(&key);
            self.place(nodes, key, keys);
        }
    }

    fn anew(&mut self, nodes: &Named, keys: &BTreeSet<u64>) {
        self.held.clear();
        for key in keys {
            self.place(nodes, *key, keys.len());
        }
    }

    fn report(&self, before: &BTreeMap<u64, String>) -> Report {
        let held_before = self.held.iter().filter_map(|(key, now)| Some((before.get(key)?, now)));
        Report {
            added: self.held.keys().filter(|key| !before.contains_key(key)).count() as u32,
            removed: before.keys().filter(|key| !self.held.contains_key(key)).count() as u32,
            moved: held_before.filter(|(was, now)| was != now).count() as u32,
            ..Report::default()
        }
    }

    pub(crate) fn insert(&mut self, nodes: &Named, keys: &[u64]) -> Report {
        let before = self.held.clone();
        if self.online {
            for key in keys {
                if !self.held.contains_key(key) {
                    self.place(nodes, *key, self.held.len() + 1);
                }
            }
        } else {
            self.anew(nodes, &before.keys().chain(keys).copied().collect());
        }
        self.report(&before)
    }

    pub(crate) fn remove(&mut self, nodes: &Named, key: u64) -> Report {
        let before = self.held.clone();
        self.held.remove(&key);
        if self.online {
            self.shed(nodes, self.held.len());
        } else {
            self.anew(nodes, &self.held.keys().copied().collect());
        }
        self.report(&before)
    }

    pub(crate) fn change(&mut self, new: &Named) -> Report {
        let (before, keys) = (self.held.clone(), self.held.len());
        let old = std::mem::replace(&mut self.weights, weights(new));
        let live = |label: &String| self.weights.get(label).is_some_and(|w| *w > 0);
        let orphans: Vec<u64> = before.iter().filter(|(_, l)| !live(l)).map(|(k, _)| *k).collect();
        let orphaned = orphans.len() as u32;
        let joined = |(label, w): &(&String, &u64)| **w > old.get(*label).copied().unwrap_or(0);
        let gaining: Vec<String> =
            self.weights.iter().filter(joined).map(|(l, _)| l.clone()).collect();
        let fair: BTreeMap<String, u128> =
            gaining.iter().map(|l| (l.clone(), self.share((1, 1), keys, l))).collect();
        if self.online {
            orphans.iter().for_each(|key| drop(self.held.remove(key)));
            orphans.iter().for_each(|key| self.place(new, *key, keys));
            self.shed(new, keys);
            while self.fill(new, &fair) {}
        } else {
            self.anew(new, &before.keys().copied().collect());
        }
        let filled =
            fair.into_iter().map(|(l, fair)| (l.clone(), self.load(&l) as u32, fair as u32));
        Report { orphaned, filled: filled.collect(), ..self.report(&before) }
    }

    /// One pass; true if anything moved.
    fn fill(&mut self, nodes: &Named, fair: &BTreeMap<String, u128>) -> bool {
        let mut moved = false;
        let keys: Vec<u64> = self.held.keys().copied().collect();
        for key in keys {
            let holder = self.held[&key].clone();
            for label in preferences(nodes, key) {
                if label == holder {
                    break;
                }
                if fair.get(&label).is_some_and(|fair| (self.load(&label) as u128) < *fair) {
                    self.held.insert(key, label);
                    moved = true;
                    break;
                }
            }
        }
        moved
    }
}
