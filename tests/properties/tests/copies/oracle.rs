//! Quotas and least movement by definition.

use apportion_properties::plan_oracle::Network;
use num_rational::BigRational;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct NodeAt {
    pub(crate) path: Vec<u32>,
    pub(crate) weight: u64,
    pub(crate) slots: Option<u64>,
    pub(crate) state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Open,
    NoNew,
    Maintenance,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) nodes: Vec<NodeAt>,
    /// Limits of one partition by level.
    pub(crate) caps: Vec<Option<u64>>,
    pub(crate) copies: Vec<usize>,
    /// Numbers of nodes; those that are gone come after all others.
    pub(crate) old: Option<Vec<Vec<usize>>>,
}

pub(crate) struct Quotas {
    pub(crate) nodes: Vec<(u64, u64)>,
    pub(crate) exact: Vec<f64>,
    domains: BTreeMap<Vec<u32>, (u64, u64)>,
}

impl Quotas {
    /// Floors and ceilings of the domains, each given by its path.
    pub(crate) fn of_domains(&self) -> impl Iterator<Item = (&[u32], (u64, u64))> {
        self.domains.iter().map(|(path, bounds)| (path.as_slice(), *bounds))
    }
}

fn whole(n: u64) -> BigRational {
    BigRational::from_integer(n.into())
}

fn bounds(quota: &BigRational) -> (u64, u64) {
    let number = |n: BigRational| n.to_integer().try_into().unwrap();
    (number(quota.floor()), number(quota.ceil()))
}

impl Case {
    /// How many replicas of one partition a set of nodes admits.
    fn limit(&self, set: u32, path: &[u32]) -> u64 {
        let inside = |v: &usize| set >> v & 1 == 1 && self.nodes[*v].path.starts_with(path);
        let nodes = (0..self.nodes.len()).filter(inside);
        let below: u64 = if path.len() == self.caps.len() {
            nodes.count() as u64
        } else {
            let mut names: Vec<u32> = nodes.map(|v| self.nodes[v].path[path.len()]).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().map(|name| self.limit(set, &[path, &[name]].concat())).sum()
        };
        let cap = path.len().checked_sub(1).and_then(|level| self.caps[level]);
        below.min(cap.unwrap_or(u64::MAX))
    }

