//! Four HTTP servers on the loopback, 10,000 keys.

use apportion::{Locator, Maglev, Node, NodeIdx, Placement, Topology, WeightedRendezvous};
use apportion_tower::http::{Get, Remote, Server, get, name_in, path};
use apportion_tower::{Failover, OwnerPicker, Shared, Unanswered, Upstream};
use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use tokio::task::JoinSet;
use tower::steer::{Picker, Steer};
use tower::{Service, ServiceExt};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const KEYS: usize = 10_000;
/// Requests under way at a time.
const CONCURRENT: usize = 32;

type Pool<P> = Shared<Upstream<Remote>, P>;

fn keys() -> Vec<String> {
    (0..KEYS).map(|key| format!("/user/{key}")).collect()
}

/// Asks for every key and returns who answered, in the order of the keys. A request that fails ends the
/// test.
async fn ask<P>(service: &Failover<Remote, Get, P>, keys: &[String]) -> Vec<String>
where
    P: Placement + Send + Sync + 'static,
{
    let mut answers = vec![String::new(); keys.len()];
    let mut running = JoinSet::new();
    for (at, key) in keys.iter().enumerate() {
        let (service, request) = (service.clone(), get(key));
        running.spawn(async move {
            let response = service.oneshot(request).await;
            (at, name_in(response.unwrap_or_else(|error| panic!("a lost request: {error}"))).await)
        });
        if running.len() >= CONCURRENT {
            let (at, name) = running.join_next().await.unwrap().unwrap();
            answers[at] = name;
        }
    }
    while let Some(done) = running.join_next().await {
        let (at, name) = done.unwrap();
        answers[at] = name;
    }
    answers
}

fn counts<'a>(answers: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for name in answers {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}

fn owners<P: Placement>(pool: &Locator<Upstream<Remote>, P>, keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| pool.get(key).unwrap().name.to_string()).collect()
}

/// A pool of weighted rendezvous: `d` has twice the share of the others.
fn pool(servers: &[Server]) -> Locator<Upstream<Remote>, WeightedRendezvous> {
    let node = |server: &Server| {
        let weight = if server.name == "d" { 2 } else { 1 };
        Upstream::node(server.name, Remote::new(server.address)).weight(weight)
    };
    Locator::weighted_rendezvous_of(Topology::of(servers.iter().map(node)).unwrap()).unwrap()
}

/// The picker of `Steer` sends every request where the locator says, and a new list needs no new
/// services.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steer_follows_the_locator() {
    let servers = NAMES.map(Server::start);
    let nodes = NAMES.iter().enumerate().map(|(at, name)| Node::labelled(at, *name));
    let list: Locator<usize, Maglev> =
        Locator::maglev_of(Topology::of(nodes).unwrap(), Default::default()).unwrap();
    let shared = Arc::new(ArcSwap::from_pointee(list.clone()));
    let clients = servers.each_ref().map(|server| Remote::new(server.address));
    let mut picker = OwnerPicker::new(Arc::clone(&shared), path);
    let mut steer = Steer::new(clients.clone(), OwnerPicker::new(Arc::clone(&shared), path));

    let drained = list.without("c").unwrap();
    for (list, label) in [(list, "four services"), (drained, "c drained")] {
        shared.store(Arc::new(list.clone()));
        let mut running = JoinSet::new();
        let mut answers = Vec::new();
        for key in keys() {
            let owner = *list.get(&key).unwrap();
            let request = get(&key);
            assert_eq!(picker.pick(&request, &clients), owner);
            let response = steer.ready().await.unwrap().call(request);
            running.spawn(async move { (owner, name_in(response.await.unwrap()).await) });
            if running.len() >= CONCURRENT {
                answers.push(running.join_next().await.unwrap().unwrap());
            }
        }
        answers.extend(running.join_all().await);
        assert_eq!(answers.len(), KEYS);
        assert!(answers.iter().all(|(owner, name)| NAMES[*owner] == name));
        println!("steer, {label}: {:?}", counts(answers.iter().map(|(_, name)| name)));
    }
}

