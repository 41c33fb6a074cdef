//! Lookups take nothing from the heap.

use crate::meter::{allocations, most_held};
use crate::support;
use apportion::bounded::{InFlight, LoadFactor, LoadLimit, NodeLoads};
use apportion::ring::{LabelPointsConfig, Rule};
use apportion::topology::Members;
use apportion::{Algorithm, Locator, Node, NodeIdx, Spread, Topology};
use std::hint::black_box;

#[test]
fn the_counter_counts_allocations() {
    assert!(allocations(|| drop(black_box(vec![1_u8]))) >= 1);
}

#[test]
fn lookups_do_not_allocate() {
    for name in Algorithm::NAMES {
        for n in [1, 3, 100, 2000] {
            let algorithm: Algorithm = name.parse().unwrap();
            let locator = Locator::any_of(support::topology(&vec![1; n]), algorithm).unwrap();
            let hashes = [7_u64; 16];
            let mut out = [NodeIdx::default(); 64];
            let took = allocations(|| {
                for key in 0..20_u64 {
                    black_box(locator.get(&key));
                    black_box(locator.get("some text that is longer than a few bytes"));
                    black_box(locator.get(&(key, "composite", [key; 40])));
                    black_box(locator.replicas::<3>(&key).iter().count());
                    black_box(locator.replicas_into(&key, &mut out));
                    black_box(locator.candidates(&key).take(64).count());
                    black_box((locator.subset::<8>(&key), locator.subset_into(&key, &mut out)));
                    let mut walk = locator.walk(&key);
                    black_box(locator.next_candidate_where(&mut walk, |at| at.get() % 5 == 2));
                    for _ in 0..5 {
                        black_box(locator.next_candidate(&mut walk));
                    }
                    black_box(locator.locate_batch(&hashes, &mut out));
                    black_box(locator.get_batch(&hashes, &mut [None; 16]));
                    black_box(locator.get_arc(&key));
                    black_box((locator.find(&key), locator.contains("n7"), locator.weight("n0")));
                    black_box(locator.nodes().rev().count() + locator.iter().count());
                }
            });
            assert_eq!(took, 0, "{name} over {n} nodes");
        }
    }
}

/// What a list of any length may take, and no more: memory for itself.
#[test]
fn long_lists_take_memory_in_proportion() {
    for name in Algorithm::NAMES {
        let locator =
            Locator::any_of(support::topology(&[1; 3000]), name.parse().unwrap()).unwrap();
        let took = allocations(|| {
            black_box(locator.candidates(&7_u64).count());
        });
        assert!(took <= 60, "{name}: {took} allocations for 3000 candidates");
        let mut out = vec![NodeIdx::default(); 3000];
        let took = allocations(|| {
            black_box(locator.replicas_into(&7_u64, &mut out));
        });
        assert!(took <= 60, "{name}: {took} allocations for 3000 replicas");
    }
}

/// A filter that refuses a zone, and a zone of one node: nothing is kept of those refused.
#[test]
fn hard_spreads_do_not_allocate() {
    for name in Algorithm::NAMES {
        let zone = |i: u64| if i == 0 { 2 } else { i % 2 };
        let node = |i: u64| Node::new(i).domain("zone", &format!("{}", zone(i)));
        let topology = Topology::of((0..2500).map(node)).unwrap();
        let locator = Locator::any_of(topology, name.parse().unwrap()).unwrap();
        let members = locator.topology().members();
        let spreads =
            [Spread::strict(members, 3, [("zone", 1)]), Spread::even(members, 3, ["zone"])];
        for spread in spreads.map(Result::unwrap) {
            let took = allocations(|| {
                for key in 0..5_u64 {
                    black_box(locator.replicas_under::<3>(&spread, &key));
                    black_box(locator.subset_under::<3>(&spread, &key));
                    let up = |at: NodeIdx| at.get() % 2 == 1;
                    black_box(locator.replicas_under_where::<3>(&spread, &key, up));
                }
            });
            assert_eq!(took, 0, "{name}");
        }
    }
}

/// Up to 64 replicas of a spread take nothing, and all nodes as much memory as documented.
#[test]
fn long_spreads_take_memory_in_proportion() {
    for name in Algorithm::NAMES {
        let node = |i: u64| Node::new(i).domain("zone", &format!("{}", i % 3));
        let topology = Topology::of((0..2500).map(node)).unwrap();
        let locator = Locator::any_of(topology, name.parse().unwrap()).unwrap();
        let members = locator.topology().members();
        let rules = |k| {
            [Spread::best_effort(members, k, [("zone", 1)]), Spread::even(members, k, ["zone"])]
        };
        for few in rules(64).map(Result::unwrap) {
            let took = allocations(|| {
                black_box(locator.replicas_under::<64>(&few, &7_u64));
            });
            assert_eq!(took, 0, "{name}");
        }
        for all in rules(2500).map(Result::unwrap) {
            let mut out = vec![NodeIdx::default(); 2500];
            let (placement, key) = (locator.placement(), locator.hash(&7_u64));
            let (found, peak) = most_held(|| all.replicas(placement, key, &mut out));
            assert_eq!(found, 2500);
            assert!(peak <= 2500 * (4 + 160), "{name}: {peak} bytes");
            let took = allocations(|| {
                black_box(all.replicas(placement, key, &mut out));
            });
            assert!(took <= 100, "{name}: {took} allocations");
        }
    }
}

