//! The same numbers, counted again in the plainest way: by name, one key after the other.

use apportion::{Algorithm, AnyPlacement, Locator, Node, NodeIdx, Placement, Topology};
use serde_json::Value;
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::BTreeMap;

/// Name and weight.
pub(crate) type Nodes<'a> = &'a [(&'a str, u64)];
/// Key and size.
pub(crate) type Keys<'a> = &'a [(Vec<u8>, u64)];

type Side = Locator<String, AnyPlacement>;

/// Both sides, if the algorithm can make the change.
pub(crate) fn sides(algorithm: &str, before: Nodes, after: Nodes) -> Result<(Side, Side), String> {
    let list = |nodes: Nodes| {
        let node = |(name, weight): &(&str, u64)| Node::new((*name).to_owned()).weight(*weight);
        nodes.iter().map(node).collect::<Vec<_>>()
    };
    let topology = Topology::of(list(before)).expect("good nodes");
    let algorithm: Algorithm = algorithm.parse().expect("a known name");
    let old = Locator::any_of(topology, algorithm).map_err(|e| e.to_string())?;
    let new = old.replaced_by(list(after)).map_err(|e| e.to_string())?;
    Ok((old, new))
}

/// Holds one row of the JSON to a count of our own.
pub(crate) fn check(row: &Value, before: Nodes, after: Nodes, replicas: usize, keys: Keys) {
    let name = row["name"].as_str().expect("a name");
    match sides(name, before, after) {
        Ok((old, new)) => {
            assert_eq!((&row["supported"], &row["reason"]), (&true.into(), &Value::Null), "{name}");
            supported(row, &old, &new, before, after, replicas, keys);
        }
        Err(reason) => {
            assert_eq!((&row["supported"], &row["reason"]), (&false.into(), &reason.into()));
            assert_eq!(row["flows"], Value::Array(Vec::new()), "{name}");
            let members = row.as_object().expect("an object");
            assert_eq!(members.len(), 15, "{name}");
            let measured = members
                .keys()
                .filter(|m| !["name", "supported", "reason", "flows"].contains(&m.as_str()));
            measured.for_each(|member| assert_eq!(row[member], Value::Null, "{name} {member}"));
        }
    }
}

fn supported(
    row: &Value,
    old: &Side,
    new: &Side,
    before: Nodes,
    after: Nodes,
    replicas: usize,
    keys: Keys,
) {
    let name = row["name"].as_str().expect("a name");
    let mut held_before: BTreeMap<String, u64> = BTreeMap::new();
    let mut held_after = held_before.clone();
    let mut flows: BTreeMap<(Option<String>, Option<String>), (u64, u64)> = BTreeMap::new();
    for (key, bytes) in keys {
        let (from, to) = (holders(old, key, replicas), holders(new, key, replicas));
        for (held, nodes) in [(&mut held_before, &from), (&mut held_after, &to)] {
            for node in nodes {
                *held.entry(node.clone()).or_default() += 1;
            }
        }
        let gone: Vec<&String> = from.iter().filter(|node| !to.contains(node)).collect();
        let came: Vec<&String> = to.iter().filter(|node| !from.contains(node)).collect();
        for i in 0..gone.len().max(came.len()) {
            let ends = (gone.get(i).map(|n| (*n).clone()), came.get(i).map(|n| (*n).clone()));
            let flow = flows.entry(ends).or_default();
            flow.0 += 1;
            flow.1 += bytes;
        }
    }
    let moved: u64 = flows.values().map(|flow| flow.0).sum();
    let moved_bytes: u64 = flows.values().map(|flow| flow.1).sum();
    let weight = |nodes: Nodes, name: &str| nodes.iter().find(|n| n.0 == name).map(|n| n.1);
    let untouched = |end: &Option<String>| {
        let weights = end.as_deref().map(|n| (weight(before, n), weight(after, n)));
        weights.is_some_and(|(old, new)| old.is_some() && old == new)
    };
    let old_to_old: u64 = flows
        .iter()
        .filter(|((from, to), _)| untouched(from) && untouched(to))
        .map(|(_, flow)| flow.0)
        .sum();
    assert_eq!(row["moved_keys"], moved, "{name}");
    assert_eq!(row["moved_bytes"], moved_bytes, "{name}");
    assert_eq!(row["old_to_old"], old_to_old, "{name}");

    let (placed_before, placed_after) = (sum(held_before.values()), sum(held_after.values()));
    let fraction = moved as f64 / placed_before.max(placed_after);
    let mut names: Vec<&str> = before.iter().chain(after).map(|n| n.0).collect();
    names.sort_unstable();
    names.dedup();
    let (mut ideal, mut least) = (0.0, 0.0);
    for node in names {
        let share = |held: &BTreeMap<String, u64>, placed: f64| {
            held.get(node).copied().unwrap_or(0) as f64 / placed
        };
        least += (share(&held_after, placed_after) - share(&held_before, placed_before)).max(0.0);
        let quota = |nodes: Nodes| {
            weight(nodes, node).unwrap_or(0) as f64 / sum(nodes.iter().map(|n| &n.1))
        };
        ideal += (quota(after) - quota(before)).abs() / 2.0;
    }
    near(&row["moved_fraction"], fraction);
    near(&row["ideal_fraction"], ideal);
    near(&row["minimum_fraction"], least);
    if least > 0.0 {
        near(&row["excess"], fraction / least - 1.0);
    }
    balance(&row["balance_before"], before, &held_before, keys.len());
    balance(&row["balance_after"], after, &held_after, keys.len());

    let listed = row["flows"].as_array().expect("a list").iter().map(|flow| {
        let end = |end: &Value| end.as_str().map(str::to_owned);
        let number = |n: &Value| n.as_u64().expect("a count");
        ((end(&flow["from"]), end(&flow["to"])), (number(&flow["keys"]), number(&flow["bytes"])))
    });
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.len(), flows.len(), "{name}: a flow comes twice");
    assert_eq!(listed.into_iter().collect::<BTreeMap<_, _>>(), flows, "{name}");
    assert!(row["lookup_ns"].as_f64().is_some_and(|ns| ns > 0.0), "{name}");
}

fn holders(side: &Side, key: &[u8], replicas: usize) -> Vec<String> {
    let mut slots = vec![NodeIdx::default(); replicas];
    let found = side.replicas_into(key, &mut slots);
    assert_eq!(found, replicas.min(side.placement().live()));
    slots[..found].iter().map(|slot| side.topology().get(*slot).expect("a node").clone()).collect()
}

fn balance(json: &Value, nodes: Nodes, held: &BTreeMap<String, u64>, keys: usize) {
    let (placed, weights) = (sum(held.values()), sum(nodes.iter().map(|n| &n.1)));
    let live = nodes.iter().filter(|(_, weight)| *weight > 0);
    let ratios = live.map(|(name, weight)| {
        held.get(*name).copied().unwrap_or(0) as f64 / (placed * *weight as f64 / weights)
    });
    let ratios: Vec<f64> = ratios.collect();
    near(&json["max_over_mean"], ratios.iter().copied().fold(0.0, f64::max));
    near(&json["min_over_mean"], ratios.iter().copied().fold(f64::INFINITY, f64::min));
    chi_squared(&json["chi_squared"], nodes, held, keys);
}

/// Where no cell has to be joined with another one.
fn chi_squared(json: &Value, nodes: Nodes, held: &BTreeMap<String, u64>, keys: usize) {
    let weights = sum(nodes.iter().map(|n| &n.1));
    let live: Vec<_> = nodes.iter().filter(|(_, weight)| *weight > 0).collect();
    let quota = |weight: &u64| keys as f64 * *weight as f64 / weights;
    if sum(held.values()) > keys as f64 || live.len() < 2 || keys < 10 {
        assert_eq!(*json, Value::Null);
        return;
    }
    if live.iter().any(|(_, weight)| quota(weight) < 5.0) {
        return;
    }
    let terms = live.iter().map(|(name, weight)| {
        (held.get(*name).copied().unwrap_or(0) as f64 - quota(weight)).powi(2) / quota(weight)
    });
    let statistic: f64 = terms.sum();
    near(&json["statistic"], statistic);
    assert_eq!(json["degrees_of_freedom"], live.len() - 1);
    let distribution = ChiSquared::new((live.len() - 1) as f64).expect("cells");
    near(&json["probability"], distribution.sf(statistic));
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> f64 {
    counts.sum::<u64>() as f64
}

fn near(json: &Value, expected: f64) {
    let found = json.as_f64().expect("a number");
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}
