//! Random histories of all kinds of changes, against the definitions and step by step.

use crate::model::{RULES, Rule, others_stay};
use crate::support::Draws;
use apportion::subset::Subsets;
use apportion::{Locator, Node, NodeIdx, Placement, Topology, WeightedRendezvous};
use std::collections::BTreeSet;

type Cells = Locator<String, WeightedRendezvous>;

const K: usize = 7;

/// A change and the nodes that it brings in and takes out.
#[derive(Debug)]
struct Event {
    kind: &'static str,
    names: Vec<String>,
}

fn node(draws: &mut Draws, number: u64) -> Node<String> {
    let zone = draws.below(5).min(3).to_string();
    Node::new(format!("n{number}")).domain("zone", &zone).weight(1 + draws.below(9))
}

/// The next value of a history, or none if the change does not apply.
fn change(draws: &mut Draws, cells: &Cells, number: u64) -> Option<(Cells, Event)> {
    let members = cells.topology().members();
    let any: Vec<NodeIdx> = members.iter().collect();
    let pick = any.get(draws.below(any.len() as u64) as usize).copied();
    let name = pick.and_then(|at| cells.topology().get(at)).cloned();
    let weight = pick.and_then(|at| members.weight(at)).map_or(0, |weight| weight.get());
    let event = |kind, names| Event { kind, names };
    Some(match draws.below(12) {
        0..3 if any.len() < 26 => {
            let new = node(draws, number);
            (cells.with_node(new).ok()?, event("join", vec![format!("n{number}")]))
        }
        3..5 => (cells.without(name.as_ref()?).ok()?, event("leave", vec![name?])),
        5 if weight > 0 => (cells.reweighted(name.as_ref()?, 0).ok()?, event("drain", vec![name?])),
        6..8 if weight == 0 => (
            cells.reweighted(name.as_ref()?, 1 + draws.below(9)).ok()?,
            event("restore", vec![name?]),
        ),
        6..10 if weight > 0 => {
            let weight = 1 + draws.below(30);
            (cells.reweighted(name.as_ref()?, weight).ok()?, event("reweigh", vec![name?]))
        }
        10 => {
            let domain = members.domain(pick?)?.path().next()?.1.to_string();
            let moved = Node::new(name.clone()?).weight(weight);
            let zone = (domain.parse::<u64>().ok()? + 1 + draws.below(3)) % 4;
            let moved = moved.domain("zone", &zone.to_string());
            let less = cells.without(name.as_ref()?).ok()?;
            (less.with_node(moved).ok()?, event("change of zone", vec![name?]))
        }
        11 if draws.below(8) == 0 => {
            // A whole zone leaves, or one of some nodes joins.
            let zone = draws.below(4).to_string();
            let lies = |at: &NodeIdx| members.domain(*at).unwrap().path().next().unwrap().1 == zone;
            let there = any.iter().filter(|at| lies(at));
            let names: Vec<String> =
                there.map(|at| cells.topology().get(*at).unwrap().clone()).collect();
            if names.is_empty() {
                let new = |i| Node::new(format!("n{}", number + i)).domain("zone", &zone);
                let next = (0..4).try_fold(cells.clone(), |cells, i| cells.with_node(new(i)));
                let names = (0..4).map(|i| format!("n{}", number + i)).collect();
                return Some((next.ok()?, event("zone joins", names)));
            }
            let next = names.iter().try_fold(cells.clone(), |cells, name| cells.without(name));
            (next.ok()?, event("zone leaves", names))
        }
        _ => return None,
    })
}

/// A subset as names.
fn subset(cells: &Cells, rule: Rule, tenant: u64) -> Option<Vec<String>> {
    let mut out = [NodeIdx::default(); K];
    let members = cells.topology().members();
    let len = match rule.compile(members, K) {
        Some(spread) => cells.subset_under_into(&spread, &tenant, &mut out),
        None if rule == Rule::Plain => cells.subset_into(&tenant, &mut out),
        None => return None,
    };
    let order = cells.candidates(&tenant).map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(out[..len], rule.of(members, &order, K), "{rule:?}");
    let distinct: BTreeSet<&NodeIdx> = out[..len].iter().collect();
    assert_eq!(distinct.len(), len);
    let enough = matches!(rule, Rule::Plain | Rule::Even | Rule::BestEffort(_));
    assert!(!enough || len == K.min(members.live()), "{rule:?}: {len}");
    Some(out[..len].iter().map(|at| cells.topology().get(*at).unwrap().clone()).collect())
}

/// How many members went out, and whether only what the event names came in or went out.
fn judge(before: &[String], after: &[String], event: &Event) -> usize {
    let context = || format!("{event:?}: {before:?} -> {after:?}");
    let named = |name: &String| event.names.contains(name);
    let gone: Vec<&String> = before.iter().filter(|name| !after.contains(name)).collect();
    let came: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
    match event.kind {
        "join" | "restore" | "zone joins" => {
            assert!(
                came.iter().all(|name| named(name)) && gone.len() <= came.len(),
                "{}",
                context()
            );
        }
        "leave" | "drain" | "zone leaves" => {
            assert!(
                gone.iter().all(|name| named(name)) && came.len() <= gone.len(),
                "{}",
                context()
            );
        }
        "reweigh" => {
            let one = gone.is_empty() || named(gone[0]) || came.iter().all(|name| named(name));
            assert!(one && gone.len() == came.len(), "{}", context());
        }
        // Leaves and joins: whatever came in for the node goes out for it, or something else does.
        _ => {}
    }
    if event.names.len() == 1 {
        assert!(gone.len() <= 1 && came.len() <= 1, "{}", context());
    }
    gone.len().max(came.len())
}

