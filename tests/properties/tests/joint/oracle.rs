//! Several tables by definition: the fewest moves by a flow in which every edge is written down.
//!
//! ```text
//!  source -> partition -> its domains, with its limits -> (node, table) -> node -> domain -> sink
//!                                                          floor..=ceil of each of these
//! ```

use super::table::{Case, Quotas, bounds, whole};
use apportion_properties::plan_oracle::Network;
use num_rational::BigRational;
use std::collections::{BTreeMap, BTreeSet};

/// Tables whose nodes have the same weights and domains, and what is pinned and frozen in each.
#[derive(Clone, Debug)]
pub(crate) struct Joint {
    pub(crate) tables: Vec<Case>,
    pub(crate) pins: Vec<BTreeSet<(usize, usize)>>,
    pub(crate) frozen: Vec<BTreeSet<usize>>,
}

/// What each table holds on each node, and all tables on each node and in each domain.
pub(crate) struct Sums {
    pub(crate) tables: Vec<Vec<(u64, u64)>>,
    pub(crate) nodes: Vec<(u64, u64)>,
    domains: BTreeMap<Vec<u32>, (u64, u64)>,
}

impl Sums {
    pub(crate) fn new(joint: &Joint, quotas: &[Quotas]) -> Self {
        let nodes = &joint.tables[0].nodes;
        let sum = |v: usize| quotas.iter().map(|table| table.ratios[v].clone()).sum();
        let sums: Vec<BigRational> = (0..nodes.len()).map(sum).collect();
        let mut domains: BTreeMap<Vec<u32>, BigRational> = BTreeMap::new();
        for (node, quota) in nodes.iter().zip(&sums) {
            for len in 1..=node.path.len() {
                let sum = domains.entry(node.path[..len].to_vec()).or_insert_with(|| whole(0));
                *sum += quota.clone();
            }
        }
        Self {
            tables: quotas.iter().map(|table| table.nodes.clone()).collect(),
            nodes: sums.iter().map(bounds).collect(),
            domains: domains.iter().map(|(path, quota)| (path.clone(), bounds(quota))).collect(),
        }
    }
}

/// The rows of all tables.
pub(crate) type Rows = Vec<Vec<Vec<usize>>>;

impl Joint {
    pub(crate) fn may_and_must(&self, t: usize, p: usize, v: usize) -> (bool, bool) {
        let (may, must) = self.tables[t].may_and_must(p, v);
        if self.frozen[t].contains(&p) {
            let held = self.tables[t].held_before(p, v);
            return (held, held || self.pins[t].contains(&(p, v)));
        }
        (may, must || self.pins[t].contains(&(p, v)))
    }

    pub(crate) fn moved(&self, rows: &Rows) -> u64 {
        self.tables.iter().zip(rows).map(|(table, rows)| table.moved(rows)).sum()
    }

