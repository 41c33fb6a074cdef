//! Walks, batches, replicas and spreads against a walk from step to step, above the 2,048 slots that
//! have a bit of their own and around them.

use crate::orders::Order;
use crate::support::{self, Draws};
use apportion::asura::AsuraConfig;
use apportion::bounded::{BoundedLoads, InFlight, LoadFactor, Mode};
use apportion::bucket::Buckets;
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::ring::{GivenPointsConfig, LabelPointsConfig, RingConfig, Rule};
use apportion::{
    Algorithm, Candidates, JumpBack, KeyHash, Locator, Node, NodeIdx, PartitionTable, Placement,
    Spread, Topology, Walk,
};
use std::collections::BTreeSet;

/// Drained nodes and weights come from the draws.
fn topology(draws: &mut Draws, n: usize, weighted: bool) -> Topology<String> {
    let node = |i: usize| {
        let drained = i > 0 && draws.below(8) == 0;
        let weight = if weighted { 1 + draws.below(9) } else { 1 };
        let node = Node::new(format!("n{i}")).weight(if drained { 0 } else { weight });
        node.domain("region", &format!("{}", i % 4)).domain("zone", &format!("{}", i % 17))
    };
    Topology::of((0..n).map(node).collect::<Vec<_>>()).unwrap()
}

/// Every algorithm over the nodes of a topology.
fn placements(draws: &mut Draws, n: usize) -> Vec<(String, Topology<String>, Box<dyn Placement>)> {
    let mut all: Vec<(String, Topology<String>, Box<dyn Placement>)> = Vec::new();
    for name in Algorithm::NAMES {
        let algorithm: Algorithm = name.parse().unwrap();
        let nodes = topology(draws, n, false);
        let any = Locator::any_of(nodes.clone(), algorithm).unwrap();
        all.push((name.to_string(), nodes, Box::new(any.placement().clone())));
    }
    let weighted = topology(draws, n, true);
    let algorithms = [
        Algorithm::Ring(RingConfig::default().points_per_node(4)),
        Algorithm::WeightedRendezvous,
        Algorithm::Maglev(MaglevConfig::default().table_size(4099)),
        Algorithm::Asura(AsuraConfig::default().unit(2)),
        Algorithm::Asura(AsuraConfig::default().unit(4).darts(7)),
    ];
    for algorithm in algorithms {
        let name = format!("weighted {algorithm:?}");
        let any = Locator::any_of(weighted.clone(), algorithm).unwrap();
        all.push((name, weighted.clone(), Box::new(any.placement().clone())));
    }
    let nodes = topology(draws, n, false);
    for rule in [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest] {
        let config = LabelPointsConfig::per_node(7, point).rule(rule);
        let ring = Locator::label_points_of(nodes.clone(), config).unwrap();
        all.push((format!("labels {rule:?}"), nodes.clone(), Box::new(ring.placement().clone())));
        // One to three points, of which many stand together.
        let of = |i: usize| (0..=i % 3).map(move |p| ((i as u64 * 7 + p as u64) % 512) << 55);
        let config = GivenPointsConfig::default().rule(rule);
        let config = (0..n).fold(config, |config, i| config.points(&format!("n{i}"), of(i)));
        let ring = Locator::given_points_of(nodes.clone(), config).unwrap();
        all.push((format!("given {rule:?}"), nodes.clone(), Box::new(ring.placement().clone())));
    }
    // Who left an anchor leaves a hole in its permutation.
    let mut anchor = Locator::jump_back_anchor_of(nodes.clone()).unwrap();
    for i in (0..n).step_by(3).filter(|i| i % 7 > 0) {
        anchor = anchor.replaced_by(keep(&anchor, i)).unwrap();
        if i > 60 {
            break;
        }
    }
    all.push(("anchor".into(), anchor.topology().clone(), Box::new(anchor.placement().clone())));
    let table = Locator::table_of(weighted.clone(), TableConfig::new(64, 3)).unwrap();
    all.push(("table".into(), weighted.clone(), Box::new(table.placement().clone())));
    let equal = Topology::of((0..n).map(|i| {
        let node = Node::new(format!("n{i}")).domain("region", &format!("{}", i % 4));
        node.domain("zone", &format!("{}", i % 17))
    }));
    let equal = equal.unwrap();
    let identities: Vec<u64> = (0..n as u64).map(|i| i * i + 1).collect();
    let slice = RendezvousSlice::new(Vec::leak(identities)).unwrap();
    all.push(("slice".into(), equal.clone(), Box::new(slice)));
    let weights: Vec<(u64, u64)> = (0..n as u64).map(|i| (i, 1 + draws.below(9))).collect();
    let slice = WeightedRendezvousSlice::new(Vec::leak(weights)).unwrap();
    all.push(("weighted slice".into(), equal.clone(), Box::new(slice)));
    let buckets = Buckets::new(JumpBack, n as u32).unwrap();
    all.push(("buckets".into(), equal.clone(), Box::new(buckets)));
    let mut list: Vec<NodeIdx> =
        equal.members().iter().flat_map(|node| [node; 3]).collect::<Vec<_>>();
    draws.shuffle(&mut list);
    all.push(("a user's own".into(), equal, Box::new(Order(list))));
    all
}

