//! A Rust program and a program of libmemcached read each other's keys from four real memcached instances.

use apportion_memcached::servers::Memcached;
use apportion_memcached::{CClient, Continuum, Pool};
use apportion_real_server::free_address;
use std::error::Error;

/// Keys with their values.
fn entries(who: &str) -> Vec<(String, String)> {
    (0..2000).map(|i| (format!("{who}:{i}"), format!("value {i} of {who}"))).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let client = CClient::compile()?;
    let mut running = Vec::new();
    let mut servers = Vec::new();
    for weight in [1, 1, 2, 3] {
        let server = Memcached::start(free_address()?)?;
        servers.push(format!("{} weight={weight}", server.address()));
        running.push(server);
    }
    let mut pool = Pool::weighted(&servers)?;

    let theirs = entries("c");
    let as_bytes = theirs.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes()));
    client.set(Continuum::Weighted, &servers, as_bytes)?;
    let mut found = 0;
    for (key, value) in &theirs {
        found += usize::from(pool.get(key.as_bytes())?.as_deref() == Some(value.as_bytes()));
    }
    println!("libmemcached wrote {} keys; the crate finds {found} of them", theirs.len());

    let ours = entries("rust");
    for (key, value) in &ours {
        pool.set(key.as_bytes(), value.as_bytes())?;
    }
    let keys = ours.iter().map(|(key, _)| key.as_bytes());
    let values = client.get(Continuum::Weighted, &servers, keys)?;
    let read =
        ours.iter().zip(values).filter(|((_, value), read)| value.as_bytes() == read).count();
    println!("the crate wrote {} keys; libmemcached finds {read} of them", ours.len());

    for line in &servers {
        let is_here = |(key, _): &&(String, String)| line.starts_with(pool.server(key.as_bytes()));
        let keys = theirs.iter().chain(&ours).filter(is_here).count();
        println!("{line:26}{keys:>6} keys");
    }
    let all = found == theirs.len() && read == ours.len();
    if all { Ok(()) } else { Err("the crate is not exact".into()) }
}
