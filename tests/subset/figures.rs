//! How tenants share the nodes: the figures of the recipe.

use apportion::hash::KeyHasher;
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::{KeyHash, Locator, Node, NodeIdx, Placement, Ring, Spread, Topology, Xxh3};
use std::collections::{BTreeMap, BTreeSet};

type Cells = Locator<String, Ring>;
type Choose = fn(&Cells, u64, usize) -> Vec<String>;

fn named(cells: &Cells, at: &[NodeIdx]) -> Vec<String> {
    at.iter().map(|at| cells.topology().get(*at).unwrap().clone()).collect()
}

fn by_subset(cells: &Cells, tenant: u64, k: usize) -> Vec<String> {
    let mut out = vec![NodeIdx::default(); k];
    let len = cells.subset_into(&tenant, &mut out);
    named(cells, &out[..len])
}

/// The k successors of the tenant's hash on the ring.
fn by_successors(cells: &Cells, tenant: u64, k: usize) -> Vec<String> {
    cells.replicas_vec(&tenant, k).into_iter().cloned().collect()
}

/// The owners of k hashes of the tenant, each passing over the nodes chosen before.
fn by_positions(cells: &Cells, tenant: u64, k: usize) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for i in 0..k as u64 {
        let mut candidates = cells.candidates(&(tenant, i));
        chosen.push(candidates.find(|(_, name)| !chosen.contains(name)).unwrap().1.clone());
    }
    chosen
}

/// A shuffle of the sorted list of nodes, seeded by the tenant, cut at k.
fn by_shuffle(cells: &Cells, tenant: u64, k: usize) -> Vec<String> {
    let mut names: Vec<String> = cells.nodes().cloned().collect();
    names.sort();
    for i in 0..k {
        let draw = Xxh3.hash_key(&(tenant, i as u64)).get();
        let at = i + ((u128::from(draw) * (names.len() - i) as u128) >> 64) as usize;
        names.swap(i, at);
    }
    names.truncate(k);
    names
}

#[derive(Debug)]
struct Sharing {
    /// Tenants whose whole subset another tenant has too.
    tenants_with_a_twin: usize,
    most_on_one_subset: usize,
    peak_over_mean: f64,
    least_over_mean: f64,
    /// Of tenants, when a node joins.
    changed: f64,
    changed_by_two_or_more: f64,
}

fn sharing(choose: Choose, n: usize, k: usize, tenants: u64) -> Sharing {
    let cells = Locator::ring((0..n).map(|i| format!("node-{i}"))).unwrap();
    let more = cells.with(format!("node-{n}")).unwrap();
    let (mut subsets, mut used) = (BTreeMap::new(), BTreeMap::new());
    let (mut changed, mut twice) = (0, 0);
    for tenant in 0..tenants {
        let mut subset = choose(&cells, tenant, k);
        let after = choose(&more, tenant, k);
        let gone = subset.iter().filter(|name| !after.contains(name)).count();
        changed += u64::from(gone > 0);
        twice += u64::from(gone > 1);
        subset.sort();
        subset.iter().for_each(|name| *used.entry(name.clone()).or_insert(0_u64) += 1);
        *subsets.entry(subset).or_insert(0_usize) += 1;
    }
    let mean = tenants as f64 * k as f64 / n as f64;
    let of = |count: Option<&u64>| *count.unwrap() as f64 / mean;
    Sharing {
        tenants_with_a_twin: subsets.values().filter(|count| **count > 1).sum(),
        most_on_one_subset: subsets.into_values().max().unwrap(),
        peak_over_mean: of(used.values().max()),
        least_over_mean: of(used.values().min()),
        changed: changed as f64 / tenants as f64,
        changed_by_two_or_more: twice as f64 / tenants as f64,
    }
}

#[test]
fn tenants_share_few_subsets() {
    let own = sharing(by_subset, 50, 4, 3_000);
    let ring = sharing(by_successors, 50, 4, 3_000);
    // 3,000 tenants over 230,300 subsets: 19.5 pairs, so 39 tenants, are expected.
    assert!((10..80).contains(&own.tenants_with_a_twin), "{own:?}");
    assert!(ring.tenants_with_a_twin > 10 * own.tenants_with_a_twin, "{ring:?}");
    assert!(own.most_on_one_subset <= 3 && ring.most_on_one_subset > 3, "{ring:?}");
    assert!(own.peak_over_mean < 1.25 && own.least_over_mean > 0.75, "{own:?}");
    assert_eq!(own.changed_by_two_or_more, 0.0);
    // 4 of 51.
    assert!((0.06..0.10).contains(&own.changed), "{own:?}");
    assert!(sharing(by_shuffle, 50, 4, 300).changed_by_two_or_more > 0.2);
}