/// The nodes of an anchor without one.
fn keep<P: Placement>(anchor: &Locator<String, P>, leaves: usize) -> Vec<Node<String>> {
    let members = anchor.topology().members();
    let leaves = format!("n{leaves}");
    let stay = anchor.topology().iter().filter(|(_, name)| **name != leaves);
    let node = |(at, name): (NodeIdx, &String)| {
        let node = Node::new(name.clone()).weight(members.weight(at).unwrap().get());
        let path = members.domain(at).unwrap().path();
        path.fold(node, |node, (level, name)| node.domain(level, name))
    };
    stay.map(node).collect()
}

/// Everything the walk gives, step by step.
fn naive(placement: &dyn Placement, key: KeyHash) -> Vec<NodeIdx> {
    let mut walk = Walk::new(key);
    std::iter::from_fn(|| placement.next_candidate(&mut walk)).collect()
}

fn distinct(all: impl IntoIterator<Item = NodeIdx>) -> Vec<NodeIdx> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|node| seen.insert(*node)).collect()
}

/// Candidates, replicas, batches and admitted steps are what single steps give.
fn agrees(name: &str, placement: &dyn Placement, key: KeyHash, draws: &mut Draws) {
    let raw = naive(placement, key);
    let order = distinct(raw.iter().copied());
    assert_eq!(order.len(), placement.live(), "{name}: a live node is missing");
    assert!(placement.walk_repeats() || raw == order, "{name}: a node comes twice");
    assert!(Candidates::new(placement, key).eq(order.iter().copied()), "{name}");
    // A clone goes on where it was made.
    let mut some = Candidates::new(placement, key);
    let from = draws.below(order.len() as u64) as usize;
    assert!(some.by_ref().take(from).eq(order[..from].iter().copied()), "{name}");
    assert!(some.clone().eq(order[from..].iter().copied()), "{name} from {from}");
    assert!(some.eq(order[from..].iter().copied()), "{name} from {from}");

    let most = placement.guarantees().max_replicas.min(order.len());
    for k in [1, 3, 5, 16, 17, 32, 33, 64, 65, 300, order.len(), order.len() + 5] {
        let mut out = vec![NodeIdx::default(); k];
        assert_eq!(placement.replicas(key, &mut out), k.min(most), "{name}");
        assert_eq!(out[..k.min(most)], order[..k.min(most)], "{name}: {k} replicas");
    }

    let salt = draws.next();
    let share = 1 + draws.below(12);
    let accept = |node: NodeIdx| Draws(salt ^ u64::from(node.get())).below(share) == 0;
    // Step by step from anywhere, and the walk goes on behind what was found.
    let (mut walk, mut at) = (Walk::new(key), 0);
    for round in 0..12 {
        for _ in 0..draws.below(20) {
            let node = placement.next_candidate(&mut walk);
            assert_eq!(node, raw.get(at).copied(), "{name}: step {at}");
            at = (at + 1).min(raw.len());
        }
        let next = raw[at..].iter().position(|node| accept(*node)).map(|i| at + i);
        let found = placement.next_candidate_where(&mut walk, &mut { accept });
        assert_eq!(found, next.map(|next| raw[next]), "{name}: from {at}, round {round}");
        at = next.map_or(raw.len(), |next| next + 1);
    }
    // In batches: repeats may be left out.
    let mut walk = Walk::new(key);
    let mut found: Vec<NodeIdx> = Vec::new();
    loop {
        let size = [1, 3, 16, 17, 64, 65, 400][draws.below(7) as usize];
        let mut out = vec![NodeIdx::default(); size];
        let n = placement.next_candidates(&mut walk, &mut out, &mut { accept });
        found.extend_from_slice(&out[..n]);
        if n < size {
            break;
        }
    }
    let admitted: Vec<NodeIdx> = order.iter().copied().filter(|node| accept(*node)).collect();
    assert_eq!(distinct(found), admitted, "{name}");
    assert_eq!(placement.next_candidate_where(&mut walk, &mut |_| true), None, "{name}");
}

