//! A greedy rebalancer in the manner of Cruise Control: replicas of lost nodes first, then the number
//! of replicas of each node, then the number of partitions it leads. Each goal goes from node to node
//! and takes the first step that improves it and breaks no rule; none looks further than one step.

use crate::case::{Case, config, topology};
use crate::member::{Member, REPLICAS};
use crate::planner::Planned;
use apportion::{NodeIdx, Planner};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Each node's number of replicas and of leaders ends between the floor and the ceiling of the quota
/// that this crate's planner gives it, as far as single steps get.
pub(crate) fn to_quotas(case: &Case) -> Result<Planned, String> {
    let nodes = topology(&case.after);
    let planner = Planner::new(nodes.members(), &config(case.rows.len() as u32));
    let planner = planner.map_err(|error| error.to_string())?;
    let quota = |(slot, id): (NodeIdx, &u32)| (*id, planner.exact_quota(slot).expect("a quota"));
    Ok(plan(case, &nodes.iter().map(quota).collect(), 0.0))
}

/// Cruise Control's default: a node within 9 % of its share by weight is left alone.
pub(crate) fn within_nine_percent(case: &Case) -> Result<Planned, String> {
    let sum: u64 = case.after.iter().map(|node| node.weight).sum();
    let each = (case.rows.len() * REPLICAS) as f64 / sum as f64;
    let shares = case.after.iter().map(|node| (node.id, each * node.weight as f64));
    Ok(plan(case, &shares.collect(), 0.09))
}

/// The replicas that each node should have.
type Shares = BTreeMap<u32, f64>;

/// The minimum and maximum of each node.
type Limits = BTreeMap<u32, (usize, usize)>;

fn plan(case: &Case, shares: &Shares, margin: f64) -> Planned {
    let start = Instant::now();
    let mut state = State::new(case);
    state.replace_lost();
    let replicas = limits(shares, 1.0, margin);
    state.shed(&replicas);
    state.fill(&replicas);
    state.lead(&limits(shares, REPLICAS as f64, margin));
    Planned { rows: state.rows, took: start.elapsed() }
}

/// The limits of a node's share divided by this, give or take the margin.
fn limits(shares: &Shares, divisor: f64, margin: f64) -> Limits {
    let limit = |(id, share): (&u32, &f64)| {
        let share = share / divisor;
        // Shares that are whole but for rounding are whole.
        let low = (share * (1.0 - margin) + 1e-9).floor() as usize;
        (*id, (low, (share * (1.0 + margin) - 1e-9).ceil() as usize))
    };
    shares.iter().map(limit).collect()
}

struct State {
    rows: Vec<[u32; REPLICAS]>,
    nodes: BTreeMap<u32, Member>,
    /// The partitions on each node.
    held: BTreeMap<u32, BTreeSet<usize>>,
}

impl State {
    fn new(case: &Case) -> Self {
        let nodes: BTreeMap<u32, Member> = case.after.iter().map(|node| (node.id, *node)).collect();
        let mut held: BTreeMap<u32, BTreeSet<usize>> =
            nodes.keys().map(|id| (*id, BTreeSet::new())).collect();
        for (partition, row) in case.rows.iter().enumerate() {
            for id in row {
                if let Some(set) = held.get_mut(id) {
                    set.insert(partition);
                }
            }
        }
        Self { rows: case.rows.clone(), nodes, held }
    }

    fn load(&self, id: u32) -> usize {
        self.held[&id].len()
    }

    /// Nodes by load over weight, the emptiest first.
    fn emptiest(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.nodes.keys().copied().collect();
        let key = |id: &u32| (self.load(*id) as f64 / self.nodes[id].weight as f64, *id);
        ids.sort_by(|a, b| key(a).partial_cmp(&key(b)).expect("finite loads"));
        ids
    }

    /// True if the replica in this place may be on this node: no other one is in its zone.
    fn allows(&self, partition: usize, place: usize, id: u32) -> bool {
        let zone = self.nodes[&id].zone;
        let others = self.rows[partition].iter().enumerate().filter(|(other, _)| *other != place);
        others.filter_map(|(_, holder)| self.nodes.get(holder)).all(|node| node.zone != zone)
            && self.rows[partition][place] != id
    }

