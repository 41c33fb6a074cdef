//! Asks a real nginx where it sends 10,000 keys, and the crate where it would send them.

use apportion_nginx::{Backend, Frontend, KeyIn, Pool};
use apportion_real_server::{find, free_port};
use std::collections::BTreeMap;
use std::error::Error;
use std::net::IpAddr;

fn main() -> Result<(), Box<dyn Error>> {
    let nginx = find("nginx", "nginx-light")?;
    let mut servers = Vec::new();
    let mut backends = Vec::new();
    for (ip, options) in [(2, ""), (3, " weight=2"), (4, " down"), (5, " weight=3"), (6, "")] {
        let ip = IpAddr::from([127, 0, 0, ip]);
        let name = format!("{ip}:{}", free_port(ip)?);
        servers.push(format!("{name}{options}"));
        backends.push(Backend { listen: vec![name.clone()], name });
    }
    let consistent = Pool::consistent(&servers)?;
    let modulo = Pool::modulo(&servers)?;
    println!("{}", consistent.block("consistent", KeyIn::Argument.variable()));
    println!("{}", modulo.block("modulo", KeyIn::Argument.variable()));

    let pools = [("consistent", &consistent), ("modulo", &modulo)];
    let mut frontend = Frontend::start(&nginx, &pools, &backends, KeyIn::Argument)?;
    let keys: Vec<String> = (0..10_000).map(|i| format!("user:{i}")).collect();
    let mut differing = 0;
    println!("{:22}{:>12}{:>12}", "keys to", pools[0].0, pools[1].0);
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for (column, (name, pool)) in pools.into_iter().enumerate() {
        for (key, chosen) in keys.iter().zip(frontend.ask(name, &keys)?) {
            differing += u32::from(pool.get(key.as_bytes()) != Some(&chosen));
            counts.entry(chosen).or_default()[column] += 1;
        }
    }
    for (name, [consistent, modulo]) in counts {
        println!("{name:22}{consistent:>12}{modulo:>12}");
    }
    println!("{} answers of nginx, {differing} differ from the crate's", 2 * keys.len());
    if differing == 0 { Ok(()) } else { Err("the crate is not exact".into()) }
}
