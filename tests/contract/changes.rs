//! Law 3 and law 5 over random changes, by several paths: what a value promises holds between any
//! two values that a change leads between, and what it does not promise is seen to fail.

#![allow(unreachable_pub)]

use super::subject::{Nodes, Step, Subject};
use crate::support::{Draws, holders};
use apportion::{Guarantees, KeyHash};
use std::collections::BTreeMap;

/// Nodes there may be at once, so that full orders stay short.
const MAX_NODES: usize = 20;
/// Keys that are watched at a time.
const KEYS: usize = 16;

/// How often each law was asked, and broken where it was not promised.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    pub changes: u64,
    pub refused: u64,
    pub owner: u64,
    pub replicas: u64,
    pub order: u64,
    pub reweight: u64,
    /// Fresh values of the same nodes that answered otherwise.
    pub history: u64,
}

/// A value, its nodes, and the whole order of each key as numbers of names.
struct Side<S> {
    value: S,
    nodes: Nodes,
    lists: Vec<Vec<u32>>,
}

#[derive(Default)]
struct Names(BTreeMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    fn lists<S: Subject>(&mut self, value: &S, keys: &[KeyHash]) -> Vec<Vec<u32>> {
        let placement = value.placement();
        let slot = |slot| value.name(apportion::NodeIdx::new(slot)).map(|n| self.number(n));
        let numbers: Vec<Option<u32>> = (0..placement.slots() as u32).map(slot).collect();
        let list = |key: &KeyHash| {
            let all = holders(placement, *key, placement.live());
            let named = |slot: &apportion::NodeIdx| numbers[slot.index()].expect("a live node");
            let list: Vec<u32> = all.iter().map(named).collect();
            assert_eq!(placement.locate(*key), all.first().copied());
            list
        };
        keys.iter().map(list).collect()
    }
}

/// The nodes that a change touched: those that can gain keys and those that can lose them.
#[derive(Default)]
struct Touched {
    gain: Vec<u32>,
    lose: Vec<u32>,
    reweights: bool,
    steps: usize,
}

impl Touched {
    fn add(&mut self, step: &Step, before: &Nodes, names: &mut Names) {
        self.steps += 1;
        match step {
            Step::Add(name, _) => self.gain.push(names.number(name)),
            Step::Remove(name) => self.lose.push(names.number(name)),
            Step::Reweight(name, weight) => {
                self.reweights = true;
                let old = before.iter().find(|(other, _)| other == name).unwrap().1;
                let number = names.number(name);
                let side = if *weight > old { &mut self.gain } else { &mut self.lose };
                side.push(number);
            }
        }
    }

    fn has(&self, node: u32) -> bool {
        self.gain.contains(&node) || self.lose.contains(&node)
    }
}

/// Asks every law of one change; a law that is kept by promise must hold.
fn compare(
    (a, b): (&[Vec<u32>], &[Vec<u32>]),
    touched: &Touched,
    kept: Guarantees,
    seen: &mut Seen,
    context: &dyn Fn() -> String,
) {
    for (a, b) in a.iter().zip(b) {
        let mut ask = |promised: bool, holds: bool, count: fn(&mut Seen) -> &mut u64, law: &str| {
            assert!(holds || !promised, "{law}: {a:?} -> {b:?}, {}", context());
            *count(seen) += u64::from(!holds);
        };
        let owner = match (a.first(), b.first()) {
            (Some(x), Some(y)) => x == y || touched.lose.contains(x) || touched.gain.contains(y),
            _ => true,
        };
        if touched.reweights {
            let promised = kept.minimal_owner && kept.minimal_reweight;
            ask(promised, owner, |seen| &mut seen.reweight, "minimal_reweight");
        } else {
            ask(kept.minimal_owner, owner, |seen| &mut seen.owner, "minimal_owner");
        }
        let replicas = [1, 2, 3, 5, a.len().max(b.len())].into_iter().all(|k| {
            let (x, y) = (&a[..k.min(a.len())], &b[..k.min(b.len())]);
            let came: Vec<u32> = y.iter().filter(|n| !x.contains(n)).copied().collect();
            let gone: Vec<u32> = x.iter().filter(|n| !y.contains(n)).copied().collect();
            if touched.steps > 1 {
                // Each step brings one in and sends one away at most.
                return came.len() <= touched.steps && gone.len() <= touched.steps;
            }
            let one = came.len() <= 1 && gone.len() <= 1;
            let (by, for_it) =
                if touched.lose.is_empty() { (&came, &gone) } else { (&gone, &came) };
            one && by.iter().all(|node| touched.has(*node)) && (for_it.is_empty() || !by.is_empty())
        });
        let promised = kept.minimal_replicas && (!touched.reweights || kept.minimal_reweight);
        ask(promised, replicas, |seen| &mut seen.replicas, "minimal_replicas");
        let others = |list: &[u32]| -> Vec<u32> {
            list.iter().filter(|node| !touched.has(**node)).copied().collect()
        };
        let order = others(a) == others(b);
        let promised = kept.minimal_order && (!touched.reweights || kept.minimal_reweight);
        ask(promised, order, |seen| &mut seen.order, "minimal_order");
    }
}

