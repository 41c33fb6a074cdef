//! How even a table is, counted naively.

use apportion::{Members, NodeIdx, PartitionTable, Plan, Planner};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct TableReport {
    pub(crate) max_over_quota: f64,
    pub(crate) min_over_quota: f64,
    pub(crate) outside_floor_ceil: u64,
    pub(crate) domain_violations: u64,
    pub(crate) worst_pair: Option<f64>,
    pub(crate) worst_pair_shared: u64,
    pub(crate) distinct_copysets: u64,
}

/// The least movement that a plan's certificate proves, from the table before and its nodes.
pub(crate) fn certified(
    _: &Planner<'_>,
    plan: &Plan,
    _: Option<(&PartitionTable, &Members)>,
) -> Option<u64> {
    Some(plan.lower_bound())
}

/// A node or a domain: what it holds at most, and what it holds.
struct Vertex {
    path: Vec<String>,
    node: Option<NodeIdx>,
    cap: f64,
    weight: f64,
    held: u64,
    quota: f64,
    full: bool,
}

pub(crate) fn report(planner: &Planner<'_>, table: &PartitionTable) -> TableReport {
    let (members, config) = (planner.members(), planner.config());
    let (p, r) = (f64::from(table.partitions()), f64::from(table.replicas_each()));
    let limits: BTreeMap<&str, u32> = config.limits().collect();
    let mut held = vec![0_u64; members.slots()];
    let mut sets = BTreeSet::new();
    let mut domain_violations = 0;
    for partition in 0..table.partitions() {
        let row: Vec<NodeIdx> = table.row(partition).collect();
        let mut inside: BTreeMap<Vec<&str>, (u32, u32)> = BTreeMap::new();
        for node in &row {
            held[node.index()] += 1;
            let mut path = Vec::new();
            for (level, name) in members.domain(*node).expect("a member").path() {
                path.push(name);
                let limit = limits.get(level).copied().unwrap_or(u32::MAX);
                inside.entry(path.clone()).or_insert((0, limit)).0 += 1;
            }
        }
        domain_violations += inside.values().filter(|(n, limit)| n > limit).count() as u64;
        let mut set: Vec<u32> = row.iter().map(|node| node.get()).collect();
        set.sort_unstable();
        domain_violations += set.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        sets.insert(set);
    }
    let mut vertices: BTreeMap<Vec<String>, Vertex> = BTreeMap::new();
    for node in members.iter_live() {
        let weight = members.weight(node).expect("a member").get() as f64;
        let mut path = Vec::new();
        let mut add = |path: &[String], node: Option<NodeIdx>, cap: f64| {
            let path = path.to_vec();
            let vertex = Vertex {
                path: path.clone(),
                node,
                cap,
                weight: 0.0,
                held: 0,
                quota: 0.0,
                full: false,
            };
            let vertex = vertices.entry(path).or_insert(vertex);
            vertex.weight += weight;
            vertex.held += node.map_or(0, |node| held[node.index()]);
        };
        for (level, name) in members.domain(node).expect("a member").path() {
            path.push(name.to_owned());
            let limit = limits.get(level).map_or(r, |limit| f64::from(*limit).min(r));
            add(&path, None, limit * p);
        }
        path.push(String::from_utf8_lossy(members.label(node).expect("a member")).into_owned());
        add(&path, Some(node), p);
    }
    let mut vertices: Vec<Vertex> = vertices.into_values().collect();
    fill(&mut vertices, p * r);
    let mut outside_floor_ceil = 0;
    let (mut max, mut min) = (0.0_f64, f64::INFINITY);
    let leaves: Vec<(Vec<String>, u64, f64, NodeIdx)> =
        vertices.iter().filter_map(|v| Some((v.path.clone(), v.held, v.quota, v.node?))).collect();
    for vertex in &vertices {
        let below = leaves.iter().filter(|leaf| leaf.0.starts_with(&vertex.path));
        let (held, quota) = below.fold((0, 0.0), |sum, leaf| (sum.0 + leaf.1, sum.1 + leaf.2));
        let slack = 1e-12 * (p * r);
        let whole = (quota - quota.round()).abs() < slack;
        let off = (held as f64 - if whole { quota.round() } else { quota }).abs();
        outside_floor_ceil += u64::from(off >= if whole { 0.5 } else { 1.0 });
        if vertex.node.is_some() {
            max = max.max(held as f64 / quota);
            min = min.min(held as f64 / quota);
        }
    }
    let (worst_pair, worst_pair_shared) = worst_pair(&leaves, table, p * r, r);
    TableReport {
        max_over_quota: max,
        min_over_quota: min,
        outside_floor_ceil,
        domain_violations,
        worst_pair,
        worst_pair_shared,
        distinct_copysets: sets.len() as u64,
    }
}

