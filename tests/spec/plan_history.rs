//! The histories of changes of the golden tables `plans` and `copies`: every plan starts from the
//! one before.

use crate::case::Listed;
use crate::planned::{Old, Problem, State};
use apportion::PartitionTable;
use apportion::partition::{Plan, TableConfig};
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Value> {
    let mut cases = changes();
    for weight in [|_| 10, |i| 1 + i * i % 7] as [fn(u64) -> u64; 2] {
        cases.extend(copies(weight));
    }
    cases
}

/// Rows as text: each holder is one digit of 62, and rows are separated by spaces.
fn packed(table: &PartitionTable) -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let row = |p| table.row(p).map(|node| char::from(digits[node.index()])).collect();
    (0..table.partitions()).map(row).collect::<Vec<String>>().join(" ")
}

/// Those of `plans`: more and fewer nodes, another number of replicas, twice the partitions.
fn changes() -> Vec<Value> {
    let mut cases = Vec::new();
    for weight in [|_| 100, |i| 1 + i * i % 11] as [fn(u64) -> u64; 2] {
        let mut list: Vec<(u64, u64, u64)> = (0..40).map(|i| (i, i % 4, weight(i))).collect();
        let (mut sizes, mut before) = ((512, 3), None);
        for step in 0..10 {
            match step {
                1 => list.push((40, 1, 5)),
                2 => list.retain(|(i, ..)| *i != 7),
                3 => list.iter_mut().for_each(|(i, _, w)| *w *= u64::from(*i != 12)),
                4 => list.iter_mut().for_each(|(i, _, w)| *w *= 1 + u64::from(*i == 20)),
                5 => list.extend((50..60).map(|i| (i, 4, 3 + i % 2))),
                6 => sizes.1 = 4,
                7 => sizes.1 = 2,
                8 => sizes.0 = 1024,
                9 => list.iter_mut().for_each(|(i, zone, _)| *zone = (*zone + *i / 38) % 5),
                _ => {}
            }
            let nodes = list.iter().map(|(i, zone, weight)| {
                let mut node = Listed::new(format!("node-{i}"), *weight);
                node.domains = vec![("zone", format!("z{zone}")), ("rack", format!("r{}", i % 3))];
                node
            });
            let config = TableConfig::new(sizes.0, sizes.1).max_per_domain("zone", 1 + sizes.1 / 4);
            let problem = Problem::new(nodes.collect(), config.max_per_domain("rack", 1), before);
            let planner = problem.planner().unwrap();
            let mut plan = problem.plan(&planner).unwrap();
            planner.disperse(&mut plan).unwrap();
            let mut case = short(step, &problem, &plan);
            case["expected"] = problem.verified(&planner, plan.table(), plan.certificate());
            cases.push(case);
            before = Some(Old { table: plan.into_table(), topology: problem.topology.clone() });
        }
    }
    cases
}

/// A case in the short form of the file.
fn short(step: usize, problem: &Problem, plan: &Plan) -> Value {
    let node = |node: &Listed| {
        // The names of domains without their first letter.
        let domains = node.domains.iter().map(|(_, name)| json!(name[1..].parse::<u64>().unwrap()));
        [json!(node.label), json!(node.weight)].into_iter().chain(domains).collect::<Value>()
    };
    let nodes: Value = problem.nodes.iter().map(node).collect();
    let mut case = json!({"step": step, "config": problem.json()["config"], "nodes": nodes,
        "rows": packed(plan.table()), "certificate": plan.certificate().potentials()});
    if !problem.slots.is_empty() {
        case["slots"] = json!(problem.slots);
    }
    let state = |(n, state): &(u32, State)| json!([n, state.name()]);
    if !problem.states.is_empty() {
        case["states"] = problem.states.iter().map(state).collect();
    }
    case
}

/// Nodes by number, each with a value.
type Numbers = Vec<(u64, u64)>;

