//! A ring and what becomes of it, beside its model: one half of a diff.

use super::input::Input;
use super::model::{Kind, Member, Model};
use apportion::ring::RingConfig;
use apportion::{Algorithm, Error, KeyHash, Locator, Node, NodeIdx, Placement, Ring, Topology};

const STEPS: u8 = 5;
/// Small rings: every interval is looked at, many times.
const NODES: u8 = 8;
const BUDGET: u64 = 64;
/// What tells a node's later value from its first one.
const MARK: char = '\'';

/// A ring and its model.
#[derive(Clone)]
pub struct Side {
    pub ring: Locator<String, Ring>,
    pub model: Model,
}

impl Side {
    /// Built from nothing; sometimes as another one was.
    pub fn read(input: &mut Input<'_>, other: Option<&Self>) -> Option<Self> {
        let kind = match other.filter(|_| input.below(2) == 0) {
            // The other one's scale as well, or the numbers that it was chosen by.
            Some(other) if input.below(2) == 0 => other.model.rebuilt(0).kind,
            Some(other) => other.model.kind.clone(),
            None => read_kind(input),
        };
        let nodes = read_nodes(input, &[]);
        Self::built(Model::fresh(&kind, nodes.clone()), &kind, &nodes)
    }

    fn built(model: Option<Model>, kind: &Kind, nodes: &[Member]) -> Option<Self> {
        let topology = Topology::of(nodes.iter().map(Member::node)).unwrap();
        agreed(Locator::ring_of(topology, config(kind)), model)
    }

    pub fn stepped(self, input: &mut Input<'_>) -> Self {
        (0..input.below(STEPS + 1)).fold(self, |side, _| side.step(input).unwrap_or(side))
    }

    /// `None` where the change is refused, or there is nothing to change.
    fn step(&self, input: &mut Input<'_>) -> Option<Self> {
        let Self { ring, model } = self;
        let mut nodes = model.nodes.clone();
        let what = input.below(13);
        let place = input.below(NODES) % nodes.len().max(1);
        match what {
            0..=2 => {
                let member = read_member(input);
                nodes.push(member.clone());
                agreed(ring.with_node(member.node()), model.with(nodes, Vec::new()))
            }
            3 | 4 => {
                nodes.get(place)?;
                let name = nodes.remove(place).name;
                agreed(ring.without(&name), model.with(nodes, Vec::new()))
            }
            5 | 6 => {
                let node = nodes.get_mut(place)?;
                node.weight = read_weight(input);
                let changed = ring.reweighted(&node.name, node.weight);
                agreed(changed, model.with(nodes, Vec::new()))
            }
            7 | 8 => {
                nodes.retain_mut(|node| {
                    let fate = input.below(5);
                    if fate == 1 {
                        node.weight = read_weight(input);
                    }
                    fate > 0
                });
                nodes.extend(read_nodes(input, &nodes));
                let changed = ring.replaced_by(nodes.iter().map(Member::node));
                agreed(changed, model.with(nodes, Vec::new()))
            }
            9 => {
                let ring = ring.replaced_by([]).unwrap();
                Some(Self { ring, model: model.with(Vec::new(), Vec::new())? })
            }
            10 => {
                let kind = read_kind(input);
                agreed(ring.rescaled(&config(&kind)), Model::fresh(&kind, nodes))
            }
            // One leaves and comes back to another slot.
            11 => {
                let node = nodes.get(place)?.clone();
                let other = Member { name: "between".into(), ..node.clone() };
                let ring = ring.without(&node.name).ok()?;
                let ring = ring.with_node(other.node()).ok()?.with_node(node.node()).ok()?;
                Some(Self { ring: ring.without(&other.name).unwrap(), model: model.clone() })
            }
            // The same again, made apart: no slot is like before.
            _ => {
                let mut model = model.rebuilt(1 + place);
                if input.below(2) == 0 {
                    model.nodes.reverse();
                }
                Self::built(Some(model.clone()), &model.kind, &model.nodes)
            }
        }
    }

    /// The same nodes with other values.
    pub fn renewed(self) -> Self {
        let value = |m: &Member| format!("{}{MARK}", m.name);
        let node = |m: &Member| Node::labelled(value(m), m.name.as_str()).weight(m.weight);
        let ring = self.ring.replaced_by(self.model.nodes.iter().map(node)).unwrap();
        Self { ring, ..self }
    }

    pub fn has(&self, value: &String) -> bool {
        self.ring.topology().iter().any(|(_, own)| own == value)
    }

    pub fn live(&self) -> usize {
        self.model.live()
    }

    /// All live nodes in the order in which a key meets them, as the ring itself says.
    pub fn answers(&self, hash: u64) -> Vec<&str> {
        let mut out = vec![NodeIdx::default(); self.live()];
        let found = self.ring.placement().replicas(KeyHash::from_hash(hash), &mut out);
        let name = |slot: &NodeIdx| label(self.ring.topology().get(*slot).unwrap());
        out[..found].iter().map(name).collect()
    }
}

/// The label of a node's value.
pub fn label(value: &str) -> &str {
    value.strip_suffix(MARK).unwrap_or(value)
}

/// A ring and its model, or neither.
fn agreed(ring: Result<Locator<String, Ring>, Error>, model: Option<Model>) -> Option<Side> {
    assert_eq!(ring.is_ok(), model.is_some(), "{ring:?} {model:?}");
    Some(Side { ring: ring.ok()?, model: model? })
}

fn read_kind(input: &mut Input<'_>) -> Kind {
    let points_per_node = 1 + input.below(16) as u32;
    let ratio = |input: &mut Input<'_>| (1 + input.below(9) as u64, 1 + input.below(4) as u64);
    let scale = (input.below(3) == 2).then(|| ratio(input));
    Kind::Ring { points_per_node, scale, budget: BUDGET }
}

fn config(kind: &Kind) -> RingConfig {
    let Algorithm::Ring(config) = kind.algorithm() else { panic!("{kind:?} is no ring") };
    config
}

fn read_member(input: &mut Input<'_>) -> Member {
    Member { name: format!("n{}", input.below(12)), weight: read_weight(input), zone: None }
}

fn read_weight(input: &mut Input<'_>) -> u64 {
    if input.below(16) == 15 { input.number() } else { input.below(6) as u64 }
}

/// Nodes that stand in neither list yet.
pub fn read_nodes(input: &mut Input<'_>, others: &[Member]) -> Vec<Member> {
    let mut nodes: Vec<Member> = Vec::new();
    for _ in 0..input.below(NODES + 1) {
        let member = read_member(input);
        if others.iter().chain(&nodes).all(|m| m.name != member.name) {
            nodes.push(member);
        }
    }
    nodes
}
