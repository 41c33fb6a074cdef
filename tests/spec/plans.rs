//! Plans with their certificates, of small random clusters, where detours are frequent.

use crate::case::{Listed, Rng, topology};
use crate::planned::{Old, Problem, State};
use crate::tables::rows;
use apportion::partition::{Certificate, Plan, TableConfig};
use apportion::{NodeIdx, PartitionTable, Planner};
use serde_json::{Value, json};

const DETOURS: usize = 50;
const OTHERS: usize = 60;

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(12);
    let (mut detours, mut others, mut cases) = (0, 0, Vec::new());
    let mut before: Option<Certificate> = None;
    while detours < DETOURS || others < OTHERS {
        let problem = random(&mut rng);
        let Ok(planner) = problem.planner() else { continue };
        let Ok(mut plan) = problem.plan(&planner) else { continue };
        let proves = plan.certificate().potentials().iter().any(|potential| *potential != 0);
        let (count, limit) = if proves { (&mut detours, DETOURS) } else { (&mut others, OTHERS) };
        if *count == limit {
            continue;
        }
        *count += 1;
        if rng.one_in(2) {
            planner.disperse(&mut plan).unwrap();
        }
        let mut case = problem.json();
        case["old"] = problem.old_json();
        case["rows"] = rows(plan.table());
        case["certificate"] = json!(plan.certificate().potentials());
        let expected = problem.verified(&planner, plan.table(), plan.certificate());
        assert!(expected.is_object(), "{case}");
        case["expected"] = expected;
        case["variants"] = variants(&mut rng, &problem, &planner, &plan, before.as_ref());
        before = Some(plan.certificate().clone());
        cases.push(case);
    }
    cases
}

/// Tables that move more than they need, tables that break a rule, and certificates of another
/// plan.
fn variants(
    rng: &mut Rng,
    problem: &Problem,
    planner: &Planner<'_>,
    plan: &Plan,
    other: Option<&Certificate>,
) -> Value {
    let members = problem.topology.members();
    let list: Vec<Vec<NodeIdx>> =
        (0..plan.table().partitions()).map(|p| plan.table().row(p).collect()).collect();
    let mut variants = Vec::new();
    let mut of_rows = |changed: Vec<Vec<NodeIdx>>, what: Value| {
        if let Ok(table) = PartitionTable::from_lists(members, &changed) {
            let expected = problem.verified(planner, &table, plan.certificate());
            variants.push(json!({"put": what, "expected": expected}));
        }
    };
    for _ in 0..2 {
        // Two partitions exchange a replica: loads stay as they are.
        let (p, q) = (rng.below(list.len() as u64) as usize, rng.below(list.len() as u64) as usize);
        let (i, j) =
            (rng.below(list[p].len() as u64) as usize, rng.below(list[q].len() as u64) as usize);
        let (a, b) = (list[p][i], list[q][j]);
        if !list[p].contains(&b) && !list[q].contains(&a) {
            let mut changed = list.clone();
            (changed[p][i], changed[q][j]) = (b, a);
            of_rows(changed, json!([[p, i, b.get()], [q, j, a.get()]]));
        }
        // One replica goes elsewhere.
        let live: Vec<NodeIdx> = members.iter_live().collect();
        let node = *rng.pick(&live);
        if !list[p].contains(&node) {
            let mut changed = list.clone();
            changed[p][i] = node;
            of_rows(changed, json!([[p, i, node.get()]]));
        }
    }
    // What stays in any case decides what a bad certificate proves.
    let bad = if problem.frozen.is_empty() && problem.states.is_empty() { 1 } else { 5 };
    let mut potentials =
        || plan.certificate().potentials().iter().map(|_| rng.below(5) as i32 - 2).collect();
    let random: Vec<Certificate> =
        (0..bad).map(|_| Certificate::from_potentials(potentials())).collect();
    let zero = Certificate::default();
    for certificate in other.into_iter().chain(&random).chain([&zero]) {
        let expected = problem.verified(planner, plan.table(), certificate);
        variants.push(json!({"certificate": certificate.potentials(), "expected": expected}));
    }
    json!(variants)
}

/// Nodes in zones, and in racks in some clusters.
fn cluster(rng: &mut Rng, levels: u64, zones: u64) -> Vec<Listed> {
    let count = 2 + rng.below(7);
    let spread = *rng.pick(&[1, 3, 9, 1000]);
    let numbers: Vec<u64> = (0..12).filter(|_| rng.below(12) < count).collect();
    numbers
        .iter()
        .map(|number| {
            let weight = if rng.one_in(10) { 0 } else { 1 + rng.below(spread) };
            let mut node = Listed::new(format!("n{number}"), weight);
            if levels > 0 {
                node.domains.push(("zone", format!("z{}", number % zones)));
            }
            if levels > 1 {
                node.domains.push(("rack", format!("r{}", number % 2)));
            }
            node
        })
        .collect()
}

