//! Who has which slots of an Asura board, one slot at a time.

use super::input::Input;
use super::model::Member;
use super::reference::{Board, FULL};
use apportion::asura::AsuraConfig;
use apportion::limits::MAX_ASURA_SLOTS;
use std::collections::BTreeMap;

/// More slots than this are too slow to fuzz.
const SLOTS: u128 = 64;

/// What a board is built with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Choice {
    pub unit: Option<u64>,
    pub exponent: Option<u32>,
    pub darts: u16,
}

impl Choice {
    pub fn read(input: &mut Input<'_>) -> Self {
        let unit = match input.below(8) {
            0 => Some(input.number()),
            1..=4 => Some(1 << input.below(64)),
            _ => None,
        };
        let exponent = (input.below(3) == 0).then(|| super::boards::read_exponent(input));
        Self { unit, exponent, darts: super::boards::read_darts(input) }
    }

    pub fn config(&self) -> AsuraConfig {
        let config = AsuraConfig::default().darts(self.darts);
        let config = self.unit.map_or(config, |unit| config.unit(unit));
        self.exponent.map_or(config, |exponent| config.board(exponent))
    }

    fn is_legal(&self) -> bool {
        self.unit.is_none_or(u64::is_power_of_two)
            && self.exponent.is_none_or(|exponent| exponent <= 31)
            && self.darts <= 1023
    }
}

/// Why there is no model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum No {
    /// A locator has to refuse.
    Refused,
    /// It need not, but would be too large here.
    TooLarge,
}

/// What decides answers: the nodes, the unit, the board, the node of each slot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Model {
    pub nodes: Vec<Member>,
    /// What was asked for, which a saved form keeps: the unit and the exponent.
    pub asked: (Option<u64>, Option<u32>),
    pub unit: Option<u64>,
    pub exponent: u32,
    pub darts: u16,
    pub slots: Vec<Option<String>>,
    /// The slot that has what is over whole units, of nodes that have a rest.
    pub rests: BTreeMap<String, usize>,
}

impl Model {
    pub fn fresh(choice: &Choice, nodes: Vec<Member>) -> Result<Self, No> {
        if !choice.is_legal() {
            return Err(No::Refused);
        }
        let joining: Vec<String> = nodes.iter().map(|m| m.name.clone()).collect();
        let exponent = choice.exponent.unwrap_or(0);
        let empty = Self {
            nodes: Vec::new(),
            asked: (choice.unit, choice.exponent),
            unit: choice.unit,
            exponent,
            darts: choice.darts,
            slots: Vec::new(),
            rests: BTreeMap::new(),
        };
        let built = empty.with(nodes, &joining)?;
        // A board that was asked for is that board.
        let fits = choice.exponent.is_none() || built.exponent == exponent;
        if fits { Ok(built) } else { Err(No::Refused) }
    }

    /// The model of the next node list; `changed` are the nodes of it that are new or have another
    /// weight, in the order of the changes.
    pub fn with(&self, nodes: Vec<Member>, changed: &[String]) -> Result<Self, No> {
        let twice = |(i, a): (usize, &Member)| nodes[..i].iter().any(|b| a.name == b.name);
        if nodes.iter().enumerate().any(twice) {
            return Err(No::Refused);
        }
        let mut next = Self { nodes, ..self.clone() };
        next.unit = self.unit.or_else(|| next.usual_unit());
        let wanted: u128 = next.nodes.iter().map(|m| next.wanted(m.weight)).sum();
        if wanted > SLOTS {
            return Err(if wanted > MAX_ASURA_SLOTS as u128 { No::Refused } else { No::TooLarge });
        }
        for slot in 0..next.slots.len() {
            if next.slots[slot].as_deref().is_some_and(|name| next.weight(name) == 0) {
                let name = next.slots[slot].take().expect("it was somebody's");
                next.rests.remove(&name);
            }
        }
        let count = |model: &Self, name| model.slots_of(name).len() as u128;
        for name in changed {
            while count(&next, name) > next.wanted(next.weight(name)) {
                let highest = *next.slots_of(name).last().expect("it has too many");
                let given_up = next.rests.remove(name).unwrap_or(highest);
                next.slots[given_up] = None;
            }
        }
        for name in changed {
            while count(&next, name) < next.wanted(next.weight(name)) {
                let lowest = next.slots.iter().position(Option::is_none);
                let lowest = lowest.unwrap_or_else(|| {
                    next.slots.push(None);
                    next.slots.len() - 1
                });
                next.slots[lowest] = Some(name.clone());
                next.rests.insert(name.clone(), lowest);
            }
        }
        for name in changed {
            if next.weight(name) == 0 {
                continue;
            }
            let highest = *next.slots_of(name).last().expect("it is live");
            next.rests.entry(name.clone()).or_insert(highest);
            if next.weight(name) % next.unit.expect("it is live") == 0 {
                next.rests.remove(name);
            }
        }
        while next.slots.last() == Some(&None) {
            next.slots.pop();
        }
        Ok(next.on(self.exponent))
    }

    /// On the smallest board that is not below this one.
    fn on(self, exponent: u32) -> Self {
        let room = |exponent: &u32| 1 << exponent >= self.slots.len();
        let exponent = (exponent..).find(room).expect("boards have less than 2^32 slots");
        Self { exponent, ..self }
    }

    pub fn compact(&self) -> Self {
        Self { asked: (self.asked.0, None), ..self.clone().on(0) }
    }

    /// The smallest unit with which nodes have eight slots on average at most.
    fn usual_unit(&self) -> Option<u64> {
        let live: Vec<u64> = self.nodes.iter().map(|m| m.weight).filter(|w| *w > 0).collect();
        let slots = |unit: u64| live.iter().map(|w| u128::from(w.div_ceil(unit))).sum::<u128>();
        let few = |unit: &u64| slots(*unit) <= 8 * live.len() as u128;
        (0..64).map(|x| 1 << x).find(few).filter(|_| !live.is_empty())
    }

    fn wanted(&self, weight: u64) -> u128 {
        self.unit.map_or(0, |unit| weight.div_ceil(unit)).into()
    }

    pub fn weight(&self, name: &str) -> u64 {
        self.nodes.iter().find(|m| m.name == name).map_or(0, |m| m.weight)
    }

    pub fn live(&self) -> usize {
        self.nodes.iter().filter(|m| m.weight > 0).count()
    }

    pub fn slots_of(&self, name: &str) -> Vec<usize> {
        let of = |slot: &usize| self.slots[*slot].as_deref() == Some(name);
        (0..self.slots.len()).filter(of).collect()
    }

    pub fn owner(&self, slot: u64) -> Option<&str> {
        self.slots.get(slot as usize)?.as_deref()
    }

    /// The board's weights: one slot of a node has what is over, all others are full.
    pub fn board(&self) -> Board {
        let mut weights = vec![0; self.slots.len()];
        for member in self.nodes.iter().filter(|m| m.weight > 0) {
            let unit = u128::from(self.unit.expect("somebody is live"));
            let over = u128::from(member.weight) % unit;
            let slots = self.slots_of(&member.name);
            slots.iter().for_each(|slot| weights[*slot] = FULL);
            if over > 0 {
                let part = over * u128::from(FULL) / unit;
                weights[self.rests[&member.name]] = (part as u64).max(1);
            }
        }
        Board { b: self.exponent as usize, darts: self.darts.into(), weights }
    }

    /// What a fingerprint has to tell apart, and nothing else.
    pub fn deciding(&self) -> Self {
        let mut decides = self.clone();
        decides.nodes.sort();
        decides
    }
}