/// Those of `copies`: copies of partitions, slots, states of nodes, leaders.
fn copies(weight: fn(u64) -> u64) -> Vec<Value> {
    let mut list: Numbers = (0..26).map(|i| (i, weight(i))).collect();
    let mut copies: fn(u32) -> u32 = |p| [3, 1, 2, 3, 6, 3, 3][p as usize % 7];
    let (mut slots, mut leaders): (Numbers, Option<Numbers>) = (Vec::new(), None);
    let mut states: Vec<(u64, State)> = Vec::new();
    let (mut before, mut cases): (Option<Old>, Vec<Value>) = (None, Vec::new());
    for step in 0..16 {
        match step {
            1 => leaders = Some(Vec::new()),
            2 => leaders = Some(vec![(1, 9), (2, 0), (14, 1)]),
            3 => slots = vec![(0, 11), (5, 0), (9, 20), (13, 24)],
            4 => list.push((26, 3)),
            5 => states.push((26, State::NoNew)),
            6 => states.push((4, State::Maintenance)),
            7 => list.retain(|(i, _)| *i != 10),
            8 => list.iter_mut().for_each(|(i, w)| *w *= u64::from(*i != 11)),
            9 => copies = |p| 1 + p * p % 8,
            10 => copies = |p| 1 + p % 3,
            11 => slots.push((16, 1)),
            12 => {
                copies = |_| 3;
                (slots, states) = (Vec::new(), Vec::new());
            }
            _ => {}
        }
        let only_leaders = step == 13;
        let node = |(i, weight): &(u64, u64)| {
            let mut node = Listed::new(format!("node-{i}"), *weight);
            node.domains = vec![("zone", format!("z{}", i % 4))];
            node
        };
        let other = (0..256).map(|p| (p, copies(p))).filter(|(_, n)| *n != 3);
        let config = TableConfig::new(256, 3).max_per_domain("zone", 3).copies(other);
        let mut problem = Problem::new(list.iter().map(node).collect(), config, before);
        let place = |i: u64| list.iter().position(|(j, _)| *j == i).map(|n| n as u32);
        problem.slots = slots.iter().filter_map(|(i, n)| Some((place(*i)?, *n))).collect();
        problem.states =
            states.iter().filter_map(|(i, state)| Some((place(*i)?, *state))).collect();
        let given = if only_leaders { Some(vec![(2, 5), (3, 1)]) } else { leaders.clone() };
        // A node without a leader weight has its weight.
        let of = |given: &Numbers, i: u64| given.iter().find(|(j, _)| *j == i).map(|(_, w)| *w);
        problem.leaders = given.map(|given| {
            let live = list.iter().enumerate().filter(|(_, (_, weight))| *weight > 0);
            live.map(|(n, (i, weight))| (n as u32, of(&given, *i).unwrap_or(*weight))).collect()
        });
        let planner = problem.planner().unwrap();
        let mut plan = match problem.old() {
            Some((table, nodes)) if only_leaders => planner.lead(table, nodes).unwrap(),
            _ => problem.plan(&planner).unwrap(),
        };
        if step == 12 {
            planner.disperse(&mut plan).unwrap();
        }
        let mut case = short(step, &problem, &plan);
        case["expected"] = problem.verified(&planner, plan.table(), plan.certificate());
        if only_leaders {
            (case["only_leaders"], case["expected"]) = (json!(true), json!({}));
        }
        if let Some(proof) = plan.leader_certificate() {
            let verified = planner.verify_leaders(plan.table(), proof, problem.old()).unwrap();
            case["leaders"] = json!({"weights": problem.leaders, "potentials": proof.potentials(),
                "blocks": proof.blocks()});
            case["expected"]["leaders_moved"] = json!(verified.moved);
            case["expected"]["leaders_minimum"] = json!(verified.minimum);
        }
        cases.push(case);
        before = Some(Old { table: plan.into_table(), topology: problem.topology.clone() });
    }
    cases
}