    fn place(&self, partition: usize, id: u32) -> usize {
        self.rows[partition].iter().position(|holder| *holder == id).expect("a holder")
    }

    fn put(&mut self, partition: usize, place: usize, id: u32) {
        let old = std::mem::replace(&mut self.rows[partition][place], id);
        if let Some(set) = self.held.get_mut(&old) {
            set.remove(&partition);
        }
        self.held.get_mut(&id).expect("a node").insert(partition);
    }

    /// Puts each replica of a lost node onto the emptiest node that may have it.
    fn replace_lost(&mut self) {
        for partition in 0..self.rows.len() {
            for place in 0..REPLICAS {
                if !self.nodes.contains_key(&self.rows[partition][place]) {
                    let nodes = self.emptiest();
                    let node = nodes.into_iter().find(|id| self.allows(partition, place, *id));
                    if let Some(id) = node {
                        self.put(partition, place, id);
                    }
                }
            }
        }
    }

    /// Moves replicas away from nodes above their maximum, each to the emptiest node that may have it
    /// and stays within its own.
    fn shed(&mut self, limits: &Limits) {
        for from in self.emptiest().into_iter().rev() {
            for partition in self.held[&from].clone() {
                if self.load(from) <= limits[&from].1 {
                    break;
                }
                let place = self.place(partition, from);
                let fits =
                    |id: &u32| self.load(*id) < limits[id].1 && self.allows(partition, place, *id);
                if let Some(to) = self.emptiest().into_iter().find(fits) {
                    self.put(partition, place, to);
                }
            }
        }
    }

    /// Moves replicas to nodes below their minimum, from the fullest nodes on that stay within theirs.
    fn fill(&mut self, limits: &Limits) {
        for to in self.emptiest() {
            let mut donors: Vec<u32> = self.emptiest().into_iter().filter(|id| *id != to).collect();
            while self.load(to) < limits[&to].0 {
                let over = |id: &u32| self.load(*id) as f64 / self.nodes[id].weight as f64;
                let fuller = |a: &&u32, b: &&u32| over(a).partial_cmp(&over(b)).expect("finite");
                let Some(from) = donors.iter().max_by(fuller).copied() else { break };
                let mut places = self.held[&from].iter().map(|p| (*p, self.place(*p, from)));
                let legal = places.find(|(partition, place)| self.allows(*partition, *place, to));
                match legal {
                    Some((partition, place)) if self.load(from) > limits[&from].0 => {
                        self.put(partition, place, to);
                    }
                    _ => donors.retain(|id| *id != from),
                }
            }
        }
    }

    /// Changes leaders within their rows: away from nodes that lead too many, and to nodes that lead
    /// too few.
    fn lead(&mut self, limits: &Limits) {
        let mut led: BTreeMap<u32, usize> = self.nodes.keys().map(|id| (*id, 0)).collect();
        for row in &self.rows {
            led.entry(row[0]).and_modify(|count| *count += 1);
        }
        let ids: Vec<u32> = self.nodes.keys().copied().collect();
        for id in &ids {
            for partition in self.held[id].clone() {
                if led[id] <= limits[id].1 {
                    break;
                }
                let row = &mut self.rows[partition];
                if row[0] != *id {
                    continue;
                }
                let others =
                    (1..REPLICAS).filter(|place| led[&row[*place]] < limits[&row[*place]].1);
                if let Some(place) = others.min_by_key(|place| led[&row[*place]]) {
                    *led.entry(row[0]).or_default() -= 1;
                    *led.entry(row[place]).or_default() += 1;
                    row.swap(0, place);
                }
            }
        }
        for id in &ids {
            for partition in self.held[id].clone() {
                if led[id] >= limits[id].0 {
                    break;
                }
                let place = self.place(partition, *id);
                let row = &mut self.rows[partition];
                if place > 0 && led[&row[0]] > limits[&row[0]].0 {
                    *led.entry(row[0]).or_default() -= 1;
                    *led.entry(*id).or_default() += 1;
                    row.swap(0, place);
                }
            }
        }
    }
}
