//! The selection inside Pingora's load balancer, without a network.

use apportion::bounded::{Lease, LoadFactor, LoadLimit};
use apportion::{Algorithm, Locator, Node, Topology};
use apportion_pingora::{Checked, Config, Selection, Zone, choose};
use pingora_load_balancing::discovery::Static;
use pingora_load_balancing::selection::{BackendIter, BackendSelection};
use pingora_load_balancing::{Backend, Backends, LoadBalancer};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

const KEYS: usize = 10_000;

/// Six backends in three zones; the last has the weight 3.
fn six() -> BTreeSet<Backend> {
    let backend = |i: usize| {
        let address = format!("10.0.0.{i}:80");
        let mut backend = Backend::new_with_weight(&address, if i == 5 { 3 } else { 1 }).unwrap();
        backend.ext.insert(Zone(format!("z{}", i % 3)));
        backend
    };
    (0..6).map(backend).collect()
}

/// Static lists are found at once.
fn update(upstreams: &LoadBalancer<Selection>) -> pingora_core::Result<()> {
    let mut future = std::pin::pin!(upstreams.update());
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a static list that is not there"),
    }
}

fn balancer(backends: BTreeSet<Backend>, config: Config) -> LoadBalancer<Selection> {
    let backends = Backends::new(Static::new(backends));
    let upstreams = LoadBalancer::from_backends_with_config(backends, Some(config));
    update(&upstreams).unwrap();
    upstreams
}

fn keys() -> impl Iterator<Item = Vec<u8>> {
    (0..KEYS).map(|key| format!("/user/{key}").into_bytes())
}

fn zone(backend: &Backend) -> &str {
    &backend.ext.get::<Zone>().unwrap().0
}

/// The load balancer chooses the owner of the locator, with equal names and weights, and a backend
/// that is removed moves its own keys only.
#[test]
fn every_algorithm_with_weights() {
    for name in ["ring", "maglev", "weighted-rendezvous"] {
        let algorithm: Algorithm = name.parse().unwrap();
        let node =
            |backend: &Backend| Node::new(backend.addr.to_string()).weight(backend.weight as u64);
        let topology = Topology::of(six().iter().map(node)).unwrap();
        let pool = Locator::any_of(topology, algorithm.clone()).unwrap();
        let all = balancer(six(), Config::new(algorithm.clone()));
        let without: BTreeSet<Backend> = six().into_iter().skip(1).collect();
        let without = balancer(without, Config::new(algorithm));

        let (mut heavy, mut others) = (0, 0);
        for key in keys() {
            let chosen = all.select(&key, 256).unwrap();
            assert_eq!(chosen.addr.to_string(), *pool.get(&key).unwrap());
            heavy += usize::from(chosen.weight == 3);
            let now = without.select(&key, 256).unwrap();
            if chosen.addr.to_string() != "10.0.0.0:80" {
                others += usize::from(now != chosen);
            }
        }
        assert!((3000..4500).contains(&heavy), "{heavy} of {KEYS} keys have 3/8 of the weight");
        // Maglev moves a few keys more than the minimum.
        assert!(others < if name == "maglev" { KEYS / 20 } else { 1 }, "{name}: {others}");
        println!(
            "{name}: the owners of the locator; weight 3 of 8 has {heavy} of {KEYS} keys; {others} keys of others move"
        );
    }
}

/// Candidates are distinct and complete; with zones, the first three are in three zones.
#[test]
fn candidates_and_zones() {
    for name in ["ring", "maglev", "weighted-rendezvous"] {
        let config = || Config::new(name.parse().unwrap());
        let plain = Arc::new(Selection::build_with_config(&six(), &config()));
        let spread = Arc::new(Selection::build_with_config(&six(), &config().spread_over_zones()));
        let mut differ = 0;
        for key in keys().take(1000) {
            let list = |selection: &Arc<Selection>| {
                let mut candidates = selection.iter(&key);
                let next = || candidates.next().cloned();
                std::iter::from_fn(next).collect::<Vec<Backend>>()
            };
            let (plain, spread) = (list(&plain), list(&spread));
            for list in [&plain, &spread] {
                assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), 6);
                assert_eq!(list.len(), 6);
            }
            assert_eq!(plain[0], spread[0]);
            let zones =
                |list: &[Backend]| list[..3].iter().map(zone).collect::<BTreeSet<_>>().len();
            assert_eq!(zones(&spread), 3);
            differ += usize::from(zones(&plain) < 3);
        }
        assert!(differ > 100);
        println!(
            "{name}: three tries of every key are in three zones; without zones not for {differ} of 1000 keys"
        );
    }
}

/// One hot key spills over its candidates in their order and returns when requests end.
#[test]
fn bounded_loads() {
    let limit = LoadLimit::new(LoadFactor::new(5, 4).unwrap());
    let upstreams = balancer(six(), Config::default().limited(limit));
    let key = b"/hot";
    let mut leases: BTreeMap<String, Vec<Lease>> = BTreeMap::new();
    let owner = upstreams.select(key, 256).unwrap();
    for _ in 0..80 {
        let (backend, lease) = choose(&upstreams, key, &[]).unwrap();
        leases.entry(backend.addr.to_string()).or_default().push(lease.unwrap());
    }
    let loads: Vec<(&str, usize)> =
        leases.iter().map(|(name, held)| (name.as_str(), held.len())).collect();
    for (name, load) in &loads {
        // ⌈5/4 · 80 · w / 8⌉
        let max = if *name == "10.0.0.5:80" { 38 } else { 13 };
        assert!(*load <= max, "{name}: {load}");
    }
    println!("bounded, 80 requests of one key: {loads:?}");

    // The counts survive a new list.
    update(&upstreams).unwrap();
    let (backend, lease) = choose(&upstreams, key, &[]).unwrap();
    assert!(lease.is_some() && backend.addr != owner.addr);
    drop((leases, lease));
    assert_eq!(choose(&upstreams, key, &[]).unwrap().0.addr, owner.addr);
}

/// A list that cannot be used is refused, and the last one stays.
#[test]
fn lists_are_checked() {
    // Two weights for one address.
    let mut twice = six();
    twice.insert(Backend::new_with_weight("10.0.0.1:80", 7).unwrap());
    let checked = Checked::new(*Static::new(twice), Config::default());
    let upstreams: LoadBalancer<Selection> =
        LoadBalancer::from_backends(Backends::new(Box::new(checked)));
    let error = update(&upstreams).unwrap_err().to_string();
    assert!(error.contains("10.0.0.1:80") && error.contains("twice"), "{error}");
    assert_eq!(upstreams.select(b"key", 256), None);
    println!("refused: {error}");

    let mut nowhere = six();
    nowhere.insert(Backend::new("10.0.0.9:80").unwrap());
    let error = Selection::new(&nowhere, &Config::default().spread_over_zones()).unwrap_err();
    assert!(error.to_string().contains("zone"), "{error}");
    println!("refused: {error}");

    // A number for each backend, in the order of the list: another list, other numbers.
    let jump = Config::new("jump".parse().unwrap());
    let equal: BTreeSet<Backend> = six().into_iter().take(5).collect();
    let error = Selection::new(&equal, &jump).unwrap_err();
    assert!(error.to_string().contains("jump"), "{error}");
    println!("refused: {error}");
}