/// A change that the value's promises allow.
fn draw_step(draws: &mut Draws, nodes: &Nodes, promised: Guarantees, name: &mut u32) -> Step {
    let weight = |draws: &mut Draws| if promised.weights { 1 + draws.below(5) } else { 1 };
    let which = match promised.any_removal {
        true => draws.below(nodes.len() as u64) as usize,
        false => nodes.len() - 1,
    };
    let target = || nodes[which].0.clone();
    match draws.below(5) {
        0 | 1 if nodes.len() < MAX_NODES => {
            *name += 1;
            Step::Add(format!("x{}", *name % 60), weight(draws))
        }
        2 | 3 if promised.weights => Step::Reweight(target(), draws.below(7)),
        _ if nodes.len() > 1 => Step::Remove(target()),
        _ => {
            *name += 1;
            Step::Add(format!("x{}", *name % 60), weight(draws))
        }
    }
}

/// Random changes of one value, step by step and several at once, and what was seen.
pub fn run<S: Subject>(start: &S, seed: u64, changes: u64) -> Seen {
    let mut draws = Draws(seed);
    let (mut seen, mut names, mut name) = (Seen::default(), Names::default(), 0);
    let promised = start.placement().guarantees();
    let nodes: Nodes = (0..3).map(|i| (format!("n{i}"), 1)).collect();
    let mut keys = draws.keys(KEYS);
    let lists = names.lists(start, &keys);
    let mut old = Side { value: start.clone(), nodes, lists };
    while seen.changes < changes {
        assert!(seen.refused < 100 + 3 * changes, "nearly everything is refused");
        if draws.below(16) == 0 {
            keys = draws.keys(KEYS);
            old.lists = names.lists(&old.value, &keys);
        }
        let steps = if draws.below(4) == 0 { 2 + draws.below(3) } else { 1 };
        let mut now = Side { value: old.value.clone(), ..old.copy() };
        let (mut touched, mut taken) = (Touched::default(), Vec::new());
        for _ in 0..steps {
            let step = draw_step(&mut draws, &now.nodes, promised, &mut name);
            if now.nodes.iter().any(|(n, _)| matches!(&step, Step::Add(name, _) if name == n)) {
                continue;
            }
            let Some(value) = now.value.step(&step) else {
                seen.refused += 1;
                continue;
            };
            let mut nodes = now.nodes.clone();
            step.apply(&mut nodes);
            let lists = names.lists(&value, &keys);
            let mut one = Touched::default();
            one.add(&step, &now.nodes, &mut names);
            touched.add(&step, &now.nodes, &mut names);
            let context = || format!("{step:?} of {:?}", now.nodes);
            let kept = now.value.keeps(&value);
            compare((&now.lists, &lists), &one, kept, &mut seen, &context);
            seen.changes += 1;
            other_paths(&now, &value, &lists, (&step, &nodes), &keys, &mut draws, &mut names);
            taken.push(step);
            now = Side { value, nodes, lists };
        }
        if taken.len() > 1 {
            at_once(&old, &now, (&touched, &taken), &keys, &mut names, &mut seen);
        }
        if draws.below(8) == 0 {
            fresh(&now, &keys, &mut draws, &mut names, &mut seen);
        }
        old = now;
    }
    seen
}

impl<S: Subject> Side<S> {
    fn copy(&self) -> Self {
        Self { value: self.value.clone(), nodes: self.nodes.clone(), lists: self.lists.clone() }
    }
}

