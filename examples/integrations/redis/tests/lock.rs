//! Locks on real redis-servers.

use apportion_real_server::{find, or_skip};
use apportion_redis::lock::{Lease, Locks, write_fenced};
use apportion_redis::servers::RedisServer;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(120);

fn servers(count: usize) -> Option<Vec<RedisServer>> {
    or_skip(find("redis-server", "redis-server"))?;
    Some((0..count).map(|_| RedisServer::start(&[]).unwrap()).collect())
}

fn locks(servers: &[RedisServer]) -> Locks {
    Locks::new(servers.iter().map(RedisServer::address)).unwrap()
}

fn wait_for(locks: &mut Locks, name: &str, time: Duration, shift: u64) -> Lease {
    loop {
        if let Some(lease) = locks.acquire(name, time) {
            return lease;
        }
        // Not all at the same time, or they would share the votes again and again.
        thread::sleep(Duration::from_millis(1 + shift));
    }
}

#[test]
fn one_owner_at_a_time_and_tokens_that_grow() {
    let Some(servers) = servers(5) else { return };
    let inside = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for worker in 0..4 {
            let (servers, inside) = (&servers, &inside);
            scope.spawn(move || {
                let mut locks = locks(servers);
                for _ in 0..25 {
                    let lease = wait_for(&mut locks, "report", LONG, worker);
                    // Nobody else is in here.
                    inside.try_lock().expect("two owners").push(lease.token);
                    locks.release(&lease);
                }
            });
        }
    });
    let tokens = inside.into_inner().unwrap();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.is_sorted_by(|a, b| a < b), "{tokens:?}");
}

#[test]
fn an_owner_whose_time_is_over_is_refused_by_the_resource() {
    let Some(servers) = servers(3) else { return };
    let (mut slow, mut quick) = (locks(&servers), locks(&servers));
    let mut resource = servers[0].connect().unwrap();
    let late = wait_for(&mut slow, "file", Duration::from_millis(200), 0);
    // The slow one does not notice that its time passes.
    let next = wait_for(&mut quick, "file", LONG, 5);
    assert!(next.token > late.token);
    assert!(write_fenced(&mut resource, "file", next.token, b"next").unwrap());
    assert!(!write_fenced(&mut resource, "file", late.token, b"late").unwrap());
    // Nor can it give away what is no longer its own.
    slow.release(&late);
    assert_eq!(slow.acquire("file", LONG), None);
    quick.release(&next);
    assert!(slow.acquire("file", LONG).is_some());
}

#[test]
fn two_of_three_servers_are_enough_and_one_is_not() {
    let Some(mut servers) = servers(3) else { return };
    let mut locks = locks(&servers);
    let first = locks.acquire("job", LONG).unwrap();
    assert_eq!(locks.acquire("job", LONG), None);
    drop(servers.pop());
    assert_eq!(locks.acquire("job", LONG), None);
    locks.release(&first);
    let second = locks.acquire("job", LONG).unwrap();
    assert!(second.token > first.token);
    locks.release(&second);
    drop(servers.pop());
    assert_eq!(locks.acquire("job", LONG), None);
}
