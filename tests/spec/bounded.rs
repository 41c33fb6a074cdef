//! Bounded loads through histories, and picks for requests.

use crate::case::{Listed, Rng, hashes, hex, hex_list, listed, topology};
use apportion::bounded::{BoundedLoads, LoadFactor, LoadLimit, Mode, NodeLoads};
use apportion::{Algorithm, Candidates, Locator, NodeIdx};
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(11);
    let mut cases = Vec::new();
    let factors = [(1, 1), (5, 4), (2, 1), (1_000_001, 1_000_000)];
    for (i, (num, den)) in factors.into_iter().enumerate() {
        for algorithm in ["weighted-rendezvous", "ring", "jump-back-anchor"] {
            for mode in [Mode::Canonical, Mode::Online] {
                let equal = algorithm == "jump-back-anchor";
                cases.push(history(&mut rng, algorithm, equal, (num, den), mode, i));
            }
        }
    }
    cases.extend((0..60).map(|_| pick(&mut rng)));
    cases
}

fn history(
    rng: &mut Rng,
    algorithm: &str,
    equal: bool,
    (num, den): (u32, u32),
    mode: Mode,
    first: usize,
) -> Value {
    let weight = |rng: &mut Rng| if equal { 1 } else { *rng.pick(&[1, 2, 3, 4, 0]) };
    let mut nodes: Vec<Listed> =
        (0..4).map(|i| Listed::new(format!("n{i}"), weight(rng))).collect();
    nodes[first % 4].weight = 1;
    let named: Algorithm = algorithm.parse().unwrap();
    let locator = Locator::any_of(topology(&nodes), named).unwrap();
    let factor = LoadFactor::new(num, den).unwrap();
    let mut loads = match mode {
        Mode::Canonical => BoundedLoads::canonical(locator, factor),
        _ => BoundedLoads::online(locator, factor),
    };
    let start = listed(&nodes);
    let mut steps = Vec::new();
    for step in 0..8 {
        let mut json = match if step == 0 { 0 } else { rng.below(4) } {
            0 => {
                let new = hashes(rng, 10);
                loads.extend_hashes(new.iter().copied()).unwrap();
                json!({"add": hex_list(&new)})
            }
            1 => {
                let held: Vec<_> = loads.iter().map(|(key, _)| key).collect();
                let mut gone: Vec<_> = held.into_iter().filter(|_| rng.one_in(4)).collect();
                rng.shuffle(&mut gone);
                gone.iter().for_each(|key| assert!(loads.remove_hash(*key).is_ok()));
                json!({"remove": hex_list(&gone)})
            }
            _ => {
                for node in &mut nodes {
                    if !equal && rng.one_in(3) {
                        node.weight = *rng.pick(&[1, 2, 3, 4, 0]);
                    }
                }
                if rng.one_in(3) && nodes.len() > 1 {
                    nodes.remove(rng.below(nodes.len() as u64) as usize);
                }
                if rng.one_in(2) {
                    let weight = weight(rng);
                    nodes.push(Listed::new(format!("m{step}"), weight));
                }
                if nodes.iter().all(|node| node.weight == 0) {
                    nodes[0].weight = 1;
                }
                let after = loads.locator().replaced_by(nodes.iter().map(Listed::node)).unwrap();
                loads.change(after).unwrap();
                json!({"replace": listed(&nodes)})
            }
        };
        let holders: Vec<u32> = loads.iter().map(|(_, node)| node.get()).collect();
        json["holders"] = json!(holders);
        steps.push(json);
    }
    let mode = if mode == Mode::Online { "online" } else { "canonical" };
    json!({"algorithm": algorithm, "mode": mode, "factor": [num, den], "nodes": start,
        "steps": steps})
}

fn pick(rng: &mut Rng) -> Value {
    let nodes: Vec<Listed> =
        (0..5).map(|i| Listed::new(format!("n{i}"), *rng.pick(&[1, 1, 2, 5, 0]))).collect();
    let locator = Locator::weighted_rendezvous_of(topology(&nodes)).unwrap();
    let key = hashes(rng, 1)[0];
    let size = *rng.pick(&[3, 100, 1 << 40]);
    let loads: Vec<u64> = nodes.iter().map(|node| node.weight.min(1) * rng.below(size)).collect();
    let (num, den) = *rng.pick(&[(1, 1), (5, 4), (2, 1)]);
    let (margin, gateways) = (*rng.pick(&[0, 1, 50]), *rng.pick(&[1, 3]));
    let (cost, cap) = (*rng.pick(&[0, 1, 7, 40]), *rng.pick(&[None, Some(90), Some(2)]));
    let shedding = rng.one_in(3);
    let mut limit = LoadLimit::new(LoadFactor::new(num, den).unwrap());
    limit = limit.margin(margin).one_of(gateways);
    if let Some(cap) = cap {
        limit = limit.cap(cap);
    }
    if shedding {
        limit = limit.shedding();
    }
    let members = locator.topology().members();
    let now = NodeLoads::of(members, |node: NodeIdx| loads[node.index()]);
    let picked = limit.pick(Candidates::new(locator.placement(), key), cost, now);
    let picked = picked.ok().map(|picked| picked.node().get());
    json!({"pick": hex(key.get()), "nodes": listed(&nodes), "loads": loads,
        "factor": [num, den], "margin": margin, "gateways": gateways, "cap": cap, "cost": cost,
        "shedding": shedding, "node": picked})
}
