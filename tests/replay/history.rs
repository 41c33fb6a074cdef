//! Random histories of a locator beside the naive model: what each change may do, what it must
//! not, and that a history leaves no trace.

use super::formulas::word;
use super::input::Input;
use super::laws::{self, Fingerprints, name_of, one_change};
use super::model::{Kind, Member, Model};
use apportion::placement::Build;
use apportion::{AnyPlacement, Error, KeyHash, Locator, NodeIdx, Placement, Topology};

const STEPS: usize = 16;
const NODES: u8 = 16;

type Any = Locator<String, AnyPlacement>;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let kind = Kind::read(&mut input);
    let usual = input.number().max(1);
    let first = read_nodes(&mut input, &kind, usual, NODES, &[]);
    let seed = input.word();
    let keys: Vec<KeyHash> = (0..4).map(|i| KeyHash::from_hash(word(seed, i))).collect();

    let nodes = first.iter().map(Member::node);
    let built = Topology::of(nodes).and_then(|t| Locator::any_of(t, kind.algorithm()));
    let Some((mut locator, mut model)) = agreed(built, Model::fresh(&kind, first)) else { return };
    let mut told_apart = Fingerprints::default();
    check(&locator, &model, &keys, &mut told_apart);
    for step in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let change = Change::read(&mut input, &model, usual);
        let result = change.of(&locator);
        let Some((next, expected)) = agreed(result, change.of_model(&model)) else {
            // The old value answers as before.
            check(&locator, &model, &keys, &mut told_apart);
            continue;
        };
        assert_eq!(next.topology().epoch(), locator.topology().epoch() + 1);
        slots_stay(&locator, &next);
        let keys = [keys.as_slice(), &on_points(&expected, &mut input)].concat();
        law_3(&locator, &model, &next, &expected, &keys);
        check(&next, &expected, &keys, &mut told_apart);
        from_scratch(&next, &expected, &keys, step, &mut told_apart);
        (locator, model) = (next, expected);
    }
}

/// Up to `most` nodes; names of `others`, or the same twice, are rare among them.
fn read_nodes(
    input: &mut Input<'_>,
    kind: &Kind,
    usual: u64,
    most: u8,
    others: &[Member],
) -> Vec<Member> {
    let mut nodes: Vec<Member> = Vec::new();
    for _ in 0..input.below(most + 1) {
        let weight = read_weight(input, kind, usual);
        let member = Member::read(input, weight);
        let there = others.iter().chain(&nodes).any(|m| m.name == member.name);
        if !there || input.below(16) == 15 {
            nodes.push(member);
        }
    }
    nodes
}

/// Where all weights have to be equal they mostly are.
fn read_weight(input: &mut Input<'_>, kind: &Kind, usual: u64) -> u64 {
    if kind.has_weights() {
        return input.number();
    }
    match input.below(8) {
        0 => 0,
        1 => input.number(),
        _ => usual,
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
        let kind = &model.kind;
        let which = input.below(8);
        let weight = read_weight(input, kind, usual);
        let member = Member::read(input, weight);
        if which == 7 {
            let mut nodes = model.nodes.clone();
            if let Some(old) = nodes.get_mut(input.below(NODES)) {
                old.zone = member.zone;
            }
            nodes.retain(|_| input.below(4) > 0);
            let new = read_nodes(input, kind, usual, NODES, &nodes);
            return Self::Replace([nodes, new].concat());
        }
        if which < 3 {
            return Self::Add(member);
        }
        let target = match input.below(8) {
            0 => None,
            1 | 2 => model.nodes.get(input.below(NODES)).map(|m| &m.name),
            _ => model.order.last().or(model.nodes.last().map(|m| &m.name)),
        };
        let target = target.unwrap_or(&member.name).clone();
        match which {
            3 => Self::Remove(target),
            4 => Self::Reweight(target, 0),
            _ => Self::Reweight(target, weight),
        }
    }

    fn of(&self, locator: &Any) -> Result<Any, Error> {
        match self {
            Self::Add(member) => locator.with_node(member.node()),
            Self::Remove(name) => locator.without(name),
            Self::Reweight(name, weight) => locator.reweighted(name, *weight),
            Self::Replace(nodes) => locator.replaced_by(nodes.iter().map(Member::node)),
        }
    }

    fn of_model(&self, model: &Model) -> Option<Model> {
        let mut nodes = model.nodes.clone();
        let at = |name: &String| model.nodes.iter().position(|m| m.name == *name);
        let mut joining = Vec::new();
        match self {
            Self::Add(member) => {
                nodes.push(member.clone());
                joining.push(member.name.clone());
            }
            Self::Remove(name) => drop(nodes.remove(at(name)?)),
            Self::Reweight(name, weight) => {
                nodes[at(name)?].weight = *weight;
                joining.push(name.clone());
            }
            Self::Replace(list) => {
                nodes.clone_from(list);
                // Those that join keep the order of the list.
                joining = list.iter().map(|m| m.name.clone()).collect();
            }
        }
        model.with(nodes, joining)
    }
}