/// One change as a new list of nodes, and from the value that was saved and restored: the same.
fn other_paths<S: Subject>(
    old: &Side<S>,
    value: &S,
    lists: &[Vec<u32>],
    (step, nodes): (&Step, &Nodes),
    keys: &[KeyHash],
    draws: &mut Draws,
    names: &mut Names,
) {
    let listed = (draws.below(4) == 0).then(|| {
        let mut nodes = nodes.clone();
        draws.shuffle(&mut nodes);
        old.value.replaced(&nodes)
    });
    let restored = (draws.below(16) == 0).then(|| old.value.restored()?.step(step));
    for (other, path) in [(listed, "a list"), (restored, "saved")] {
        if let Some(other) = other.flatten() {
            assert_eq!(other.fingerprint(), value.fingerprint(), "{path}: {step:?}");
            assert_eq!(names.lists(&other, keys), lists, "{path}: {step:?} of {:?}", old.nodes);
        }
    }
}

/// Several changes in one step keep what they keep one by one.
fn at_once<S: Subject>(
    old: &Side<S>,
    now: &Side<S>,
    (touched, taken): (&Touched, &[Step]),
    keys: &[KeyHash],
    names: &mut Names,
    seen: &mut Seen,
) {
    let Some(value) = old.value.replaced(&now.nodes) else { return };
    let lists = names.lists(&value, keys);
    let context = || format!("{taken:?} at once of {:?}", old.nodes);
    let kept = old.value.keeps(&value);
    // A node that left and came again, or whose weight went up and down, stayed.
    compare((&old.lists, &lists), touched, kept, seen, &context);
    seen.changes += 1;
    if value.placement().guarantees().order_free {
        assert_eq!(value.fingerprint(), now.value.fingerprint(), "{}", context());
        assert_eq!(lists, now.lists, "{}", context());
    }
}

/// The same nodes built anew, in another order.
fn fresh<S: Subject>(
    now: &Side<S>,
    keys: &[KeyHash],
    draws: &mut Draws,
    names: &mut Names,
    seen: &mut Seen,
) {
    let mut nodes = now.nodes.clone();
    draws.shuffle(&mut nodes);
    let Some(fresh) = now.value.over(&nodes) else { return };
    let lists = names.lists(&fresh, keys);
    if now.value.placement().guarantees().order_free {
        assert_eq!(fresh.fingerprint(), now.value.fingerprint(), "{nodes:?}");
        assert_eq!(lists, now.lists, "{nodes:?}");
    } else if lists != now.lists {
        seen.history += 1;
        let (a, b) = (fresh.fingerprint(), now.value.fingerprint());
        assert!(a.is_none() || a != b, "other answers under one fingerprint: {nodes:?}");
    }
}

/// Each flag that is not set has a counter-example. `moves` says whether a run of this length shows
/// that movement is not minimal; a board that hardly ever grows does not.
pub fn counter_examples<S: Subject>(start: &S, seen: &Seen, moves: bool) {
    let promised = start.placement().guarantees();
    let over = |weights: &[u64]| {
        let node = |(i, weight): (usize, &u64)| (format!("n{i}"), *weight);
        start.over(&weights.iter().enumerate().map(node).collect::<Nodes>())
    };
    assert_eq!(over(&[1, 2, 1, 1]).is_some(), promised.weights, "unequal weights");
    if promised.weights {
        let value = over(&[1, 8, 1, 1]).unwrap();
        // A table plans all of its replicas, and one node holds no key twice.
        let replicas = if promised.max_replicas == 2 { 2 } else { 1 };
        let keys = Draws(9).keys(3000);
        let held = |node: &str| {
            let holds = |slot: &apportion::NodeIdx| value.name(*slot) == Some(node);
            let holds =
                |key: &&KeyHash| holders(value.placement(), **key, replicas).iter().any(holds);
            keys.iter().filter(holds).count()
        };
        assert!(held("n1") * 2 > held("n0") * 5, "shares follow weights");
    }
    let five = over(&[1; 5]).unwrap();
    for i in 0..5 {
        let allowed = five.step(&Step::Remove(format!("n{i}"))).is_some();
        assert_eq!(allowed, promised.any_removal || i == 4, "n{i} leaves");
    }
    assert_eq!(seen.history > 0, !promised.order_free, "{seen:?}");
    if moves {
        let minimal_reweight = promised.minimal_reweight || !promised.weights;
        for (promised, broken, law) in [
            (promised.minimal_owner, seen.owner, "minimal_owner"),
            (promised.minimal_replicas, seen.replicas, "minimal_replicas"),
            (promised.minimal_order, seen.order, "minimal_order"),
            (minimal_reweight, seen.reweight, "minimal_reweight"),
        ] {
            assert_eq!(broken > 0, !promised, "{law}: {seen:?}");
        }
    }
}
