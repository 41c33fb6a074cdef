//! Requests in flight over values that follow one another and branch.

use crate::support::Draws;
use apportion::bounded::{InFlight, Lease, LoadFactor};
use apportion::{Node, NodeIdx, Topology, Weight};
use std::collections::BTreeMap;
use std::sync::{Barrier, RwLock};
use std::thread;

const LABELS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// A value with its nodes.
#[derive(Clone)]
struct Value {
    nodes: Topology<&'static str>,
    in_flight: InFlight,
}

impl Value {
    fn slot(&self, label: &str) -> Option<NodeIdx> {
        self.nodes.members().find(label.as_bytes())
    }

    fn cap(&self, label: &str, requests: u32) -> u64 {
        let members = self.nodes.members();
        let weight = self.slot(label).and_then(|node| members.weight(node));
        let weight = weight.unwrap_or(Weight::DRAINED);
        self.in_flight.factor().cap(requests, weight, members.total_weight())
    }

    fn label(&self, lease: &Lease) -> &'static str {
        self.nodes.get(lease.node()).unwrap()
    }

    /// Other nodes, at least one of which is live, and a value that follows.
    fn followed(&self, draws: &mut Draws) -> Self {
        let mut nodes: Vec<Node<&str>> = Vec::new();
        for label in LABELS {
            if draws.below(2) == 0 {
                nodes.push(Node::new(label).weight(draws.below(4)));
            }
        }
        nodes.push(Node::new("always").weight(1 + draws.below(2)));
        draws.shuffle(&mut nodes);
        let nodes = if draws.below(2) == 0 {
            self.nodes.replaced_by(nodes).unwrap().0
        } else {
            Topology::of(nodes).unwrap()
        };
        let in_flight = self.in_flight.follow(nodes.members());
        Self { nodes, in_flight }
    }

    /// Nodes in a random order, some of them.
    fn candidates(&self, draws: &mut Draws) -> Vec<NodeIdx> {
        let mut candidates: Vec<NodeIdx> = self.nodes.iter().map(|(node, _)| node).collect();
        draws.shuffle(&mut candidates);
        candidates.truncate(1 + draws.below(8) as usize);
        candidates
    }
}

fn first(factor: (u32, u32)) -> Value {
    let nodes = Topology::new(["always", "a", "b"]).unwrap();
    let factor = LoadFactor::new(factor.0, factor.1).unwrap();
    let in_flight = InFlight::new(nodes.members(), factor);
    Value { nodes, in_flight }
}

/// Every value counts each label as often as leases are held on it, whichever value granted them,
/// and a lease is granted on the first candidate below the cap of the value that is asked.
#[test]
fn values_of_a_family_share_one_count_per_label() {
    let (mut granted, mut refused, mut elsewhere) = (0, 0, 0);
    for family in 0..300_u64 {
        let mut draws = Draws(family);
        let mut values = vec![first([(1, 1), (5, 4), (2, 1)][family as usize % 3])];
        let mut leases: Vec<(&str, Lease)> = Vec::new();
        for _ in 0..200 {
            let at = draws.below(values.len() as u64) as usize;
            match draws.below(10) {
                0 | 1 => {
                    let next = values[at].followed(&mut draws);
                    values.push(next);
                }
                2 if values.len() > 1 => drop(values.swap_remove(at)),
                3 | 4 if !leases.is_empty() => {
                    drop(leases.swap_remove(draws.below(leases.len() as u64) as usize));
                }
                _ => {
                    let value = &values[at];
                    let candidates = value.candidates(&mut draws);
                    let load = |label: &str| leases.iter().filter(|l| l.0 == label).count() as u64;
                    let requests = leases.len() as u32 + 1;
                    let below = |node: &&NodeIdx| {
                        let label = value.nodes.get(**node).unwrap();
                        load(label) < value.cap(label, requests)
                    };
                    let expected = candidates.iter().find(below).copied();
                    let lease = value.in_flight.acquire(candidates.iter().copied());
                    assert_eq!(lease.as_ref().map(Lease::node), expected, "family {family}");
                    granted += u32::from(lease.is_some());
                    refused += u32::from(lease.is_none());
                    leases.extend(lease.map(|lease| (value.label(&lease), lease)));
                }
            }
            let mut held: BTreeMap<&str, u32> = BTreeMap::new();
            for (label, _) in &leases {
                *held.entry(label).or_default() += 1;
            }
            for value in &values {
                assert_eq!(value.in_flight.total() as usize, leases.len());
                for (node, label) in value.nodes.iter() {
                    let expected = held.get(label).copied().unwrap_or(0);
                    assert_eq!(value.in_flight.load(node), expected, "family {family}: {label}");
                }
                elsewhere += u32::from(held.keys().any(|label| value.slot(label).is_none()));
            }
        }
        drop(leases);
        for value in &values {
            assert_eq!(value.in_flight.total(), 0);
            assert!(value.nodes.iter().all(|(node, _)| value.in_flight.load(node) == 0));
        }
    }
    assert!(granted > 10_000 && refused > 1000 && elsewhere > 10_000);
}