fn run(events: u64, seed: u64) {
    let mut draws = Draws(seed);
    let first: Vec<Node<String>> = (0..12).map(|i| node(&mut draws, i)).collect();
    let mut cells = Locator::weighted_rendezvous_of(Topology::of(first).unwrap()).unwrap();
    let (mut done, mut number, mut compared) = (0, 12, 0);
    let mut changed = [0_u64; 8];
    let mut kinds = BTreeSet::new();
    while done < events {
        let Some((next, event)) = change(&mut draws, &cells, number) else { continue };
        number += 4;
        done += 1;
        kinds.insert(event.kind);
        for _ in 0..2 {
            let rule = RULES[draws.below(RULES.len() as u64) as usize];
            let tenant = draws.next();
            let before = subset(&cells, rule, tenant);
            let after = subset(&next, rule, tenant);
            let (Some(before), Some(after)) = (before, after) else { continue };
            compared += 1;
            for k in 1..=K {
                let [a, b] = [&before, &after].map(|list| &list[..k.min(list.len())]);
                let moved = judge(a, b, &event);
                changed[moved] += u64::from(k == K);
            }
        }
        if done % 64 == 0 {
            same_for_another_history(&mut draws, &next);
        }
        cells = next;
    }
    println!("{done} events, {compared} subsets compared, {changed:?} changed 0, 1, … members");
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert!(compared > events && changed[1] > compared / 20);
}

/// Only the set of nodes decides: the same nodes in another order, under another algorithm, have the
/// same subsets.
fn same_for_another_history(draws: &mut Draws, cells: &Cells) {
    let members = cells.topology().members();
    let mut nodes: Vec<Node<String>> = members
        .iter()
        .map(|at| {
            let node = Node::new(cells.topology().get(at).unwrap().clone());
            let node = node.weight(members.weight(at).unwrap().get());
            let path = members.domain(at).unwrap().path();
            path.fold(node, |node, (level, name)| node.domain(level, name))
        })
        .collect();
    draws.shuffle(&mut nodes);
    let other = Locator::ring_of(Topology::of(nodes).unwrap(), Default::default()).unwrap();
    let tenant = draws.next();
    assert!(other.subset::<K>(&tenant).iter().eq(cells.subset::<K>(&tenant).iter()));
    let [a, b] = [members, other.topology().members()]
        .map(|members| Rule::Even.compile(members, K).unwrap());
    let even = other.subset_under::<K>(&b, &tenant);
    assert!(even.iter().eq(cells.subset_under::<K>(&a, &tenant).iter()));
}

#[test]
fn one_member_changes_in_random_histories() {
    run(100_000, 1);
}

/// `cargo test --release --test subset millions -- --ignored --nocapture`
#[test]
#[ignore = "millions of events"]
fn one_member_changes_in_millions_of_events() {
    for seed in 2..12 {
        run(500_000, seed);
    }
}

/// A filter is the set without the nodes it refuses.
#[test]
fn a_filter_takes_nodes_out() {
    let mut draws = Draws(70);
    for _ in 0..2_000 {
        let n = 1 + draws.below(20);
        let nodes: Vec<Node<String>> = (0..n).map(|i| node(&mut draws, i)).collect();
        let topology = Topology::of(nodes).unwrap();
        let members = topology.members();
        let down = draws.next();
        let up = |at: NodeIdx| down >> at.get() & 1 == 0;
        let tenant = draws.key();
        for rule in RULES {
            let mut all = [NodeIdx::default(); 20];
            let count = Subsets::new(members).replicas(tenant, &mut all);
            let order: Vec<NodeIdx> = all[..count].iter().copied().filter(|at| up(*at)).collect();
            let mut out = [NodeIdx::default(); K];
            let len = match rule.compile(members, K) {
                Some(spread) => spread.replicas_where(&Subsets::new(members), tenant, &mut out, up),
                None if rule == Rule::Plain => {
                    let mut walk = apportion::Walk::new(tenant);
                    Subsets::new(members).next_candidates(&mut walk, &mut out, &mut |at| up(at))
                }
                None => continue,
            };
            assert_eq!(out[..len], rule.of(members, &order, K), "{rule:?}");
            // Survivors stay.
            let spread = rule.compile(members, K);
            let before = match &spread {
                Some(spread) => {
                    let mut out = [NodeIdx::default(); K];
                    let len = spread.replicas(&Subsets::new(members), tenant, &mut out);
                    out[..len].to_vec()
                }
                None => all[..count.min(K)].to_vec(),
            };
            assert!(others_stay(&before, &out[..len], |at| !up(at)), "{rule:?}");
        }
    }
}