/// The keys of a server that dies go to the next candidate of their walk and come back; no other key
/// moves, and no request is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_dies_and_comes_back() {
    let mut servers: Vec<Server> = NAMES.map(Server::start).into();
    let list = pool(&servers);
    let shared: Pool<_> = Arc::new(ArcSwap::from_pointee(list.clone()));
    let service = Failover::new(Arc::clone(&shared), path, 3);
    let keys = keys();

    let before = ask(&service, &keys).await;
    assert_eq!(before, owners(&list, &keys));
    println!("failover, all up: {:?}", counts(&before));

    // Half of the requests are behind it, the rest under way or to come.
    let rest = keys.clone();
    let dying = tokio::spawn({
        let service = service.clone();
        async move { ask(&service, &rest).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let b = servers.remove(1);
    let address = b.kill();
    let during = dying.await.unwrap();
    let lost_b = during.iter().zip(&before).filter(|(is, was)| is != was).count();
    assert!(lost_b > 0);
    println!(
        "failover, b dies under load: {lost_b} requests went on to the next candidate, 0 failed"
    );

    let down = ask(&service, &keys).await;
    for ((key, is), was) in keys.iter().zip(&down).zip(&before) {
        let order: Vec<NodeIdx> = list.candidates(key).map(|(at, _)| at).collect();
        let second = &list.topology().get(order[1]).unwrap().name;
        assert_eq!(**is, *if was == "b" { second.to_string() } else { was.clone() });
    }
    println!("failover, b down: {:?}", counts(&down));

    servers.push(Server::start_at("b", address));
    assert_eq!(ask(&service, &keys).await, before);
    println!("failover, b back: as before");

    // Nobody answers: the error says how many were asked.
    drop(servers);
    let error = service.clone().oneshot(get("/user/1")).await.unwrap_err();
    assert!(matches!(error, Unanswered::Failed { asked: 3, .. }), "{error}");
    shared.store(Arc::new(list.without_all(NAMES).unwrap()));
    let error = service.oneshot(get("/user/1")).await.unwrap_err();
    assert!(matches!(error, Unanswered::NoUpstream), "{error}");
}

/// The list is replaced all the time while requests are under way: none is lost, and only the keys
/// that the diff names are ever answered by another server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_replaced_under_load() {
    let servers = NAMES.map(Server::start);
    let four = pool(&servers);
    let three = four.without("b").unwrap();
    let shared: Pool<_> = Arc::new(ArcSwap::from_pointee(four.clone()));
    let service = Failover::new(Arc::clone(&shared), path, 3);
    let keys = keys();

    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (shared, done) = (Arc::clone(&shared), Arc::clone(&done));
        let lists = [Arc::new(three.clone()), Arc::new(four.clone())];
        async move {
            let mut swaps = 0;
            while !done.load(SeqCst) {
                shared.store(Arc::clone(&lists[swaps % 2]));
                swaps += 1;
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            swaps
        }
    });
    let answers = ask(&service, &keys).await;
    done.store(true, SeqCst);
    let swaps = writer.await.unwrap();
    assert!(swaps > 10, "{swaps} swaps");

    let diff = four.diff(&three).unwrap();
    let mut moved = 0;
    for (key, name) in keys.iter().zip(&answers) {
        match diff.of(four.hash(key)) {
            None => assert_eq!(**name, *four.get(key).unwrap().name),
            Some((from, to)) => {
                moved += 1;
                let ends = [from, to].map(|end| end.unwrap().name.to_string());
                assert!(ends.contains(name));
            }
        }
    }
    // The lists differ in the keys of `b` and in no others.
    assert_eq!(moved, owners(&four, &keys).iter().filter(|owner| *owner == "b").count());
    assert!(answers.iter().any(|name| name == "b"));
    println!(
        "replaced under load: {KEYS} requests, 0 failed; {moved} keys may move, the others never did"
    );
}