/// A value and its model, or neither.
fn agreed<T>(result: Result<T, Error>, model: Option<Model>) -> Option<(T, Model)> {
    match (result, model) {
        (Ok(value), Some(model)) => Some((value, model)),
        (Err(error), None) => {
            assert!(!error.to_string().is_empty());
            None
        }
        (Ok(_), None) => panic!("should have been refused"),
        (Err(error), Some(model)) => panic!("refused: {error}: {model:?}"),
    }
}

/// Hashes on, before and behind points of a ring.
fn on_points(model: &Model, input: &mut Input<'_>) -> Vec<KeyHash> {
    let points = model.points();
    let Some((point, ..)) = points.get(input.below(255) % points.len().max(1)) else {
        return Vec::new();
    };
    [-1, 0, 1].map(|by| KeyHash::from_hash(point.wrapping_add_signed(by))).into()
}

fn names(locator: &Any, key: KeyHash, k: usize) -> Vec<&str> {
    laws::names(locator.placement(), key, k, name_of(locator))
}

/// Laws 1 and 2, and every answer as the model gives it.
fn check(locator: &Any, model: &Model, keys: &[KeyHash], told_apart: &mut Fingerprints<Model>) {
    told_apart.check(locator.fingerprint(), model.deciding());
    let (placement, members) = (locator.placement(), locator.topology().members());
    assert_eq!((placement.live(), members.len()), (model.live(), model.nodes.len()));
    assert_eq!((placement.slots(), members.live()), (members.slots(), model.live()));
    for member in &model.nodes {
        let slot = members.find(member.name.as_bytes()).unwrap();
        assert_eq!(locator.topology().get(slot), Some(&member.name));
        assert_eq!(members.weight(slot).unwrap().get(), member.weight);
        assert_eq!(members.domain(slot).unwrap().at("zone"), member.zone.as_deref());
    }
    let points = model.points();
    for key in keys {
        laws::answers(placement, *key, &model.holders(&points, *key), name_of(locator));
    }
}

/// Slots of nodes that stay, stay; nodes that join take the lowest free ones.
fn slots_stay(old: &Any, new: &Any) {
    let (before, after) = (old.topology().members(), new.topology().members());
    for slot in before.iter() {
        let label = before.label(slot).unwrap();
        assert!(after.find(label).is_none_or(|now| now == slot), "{slot:?} moved");
    }
    let hole = (0..).map(NodeIdx::new).find(|slot| after.label(*slot).is_none());
    for slot in after.iter().filter(|slot| Some(*slot) > hole) {
        assert_eq!(before.find(after.label(slot).unwrap()), Some(slot), "{hole:?} is free");
    }
}

/// Law 3: one changed weight changes at most one member of each set, and only by its node.
fn law_3(old: &Any, before: &Model, new: &Any, after: &Model, keys: &[KeyHash]) {
    let all = before.nodes.iter().chain(&after.nodes).map(|m| m.name.as_str());
    let mut touched: Vec<&str> =
        all.filter(|name| before.weight(name) != after.weight(name)).collect();
    touched.sort_unstable();
    touched.dedup();
    if touched.len() > 1 {
        return;
    }
    let target = touched.first().copied();
    let raised = target.is_some_and(|name| after.weight(name) > before.weight(name));
    for key in keys {
        for k in [1, 2, 3, before.live().max(after.live())] {
            one_change(&names(old, *key, k), &names(new, *key, k), target, raised);
        }
    }
}

/// A value built at once, with the state that history left, answers alike.
fn from_scratch(
    locator: &Any,
    model: &Model,
    keys: &[KeyHash],
    turn: usize,
    told_apart: &mut Fingerprints<Model>,
) {
    let fresh = model.rebuilt(turn);
    let topology = Topology::of(fresh.nodes.iter().map(Member::node)).unwrap();
    let built: Any = Locator::any_of(topology, fresh.kind.algorithm()).unwrap();
    // A scale that was derived is another configuration than the same one asked for.
    told_apart.check(built.fingerprint(), fresh.deciding());
    for key in keys {
        assert_eq!(names(&built, *key, 3), names(locator, *key, 3));
    }
    // Without that state it may be something else, and then it says so.
    if let Some(other) = Model::fresh(&model.kind, model.nodes.clone()) {
        let topology = Topology::of(other.nodes.iter().map(Member::node)).unwrap();
        let built = Locator::any_of(topology, other.kind.algorithm()).unwrap();
        told_apart.check(built.fingerprint(), other.deciding());
    }
    // The placement alone, rebuilt over the same slots.
    if model.order.is_empty() {
        let members = locator.topology().members();
        let placement = AnyPlacement::build(&fresh.kind.algorithm(), members).unwrap();
        for key in keys {
            assert_eq!(placement.locate(*key), locator.placement().locate(*key));
        }
    }
}