#[test]
fn every_algorithm_agrees_with_single_steps() {
    let mut draws = Draws(1);
    for n in [70, 1100, 2100] {
        for (name, _, placement) in placements(&mut draws, n) {
            let pointer: &dyn Placement = &*placement;
            for key in draws.keys(2) {
                agrees(&format!("{name} of {n}"), &pointer, key, &mut draws);
            }
        }
    }
}

/// Spreads with random filters over the candidates of many nodes, against their definition.
#[test]
fn spreads_over_many_nodes_agree_with_the_definition() {
    let mut draws = Draws(2);
    for n in [300, 1200] {
        for (name, topology, placement) in placements(&mut draws, n) {
            let members = topology.members();
            let paths = crate::model::Paths::of(members);
            for key in draws.keys(2) {
                let order = distinct(naive(&*placement, key));
                let salt = draws.next();
                let share = 1 + draws.below(3);
                let region = draws.below(5) as usize;
                let healthy = |node: NodeIdx| {
                    let (i, draw) = (node.index(), Draws(salt ^ u64::from(node.get())).below(4));
                    i % 4 != region && draw < share
                };
                let mut up = order.clone();
                up.retain(|node| healthy(*node));
                for kind in crate::model::KINDS {
                    let rule = crate::model::Rule::random(&mut draws, kind, 2);
                    let replicas = 1 + draws.below(6) as usize;
                    let Ok(of) = rule.compile(members, replicas) else { continue };
                    let mut out = [NodeIdx::default(); 6];
                    let found = of.replicas_where(&*placement, key, &mut out, healthy);
                    // The definition looks at all that are left for each replica.
                    let up = if kind == crate::model::Kind::Even {
                        first_of(&up, 17 * 6)
                    } else {
                        up.clone()
                    };
                    let expected = rule.of(&paths, &up, replicas);
                    assert_eq!(out[..found], expected, "{name} of {n}: {rule:?}");
                }
            }
        }
    }
}

/// The first six of each region and zone: no even spread of six replicas takes others.
fn first_of(order: &[NodeIdx], most: usize) -> Vec<NodeIdx> {
    let mut taken = std::collections::BTreeMap::new();
    let mut few = order.to_vec();
    few.retain(|node| {
        let count: &mut usize = taken.entry((node.index() % 4, node.index() % 17)).or_default();
        *count += 1;
        *count <= most / 17
    });
    few
}

