//! Max-min fair quotas by their definition: the level rises until something is full.

use super::plans_cluster::Cluster;
use std::collections::BTreeMap;

/// Floor and ceiling.
pub type Bounds = (u64, u64);

#[derive(Debug)]
pub struct Quotas {
    /// In the order of the nodes.
    pub nodes: Vec<Bounds>,
    pub domains: BTreeMap<Vec<u8>, Bounds>,
}

/// Nodes as bits, and how many replicas they hold together when they are full.
type Vessel = (u32, u64);

/// A level: a numerator below 2^20, a sum of weights below 2^69.
type Level = (u128, u128);

/// What the largest full vessels within some nodes hold, and the nodes in them.
fn inside(full: &[Vessel], nodes: u32) -> (u64, u32) {
    let within = |(bits, _): &&Vessel| bits & !nodes == 0;
    let largest = |(bits, _): &&Vessel| {
        full.iter().filter(within).all(|(other, _)| other == bits || bits & !other != 0)
    };
    let largest = full.iter().filter(within).filter(largest);
    largest.fold((0, 0), |(held, all), (bits, holds)| (held + holds, all | bits))
}

/// `None` if not all replicas find a place.
pub fn quotas(cluster: &Cluster) -> Option<Quotas> {
    let size = u64::from(cluster.partitions);
    let weight = |bits: u32| -> u128 {
        let of = |(at, node): (usize, &super::plans_cluster::Spot)| {
            u128::from(node.weight) * u128::from(bits >> at & 1)
        };
        cluster.nodes.iter().enumerate().map(of).sum()
    };
    let all = (1_u32 << cluster.nodes.len()) - 1;
    let mut vessels: Vec<Vessel> = (0..cluster.nodes.len()).map(|at| (1 << at, size)).collect();
    let domains = cluster.domains();
    let limited = |(bits, limit): &(u32, Option<u32>)| Some((*bits, size * u64::from((*limit)?)));
    vessels.extend(domains.values().filter_map(limited));
    let root = (all, size * u64::from(cluster.replicas));
    vessels.push(root);

    let mut full: Vec<Vessel> = Vec::new();
    let mut stops: Vec<Level> = vec![(0, 1); cluster.nodes.len()];
    let mut rising = all;
    while weight(rising) > 0 {
        let level = |(bits, holds): &Vessel| -> Option<Level> {
            let up = weight(bits & rising);
            (up > 0).then(|| (u128::from(holds - inside(&full, *bits).0), up))
        };
        let levels: Vec<Option<Level>> = vessels.iter().map(level).collect();
        let first = *levels.iter().flatten().min_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)))?;
        for (vessel, level) in vessels.iter().zip(levels) {
            if level.is_some_and(|level| level.0 * first.1 == first.0 * level.1) {
                for (at, stop) in stops.iter_mut().enumerate() {
                    if (vessel.0 & rising) >> at & 1 == 1 {
                        *stop = first;
                    }
                }
                if full.iter().all(|(bits, _)| *bits != vessel.0) {
                    full.push(*vessel);
                }
            }
        }
        rising &= !full.iter().fold(0, |all, (bits, _)| all | bits);
    }
    if !full.contains(&root) {
        return None;
    }
    // Whatever is not in a smaller full vessel stopped at one level.
    let bounds = |bits: u32| -> Bounds {
        let (held, covered) = inside(&full, bits);
        let rest = bits & !covered;
        let (num, den) = (0..)
            .zip(&stops)
            .find(|(at, _)| rest >> at & 1 == 1 && cluster.nodes[*at as usize].weight > 0)
            .map_or((0, 1), |(_, stop)| *stop);
        let share = num * weight(rest);
        (held + (share / den) as u64, held + share.div_ceil(den) as u64)
    };
    let nodes = (0..cluster.nodes.len()).map(|at| bounds(1 << at)).collect();
    let domains = domains.into_iter().map(|(path, (bits, _))| (path, bounds(bits))).collect();
    Some(Quotas { nodes, domains })
}
