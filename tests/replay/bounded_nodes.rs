//! Nodes of any algorithm that bounded loads are to work over, with the order in which they are
//! preferred by the few keys that a history is about.

use super::input::Input;
use apportion::asura::AsuraConfig;
use apportion::bounded::LoadFactor;
use apportion::ring::RingConfig;
use apportion::{
    Algorithm, AnyPlacement, Candidates, Error, KeyHash, Locator, Node, NodeIdx, Topology,
};
use std::collections::BTreeMap;

/// Few names, so that they come back; their order is that of the labels.
pub type Name = u8;
pub type Any = Locator<Name, AnyPlacement>;

const NAMES: u8 = 10;
const AT_FIRST: u8 = 7;

/// Which weights an algorithm takes.
#[derive(Clone, Copy)]
enum Weights {
    Equal,
    /// Slots in proportion to them have to stay few.
    Small,
    Any,
}

impl Weights {
    fn next(self, input: &mut Input<'_>) -> u64 {
        match self {
            Self::Equal => u64::from(input.below(4) > 0),
            Self::Small => input.below(9) as u64,
            Self::Any => input.number(),
        }
    }
}

#[derive(Clone)]
pub struct Nodes {
    pub locator: Any,
    pub weights: BTreeMap<Name, u64>,
    kind: Weights,
    total: u128,
    /// The live nodes in every key's order of preference.
    orders: BTreeMap<u64, Vec<Name>>,
}

impl Nodes {
    pub fn read(input: &mut Input<'_>, keys: &[u64]) -> Option<Self> {
        let algorithm = match input.below(5) {
            0 => Algorithm::Rendezvous,
            1 => Algorithm::WeightedRendezvous,
            2 => Algorithm::Asura(AsuraConfig::default().unit(1 + input.below(3) as u64)),
            3 => Algorithm::Ring(
                RingConfig::default().scale(1 + input.below(5) as u64, 1).budget(300),
            ),
            _ => Algorithm::Ring(RingConfig::default().points_per_node(6).budget(300)),
        };
        let kind = match algorithm {
            Algorithm::Rendezvous => Weights::Equal,
            Algorithm::Asura(_) => Weights::Small,
            _ => Weights::Any,
        };
        let mut list = BTreeMap::new();
        for _ in 0..input.below(AT_FIRST) {
            list.insert(input.below(NAMES) as Name, kind.next(input));
        }
        let nodes = list.iter().map(|(name, weight)| Node::new(*name).weight(*weight));
        let locator = Locator::any_of(Topology::of(nodes).ok()?, algorithm).ok()?;
        Some(Self::of(locator, kind, keys))
    }

    fn of(locator: Any, kind: Weights, keys: &[u64]) -> Self {
        let topology = locator.topology();
        let weight = |at| topology.members().weight(at).expect("a node has a weight").get();
        let weights: BTreeMap<Name, u64> =
            topology.iter().map(|(at, name)| (*name, weight(at))).collect();
        let total = weights.values().map(|w| u128::from(*w)).sum();
        let order = |key: &u64| {
            let slots = Candidates::new(locator.placement(), KeyHash::from_hash(*key));
            (*key, slots.map(|at| *topology.get(at).expect("a live node")).collect())
        };
        let orders: BTreeMap<u64, Vec<Name>> = keys.iter().map(order).collect();
        let nodes = Self { weights, kind, total, orders, locator: locator.clone() };
        for order in nodes.orders.values() {
            assert_eq!(order.len(), nodes.weights.values().filter(|w| **w > 0).count());
        }
        nodes
    }

    /// Nodes after a change; `None` where it is refused.
    pub fn changed(&self, input: &mut Input<'_>, keys: &[u64]) -> Option<Self> {
        if input.below(8) == 7 {
            // From scratch: other slots for the same names, maybe another algorithm.
            return Self::read(input, keys);
        }
        let mut next = self.locator.clone();
        for _ in 0..=input.below(2) {
            next = self.step(&next, input).ok()?;
        }
        Some(Self::of(next, self.kind, keys))
    }

    fn step(&self, nodes: &Any, input: &mut Input<'_>) -> Result<Any, Error> {
        let names: Vec<Name> = nodes.topology().iter().map(|(_, name)| *name).collect();
        let which = input.below(8);
        let name = input.below(NAMES) as Name;
        let one = names.get(input.below(NAMES)).copied().unwrap_or(name);
        match which {
            0 | 1 => nodes.with_node(Node::new(name).weight(self.kind.next(input).max(1))),
            2 => nodes.without(&one),
            3 => nodes.reweighted(&one, 0),
            4 | 5 => nodes.reweighted(&one, self.kind.next(input)),
            6 => {
                let mut list: BTreeMap<Name, u64> = BTreeMap::new();
                for name in names {
                    if input.below(4) > 0 {
                        list.insert(name, self.kind.next(input));
                    }
                }
                for _ in 0..input.below(3) {
                    list.insert(input.below(NAMES) as Name, self.kind.next(input));
                }
                nodes.replaced_by(list.into_iter().map(|(name, w)| Node::new(name).weight(w)))
            }
            _ => nodes.replaced_by([]),
        }
    }

    pub fn name(&self, at: NodeIdx) -> Name {
        *self.locator.topology().get(at).expect("a node of these")
    }

    pub fn at(&self, name: Name) -> NodeIdx {
        let mut all = self.locator.topology().iter();
        all.find(|(_, other)| **other == name).expect("one of these nodes").0
    }

    pub fn weight(&self, name: Name) -> u64 {
        self.weights.get(&name).copied().unwrap_or(0)
    }

    pub fn live(&self) -> bool {
        self.weights.values().any(|weight| *weight > 0)
    }

    pub fn order(&self, key: u64) -> &[Name] {
        &self.orders[&key]
    }

    /// Those of a key's nodes that it prefers to this one.
    pub fn before(&self, key: u64, name: Name) -> impl Iterator<Item = Name> {
        self.order(key).iter().copied().take_while(move |other| *other != name)
    }

    /// ⌈num · keys · weight / (den · total)⌉
    pub fn cap(&self, (num, den): (u32, u32), keys: usize, name: Name) -> u64 {
        let part = u128::from(num) * keys as u128 * u128::from(self.weight(name));
        let whole = u128::from(den) * self.total;
        let cap = part.checked_div(whole).unwrap_or(0);
        (cap + u128::from(cap * whole < part)) as u64
    }
}

/// A load factor; what is none is refused by name.
pub fn factor(input: &mut Input<'_>) -> LoadFactor {
    let fixed = [(1, 1), (21, 20), (5, 4), (2, 1)];
    let (num, den) = match input.below(8) {
        shape @ 0..=3 => fixed[shape],
        _ => (input.number() as u32, input.number() as u32),
    };
    match LoadFactor::new(num, den) {
        Ok(factor) => {
            assert!(den > 0 && num >= den);
            assert_eq!((factor.num(), factor.den()), (num, den));
            factor
        }
        Err(why) => {
            assert!(den == 0 || num < den);
            assert!(why.to_string().contains(&format!("{num}/{den}")), "{why}");
            LoadFactor::ONE
        }
    }
}