/// A spread of older nodes: those that are gone from the placement are not waited for.
#[test]
fn spreads_of_nodes_that_are_gone() {
    let node = |i: u64| Node::new(i).domain("zone", if i == 0 { "alone" } else { "all" });
    let old = Topology::of((0..1500).map(node)).unwrap();
    for name in Algorithm::NAMES.iter().filter(|name| !name.starts_with("jump") && **name != "flip")
    {
        let of = Locator::any_of(old.clone(), name.parse().unwrap()).unwrap();
        let rest = of.without(&0).unwrap();
        let strict = Spread::strict(old.members(), 2, [("zone", 1)]).unwrap();
        let even = Spread::even(old.members(), 2, ["zone"]).unwrap();
        for key in 0..5_u64 {
            assert_eq!(rest.replicas_under::<2>(&strict, &key).len(), 1, "{name}");
            assert_eq!(rest.replicas_under::<2>(&even, &key).len(), 2, "{name}");
        }
    }
}

/// Behind the holders of a table come all other live nodes, and slots do not matter.
#[test]
fn tables_walk_on_to_all_live_nodes() {
    let mut draws = Draws(3);
    let nodes = support::weighted(&[3, 1, 0, 2, 5, 1, 1, 4]);
    let mut other = nodes.clone();
    other.reverse();
    let table = |nodes: Vec<Node<String>>| {
        let topology = Topology::of(nodes).unwrap();
        let drawn = Locator::weighted_rendezvous_of(topology.clone()).unwrap();
        let rows = |key, out: &mut [NodeIdx]| drawn.placement().replicas(key, out);
        let table = PartitionTable::derived(topology.members(), 16, 2, rows).unwrap();
        Locator::from_parts(topology, table, apportion::Xxh3).unwrap()
    };
    let (one, two) = (table(nodes), table(other));
    let (mut asked, mut first) = (0, 0);
    for key in draws.keys(20_000) {
        let names = |table: &Locator<String, PartitionTable>| -> Vec<String> {
            let all = Candidates::new(table.placement(), key);
            all.map(|at| table.topology().get(at).unwrap().clone()).collect()
        };
        let (a, b) = (names(&one), names(&two));
        assert_eq!((a.len(), &a), (7, &b));
        let row: Vec<NodeIdx> = one.placement().row(one.placement().partition(key)).collect();
        assert_eq!(support::holders(one.placement(), key, 8), row);
        // In proportion to the weights, 4 and 1, of two nodes that hold none of the key.
        let place = |name: &str| a.iter().position(|other| other == name).unwrap();
        if place("n7").min(place("n1")) >= 2 {
            asked += 1;
            first += u32::from(place("n7") < place("n1"));
        }
    }
    let share = f64::from(first) / f64::from(asked);
    assert!(asked > 1000 && (0.77..0.83).contains(&share), "{first} of {asked}");
}

/// What ended before all live nodes had come: loads find room wherever there is some.
#[test]
fn loads_find_room_over_every_placement() {
    let mut draws = Draws(4);
    for (name, topology, placement) in placements(&mut draws, 60) {
        let nodes = topology.members().live();
        let locator = Locator::from_parts(topology, placement, apportion::Xxh3).unwrap();
        for mode in [Mode::Canonical, Mode::Online] {
            let start = match mode {
                Mode::Online => BoundedLoads::online,
                _ => BoundedLoads::canonical,
            };
            let by_ref = locator.placement();
            let of = Locator::from_parts(locator.topology().clone(), by_ref, apportion::Xxh3);
            let mut held = start(of.unwrap(), LoadFactor::ONE);
            held.extend(0..4 * nodes as u64).unwrap_or_else(|error| panic!("{name}: {error}"));
            let over = |(at, _)| u64::from(held.load(at)) > held.cap(at);
            assert!(!locator.topology().iter().any(over), "{name}");
        }
        let in_flight = InFlight::new(locator.topology().members(), LoadFactor::ONE);
        let lease = |key: u64| in_flight.acquire(locator.candidates(&key).map(|(at, _)| at));
        let leases: Vec<_> = (0..3 * nodes as u64).map_while(lease).collect();
        assert_eq!(leases.len(), 3 * nodes, "{name}");
    }
}

fn point(label: &[u8], number: u32) -> u64 {
    apportion::topology::Members::identity_of(&[label, &number.to_le_bytes()].concat())
}
