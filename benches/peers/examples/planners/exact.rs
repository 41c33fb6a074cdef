//! The yardstick: the movement as a mixed-integer program for a general solver.
//!
//! ```text
//!  x[p, v] is 0 or 1    partition p has a replica on node v
//!  for each p           sum over v = R                      and at most 1 in each zone
//!  for each v           floor(quota) <= sum over p <= ceil(quota)
//!  for each zone        the same with the zone's quota
//!  maximize             the sum of x[p, v] where p was on v
//! ```
//!
//! All rows are of two laminar families, so every vertex of the linear program has whole numbers: the
//! solver hardly ever has to branch.

use crate::case::{Case, config, topology};
use crate::member::REPLICAS;
use crate::planner::Planned;
use apportion::Planner;
use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After this a solver gives up.
const LIMIT: Duration = Duration::from_secs(120);

/// Cases with more variables are not tried.
const MAX_VARIABLES: usize = 300_000;

pub(crate) fn plan(case: &Case) -> Result<Planned, String> {
    let (nodes, partitions) = (case.after.len(), case.rows.len());
    if nodes * partitions > MAX_VARIABLES {
        return Err(format!("{} variables: not tried", nodes * partitions));
    }
    let start = Instant::now();
    let topology = topology(&case.after);
    let quotas = Planner::new(topology.members(), &config(partitions as u32));
    let quotas = quotas.map_err(|error| error.to_string())?;
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    problem.set_time_limit(LIMIT);
    let mut stays = vec![Vec::with_capacity(nodes); partitions];
    for (row, variables) in case.rows.iter().zip(&mut stays) {
        for node in &case.after {
            let gain = if row.contains(&node.id) { 1.0 } else { 0.0 };
            variables.push(problem.add_binary_var(gain));
        }
    }
    let mut zones: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (i, node) in case.after.iter().enumerate() {
        zones.entry(node.zone).or_default().push(i);
    }
    for variables in &stays {
        let all: Vec<_> = variables.iter().map(|v| (*v, 1.0)).collect();
        problem.add_constraint(all, ComparisonOp::Eq, REPLICAS as f64);
        for zone in zones.values() {
            let some: Vec<_> = zone.iter().map(|i| (variables[*i], 1.0)).collect();
            problem.add_constraint(some, ComparisonOp::Le, 1.0);
        }
    }
    let mut between = |columns: &[usize], quota: f64| {
        let terms = || -> Vec<_> {
            stays.iter().flat_map(|row| columns.iter().map(|i| (row[*i], 1.0))).collect()
        };
        // Quotas are fractions of small numbers: far from whole, or whole but for rounding.
        problem.add_constraint(terms(), ComparisonOp::Ge, (quota + 1e-9).floor());
        problem.add_constraint(terms(), ComparisonOp::Le, (quota - 1e-9).ceil());
    };
    let quota = |i: usize| {
        let slot = topology.find(&case.after[i].id).expect("a node");
        quotas.exact_quota(slot).expect("a quota")
    };
    for i in 0..nodes {
        between(&[i], quota(i));
    }
    for zone in zones.values() {
        between(zone, zone.iter().map(|i| quota(*i)).sum());
    }
    let outcome = problem.solve().map_err(|error| error.to_string())?;
    if !outcome.is_optimal() {
        return Err(format!("stopped after {} s", LIMIT.as_secs()));
    }
    let solution = outcome.into_solution().map_err(|_| "interrupted".to_owned())?;
    let row = |variables: &Vec<Variable>| {
        let nodes = case.after.iter().zip(variables);
        let chosen = nodes.filter(|(_, v)| solution.var_value(**v) > 0.5);
        chosen.map(|(node, _)| node.id).collect::<Vec<u32>>().try_into().ok()
    };
    let rows = stays.iter().map(row).collect::<Option<Vec<_>>>();
    Ok(Planned { rows: rows.ok_or("not whole rows")?, took: start.elapsed() })
}