    fn live(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|v| self.nodes[*v].weight > 0).collect()
    }

    /// Max-min fair quotas: λ rises, and whatever set of nodes is full stays as it is. `None` if not
    /// all replicas fit.
    pub(crate) fn quotas(&self) -> Option<Quotas> {
        let n = self.nodes.len();
        let live = self.live();
        let room = |set: u32| -> u64 {
            let limit = self.limit(set, &[]);
            self.copies.iter().map(|r| (*r as u64).min(limit)).sum()
        };
        let sets: Vec<u32> = (1..1 << n)
            .filter(|set| (0..n).all(|v| set >> v & 1 == 0 || live.contains(&v)))
            .collect();
        let rooms: Vec<(u32, u64)> = sets.iter().map(|set| (*set, room(*set))).collect();
        let mut quotas: Vec<Option<BigRational>> =
            (0..n).map(|v| (!live.contains(&v)).then(|| whole(0))).collect();
        for v in live.iter().copied().filter(|v| self.nodes[*v].state == State::Maintenance) {
            quotas[v] = Some(whole(self.held(v)));
        }
        while quotas.iter().any(Option::is_none) {
            let mut first: Option<(BigRational, u32)> = None;
            let mut consider = |level: BigRational, set: u32| {
                if first.as_ref().is_none_or(|(least, _)| level < *least) {
                    first = Some((level, set));
                }
            };
            for (set, room) in &rooms {
                let inside = || (0..n).filter(|v| set >> v & 1 == 1);
                let fixed: BigRational = inside().filter_map(|v| quotas[v].clone()).sum();
                let open = inside().filter(|v| quotas[*v].is_none());
                let weight: u64 = open.map(|v| self.nodes[v].weight).sum();
                if weight > 0 {
                    consider((whole(*room) - fixed) / whole(weight), *set);
                }
            }
            for v in (0..n).filter(|v| quotas[*v].is_none()) {
                if let Some(slots) = self.slots(v) {
                    consider(whole(slots) / whole(self.nodes[v].weight), 1 << v);
                }
            }
            // Nodes in maintenance may hold more than there is room for.
            let (level, set) = first.filter(|(level, _)| *level >= whole(0))?;
            for v in (0..n).filter(|v| set >> v & 1 == 1) {
                let share = whole(self.nodes[v].weight) * level.clone();
                quotas[v].get_or_insert(share);
            }
        }
        let quotas: Vec<BigRational> = quotas.into_iter().flatten().collect();
        let all: u64 = self.copies.iter().map(|r| *r as u64).sum();
        if quotas.iter().cloned().sum::<BigRational>() != whole(all) {
            return None;
        }
        let mut domains: BTreeMap<Vec<u32>, BigRational> = BTreeMap::new();
        for (node, quota) in self.nodes.iter().zip(&quotas) {
            for len in 1..=node.path.len() {
                let sum = domains.entry(node.path[..len].to_vec()).or_insert_with(|| whole(0));
                *sum += quota.clone();
            }
        }
        let ratio = |quota: &BigRational| {
            let number =
                |n: &num_rational::BigRational| n.numer().to_string().parse::<f64>().unwrap();
            number(quota) / quota.denom().to_string().parse::<f64>().unwrap()
        };
        Some(Quotas {
            nodes: quotas.iter().map(bounds).collect(),
            exact: quotas.iter().map(ratio).collect(),
            domains: domains.iter().map(|(path, quota)| (path.clone(), bounds(quota))).collect(),
        })
    }

    /// How many replicas a node had.
    fn held(&self, v: usize) -> u64 {
        (0..self.copies.len()).filter(|p| self.held_before(*p, v)).count() as u64
    }

    fn slots(&self, v: usize) -> Option<u64> {
        let NodeAt { slots, state, .. } = self.nodes[v];
        let most = if state == State::NoNew { self.held(v) } else { u64::MAX };
        Some(most.min(slots.unwrap_or(u64::MAX))).filter(|slots| *slots < u64::MAX)
    }

    /// Whether a partition may have, and must have, a replica on a node.
    fn may_and_must(&self, p: usize, v: usize) -> (bool, bool) {
        let held = self.held_before(p, v);
        match self.nodes[v].state {
            State::Open => (true, false),
            State::NoNew => (held, false),
            State::Maintenance => (held, held),
        }
    }

    fn held_before(&self, p: usize, v: usize) -> bool {
        self.old.as_ref().is_some_and(|old| old[p].contains(&v))
    }

    fn keepable(&self, p: usize) -> usize {
        self.old.as_ref().map_or(0, |old| old[p].len()).min(self.copies[p])
    }

    pub(crate) fn moved(&self, rows: &[Vec<usize>]) -> u64 {
        let kept = |p: usize| rows[p].iter().filter(|v| self.held_before(p, **v)).count();
        (0..rows.len()).map(|p| (self.keepable(p) - kept(p).min(self.keepable(p))) as u64).sum()
    }

    /// The fewest moves of a table within floors, ceilings and limits; `None` if there is none.
    pub(crate) fn least_moves(&self, quotas: &Quotas) -> Option<u64> {
        const MUST: i64 = 1 << 32;
        let mut network = Network::default();
        let (source, sink) = (network.vertex(), network.vertex());
        let mut full = Vec::new();
        let mut counters: BTreeMap<Vec<u32>, usize> = BTreeMap::from([(Vec::new(), sink)]);
        let mut counter = |network: &mut Network, towards: usize, (floor, ceil): (u64, u64)| {
            let here = network.vertex();
            full.push(network.edge(here, towards, floor, -MUST));
            network.edge(here, towards, ceil - floor, 0);
            here
        };
        for (path, limits) in quotas.of_domains() {
            let towards = counters[&path[..path.len() - 1]];
            let here = counter(&mut network, towards, limits);
            counters.insert(path.to_vec(), here);
        }
        let nodes: Vec<usize> = self
            .nodes
            .iter()
            .zip(&quotas.nodes)
            .map(|(node, limits)| counter(&mut network, counters[&node.path], *limits))
            .collect();
        let (mut slots, mut musts) = (Vec::new(), Vec::new());
        for (p, copies) in self.copies.iter().enumerate() {
            let start = network.vertex();
            network.edge(source, start, *copies as u64, 0);
            let mut at: BTreeMap<Vec<u32>, usize> = BTreeMap::from([(Vec::new(), start)]);
            for path in quotas.domains.keys() {
                let here = network.vertex();
                let most = self.caps[path.len() - 1].unwrap_or(*copies as u64);
                network.edge(at[&path[..path.len() - 1]], here, most, 0);
                at.insert(path.clone(), here);
            }
            for v in self.live() {
                let kept = self.held_before(p, v);
                let (may, must) = self.may_and_must(p, v);
                let cost = -i64::from(kept) - if must { MUST } else { 0 };
                if may {
                    let edge = network.edge(at[&self.nodes[v].path], nodes[v], 1, cost);
                    slots.push((p, v, edge));
                    musts.extend(must.then_some(edge));
                }
            }
        }
        let all: u64 = self.copies.iter().map(|r| *r as u64).sum();
        full.extend(musts);
        if !network.send(source, sink, all) || !full.iter().all(|edge| network.is_full(*edge)) {
            return None;
        }
        let mut rows = vec![Vec::new(); self.copies.len()];
        for (p, v, edge) in slots {
            if network.flow(edge) == 1 {
                rows[p].push(v);
            }
        }
        self.check(quotas, &rows).expect("a table of the oracle");
        Some(self.moved(&rows))
    }

    /// Whether a table keeps sizes, limits, floors and ceilings.
    pub(crate) fn check(&self, quotas: &Quotas, rows: &[Vec<usize>]) -> Result<(), String> {
        let mut held: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        let mut loads = vec![0; self.nodes.len()];
        for (p, row) in rows.iter().enumerate() {
            let mut inside: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
            if row.len() != self.copies[p] {
                return Err(format!("partition {p} has {} replicas", row.len()));
            }
            for (i, v) in row.iter().enumerate() {
                if row[..i].contains(v) {
                    return Err(format!("partition {p} is on node {v} twice"));
                }
                loads[*v] += 1;
                let path = &self.nodes[*v].path;
                for len in 1..=path.len() {
                    *inside.entry(path[..len].to_vec()).or_default() += 1;
                    *held.entry(path[..len].to_vec()).or_default() += 1;
                }
            }
            for (path, held) in inside {
                if self.caps[path.len() - 1].is_some_and(|cap| held > cap) {
                    return Err(format!("partition {p} has {held} replicas in {path:?}"));
                }
            }
        }
        for (p, row) in rows.iter().enumerate() {
            for v in 0..self.nodes.len() {
                let (may, must) = self.may_and_must(p, v);
                if row.contains(&v) && !may || !row.contains(&v) && must {
                    return Err(format!(
                        "partition {p} and node {v}, which is {:?}",
                        self.nodes[v].state
                    ));
                }
            }
        }
        for (v, load) in loads.iter().enumerate() {
            let (floor, ceil) = quotas.nodes[v];
            if !(floor..=ceil).contains(load) {
                return Err(format!("node {v} holds {load}, not {floor}..={ceil}"));
            }
        }
        for (path, (floor, ceil)) in &quotas.domains {
            let load = held.get(path).copied().unwrap_or(0);
            if !(*floor..=*ceil).contains(&load) {
                return Err(format!("domain {path:?} holds {load}, not {floor}..={ceil}"));
            }
        }
        Ok(())
    }
}
