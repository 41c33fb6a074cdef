//! Histories of bounded loads, keyed and in flight, over every algorithm that has weights or an
//! order of its own for every key.

use super::bounded_flight;
use super::bounded_nodes::{Name, Nodes, factor};
use super::bounded_rules::{self, State};
use super::formulas::word;
use super::input::Input;
use apportion::bounded::{BoundedLoads, ChangeReport, LoadFactor, Mode};
use apportion::{AnyPlacement, Error, KeyHash};
use std::collections::BTreeSet;
use std::rc::Rc;

const STEPS: usize = 24;
const KEYS: u8 = 24;

pub type Held = BoundedLoads<Name, AnyPlacement>;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let factor = factor(&mut input);
    let which = input.below(5);
    let seed = u64::from(input.byte());
    let ends = [0, 1, u64::MAX - 1, u64::MAX];
    let keys: Vec<u64> =
        ends.into_iter().chain((4..u64::from(KEYS)).map(|i| word(seed, i))).collect();
    let Some(nodes) = Nodes::read(&mut input, &keys) else { return };
    match which {
        0 => bounded_flight::history(&mut input, nodes, factor, &keys),
        1 | 2 => keyed(&mut input, nodes, factor, Mode::Canonical, &keys),
        _ => keyed(&mut input, nodes, factor, Mode::Online, &keys),
    }
}

pub fn empty(nodes: &Nodes, factor: LoadFactor, mode: Mode) -> Held {
    match mode {
        Mode::Online => Held::online(nodes.locator.clone(), factor),
        _ => Held::canonical(nodes.locator.clone(), factor),
    }
}

enum Step {
    Extend(Vec<u64>),
    Remove(u64),
    Change(Rc<Nodes>),
}

impl Step {
    fn read(input: &mut Input<'_>, state: &State, keys: &[u64]) -> Option<Self> {
        let any = |input: &mut Input<'_>| *input.pick(keys);
        Some(match input.below(8) {
            0 | 1 => Self::Extend(vec![any(input)]),
            2 | 3 => Self::Extend((0..input.below(12)).map(|_| any(input)).collect()),
            4 => Self::Remove(any(input)),
            5 => {
                let held: Vec<u64> = state.held.keys().copied().collect();
                let at = input.below(KEYS) % held.len().max(1);
                Self::Remove(held.get(at).copied().unwrap_or_default())
            }
            _ => Self::Change(Rc::new(state.nodes.changed(input, keys)?)),
        })
    }

    fn of(&self, held: &mut Held) -> Result<ChangeReport, Error> {
        let hash = |key: &u64| KeyHash::from_hash(*key);
        match self {
            Self::Extend(keys) => match keys.as_slice() {
                [key] => held.insert_hash(hash(key)),
                keys => held.extend_hashes(keys.iter().map(hash)),
            },
            Self::Remove(key) => held.remove_hash(hash(key)),
            Self::Change(nodes) => held.change(nodes.locator.clone()),
        }
    }

    /// The keys that would be held where nobody can hold any; online they come one by one.
    fn refused(&self, state: &State, mode: Mode) -> Option<usize> {
        match self {
            Self::Extend(keys) if !state.nodes.live() && !keys.is_empty() => {
                let distinct: BTreeSet<_> = keys.iter().collect();
                Some(if mode == Mode::Online { 1 } else { distinct.len() })
            }
            Self::Change(nodes) if !nodes.live() && !state.held.is_empty() => {
                Some(state.held.len())
            }
            _ => None,
        }
    }
}

fn keyed(input: &mut Input<'_>, nodes: Nodes, factor: LoadFactor, mode: Mode, keys: &[u64]) {
    let mut held = empty(&nodes, factor, mode);
    assert_eq!((held.mode(), held.factor(), held.len()), (mode, factor, 0));
    let mut before = State::of(&held, Rc::new(nodes));
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let Some(step) = Step::read(input, &before, keys) else { continue };
        let fork = held.clone();
        let result = step.of(&mut held);
        // A clone does not follow.
        let forked = fork.iter().map(|(key, at)| (key.get(), before.nodes.name(at)));
        assert!(forked.eq(before.held.iter().map(|(key, name)| (*key, *name))));
        let moves = match (result, step.refused(&before, mode)) {
            (Ok(moves), None) => moves,
            (Err(why), Some(keys)) => {
                let s = if keys == 1 { "" } else { "s" };
                let named = format!("no node has a weight above 0 to hold {keys} key{s};");
                assert!(why.to_string().starts_with(&named), "{why}");
                assert_eq!(held.locator().fingerprint(), before.nodes.locator.fingerprint());
                let after = State::of(&held, before.nodes.clone());
                assert_eq!(after.held, before.held, "what fails changes nothing");
                continue;
            }
            (Ok(_), Some(keys)) => panic!("nobody holds {keys} keys"),
            (Err(why), None) => panic!("refused: {why}"),
        };
        let nodes = match &step {
            Step::Change(nodes) => nodes.clone(),
            _ => before.nodes.clone(),
        };
        let after = State::of(&held, nodes);
        let mut expected: BTreeSet<u64> = before.held.keys().copied().collect();
        match &step {
            Step::Extend(keys) => expected.extend(keys),
            Step::Remove(key) => drop(expected.remove(key)),
            Step::Change(_) => {}
        }
        assert!(after.held.keys().eq(expected.iter()), "other keys are held");
        bounded_rules::reported(&before, &after, &moves, matches!(step, Step::Change(_)));
        match (mode, step) {
            (Mode::Online, Step::Extend(keys)) => bounded_rules::came(&before, &after, &keys),
            (Mode::Online, Step::Remove(key)) => bounded_rules::went(&before, &after, key),
            (Mode::Online, Step::Change(_)) => bounded_rules::followed(&before, &after),
            _ => bounded_rules::canonical(&after),
        }
        before = after;
    }
}
