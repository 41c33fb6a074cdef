//! Histories of an Asura board: who has which slots after each change, what every key is answered,
//! what one change may move.

use super::boards::{raw_walk, read_hash, walk};
use super::boards_diff;
use super::boards_model::{Choice, Model, No};
use super::diff::close;
#[cfg(feature = "serde")]
use super::forms;
use super::formulas::{mix, unmix};
use super::input::Input;
use super::laws::{self, Fingerprints, name_of, names, one_change};
use super::model::Member;
use super::reference::FULL;
use apportion::asura::AsuraBoard;
use apportion::{Asura, Error, KeyHash, Locator, NodeIdx, Placement, Topology};

const STEPS: usize = 12;
const NODES: u8 = 8;
const DOMAIN: u64 = u64::from_be_bytes(*b"asura 01");
/// So rarely do keys move needlessly that none is seen.
const NEVER: f64 = 1e-12;

pub type Pool = Locator<String, Asura>;

/// A locator and its model.
#[derive(Clone)]
pub struct Side {
    pub pool: Pool,
    pub model: Model,
}

pub fn run(input: &mut Input<'_>) {
    let choice = Choice::read(input);
    // Where weights are about as large as a slot.
    let scale = choice.unit.map_or_else(|| input.below(62) as u32, |unit| unit.max(1).ilog2());
    let keys: Vec<KeyHash> = (0..2).map(|_| key(read_hash(input))).collect();
    let Some(first) = Side::read(&choice, scale, input) else { return };
    let mut told_apart = Fingerprints::default();
    first.check(&keys, &mut told_apart);
    let mut now = first.clone();
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let change = Change::read(input, &now.model, scale);
        let Some(next) = now.step(&change) else {
            // The old value answers as before.
            now.check(&keys, &mut told_apart);
            continue;
        };
        next.check(&keys, &mut told_apart);
        law_3(&now, &next, &keys);
        boards_diff::check(&now, &next, &keys);
        now = next;
    }
    boards_diff::check(&now, &first, &keys);
    apart(&choice, scale, &now, input, &mut told_apart);
    now.hostile_walks(&first, input);
    #[cfg(feature = "serde")]
    {
        now.another_rest(&keys, input, &mut told_apart);
        forms::check(&now.pool, &keys, input, rules);
    }
}

/// The key that has this hash when it comes to the darts.
fn key(hash: u64) -> KeyHash {
    KeyHash::from_hash(unmix(hash) ^ DOMAIN)
}

#[derive(Debug)]
enum Change {
    Add(Member),
    Remove(String),
    Reweight(String, u64),
    Replace(Vec<Member>),
    Compact,
}

impl Change {
    fn read(input: &mut Input<'_>, model: &Model, scale: u32) -> Self {
        let which = input.below(16);
        let weight = read_weight(input, scale);
        let member = Member::read(input, weight);
        // Mostly somebody who is there.
        let target = model.nodes.get(input.below(NODES + 1) % (model.nodes.len() + 1));
        let target = target.map_or(&member, |m| m).name.clone();
        match which {
            0..=4 => Self::Add(member),
            5..=7 => Self::Remove(target),
            8 => Self::Reweight(target, 0),
            9..=12 => Self::Reweight(target, weight),
            13 => Self::Compact,
            _ => {
                let mut nodes = model.nodes.clone();
                nodes.retain_mut(|node| {
                    let fate = input.below(4);
                    if fate == 1 {
                        node.weight = read_weight(input, scale);
                    }
                    fate > 0
                });
                nodes.extend(read_nodes(input, scale, &nodes));
                let turn = which % nodes.len().max(1);
                nodes.rotate_left(turn);
                Self::Replace(nodes)
            }
        }
    }

    fn of(&self, pool: &Pool) -> Result<Pool, Error> {
        match self {
            Self::Add(member) => pool.with_node(member.node()),
            Self::Remove(name) => pool.without(name),
            Self::Reweight(name, weight) => pool.reweighted(name, *weight),
            Self::Replace(nodes) => pool.replaced_by(nodes.iter().map(Member::node)),
            Self::Compact => Ok(pool.compact()),
        }
    }

