//! A work queue on real redis-servers.

use apportion_real_server::{find, or_skip};
use apportion_redis::queue::Queue;
use apportion_redis::servers::RedisServer;
use std::collections::BTreeMap;

#[test]
fn each_key_in_its_order_though_a_worker_dies() {
    if or_skip(find("redis-server", "redis-server")).is_none() {
        return;
    }
    let servers: Vec<RedisServer> = (0..3).map(|_| RedisServer::start(&[]).unwrap()).collect();
    let names: Vec<String> = servers.iter().map(RedisServer::address).collect();
    let mut queue = Queue::new(names.clone()).unwrap();
    for i in 0..2000 {
        queue.push(&format!("user:{}", i % 90), &i.to_string()).unwrap();
    }

    let mut done: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut server_of: BTreeMap<String, &str> = BTreeMap::new();
    for server in &names {
        // The first worker does 50 jobs, takes 7 more and dies.
        for _ in 0..50 {
            let job = queue.take(server, "first").unwrap().unwrap();
            done.entry(job.key.clone()).or_default().push(job.body.parse().unwrap());
            queue.done(server, "first", &job).unwrap();
        }
        for _ in 0..7 {
            queue.take(server, "first").unwrap().unwrap();
        }
        assert_eq!(queue.recover(server, "first").unwrap(), 7);
        assert_eq!(queue.recover(server, "first").unwrap(), 0);
        let mut numbers = Vec::new();
        while let Some(job) = queue.take(server, "second").unwrap() {
            done.entry(job.key.clone()).or_default().push(job.body.parse().unwrap());
            queue.done(server, "second", &job).unwrap();
            numbers.push(job.number);
            assert_eq!(*server_of.entry(job.key).or_insert(server), server);
        }
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert_eq!(queue.recover(server, "second").unwrap(), 0);
    }
    assert_eq!(done.values().map(Vec::len).sum::<usize>(), 2000);
    assert!(done.values().all(|jobs| jobs.is_sorted_by(|a, b| a < b)));
}

#[test]
fn keys_and_bodies_of_any_text() {
    if or_skip(find("redis-server", "redis-server")).is_none() {
        return;
    }
    let server = RedisServer::start(&[]).unwrap();
    let mut queue = Queue::new([server.address()]).unwrap();
    for (key, body) in [("", ""), ("a:b", ":1:"), ("caf\u{e9}", "\n\u{1f980}")] {
        queue.push(key, body).unwrap();
        let job = queue.take(&server.address(), "worker").unwrap().unwrap();
        assert_eq!((job.key.as_str(), job.body.as_str()), (key, body));
        queue.done(&server.address(), "worker", &job).unwrap();
    }
    assert_eq!(queue.recover(&server.address(), "worker").unwrap(), 0);
}
