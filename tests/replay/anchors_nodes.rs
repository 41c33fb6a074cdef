//! Histories of nodes in buckets of which any may be removed: who has which bucket, what every key
//! is answered, what one change may move.

use super::anchors_diff;
use super::anchors_kinds::{Capacity, Kind};
#[cfg(feature = "serde")]
use super::forms;
use super::formulas::{bucket_order, word};
use super::input::Input;
use super::laws::{self, Fingerprints, name_of, names, one_change};
use super::model::Member;
use super::paper::Arrays;
use apportion::{Error, KeyHash, Locator, Topology};

const STEPS: usize = 12;
const NODES: u8 = 16;
/// Values of a history that are compared with each other.
const VALUES: usize = 5;

type Pool<K> = Locator<String, K>;

pub fn run<K: Kind>(input: &mut Input<'_>) {
    let usual = input.number().max(1);
    let first = read_nodes(input, usual, &[]);
    let seed = input.word();
    let keys: Vec<KeyHash> = (0..3).map(|i| KeyHash::from_hash(word(seed, i))).collect();
    let Some(mut now) = Side::<K>::built(first, seed) else { return };
    let mut told_apart = Fingerprints::default();
    now.check(&keys, &mut told_apart);
    let mut history = vec![now.clone()];
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let change = Change::read(input, &now.model, usual);
        let Some(next) = now.step(&change) else {
            // The old value answers as before.
            now.check(&keys, &mut told_apart);
            continue;
        };
        next.check(&keys, &mut told_apart);
        law_3(&now, &next, &keys);
        if history.len() == VALUES {
            let dropped = input.below(VALUES as u8);
            history.remove(dropped);
        }
        history.push(next.clone());
        now = next;
    }
    // The same nodes, numbered anew.
    let mut nodes = now.model.nodes.clone();
    let turn = input.below(NODES) % nodes.len().max(1);
    nodes.rotate_left(turn);
    let fresh = Side::<K>::built(nodes, seed).expect("they are there");
    fresh.check(&keys[..1], &mut told_apart);
    history.push(fresh);
    anchors_diff::check(&history, seed);
    now.hostile_walk(input);
    #[cfg(feature = "serde")]
    {
        now.another_order(&keys, input, &mut told_apart);
        forms::check(&now.pool, &keys, input, rules);
    }
}

#[derive(Debug)]
enum Change {
    Add(Member),
    Remove(String),
    Reweight(String, u64),
    Replace(Vec<Member>),
}

impl Change {
    fn read(input: &mut Input<'_>, model: &Model, usual: u64) -> Self {
        let which = input.below(16);
        let weight = read_weight(input, usual);
        let member = Member::read(input, weight);
        // Mostly somebody who is there; often who has the bucket that would go last.
        let target = match input.below(8) {
            0 => model.buckets.iter().flatten().next(),
            1 => model.buckets.iter().flatten().last(),
            i => model.nodes.get((i + input.below(NODES)) % NODES as usize).map(|m| &m.name),
        };
        let target = target.unwrap_or(&member.name).clone();
        match which {
            0..=4 => Self::Add(member),
            5..=9 => Self::Remove(target),
            10 | 11 => Self::Reweight(target, 0),
            12 | 13 => Self::Reweight(target, weight),
            _ => {
                let mut nodes = model.nodes.clone();
                nodes.retain_mut(|node| {
                    let fate = input.below(4);
                    if fate == 1 {
                        node.weight = read_weight(input, usual);
                    }
                    fate > 0
                });
                nodes.extend(read_nodes(input, usual, &nodes));
                nodes.reverse();
                Self::Replace(nodes)
            }
        }
    }

    fn of<K: Kind>(&self, pool: &Pool<K>) -> Result<Pool<K>, Error> {
        match self {
            Self::Add(member) => pool.with_node(member.node()),
            Self::Remove(name) => pool.without(name),
            Self::Reweight(name, weight) => pool.reweighted(name, *weight),
            Self::Replace(nodes) => pool.replaced_by(nodes.iter().map(Member::node)),
        }
    }

    fn of_model(&self, model: &Model) -> Option<Model> {
        let mut nodes = model.nodes.clone();
        let at = |name: &String| model.nodes.iter().position(|m| m.name == *name);
        let mut changed = Vec::new();
        match self {
            Self::Add(member) => {
                nodes.push(member.clone());
                changed.push(member.name.clone());
            }
            Self::Remove(name) => {
                nodes.remove(at(name)?);
                changed.push(name.clone());
            }
            Self::Reweight(name, weight) => {
                nodes[at(name)?].weight = *weight;
                changed.push(name.clone());
            }
            Self::Replace(list) => {
                nodes.clone_from(list);
                let all = model.nodes.iter().chain(list).map(|m| m.name.clone());
                changed = all.collect();
                // Nodes that leave come first, then new weights, both by label; nodes that join
                // come last, in the order of the list.
                let place = |name: &String| list.iter().position(|m| m.name == *name);
                changed.sort_by_key(|name| {
                    let joins = model.weight(name) == 0;
                    let join = place(name).filter(|_| joins);
                    (place(name).is_some(), joins, join, name.clone())
                });
                changed.dedup();
            }
        }
        model.with(nodes, &changed)
    }
}