    /// The fewest moves of all tables within all bounds and limits; `None` if there are none such.
    pub(crate) fn least_moves(&self, sums: &Sums) -> Option<u64> {
        const MUST: i64 = 1 << 32;
        let mut network = Network::default();
        let (source, sink) = (network.vertex(), network.vertex());
        let mut full = Vec::new();
        let mut counter = |network: &mut Network, towards: usize, (floor, ceil): (u64, u64)| {
            let here = network.vertex();
            full.push(network.edge(here, towards, floor, -MUST));
            network.edge(here, towards, ceil - floor, 0);
            here
        };
        let mut counters: BTreeMap<Vec<u32>, usize> = BTreeMap::from([(Vec::new(), sink)]);
        for (path, limits) in &sums.domains {
            let here = counter(&mut network, counters[&path[..path.len() - 1]], *limits);
            counters.insert(path.clone(), here);
        }
        let nodes: Vec<usize> = self.tables[0]
            .nodes
            .iter()
            .zip(&sums.nodes)
            .map(|(node, limits)| counter(&mut network, counters[&node.path], *limits))
            .collect();
        let (mut slots, mut musts, mut all) = (Vec::new(), Vec::new(), 0);
        for (t, (table, limits)) in self.tables.iter().zip(&sums.tables).enumerate() {
            let leaves: Vec<usize> = nodes
                .iter()
                .zip(limits)
                .map(|(node, limits)| counter(&mut network, *node, *limits))
                .collect();
            for (p, copies) in table.copies.iter().enumerate() {
                all += *copies as u64;
                let start = network.vertex();
                network.edge(source, start, *copies as u64, 0);
                let mut at: BTreeMap<Vec<u32>, usize> = BTreeMap::from([(Vec::new(), start)]);
                for path in sums.domains.keys() {
                    let here = network.vertex();
                    let most = table.caps[path.len() - 1].unwrap_or(*copies as u64);
                    network.edge(at[&path[..path.len() - 1]], here, most, 0);
                    at.insert(path.clone(), here);
                }
                for v in 0..table.nodes.len() {
                    let (may, must) = self.may_and_must(t, p, v);
                    let may = may && table.nodes[v].weight > 0;
                    if must && !may {
                        return None;
                    }
                    let cost = -i64::from(table.held_before(p, v)) - if must { MUST } else { 0 };
                    if may {
                        let edge = network.edge(at[&table.nodes[v].path], leaves[v], 1, cost);
                        slots.push((t, p, v, edge));
                        musts.extend(must.then_some(edge));
                    }
                }
            }
        }
        full.extend(musts);
        if !network.send(source, sink, all) || !full.iter().all(|edge| network.is_full(*edge)) {
            return None;
        }
        let mut rows: Rows =
            self.tables.iter().map(|table| vec![Vec::new(); table.copies.len()]).collect();
        for (t, p, v, edge) in slots {
            if network.flow(edge) == 1 {
                rows[t][p].push(v);
            }
        }
        self.check(sums, &rows).expect("tables of the oracle");
        Some(self.moved(&rows))
    }

    /// Whether tables keep sizes, limits, what is fixed, floors and ceilings.
    pub(crate) fn check(&self, sums: &Sums, rows: &Rows) -> Result<(), String> {
        let n = self.tables[0].nodes.len();
        let mut loads = vec![0; n];
        let mut held: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        for (t, (table, rows)) in self.tables.iter().zip(rows).enumerate() {
            let mut own = vec![0; n];
            for (p, row) in rows.iter().enumerate() {
                if row.len() != table.copies[p] {
                    return Err(format!("table {t}: partition {p} has {} replicas", row.len()));
                }
                let mut inside: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
                for (i, v) in row.iter().enumerate() {
                    if row[..i].contains(v) {
                        return Err(format!("table {t}: partition {p} is on node {v} twice"));
                    }
                    own[*v] += 1;
                    let path = &table.nodes[*v].path;
                    for len in 1..=path.len() {
                        *inside.entry(path[..len].to_vec()).or_default() += 1;
                        *held.entry(path[..len].to_vec()).or_default() += 1;
                    }
                }
                for (path, held) in inside {
                    if table.caps[path.len() - 1].is_some_and(|cap| held > cap) {
                        return Err(format!("table {t}: partition {p} has {held} in {path:?}"));
                    }
                }
                for v in 0..n {
                    let (may, must) = self.may_and_must(t, p, v);
                    if row.contains(&v) && !may || !row.contains(&v) && must {
                        return Err(format!("table {t}: partition {p} and node {v}"));
                    }
                }
            }
            for (v, own) in own.iter().enumerate() {
                let (floor, ceil) = sums.tables[t][v];
                if !(floor..=ceil).contains(own) {
                    return Err(format!("table {t}: node {v} holds {own}, not {floor}..={ceil}"));
                }
                loads[v] += own;
            }
        }
        for (v, (load, (floor, ceil))) in loads.iter().zip(&sums.nodes).enumerate() {
            if !(floor..=ceil).contains(&load) {
                return Err(format!("node {v} holds {load} in all, not {floor}..={ceil}"));
            }
        }
        for (path, (floor, ceil)) in &sums.domains {
            let load = held.get(path).copied().unwrap_or(0);
            if !(*floor..=*ceil).contains(&load) {
                return Err(format!("domain {path:?} holds {load} in all, not {floor}..={ceil}"));
            }
        }
        Ok(())
    }
}
