//! Every set of a few nodes, in every division into zones and every order, and every node that leaves or joins.

use crate::model::{RULES, Rule, others_stay};
use apportion::subset::Subsets;
use apportion::{KeyHash, Node, NodeIdx, Placement, Topology};
use std::collections::BTreeMap;

const N: usize = 5;

/// All ways to put `N` nodes into zones, up to the names of the zones.
fn partitions() -> Vec<[usize; N]> {
    let all = (0..N.pow(N as u32)).map(|code| std::array::from_fn(|i| code / N.pow(i as u32) % N));
    let canonical = |zones: &[usize; N]| {
        zones
            .iter()
            .enumerate()
            .all(|(i, zone)| *zone <= zones[..i].iter().map(|z| z + 1).max().unwrap_or(0))
    };
    all.filter(canonical).collect()
}

/// The nodes of a set: a node that is not in it is drained, so that all keep their slots.
fn nodes(zones: &[usize; N], set: u32) -> Topology<String> {
    let node = |i: usize| {
        let weight = u64::from(set >> i & 1);
        Node::new(format!("n{i}")).domain("zone", &zones[i].to_string()).weight(weight)
    };
    Topology::of((0..N).map(node)).unwrap()
}

#[test]
fn one_member_changes_for_all_small_sets_zones_and_orders() {
    let slots: Vec<NodeIdx> = (0..N as u32).map(NodeIdx::new).collect();
    // A tenant for every order of the nodes.
    let all = nodes(&[0; N], (1 << N) - 1);
    let mut tenants = BTreeMap::new();
    for tenant in (0..).map(KeyHash::of_id) {
        let mut order = [NodeIdx::default(); N];
        Subsets::new(all.members()).replicas(tenant, &mut order);
        tenants.entry(order).or_insert(tenant);
        if tenants.len() == (1..=N).product() {
            break;
        }
    }
    assert_eq!(partitions().len(), 52);
    let (mut lists, mut events) = (0, 0);
    for zones in partitions() {
        for rule in RULES {
            // By set and tenant; none where strict limits have no room for this many.
            for k in 1..=N {
                let mut found: Vec<Vec<Vec<NodeIdx>>> = Vec::new();
                for set in 0..1 << N {
                    let topology = nodes(&zones, set);
                    let members = topology.members();
                    let spread = rule.compile(members, k);
                    if rule != Rule::Plain && spread.is_none() {
                        found.push(Vec::new());
                        continue;
                    }
                    let subsets = Subsets::new(members);
                    let of = |(order, tenant): (&[NodeIdx; N], &KeyHash)| {
                        let mut out = [NodeIdx::default(); N];
                        let len = match &spread {
                            Some(spread) => spread.replicas(&subsets, *tenant, &mut out[..k]),
                            None => subsets.replicas(*tenant, &mut out[..k]),
                        };
                        let live = order.iter().filter(|node| set >> node.get() & 1 == 1);
                        let live: Vec<NodeIdx> = live.copied().collect();
                        assert_eq!(out[..len], rule.of(members, &live, k), "{rule:?} {zones:?}");
                        out[..len].to_vec()
                    };
                    found.push(tenants.iter().map(of).collect());
                    lists += tenants.len();
                }
                for (set, node) in
                    (0..1_usize << N).flat_map(|set| slots.iter().map(move |n| (set, *n)))
                {
                    let less = set & !(1 << node.index());
                    if less == set || found[less].is_empty() {
                        continue;
                    }
                    for (before, after) in found[set].iter().zip(&found[less]) {
                        let stay = others_stay(before, after, |gone| gone == node);
                        assert!(
                            stay,
                            "{rule:?} {zones:?} {set:05b} without {node:?}: {before:?} {after:?}"
                        );
                        if matches!(rule, Rule::Plain | Rule::Strict(_)) {
                            let stayed = before.iter().filter(|other| **other != node);
                            let kept = after.iter().filter(|other| before.contains(other));
                            assert!(stayed.eq(kept), "{rule:?}: {before:?} {after:?}");
                        }
                        events += 1;
                    }
                }
            }
        }
    }
    println!("{lists} subsets, {events} nodes that leave or join");
    assert!(events > 1_000_000);
}