fn read_weight(input: &mut Input<'_>, usual: u64) -> u64 {
    match input.below(16) {
        0 | 1 => 0,
        2 => input.number(),
        _ => usual,
    }
}

/// Nodes that stand in neither list yet; a name given twice is rare.
fn read_nodes(input: &mut Input<'_>, usual: u64, others: &[Member]) -> Vec<Member> {
    let mut nodes: Vec<Member> = Vec::new();
    for _ in 0..input.below(NODES + 1 - (others.len() as u8).min(NODES)) {
        let weight = read_weight(input, usual);
        let member = Member::read(input, weight);
        let there = others.iter().chain(&nodes).any(|m| m.name == member.name);
        if !there || input.below(16) == 15 {
            nodes.push(member);
        }
    }
    nodes
}

/// What decides answers: the nodes, what was removed, who has which bucket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Model {
    pub nodes: Vec<Member>,
    /// The buckets, removed ones free.
    pub buckets: Vec<Option<String>>,
    pub removed: Vec<u32>,
    pub capacity: Option<Capacity>,
}

impl Model {
    fn fresh(nodes: Vec<Member>, capacity: Option<Capacity>) -> Option<Self> {
        let joining: Vec<String> = nodes.iter().map(|m| m.name.clone()).collect();
        let (empty, buckets, removed) = (Vec::new(), Vec::new(), Vec::new());
        let empty = Self { nodes: empty, buckets, removed, capacity };
        empty.with(nodes, &joining)
    }

    /// The model of the next node list; `changed` are nodes of both lists in the order of the
    /// changes.
    fn with(&self, nodes: Vec<Member>, changed: &[String]) -> Option<Self> {
        let twice = |(i, a): (usize, &Member)| nodes[..i].iter().any(|b| a.name == b.name);
        if nodes.iter().enumerate().any(twice) {
            return None;
        }
        let mut weights = nodes.iter().map(|m| m.weight).filter(|w| *w > 0);
        let first = weights.next();
        if weights.any(|weight| Some(weight) != first) {
            return None;
        }
        let mut next = Self { nodes, ..self.clone() };
        let live = next.nodes.iter().filter(|m| m.weight > 0).count();
        if self.live() == 0 {
            next.capacity = self.capacity.map(|capacity| capacity.of(live));
        }
        if next.capacity.is_some_and(|capacity| live > capacity.now() as usize) {
            return None;
        }
        for name in changed {
            match (self.weight(name) > 0, next.weight(name) > 0) {
                (true, false) => next.leave(name),
                (false, true) => next.join(name),
                _ => {}
            }
        }
        Some(next)
    }

    fn leave(&mut self, name: &str) {
        let of = |bucket: &Option<String>| bucket.as_deref() == Some(name);
        let bucket = self.buckets.iter().position(of).expect("it is live");
        self.buckets[bucket] = None;
        if self.live() == 0 {
            // Without nodes there is no history.
            (self.buckets, self.removed) = Default::default();
        } else if self.removed.is_empty() && bucket == self.buckets.len() - 1 {
            self.buckets.pop();
        } else {
            self.removed.push(bucket as u32);
        }
    }

    fn join(&mut self, name: &str) {
        let bucket = self.removed.pop().map_or(self.buckets.len(), |bucket| bucket as usize);
        self.buckets.resize(self.buckets.len().max(bucket + 1), None);
        self.buckets[bucket] = Some(name.into());
    }

    pub fn weight(&self, name: &str) -> u64 {
        self.nodes.iter().find(|m| m.name == name).map_or(0, |m| m.weight)
    }

    /// Buckets that work.
    pub fn live(&self) -> usize {
        self.buckets.iter().flatten().count()
    }

    fn arrays(&self) -> Arrays {
        let size = self.buckets.len() as u32;
        let mut arrays = match self.capacity {
            None => Arrays::new(size),
            Some(capacity) => Arrays::of_capacity(capacity.now(), size),
        };
        self.removed.iter().for_each(|bucket| arrays.remove(*bucket));
        arrays
    }

    fn holders(&self, arrays: &Arrays, key: KeyHash) -> Vec<&str> {
        if self.buckets.is_empty() {
            return Vec::new();
        }
        let order = bucket_order(key, self.buckets.len(), arrays.bucket(key) as usize);
        order.into_iter().filter_map(|bucket| self.buckets[bucket].as_deref()).collect()
    }

    /// What a fingerprint has to tell apart, and nothing else.
    fn deciding(&self) -> Self {
        let mut decides = self.clone();
        decides.nodes.sort();
        decides
    }
}