    fn of_model(&self, model: &Model) -> Result<Model, No> {
        let mut nodes = model.nodes.clone();
        let at = |name: &String| model.nodes.iter().position(|m| m.name == *name);
        let mut changed = Vec::new();
        match self {
            Self::Add(member) => {
                nodes.push(member.clone());
                changed.push(member.name.clone());
            }
            Self::Remove(name) => drop(nodes.remove(at(name).ok_or(No::Refused)?)),
            Self::Reweight(name, weight) => {
                nodes[at(name).ok_or(No::Refused)?].weight = *weight;
                changed.push(name.clone());
            }
            Self::Replace(list) => {
                nodes.clone_from(list);
                let other =
                    |m: &&Member| at(&m.name).is_none_or(|i| model.nodes[i].weight != m.weight);
                changed = list.iter().filter(other).map(|m| m.name.clone()).collect();
                // New weights come first, by label; nodes that join follow in the order of the list.
                let place = |name: &String| list.iter().position(|m| m.name == *name);
                changed.sort_by_key(|name| {
                    let joins = at(name).is_none_or(|i| model.nodes[i].weight == 0);
                    (joins, place(name).filter(|_| joins), name.clone())
                });
            }
            Self::Compact => return Ok(model.compact()),
        }
        model.with(nodes, &changed)
    }
}

/// About a slot, some slots and a rest, or anything.
fn read_weight(input: &mut Input<'_>, scale: u32) -> u64 {
    let unit = 1_u64 << scale;
    let slots = unit.saturating_mul(input.below(8) as u64);
    let rest = match input.below(8) {
        0..=2 => 0,
        3 => unit / 2,
        4 => 1,
        5 => unit - 1,
        6 => input.word() % unit,
        _ => return input.number(),
    };
    slots.saturating_add(rest)
}

/// Nodes that stand in neither list yet; a name given twice is rare.
fn read_nodes(input: &mut Input<'_>, scale: u32, others: &[Member]) -> Vec<Member> {
    let mut nodes: Vec<Member> = Vec::new();
    for _ in 0..input.below(NODES + 1 - (others.len() as u8).min(NODES)) {
        let weight = read_weight(input, scale);
        let member = Member::read(input, weight);
        let there = others.iter().chain(&nodes).any(|m| m.name == member.name);
        if !there || input.below(16) == 15 {
            nodes.push(member);
        }
    }
    nodes
}

impl Side {
    /// Built from nothing.
    fn read(choice: &Choice, scale: u32, input: &mut Input<'_>) -> Option<Self> {
        Self::built(choice, read_nodes(input, scale, &[]))
    }

    fn built(choice: &Choice, nodes: Vec<Member>) -> Option<Self> {
        let topology = Topology::of(nodes.iter().map(Member::node));
        Self::agreed(Model::fresh(choice, nodes), || Locator::asura_of(topology?, choice.config()))
    }

    fn step(&self, change: &Change) -> Option<Self> {
        Self::agreed(change.of_model(&self.model), || change.of(&self.pool))
    }

    /// A value and its model, or neither.
    fn agreed(
        model: Result<Model, No>,
        pool: impl FnOnce() -> Result<Pool, Error>,
    ) -> Option<Self> {
        match model {
            Ok(model) => {
                let pool = pool().unwrap_or_else(|error| panic!("refused: {error}: {model:?}"));
                Some(Self { pool, model })
            }
            Err(No::Refused) => {
                let error = pool().map(|_| ()).expect_err("should have been refused");
                assert!(!error.to_string().is_empty());
                None
            }
            Err(No::TooLarge) => None,
        }
    }

    fn check(&self, keys: &[KeyHash], told_apart: &mut Fingerprints<Model>) {
        let Self { pool, model } = self;
        told_apart.check(pool.fingerprint(), model.deciding());
        let (asura, members) = (pool.placement(), pool.topology().members());
        assert_eq!((asura.live(), members.len()), (model.live(), model.nodes.len()));
        assert_eq!(asura.slots(), members.slots());
        let board = asura.board();
        assert_eq!((asura.unit(), board.exponent()), (model.unit, model.exponent));
        assert_eq!(board.darts(), model.darts);
        let slow = model.board();
        for slot in 0..=model.slots.len() as u32 {
            let owner = asura.node(slot).map(name_of(pool));
            assert_eq!(owner, model.owner(slot.into()), "slot {slot}");
            let weight = slow.weights.get(slot as usize).copied().unwrap_or(0);
            assert_eq!(u64::from(board.weight(slot)), weight, "slot {slot}");
        }
        let whole = 2_f64.powi(slow.b as i32) * FULL as f64;
        close(asura.occupancy(), slow.weights.iter().sum::<u64>() as f64 / whole);
        rules(pool);
        let owner = |slot| model.owner(slot).expect("a dart that hits nobody's slot");
        for key in keys {
            let hash = mix(key.get() ^ DOMAIN);
            let order = slow.rank(hash, model.live(), owner);
            laws::answers(asura, *key, &order, name_of(pool));
        }
        // All slots, one after the other, of one key only: where no dart hits, it is a sort.
        let hash = mix(keys[0].get() ^ DOMAIN);
        walk(asura, keys[0], &raw_walk(&slow, hash, owner), name_of(pool));
    }