/// A label that leaves without requests, gets one through an older value, and returns.
#[test]
fn a_lease_on_an_older_value_is_found() {
    let both = Topology::new(["a", "b"]).unwrap();
    let (only_b, _) = both.without("a").unwrap();
    let older = InFlight::new(both.members(), LoadFactor::ONE);
    let newer = older.follow(only_b.members());
    let a = both.members().find(b"a").unwrap();
    let lease = older.acquire([a].into_iter()).unwrap();
    let newest = newer.follow(both.members());
    assert_eq!((newest.total(), newest.load(a)), (1, 1));
    assert!(newest.acquire([a].into_iter()).is_none(), "the cap of 2 requests on 2 nodes is 1");
    drop(lease);
    assert!(newest.acquire([a].into_iter()).is_some());
}

/// Two values that follow the same one and both bring in a node count it together.
#[test]
fn two_followers_share_a_new_node() {
    let two = Topology::new(["a", "b"]).unwrap();
    let (three, _) = two.with_node(Node::new("c")).unwrap();
    let older = InFlight::new(two.members(), LoadFactor::ONE);
    let [left, right] = [(), ()].map(|()| older.follow(three.members()));
    let c = three.members().find(b"c").unwrap();
    let lease = left.acquire([c].into_iter()).unwrap();
    assert_eq!((left.load(c), right.load(c)), (1, 1));
    assert!(right.acquire([c].into_iter()).is_none());
    drop((lease, left));
    assert_eq!(right.load(c), 0);
}

/// Threads that follow, branch, acquire and drop. As long as nothing is dropped no node is above
/// the highest cap that any value gives it; at rest all values agree, and in the end all is 0.
#[test]
fn threads_over_one_family() {
    const THREADS: usize = 4;
    for round in 0..60_u64 {
        let values = RwLock::new(vec![first([(1, 1), (5, 4)][round as usize % 2])]);
        let gate = Barrier::new(THREADS);
        thread::scope(|scope| {
            for number in 0..THREADS as u64 {
                let (values, gate) = (&values, &gate);
                scope.spawn(move || {
                    let mut draws = Draws(round * 100 + number);
                    let mut leases: Vec<(&str, Lease)> = Vec::new();
                    let run = |draws: &mut Draws, leases: &mut Vec<_>, dropping: bool| {
                        let value = {
                            let values = values.read().unwrap();
                            values[draws.below(values.len() as u64) as usize].clone()
                        };
                        match draws.below(8) {
                            0 => {
                                let next = value.followed(draws);
                                values.write().unwrap().push(next);
                            }
                            1 | 2 if dropping && !leases.is_empty() => {
                                let at = draws.below(leases.len() as u64) as usize;
                                drop(leases.swap_remove(at));
                            }
                            _ => {
                                let candidates = value.candidates(draws);
                                let lease = value.in_flight.acquire(candidates.into_iter());
                                leases.extend(lease.map(|lease| (value.label(&lease), lease)));
                            }
                        }
                    };
                    gate.wait();
                    (0..40).for_each(|_| run(&mut draws, &mut leases, false));
                    gate.wait();
                    within_highest_caps(&values.read().unwrap());
                    gate.wait();
                    (0..60).for_each(|_| run(&mut draws, &mut leases, true));
                });
            }
        });
        for value in values.into_inner().unwrap() {
            assert_eq!(value.in_flight.total(), 0);
            assert!(value.nodes.iter().all(|(node, _)| value.in_flight.load(node) == 0));
        }
    }
}

fn within_highest_caps(values: &[Value]) {
    let total = values[0].in_flight.total();
    let mut sum = 0;
    for label in LABELS.into_iter().chain(["always"]) {
        let load = |value: &Value| Some(value.in_flight.load(value.slot(label)?));
        let loads: Vec<u32> = values.iter().filter_map(load).collect();
        let Some(load) = loads.first() else { continue };
        assert!(loads.iter().all(|other| other == load), "{label}: {loads:?}");
        let cap = values.iter().map(|value| value.cap(label, total)).max();
        assert!(Some(u64::from(*load)) <= cap, "{label}: {load} of {cap:?}");
        sum += load;
    }
    assert_eq!(sum, total);
}
