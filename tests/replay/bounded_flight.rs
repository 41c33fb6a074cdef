//! Requests in flight on one thread: every lease is on the first candidate with room, and counts
//! until it ends, whatever becomes of its node.

use super::bounded_nodes::{Name, Nodes};
use super::input::Input;
use apportion::bounded::{InFlight, Lease, LoadFactor};
use apportion::{Candidates, KeyHash, NodeIdx};

const STEPS: usize = 64;
const LEASES: usize = 32;
const VALUES: usize = 5;

/// A value with its nodes. All values of a history follow one another, and count together by name.
struct Value {
    nodes: Nodes,
    in_flight: InFlight,
}

#[derive(Default)]
struct World {
    /// Leases with the names of their nodes.
    leases: Vec<(Lease, Name)>,
}

impl World {
    fn load(&self, name: Name) -> u64 {
        self.leases.iter().filter(|(_, other)| *other == name).count() as u64
    }

    fn follow(value: &Value, nodes: Nodes) -> Value {
        let in_flight = value.in_flight.follow(nodes.locator.topology().members());
        assert_eq!(in_flight.factor(), value.in_flight.factor());
        Value { nodes, in_flight }
    }

    /// The counts of a value are those of the leases that are out.
    fn check(&self, value: &Value) {
        assert_eq!(value.in_flight.total() as usize, self.leases.len());
        let slots = value.nodes.locator.topology().members().slots() as u32;
        for at in (0..=slots).map(NodeIdx::new) {
            let name = value.nodes.locator.topology().get(at);
            let load = name.map_or(0, |name| self.load(*name));
            let cap = name.map_or(0, |name| cap(value, self.leases.len(), *name));
            assert_eq!(u64::from(value.in_flight.load(at)), load, "{at:?}");
            assert_eq!(value.in_flight.cap(at), cap, "{at:?}");
        }
    }

    fn acquire(&mut self, value: &Value, key: u64, skipped: u8, most: usize) {
        let requests = self.leases.len() + 1;
        let wanted = |name: Name| skipped >> (name % 8) & 1 == 0;
        let order = value.nodes.order(key).iter().copied();
        let below = |name: &Name| self.load(*name) < cap(value, requests, *name);
        let expected = order.filter(|name| wanted(*name)).take(most).find(below);
        if value.nodes.live() && skipped == 0 && most >= value.nodes.weights.len() {
            assert!(expected.is_some(), "with all nodes there is always room");
        }
        let placement = value.nodes.locator.placement();
        let slots = Candidates::new(placement, KeyHash::from_hash(key));
        let slots = slots.filter(|at| wanted(value.nodes.name(*at))).take(most);
        // A hole, a node beyond the last one, and everybody twice do no harm.
        let slots = [NodeIdx::new(u32::MAX - 1)].into_iter().chain(slots.clone()).chain(slots);
        let lease = value.in_flight.acquire(slots);
        let found = lease.as_ref().map(|lease| value.nodes.name(lease.node()));
        assert_eq!(found, expected);
        if let Some((lease, name)) = lease.zip(expected) {
            let at = lease.node();
            assert_eq!(at, value.nodes.at(name));
            self.leases.push((lease, name));
            assert!(u64::from(value.in_flight.load(at)) <= value.in_flight.cap(at));
        }
    }
}

fn cap(value: &Value, requests: usize, name: Name) -> u64 {
    let factor = value.in_flight.factor();
    value.nodes.cap((factor.num(), factor.den()), requests, name)
}

pub fn history(input: &mut Input<'_>, nodes: Nodes, factor: LoadFactor, keys: &[u64]) {
    let mut world = World::default();
    let in_flight = InFlight::new(nodes.locator.topology().members(), factor);
    let mut values = vec![Value { nodes, in_flight }];
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let step = input.below(8);
        // Mostly the newest one; requests that began before have older ones.
        let older = input.below(4 * VALUES as u8);
        let at = values.len() - 1 - if older < values.len() { older } else { 0 };
        match step {
            0..=3 if world.leases.len() < LEASES => {
                let key = *input.pick(keys);
                let (skipped, most) = match input.below(4) {
                    0 => (input.byte(), usize::MAX),
                    1 => (0, 1 + input.below(3)),
                    _ => (0, usize::MAX),
                };
                world.acquire(&values[at], key, skipped, most);
            }
            6 => {
                if let Some(nodes) = values[at].nodes.changed(input, keys) {
                    let next = World::follow(&values[at], nodes);
                    values.push(next);
                    if values.len() > VALUES {
                        values.remove(input.below(VALUES as u8));
                    }
                }
            }
            7 if values.len() > 1 => drop(values.remove(at)),
            _ => {
                let lease = input.below(LEASES as u8) % world.leases.len().max(1);
                if lease < world.leases.len() {
                    drop(world.leases.swap_remove(lease));
                }
            }
        }
        values.iter().for_each(|value| world.check(value));
    }
    // Leases end one by one, and everything is back at 0.
    while !world.leases.is_empty() {
        let next = input.below(LEASES as u8) % world.leases.len();
        drop(world.leases.swap_remove(next));
    }
    values.iter().for_each(|value| world.check(value));
}
