//! A Pingora proxy with three servers behind it, driven over HTTP.

mod common;

use apportion::bounded::{LoadFactor, LoadLimit};
use apportion_pingora::{Checked, Config, Proxy, Selection, Zone};
use async_trait::async_trait;
use common::{Client, Server, ask, counts, wait_until};
use pingora_core::server::configuration::ServerConf;
use pingora_core::services::background::background_service;
use pingora_load_balancing::discovery::ServiceDiscovery;
use pingora_load_balancing::health_check::TcpHealthCheck;
use pingora_load_balancing::selection::{BackendIter, BackendSelection};
use pingora_load_balancing::{Backend, Backends, LoadBalancer};
use std::collections::{BTreeSet, HashMap};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A list that an operator changes, and how often it was read.
#[derive(Clone, Default)]
struct List(Arc<Mutex<BTreeSet<Backend>>>, Arc<AtomicUsize>);

#[async_trait]
impl ServiceDiscovery for List {
    async fn discover(&self) -> pingora_core::Result<(BTreeSet<Backend>, HashMap<u64, bool>)> {
        let backends = self.0.lock().unwrap().clone();
        self.1.fetch_add(1, SeqCst);
        Ok((backends, HashMap::new()))
    }
}

/// Starts a proxy over a list and returns where it listens. It looks for changes and for dead servers
/// every 20 ms.
fn start(list: &List, config: fn() -> Config) -> (SocketAddr, Arc<LoadBalancer<Selection>>) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let checked = Checked::new(list.clone(), config());
    let backends = Backends::new(Box::new(checked));
    let mut upstreams = LoadBalancer::from_backends_with_config(backends, Some(config()));
    upstreams.set_health_check(TcpHealthCheck::new());
    upstreams.health_check_frequency = Some(Duration::from_millis(20));
    upstreams.update_frequency = Some(Duration::from_millis(20));

    let conf = ServerConf { threads: 2, ..ServerConf::default() };
    let mut server = pingora_core::server::Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let background = background_service("upstreams", upstreams);
    let upstreams = background.task();
    let proxy = Proxy(Arc::clone(&upstreams));
    let mut proxy = pingora_proxy::http_proxy_service(&server.configuration, proxy);
    proxy.add_tcp(&free.to_string());
    server.add_service(proxy);
    server.add_service(background);
    // It runs until the process ends.
    thread::spawn(|| server.run_forever());
    let all = list.0.lock().unwrap().clone();
    wait_until("the proxy", || {
        TcpStream::connect(free).is_ok() && *upstreams.backends().get_backend() == all
    });
    (free, upstreams)
}

/// A server as a backend; `c` has the weight 2, and each server is in a zone of its own.
fn backend(server: &Server) -> Backend {
    let weight = if server.name == "c" { 2 } else { 1 };
    let mut backend = Backend::new_with_weight(&server.address.to_string(), weight).unwrap();
    backend.ext.insert(Zone(format!("zone of {}", server.name)));
    backend
}

#[test]
fn a_server_leaves_and_comes_back() {
    let config = || Config::new("weighted-rendezvous".parse().unwrap()).spread_over_zones();
    let mut servers: Vec<Server> = ["a", "b", "c"].map(Server::start).into();
    let list = List::default();
    *list.0.lock().unwrap() = servers.iter().map(backend).collect();
    let (proxy, upstreams) = start(&list, config);
    let paths: Vec<String> = (0..4000).map(|key| format!("/user/{key}")).collect();

    // The candidates of each path, by the selection itself.
    let names: HashMap<String, &str> =
        servers.iter().map(|server| (server.address.to_string(), server.name)).collect();
    let selection = Arc::new(Selection::build_with_config(&list.0.lock().unwrap(), &config()));
    let candidate = |path: &str, past: usize| {
        let mut candidates = selection.iter(path.as_bytes());
        for _ in 0..past {
            candidates.next();
        }
        names[&candidates.next().unwrap().addr.to_string()]
    };
    let before = ask(proxy, &paths);
    assert!(before.iter().zip(&paths).all(|(name, path)| *name == candidate(path, 0)));
    println!("all up: {:?}", counts(&before));

    // `b` dies under load. No request fails.
    let dying = thread::spawn({
        let paths = paths.clone();
        move || ask(proxy, &paths)
    });
    thread::sleep(Duration::from_millis(50));
    let b = backend(&servers[1]);
    let address = servers.remove(1).kill();
    let during = dying.join().unwrap();
    let elsewhere = during.iter().zip(&before).filter(|(is, was)| is != was).count();
    println!("b dies under load: {elsewhere} requests went to the next candidate, 0 failed");

    let down = ask(proxy, &paths);
    let expected = |(path, was): (&String, &String)| candidate(path, usize::from(was == "b"));
    assert!(paths.iter().zip(&before).map(expected).eq(down.iter()));
    println!("b down: {:?}", counts(&down));

    servers.push(Server::start_at("b", address));
    wait_until("b is healthy", || upstreams.backends().ready(&b));
    assert_eq!(ask(proxy, &paths), before);
    println!("b back: as before");

    // It leaves the list: the same answers as while it was down.
    list.0.lock().unwrap().remove(&b);
    wait_until("b is gone", || upstreams.backends().get_backend().len() == 2);
    assert_eq!(ask(proxy, &paths), down);
    println!("b taken out of the list: the same as while it was down");

    // A list that is wrong changes nothing.
    list.0.lock().unwrap().insert(Backend::new("127.0.0.1:1").unwrap());
    let read = list.1.load(SeqCst);
    // The third reading begins after the second was dealt with.
    wait_until("the list is read", || list.1.load(SeqCst) > read + 2);
    assert_eq!(ask(proxy, &paths), down);
    println!("a list with a backend in no zone: refused, the last one stays");

    // No server answers: 502 from the last one tried, or 503 if none is healthy.
    for server in servers {
        server.kill();
    }
    let (status, _) = Client::new(proxy).get("/user/1");
    assert!([502, 503].contains(&status), "{status}");
}

/// Twelve requests for one path at a time: no server gets more than 5/4 of its share.
#[test]
fn a_hot_path_is_bounded() {
    let config = || {
        let limit = LoadLimit::new(LoadFactor::new(5, 4).unwrap());
        Config::new("maglev".parse().unwrap()).limited(limit)
    };
    let servers = ["a", "b", "c"].map(Server::start);
    let list = List::default();
    *list.0.lock().unwrap() = servers.iter().map(backend).collect();
    let (proxy, _) = start(&list, config);
    servers.iter().for_each(|server| server.delay(200));
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let mut client = Client::new(proxy);
                for _ in 0..3 {
                    assert_eq!(client.get("/hot").0, 200);
                }
            });
        }
    });
    let peaks = servers.each_ref().map(Server::most_under_way);
    // ⌈5/4 · 12 · w / 4⌉
    assert!(peaks[0] <= 4 && peaks[1] <= 4 && peaks[2] <= 8, "{peaks:?}");
    assert!(peaks.iter().filter(|peak| **peak > 0).count() >= 2, "{peaks:?}");
    println!("one hot path, 12 at a time, weights 1, 1, 2: at most {peaks:?} on a server");

    // Without concurrency all go to the owner.
    servers.iter().for_each(|server| server.delay(0));
    let paths = vec![String::from("/hot"); 40];
    let mut client = Client::new(proxy);
    let names: BTreeSet<String> = paths.iter().map(|path| client.get(path).1).collect();
    assert_eq!(names.len(), 1);
}