pub(crate) fn random(rng: &mut Rng) -> Problem {
    let (levels, zones) = (rng.below(3), 2 + rng.below(3));
    let (partitions, replicas) = (1 + rng.below(24) as u32, 1 + rng.below(4) as u32);
    let mut config = TableConfig::new(partitions, replicas);
    if levels > 0 && rng.one_in(2) {
        config = config.max_per_domain("zone", 1 + rng.below(2) as u32);
    }
    if levels > 1 && rng.one_in(2) {
        config = config.max_per_domain("rack", 1);
    }
    if rng.one_in(3) {
        config = config.named("orders");
    }
    if rng.one_in(4) {
        config = config.allow_under_replicated();
    }
    if rng.one_in(4) {
        let copies = (0..partitions).filter(|_| rng.one_in(3)).collect::<Vec<_>>();
        config = config.copies(copies.into_iter().map(|p| (p, 1 + p % 4)));
    }
    let old = (!rng.one_in(10)).then(|| old(rng, levels, zones, &config)).flatten();
    let nodes = cluster(rng, levels, zones);
    let mut problem = Problem::new(nodes, config, old);
    let count = problem.nodes.len() as u64;
    if count == 0 {
        return problem;
    }
    let some = |rng: &mut Rng| -> Vec<u32> { (0..partitions).filter(|_| rng.one_in(5)).collect() };
    if rng.one_in(4) {
        let pins = some(rng);
        problem.pins = pins.into_iter().map(|p| (p, rng.below(count) as u32)).collect();
        problem.pins.retain(|(_, n)| problem.nodes[*n as usize].weight > 0);
    }
    if problem.old.is_some() {
        match rng.below(6) {
            0 => {
                problem.frozen = some(rng).into_iter().filter(|p| can_stay(&problem, *p)).collect()
            }
            1 | 2 => problem.frozen_if_possible = some(rng),
            _ => {}
        }
        if rng.one_in(4) {
            let state = *rng.pick(&[State::NoNew, State::Maintenance]);
            let node = rng.below(count) as u32;
            problem.states = vec![(node, state)];
            // A pin could ask the node for a replica that it must not take.
            problem.pins.retain(|(_, pinned)| *pinned != node);
        }
    }
    if rng.one_in(4) {
        problem.slots = vec![(rng.below(count) as u32, rng.below(u64::from(partitions) + 1))];
    }
    problem
}

/// True if all old holders of a partition are live, and as many as it has now.
fn can_stay(problem: &Problem, partition: u32) -> bool {
    let Some(old) = &problem.old else {
        return false;
    };
    let ways = problem.config.partitions() / old.table.partitions();
    let (before, members) = (old.topology.members(), problem.topology.members());
    let row: Vec<NodeIdx> = old.table.row(partition / ways).collect();
    let live = |node: &NodeIdx| {
        let here = before.label(*node).and_then(|label| members.find(label));
        here.and_then(|node| members.weight(node)).is_some_and(|weight| weight.get() > 0)
    };
    row.len() == problem.config.replicas_of(partition) as usize && row.iter().all(live)
}

/// A table of any origin: planned for other nodes, or at random, so that it is out of balance.
fn old(rng: &mut Rng, levels: u64, zones: u64, config: &TableConfig) -> Option<Old> {
    let nodes = cluster(rng, levels, zones);
    let topology = topology(&nodes);
    let mut partitions = config.partitions();
    for ways in [2, 3] {
        if partitions % ways == 0 && rng.one_in(3) {
            partitions /= ways;
        }
    }
    let replicas = if rng.one_in(4) { 1 + rng.below(3) as u32 } else { config.replicas() };
    if rng.one_in(2) {
        let sized = TableConfig::new(partitions, replicas);
        let plan = Planner::new(topology.members(), &sized).ok()?.fresh().ok()?;
        return Some(Old { table: plan.into_table(), topology });
    }
    let live: Vec<NodeIdx> = topology.members().iter_live().collect();
    let row = |rng: &mut Rng| {
        let mut row = live.clone();
        rng.shuffle(&mut row);
        row.truncate(replicas as usize);
        row
    };
    let list: Vec<Vec<NodeIdx>> = (0..partitions).map(|_| row(rng)).collect();
    let table = PartitionTable::from_lists(topology.members(), &list).ok()?;
    Some(Old { topology, table })
}