/// A locator and its model.
#[derive(Clone)]
pub struct Side<K> {
    pub pool: Pool<K>,
    pub model: Model,
}

impl<K: Kind> Side<K> {
    fn built(nodes: Vec<Member>, seed: u64) -> Option<Self> {
        let (config, capacity) = K::choose(seed);
        let topology = Topology::of(nodes.iter().map(Member::node));
        let pool = topology.and_then(|topology| Locator::build(topology, &config));
        Self::agreed(pool, Model::fresh(nodes, capacity))
    }

    fn step(&self, change: &Change) -> Option<Self> {
        Self::agreed(change.of(&self.pool), change.of_model(&self.model))
    }

    /// A value and its model, or neither.
    fn agreed(pool: Result<Pool<K>, Error>, model: Option<Model>) -> Option<Self> {
        match (pool, model) {
            (Ok(pool), Some(model)) => Some(Self { pool, model }),
            (Err(error), None) => {
                assert!(!error.to_string().is_empty());
                None
            }
            (Ok(_), None) => panic!("should have been refused"),
            (Err(error), Some(model)) => panic!("refused: {error}: {model:?}"),
        }
    }

    fn check(&self, keys: &[KeyHash], told_apart: &mut Fingerprints<Model>) {
        let Self { pool, model } = self;
        told_apart.check(pool.fingerprint(), model.deciding());
        let (anchor, members) = (pool.placement(), pool.topology().members());
        assert_eq!((anchor.live(), members.len()), (model.live(), model.nodes.len()));
        assert_eq!((anchor.slots(), members.live()), (members.slots(), model.live()));
        let size = model.buckets.len() as u32;
        assert_eq!(anchor.state(), (size, &*model.removed));
        assert_eq!(anchor.capacity(), model.capacity.map(|capacity| capacity.now()));
        for bucket in 0..=size {
            let expected = model.buckets.get(bucket as usize).cloned().flatten();
            assert_eq!(anchor.node(bucket).map(name_of(pool)), expected.as_deref());
        }
        rules(pool);
        let arrays = model.arrays();
        for key in keys {
            laws::answers(anchor, *key, &model.holders(&arrays, *key), name_of(pool));
        }
    }

    /// The same buckets removed in another order: another value, with its own fingerprint.
    #[cfg(feature = "serde")]
    fn another_order(
        &self,
        keys: &[KeyHash],
        input: &mut Input<'_>,
        told_apart: &mut Fingerprints<Model>,
    ) {
        let mut model = self.model.clone();
        let removed = model.removed.len();
        if removed == 0 {
            return;
        }
        model.removed.swap(input.below(NODES) % removed, input.below(NODES) % removed);
        let size = model.buckets.len() as u32;
        let mut value = serde_json::to_value(&self.pool).unwrap();
        let state = [&[size], &*model.removed].concat();
        value["placement"][K::NAME]["state"] = state.into();
        match forms::restored(value) {
            Some(pool) => Self { pool, model }.check(keys, told_apart),
            None => assert_eq!(model.removed[0], size - 1, "of the last one nothing remains"),
        }
    }

    fn hostile_walk(&self, input: &mut Input<'_>) {
        let members = self.pool.topology().members();
        let live = |slot| members.weight(slot).is_some_and(|weight| weight.is_live());
        let bound = (self.model.buckets.len() as u64).next_power_of_two() + 1;
        laws::hostile_walk(self.pool.placement(), live, bound, input);
    }
}

/// What holds for any value, however it came about: each live node has one bucket that works.
fn rules<K: Kind>(pool: &Pool<K>) {
    let anchor = pool.placement();
    let (size, removed) = anchor.state();
    let nodes = (0..size).filter_map(|bucket| anchor.node(bucket));
    let mut nodes: Vec<_> = nodes.collect();
    nodes.sort_unstable();
    assert!(pool.topology().members().iter_live().eq(nodes));
    assert_eq!(size as usize - removed.len(), anchor.live());
    assert!(anchor.capacity().is_none_or(|capacity| size <= capacity));
}

/// One node that comes or goes.
fn law_3<K: Kind>(old: &Side<K>, new: &Side<K>, keys: &[KeyHash]) {
    let (before, after) = (&old.model, &new.model);
    let all = before.nodes.iter().chain(&after.nodes).map(|m| m.name.as_str());
    let is_live = |model: &Model, name: &str| model.weight(name) > 0;
    let mut touched: Vec<&str> =
        all.filter(|name| is_live(before, name) != is_live(after, name)).collect();
    touched.sort_unstable();
    touched.dedup();
    if touched.len() > 1 {
        return;
    }
    let target = touched.first().copied();
    let raised = target.is_some_and(|name| is_live(after, name));
    for key in keys {
        for k in [1, 2, 3, before.live().max(after.live())] {
            let was = names(old.pool.placement(), *key, k, name_of(&old.pool));
            let is = names(new.pool.placement(), *key, k, name_of(&new.pool));
            one_change(&was, &is, target, raised);
        }
    }
}