/// `cargo test --release --test subset figures -- --ignored --nocapture`
#[test]
#[ignore = "prints the tables of the recipe"]
fn prints_the_tables_of_the_recipe() {
    let ways: [(&str, Choose); 4] = [
        ("subset", by_subset),
        ("k successors", by_successors),
        ("k positions", by_positions),
        ("seeded shuffle", by_shuffle),
    ];
    for (n, k, tenants) in [(100, 4, 10_000), (20, 5, 10_000), (10, 5, 10_000), (1000, 8, 10_000)] {
        println!("{n} nodes, {k} to each of {tenants} tenants");
        for (name, way) in ways {
            println!("{name:>16}: {:?}", sharing(way, n, k, tenants));
        }
    }
    weights(100, 8, 20_000);
    zones(6, 20_000);
}

/// Load over weight if keys inside a subset are spread equally, by weight, or by weight over the
/// chance to be in a subset.
fn weights(n: usize, k: usize, tenants: u64) {
    let weight = |i: usize| [1, 2, 4][i % 3];
    let nodes = (0..n).map(|i| Node::new(i.to_string()).weight(weight(i)));
    let cells = Locator::ring_of(Topology::of(nodes).unwrap(), Default::default()).unwrap();
    let members = cells.topology().members();
    let identity = |at: &NodeIdx| members.identity(*at).unwrap();
    let mut often = vec![0_u64; n];
    let subsets: Vec<Vec<NodeIdx>> = (0..tenants)
        .map(|tenant| {
            let mut out = vec![NodeIdx::default(); k];
            let len = cells.subset_into(&tenant, &mut out);
            out[..len].iter().for_each(|at| often[at.index()] += 1);
            out
        })
        .collect();
    // By class of weight.
    let class = |i: usize| i % 3;
    let mut in_subsets = [0.0; 3];
    (0..n).for_each(|i| in_subsets[class(i)] += often[i] as f64);
    let size = |c: usize| (0..n).filter(|i| class(*i) == c).count() as f64;
    let chance = |c: usize| in_subsets[c] / size(c) / tenants as f64;
    let mut loads = [[0_u64; 3]; 3];
    for (tenant, subset) in (0..).zip(&subsets) {
        let identities: Vec<u64> = subset.iter().map(identity).collect();
        let weighted = |of: &dyn Fn(usize) -> f64| -> Vec<(u64, u64)> {
            subset.iter().map(|at| (identity(at), (of(at.index()) * 1e6) as u64)).collect()
        };
        let by_weight = weighted(&|i| weight(i) as f64);
        let corrected = weighted(&|i| weight(i) as f64 / chance(class(i)));
        let equal = RendezvousSlice::new(&identities).unwrap();
        let by_weight = WeightedRendezvousSlice::new(&by_weight).unwrap();
        let corrected = WeightedRendezvousSlice::new(&corrected).unwrap();
        let ways: [&dyn Placement; 3] = [&equal, &by_weight, &corrected];
        for key in 0..50 {
            let key: KeyHash = Xxh3.hash_key(&(tenant as u64, key as u64));
            for (load, way) in loads.iter_mut().zip(ways) {
                load[class(subset[way.locate(key).unwrap().index()].index())] += 1;
            }
        }
    }
    println!(
        "{n} nodes of weights 1, 2, 4 and {k} to a tenant: in subsets {:?}",
        [0, 1, 2].map(chance)
    );
    let total: f64 = (0..n).map(|i| weight(i) as f64).sum();
    for (name, load) in ["equal", "by weight", "by weight / chance"].iter().zip(loads) {
        let all = load.iter().sum::<u64>() as f64;
        let ratio = |c: usize| load[c] as f64 / all / (size(c) * weight(c) as f64 / total);
        println!("{name:>20}: load over share {:?}", [0, 1, 2].map(ratio));
    }
}

fn zones(k: usize, tenants: u64) {
    let zone = |i: usize| {
        if i < 50 {
            "a"
        } else if i < 80 {
            "b"
        } else {
            "c"
        }
    };
    let nodes = (0..100).map(|i| Node::new(i.to_string()).domain("zone", zone(i)));
    let cells = Locator::ring_of(Topology::of(nodes).unwrap(), Default::default()).unwrap();
    let spread = Spread::even(cells.topology().members(), k, ["zone"]).unwrap();
    let (mut plain, mut even) = (BTreeMap::new(), BTreeMap::new());
    let mut splits = BTreeSet::new();
    for tenant in 0..tenants {
        let mut out = vec![NodeIdx::default(); k];
        cells.subset_into(&tenant, &mut out);
        out.iter().for_each(|at| *plain.entry(zone(at.index())).or_insert(0_u64) += 1);
        cells.subset_under_into(&spread, &tenant, &mut out);
        out.iter().for_each(|at| *even.entry(zone(at.index())).or_insert(0_u64) += 1);
        splits
            .insert(["a", "b", "c"].map(|z| out.iter().filter(|at| zone(at.index()) == z).count()));
    }
    println!("zones of 50, 30, 20 nodes: plain {plain:?}, even {even:?}, splits {splits:?}");
}