    /// The same slots, but another one has what is over: another value, with its own fingerprint.
    #[cfg(feature = "serde")]
    fn another_rest(
        &self,
        keys: &[KeyHash],
        input: &mut Input<'_>,
        told_apart: &mut Fingerprints<Model>,
    ) {
        let mut model = self.model.clone();
        for (name, rest) in &mut model.rests {
            *rest = *input.pick(&self.model.slots_of(name));
        }
        let mut value = serde_json::to_value(&self.pool).unwrap();
        value["placement"]["asura"]["rests"] = model.rests.values().copied().collect();
        let pool = forms::restored(value).expect("a rest may be anywhere");
        Self { pool, model }.check(keys, told_apart);
    }

    /// A walk that was begun on another value.
    fn hostile_walks(&self, other: &Self, input: &mut Input<'_>) {
        for Self { pool, model } in [self, other] {
            let live = |slot| pool.topology().members().weight(slot).is_some_and(|w| w.is_live());
            let bound = u64::from(model.darts) + model.slots.len() as u64;
            laws::hostile_walk(pool.placement(), live, bound, input);
        }
    }
}

/// What holds for the slots of any board, however it came about: a live node has a slot for each
/// unit of its weight, and one for the rest; all others are full.
pub fn rules(pool: &Pool) {
    let (asura, members) = (pool.placement(), pool.topology().members());
    let (board, full) = (asura.board(), AsuraBoard::FULL);
    let mut taken = 0;
    for node in members.iter() {
        let weight = members.weight(node).unwrap().get();
        let slots: Vec<u32> = asura.slots_of(node).collect();
        taken += slots.len();
        assert_eq!(weight == 0, slots.is_empty());
        if weight == 0 {
            continue;
        }
        let unit = asura.unit().expect("somebody has a slot");
        assert_eq!(slots.len() as u64, weight.div_ceil(unit));
        let weights = slots.iter().map(|slot| board.weight(*slot));
        let rests: Vec<u128> = weights.filter(|w| *w != full).map(u128::from).collect();
        let part = u128::from(weight % unit) * u128::from(full) / u128::from(unit);
        let part = (weight % unit > 0).then_some(part.max(1));
        assert_eq!(rests, Vec::from_iter(part));
    }
    assert_eq!(board.live(), taken, "a slot with a weight is somebody's");
}

/// A board that grew, or that shrank, moves a key needlessly only where its darts all miss on the
/// larger board.
fn law_3(old: &Side, new: &Side, keys: &[KeyHash]) {
    let (before, after) = (&old.model, &new.model);
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
    let larger = if before.exponent > after.exponent { old } else { new };
    let miss = 1.0 - larger.pool.placement().occupancy();
    let most = match before.exponent == after.exponent {
        true => before.live().max(after.live()),
        false => usize::from(miss.powi(i32::from(after.darts)) < NEVER),
    };
    for key in keys {
        for k in [1, 2, 3, most].into_iter().filter(|k| *k <= most) {
            let was = names(old.pool.placement(), *key, k, name_of(&old.pool));
            let is = names(new.pool.placement(), *key, k, name_of(&new.pool));
            one_change(&was, &is, target, raised);
        }
    }
}

/// The same nodes, or others, on a board that was built at once: it says that it is another one,
/// and the difference is as exact.
fn apart(
    choice: &Choice,
    scale: u32,
    now: &Side,
    input: &mut Input<'_>,
    told_apart: &mut Fingerprints<Model>,
) {
    let keys = [key(read_hash(input))];
    let choice = if input.below(4) == 0 { Choice::read(input) } else { choice.clone() };
    let mut nodes = now.model.nodes.clone();
    nodes.truncate(input.below(NODES + 1));
    nodes.reverse();
    nodes.extend(read_nodes(input, scale, &nodes));
    let Some(other) = Side::built(&choice, nodes) else { return };
    other.check(&keys, told_apart);
    boards_diff::check(now, &other, &keys);
    boards_diff::check(&other, now, &keys);
}

/// A node of a pool.
pub fn owner(pool: &Pool, key: KeyHash) -> Option<&str> {
    pool.placement().locate(key).map(|slot: NodeIdx| name_of(pool)(slot))
}