fn point(label: &[u8], number: u32) -> u64 {
    Members::identity_of(&[label, &number.to_le_bytes()].concat())
}

#[test]
fn rings_of_every_rule_do_not_allocate() {
    for rule in [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest] {
        for n in [1, 3, 100, 2000] {
            let config = LabelPointsConfig::per_node(20, point).rule(rule);
            let ring = Locator::label_points_of(support::topology(&vec![1; n]), config).unwrap();
            let mut out = [NodeIdx::default(); 64];
            let took = allocations(|| {
                for key in 0..20_u64 {
                    black_box(ring.get(&key));
                    black_box(ring.replicas::<3>(&key).iter().count());
                    black_box(ring.replicas_into(&key, &mut out));
                    black_box(ring.candidates(&key).take(40).count());
                }
            });
            assert_eq!(took, 0, "{rule:?} over {n} nodes");
        }
    }
}

#[test]
fn leases_do_not_allocate() {
    let ring = Locator::ring((0..100).collect::<Vec<u64>>()).unwrap();
    let factor = LoadFactor::new(5, 4).unwrap();
    let in_flight = InFlight::new(ring.topology().members(), factor);
    let first = || in_flight.acquire(ring.candidates("key").map(|(node, _)| node));
    let one = || in_flight.acquire(ring.candidates("key").map(|(node, _)| node).take(1));
    assert_eq!(allocations(|| drop(black_box((first(), first(), one(), in_flight.clone())))), 0);
}

#[test]
fn picks_do_not_allocate() {
    let ring = Locator::ring((0..100).collect::<Vec<u64>>()).unwrap();
    let limit = LoadLimit::new(LoadFactor::new(5, 4).unwrap()).margin(2);
    // Walks of more candidates than `INLINE_CANDIDATES` allocate.
    let candidates = || ring.candidates("key").map(|(node, _)| node).take(64);
    let mut counts = vec![0_u64; 100];
    let took = allocations(|| {
        for _ in 0..50 {
            let members = ring.topology().members();
            let loads = NodeLoads::of(members, |node| counts[node.index()]);
            let picked = black_box(limit.pick(candidates(), 3, loads));
            let claimed = limit.claim(candidates(), 3, loads, |_, _| false);
            black_box((claimed.is_err(), limit.shedding().pick(candidates(), 3, loads).is_err()));
            counts[picked.unwrap().node().index()] += 3;
        }
    });
    assert_eq!(took, 0);
    assert!(counts.iter().filter(|count| **count > 0).count() > 3);
}

#[test]
fn spreads_do_not_allocate() {
    for name in Algorithm::NAMES {
        let node = |i: u64| {
            let node = Node::new(i).domain("zone", &format!("{}", i % 5));
            node.domain("rack", &format!("{}", i % 3))
        };
        let topology = Topology::of((0..60).map(node)).unwrap();
        let locator = Locator::any_of(topology, name.parse().unwrap()).unwrap();
        let members = locator.topology().members();
        let limits = [("zone", 1), ("rack", 1)];
        let spreads = [
            Spread::strict(members, 5, limits).unwrap(),
            Spread::best_effort(members, 40, limits).unwrap(),
            Spread::even(members, 40, ["zone", "rack"]).unwrap(),
        ];
        let mut out = [NodeIdx::default(); 40];
        for spread in &spreads {
            let took = allocations(|| {
                for key in 0..20_u64 {
                    black_box(locator.replicas_under::<3>(spread, &key));
                    let hash = locator.hash(&key);
                    let healthy = |node: NodeIdx| node.get() % 5 > 1;
                    let found = spread.replicas(locator.placement(), hash, &mut out);
                    black_box(spread.kept(&out[..found]));
                    black_box(spread.replicas_where(locator.placement(), hash, &mut out, healthy));
                    black_box(spread.clone());
                }
            });
            assert_eq!(took, 0, "{name}, {spread:?}");
        }
    }
}

#[test]
fn clones_do_not_copy() {
    let ring = Locator::ring((0..1000).collect::<Vec<u64>>()).unwrap();
    assert_eq!(allocations(|| drop(black_box(ring.clone()))), 0);
}

#[test]
fn lookups_in_a_table_do_not_allocate() {
    let config = apportion::partition::TableConfig::new(256, 3);
    let table = Locator::table_of(support::topology(&[1; 20]), config).unwrap();
    let mut out = [NodeIdx::default(); 8];
    let took = allocations(|| {
        for key in 0..1000_u64 {
            black_box(table.get(&key));
            black_box(table.replicas_into(&key, &mut out));
            black_box(table.candidates(&key).count());
        }
    });
    assert_eq!(took, 0);
}