/// Max-min fair quotas of the nodes: the level rises until all is held.
fn fill(vertices: &mut [Vertex], total: f64) {
    let leaves: Vec<usize> = (0..vertices.len()).filter(|i| vertices[*i].node.is_some()).collect();
    let mut open = leaves.clone();
    while !open.is_empty() {
        let fixed: f64 =
            leaves.iter().filter(|i| vertices[**i].full).map(|i| vertices[*i].quota).sum();
        let weight: f64 = open.iter().map(|i| vertices[*i].weight).sum();
        let level_of = |vertex: &Vertex| {
            let inside = |i: &&usize| vertices[**i].path.starts_with(&vertex.path);
            let fixed: f64 = leaves
                .iter()
                .filter(inside)
                .filter(|i| vertices[**i].full)
                .map(|i| vertices[*i].quota)
                .sum();
            let weight: f64 = open.iter().filter(inside).map(|i| vertices[*i].weight).sum();
            if weight > 0.0 { (vertex.cap - fixed) / weight } else { f64::INFINITY }
        };
        let end = (total - fixed) / weight;
        let levels: Vec<f64> = vertices.iter().map(level_of).collect();
        let level = levels.iter().copied().fold(end, f64::min);
        for i in &open {
            vertices[*i].quota = level * vertices[*i].weight;
        }
        if level >= end {
            return;
        }
        let closed: Vec<Vec<String>> = (0..vertices.len())
            .filter(|i| levels[*i] <= level * (1.0 + 1e-12))
            .map(|i| vertices[i].path.clone())
            .collect();
        for i in &open {
            vertices[*i].full = closed.iter().any(|path| vertices[*i].path.starts_with(path));
        }
        open.retain(|i| !vertices[*i].full);
    }
}

fn worst_pair(
    leaves: &[(Vec<String>, u64, f64, NodeIdx)],
    table: &PartitionTable,
    total: f64,
    r: f64,
) -> (Option<f64>, u64) {
    let place: BTreeMap<u32, usize> =
        (0..).zip(leaves).map(|(i, leaf)| (leaf.3.get(), i)).collect();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for partition in 0..table.partitions() {
        let row: Vec<u32> = table.row(partition).map(|node| place[&node.get()] as u32).collect();
        for a in &row {
            pairs.extend(row.iter().filter(|b| *b != a).map(|b| (*a, *b)));
        }
    }
    pairs.sort_unstable();
    let mut outer: BTreeMap<&str, f64> = BTreeMap::new();
    for leaf in leaves {
        *outer.entry(&leaf.0[0]).or_default() += leaf.2;
    }
    let mut worst: (Option<f64>, u64) = (None, 0);
    for same in pairs.chunk_by(|a, b| a == b) {
        let (a, b) = (&leaves[same[0].0 as usize], &leaves[same[0].1 as usize]);
        if a.0[0] != b.0[0] {
            let fair = a.1 as f64 * (r - 1.0) * b.2 / (total - outer[a.0[0].as_str()]);
            let over = same.len() as f64 / fair;
            if worst.0.is_none_or(|worst| over > worst) {
                worst = (Some(over), same.len() as u64);
            }
        }
    }
    worst
}
