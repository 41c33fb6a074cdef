//! The real `Transition` behind the states of the model. A state holds numbers of transitions, so that it
//! is small; each number stands for one value, known by its progress.

use apportion::migration::{HolderSet, PartitionState, Transition, Version};
use apportion::{Locator, NodeIdx, PartitionTable, Topology, Xxh3};
use std::collections::HashMap;
use std::sync::RwLock;

pub(crate) const REPLICAS: usize = 2;
pub(crate) const UNITS: usize = 2;
/// The holders of each unit in each placement, over the nodes 0 to 3. The second placement adds node
/// 3, the third one drains node 1.
pub(crate) const PLACEMENTS: [[[u32; REPLICAS]; UNITS]; 3] =
    [[[0, 1], [1, 2]], [[1, 3], [3, 2]], [[3, 0], [2, 0]]];
const MEMBERS: [&[u32]; 3] = [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2, 3]];

pub(crate) type Real = Transition<u32, Xxh3, REPLICAS>;

/// A call to a transition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Call {
    Begin(u8),
    Switch(u8),
    Complete(u8),
    StepBack(u8),
    Change(u8),
    Lose(u8),
    /// Saves the progress, drops the value and resumes.
    Resume,
}

/// Nodes as bits.
pub(crate) type Nodes = u8;

/// What a transition says of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unit {
    pub(crate) state: PartitionState,
    pub(crate) read: Nodes,
    pub(crate) write: Nodes,
    pub(crate) new: Nodes,
    pub(crate) old: Nodes,
}

/// What a transition says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) units: [Unit; UNITS],
    /// The placement that is the target.
    pub(crate) target: u8,
    pub(crate) is_complete: bool,
}

/// All transitions met so far.
pub(crate) struct Calls {
    versions: Vec<Version<u32, Xxh3>>,
    /// A key of each unit.
    keys: [u64; UNITS],
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    values: Vec<(Real, Facts)>,
    by_progress: HashMap<String, u16>,
    /// What became of each call; `None` if it was refused.
    results: HashMap<(u16, Call), Option<u16>>,
}

fn version(members: &[u32], rows: &[[u32; REPLICAS]; UNITS]) -> Version<u32, Xxh3> {
    let topology = Topology::new(members.iter().copied()).unwrap();
    let slot = |node: &u32| topology.find(node).unwrap();
    let rows: Vec<NodeIdx> = rows.iter().flatten().map(slot).collect();
    let table = PartitionTable::from_rows(topology.members(), UNITS as u32, REPLICAS as u32, &rows);
    Version::of(&Locator::from_parts(topology.clone(), table.unwrap(), Xxh3).unwrap())
}

impl Calls {
    /// With the transition that is settled at the first placement: its number is 0.
    pub(crate) fn new() -> Self {
        let placements = MEMBERS.iter().zip(&PLACEMENTS);
        let versions: Vec<_> = placements.map(|(nodes, rows)| version(nodes, rows)).collect();
        let first = Real::new(versions[0].clone(), UNITS as u32).unwrap();
        let key = |unit| (0..).find(|key: &u64| first.partition(key) == unit as u32).unwrap();
        let keys = std::array::from_fn(key);
        let calls = Self { versions, keys, known: RwLock::default() };
        assert_eq!(calls.number(first), 0);
        calls
    }

    pub(crate) fn facts(&self, number: u16) -> Facts {
        self.known.read().unwrap().values[usize::from(number)].1
    }

    /// The transition after a call, or `None` if it is refused.
    pub(crate) fn after(&self, number: u16, call: Call) -> Option<u16> {
        if let Some(result) = self.known.read().unwrap().results.get(&(number, call)) {
            return *result;
        }
        let before = self.known.read().unwrap().values[usize::from(number)].0.clone();
        let result = self.call(before, call).map(|after| self.number(after));
        self.known.write().unwrap().results.insert((number, call), result);
        result
    }

    fn call(&self, mut value: Real, call: Call) -> Option<Real> {
        let done = match call {
            Call::Begin(unit) => value.begin(unit.into()),
            Call::Switch(unit) => value.switch(unit.into()),
            Call::Complete(unit) => value.complete(unit.into()),
            Call::StepBack(unit) => value.step_back(unit.into()),
            Call::Change(target) => value.change_to(self.versions[usize::from(target)].clone()),
            Call::Lose(node) => value.lose(&u32::from(node)),
            Call::Resume => {
                let versions = self.versions.iter().rev().cloned();
                return Some(Real::resume(&value.progress(), versions).unwrap());
            }
        };
        done.is_ok().then_some(value)
    }

    fn number(&self, value: Real) -> u16 {
        let mut known = self.known.write().unwrap();
        let progress = format!("{:?}", value.progress());
        if let Some(number) = known.by_progress.get(&progress) {
            return *number;
        }
        let number = u16::try_from(known.values.len()).unwrap();
        let facts = self.describe(&value);
        known.by_progress.insert(progress, number);
        known.values.push((value, facts));
        number
    }

    fn describe(&self, value: &Real) -> Facts {
        let unit = |unit: usize| {
            let key = &self.keys[unit];
            Unit {
                state: value.state(unit as u32).unwrap(),
                read: bits(value.read_set(key)),
                write: bits(value.write_set(key)),
                new: bits(value.new_holders(key)),
                old: bits(value.old_holders(key)),
            }
        };
        let target = value.target().fingerprint();
        let is_target = |version: &Version<_, _>| version.fingerprint() == target;
        Facts {
            units: std::array::from_fn(unit),
            target: self.versions.iter().position(is_target).unwrap() as u8,
            is_complete: value.is_complete(),
        }
    }
}

fn bits(set: HolderSet<'_, u32, REPLICAS>) -> Nodes {
    set.iter().fold(0, |bits, node| bits | 1 << node)
}
