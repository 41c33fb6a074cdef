//! Partitions that stay as they are if possible.

use apportion::partition::{Plan, TableConfig};
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};
use apportion_properties::plan_oracle::{self, Instance};
use apportion_properties::request::{config, topology};
use apportion_properties::support::Draws;
use std::collections::BTreeSet;

fn slot(v: &usize) -> NodeIdx {
    NodeIdx::new(*v as u32)
}

/// The instance's old table, over these nodes.
fn old_table(instance: &Instance, before: &Topology<String>) -> Result<PartitionTable, Error> {
    let rows: Vec<NodeIdx> = instance.old.iter().flatten().flatten().map(slot).collect();
    let each = instance.old_replicas() as u32;
    PartitionTable::from_rows(before.members(), instance.partitions as u32, each, &rows)
}

fn planner<'a>(
    instance: &Instance,
    now: &'a Topology<String>,
    soft: &[usize],
) -> Result<Planner<'a>, Error> {
    Planner::new(now.members(), &config(instance))?
        .pinned(instance.pins.iter().map(|(p, v)| (*p as u32, slot(v))))?
        .frozen_if_possible(soft.iter().map(|p| *p as u32))
}

/// The plan with these partitions frozen if possible, dispersed and verified.
fn planned(instance: &Instance, soft: &[usize]) -> Result<Plan, Error> {
    let now = topology(instance, false);
    let before = topology(instance, true);
    let old = old_table(instance, &before)?;
    let planner = planner(instance, &now, soft)?;
    let mut plan = planner.rebalance(&old, before.members())?;
    let thawed = plan.thawed().to_vec();
    stayed(instance, &plan, soft);
    let from = Some((&old, before.members()));
    let first = planner.verify(&plan, from)?;
    planner.disperse(&mut plan)?;
    let verified = planner.verify(&plan, from)?;
    // Dispersal may let one more stay, and moves none that stayed.
    assert!(plan.thawed().iter().all(|p| thawed.contains(p)), "{instance:?}");
    stayed(instance, &plan, soft);
    assert_eq!((verified.moved, verified.minimum), (first.moved, first.minimum));
    // Among the tables that keep what the plan keeps of these partitions, none moves less.
    if instance.old_replicas() <= instance.replicas {
        let keeping = Instance { pins: kept(instance, &plan, soft), ..instance.clone() };
        let minimum = plan_oracle::min_moves(&keeping).expect("the plan itself");
        assert_eq!((plan.moved(), first.minimum), (minimum, minimum), "{instance:?} {soft:?}");
    }
    Ok(plan)
}

/// The pins, and the holders that these partitions keep.
fn kept(instance: &Instance, plan: &Plan, soft: &[usize]) -> Vec<(usize, usize)> {
    let rows = instance.old.as_ref().expect("a table");
    let held = |p: usize| plan.table().row(p as u32).map(move |node| (p, node.index()));
    let stayed = soft.iter().flat_map(|p| held(*p)).filter(|(p, v)| rows[*p].contains(v));
    let all: BTreeSet<_> = instance.pins.iter().copied().chain(stayed).collect();
    all.into_iter().collect()
}

/// Of the partitions that were to stay, those that did.
fn stayed(instance: &Instance, plan: &Plan, soft: &[usize]) -> Vec<usize> {
    let thawed: BTreeSet<usize> = plan.thawed().iter().map(|p| *p as usize).collect();
    let rows = instance.old.as_ref().expect("a table");
    for p in soft {
        let old: BTreeSet<usize> = rows[*p].iter().copied().collect();
        let new: BTreeSet<usize> = plan.table().row(*p as u32).map(NodeIdx::index).collect();
        let moved =
            if old.len() <= new.len() { !old.is_subset(&new) } else { !new.is_subset(&old) };
        assert_eq!(moved, thawed.contains(p), "{p}: {old:?} {new:?}");
    }
    soft.iter().copied().filter(|p| !thawed.contains(p)).collect()
}

/// The fewest of these partitions that have to thaw.
fn fewest(instance: &Instance, soft: &[usize]) -> Option<usize> {
    let mut sets: Vec<Vec<usize>> = (0..1_u32 << soft.len())
        .map(|set| (0..soft.len()).filter(|i| set >> i & 1 == 1).map(|i| soft[i]).collect())
        .collect();
    sets.sort_by_key(|kept: &Vec<usize>| soft.len() - kept.len());
    let feasible = |kept: &Vec<usize>| {
        let instance = Instance { frozen: kept.clone(), ..instance.clone() };
        plan_oracle::min_moves(&instance).is_some()
    };
    sets.iter().find(|kept| feasible(kept)).map(|kept| soft.len() - kept.len())
}

/// A plan says of every partition whether it thawed, whatever chose among equal plans last: with as
/// many replicas as before, more or fewer.
#[test]
fn thawed_partitions_are_reported() {
    let mut draws = Draws(192);
    let (mut planned_all, mut fewer, mut thawed) = (0, 0, 0);
    while planned_all < 500 {
        let mut instance = plan_oracle::random_instance(&mut draws);
        instance.frozen.clear();
        if instance.old.is_none() {
            continue;
        }
        let soft: Vec<usize> = (0..instance.partitions).filter(|_| draws.below(3) > 0).collect();
        let Ok(plan) = planned(&instance, &soft) else { continue };
        planned_all += 1;
        fewer += usize::from(instance.replicas < instance.old_replicas());
        thawed += plan.thawed().len();
    }
    // That there was something to tell, of fewer replicas too.
    assert!(fewer > 20 && thawed > 1000, "{fewer} {thawed}");
}

#[test]
fn thaws_are_the_minimum_of_an_exhaustive_search() {
    let mut draws = Draws(191);
    let (mut compared, mut thawed, mut more, mut beyond) = (0, 0, 0, 0);
    while compared < 1500 {
        let mut instance = plan_oracle::tiny_instance(&mut draws);
        instance.frozen.clear();
        if instance.old.is_none() || instance.old_replicas() != instance.replicas {
            continue;
        }
        let mut all: Vec<usize> = (0..instance.partitions).collect();
        draws.shuffle(&mut all);
        let soft: Vec<usize> = all.into_iter().take(1 + draws.below(6) as usize).collect();
        let Some(fewest) = fewest(&instance, &soft) else {
            assert!(planned(&instance, &soft).is_err(), "{instance:?}");
            continue;
        };
        let plan = planned(&instance, &soft);
        let plan = plan.unwrap_or_else(|why| panic!("{why}: {instance:?} {soft:?}"));
        compared += 1;
        let found = plan.thawed().len();
        assert!(found >= fewest, "{instance:?} {soft:?}");
        thawed += found;
        more += usize::from(found > fewest);
        beyond += found - fewest;
    }
    println!("{compared} plans, {thawed} thawed, {more} with {beyond} more than the fewest");
    // As the documentation of `frozen_if_possible` says: 12 of 1,500, each one partition.
    assert!(thawed > 1500 && more <= 12 && beyond <= 12, "{thawed} {more} {beyond}");
}

/// A table that keeps the same partitions whole may move fewer replicas, if it gives up holders that
/// the plan keeps of the others. What is proved is about tables that keep those holders, and of such
/// a table no more is proved than it moves.
#[test]
fn a_table_that_gives_up_holders_may_move_fewer() {
    let mut draws = Draws(193);
    let (mut compared, mut above, mut moved, mut fewer) = (0, 0, 0, 0);
    while compared < 1000 {
        let mut instance = plan_oracle::random_instance(&mut draws);
        instance.frozen.clear();
        if instance.old.is_none() || instance.old_replicas() != instance.replicas {
            continue;
        }
        let soft: Vec<usize> = (0..instance.partitions).filter(|_| draws.below(3) > 0).collect();
        let Ok(plan) = planned(&instance, &soft) else { continue };
        compared += 1;
        moved += plan.moved();
        let whole = Instance { frozen: stayed(&instance, &plan, &soft), ..instance.clone() };
        let table = plan_oracle::min_table(&whole).expect("the plan itself");
        let other: u64 = table.iter().enumerate().map(|(p, set)| instance.moves(p, set)).sum();
        assert!(other <= plan.moved(), "{instance:?} {soft:?}");
        if other == plan.moved() {
            continue;
        }
        above += 1;
        fewer += plan.moved() - other;
        let (now, before) = (topology(&instance, false), topology(&instance, true));
        let old = old_table(&instance, &before).unwrap();
        let rows: Vec<NodeIdx> = table.iter().flatten().map(slot).collect();
        let (partitions, replicas) = (instance.partitions as u32, instance.replicas as u32);
        let table = PartitionTable::from_rows(now.members(), partitions, replicas, &rows).unwrap();
        let planner = planner(&instance, &now, &soft).unwrap();
        let from = Some((&old, before.members()));
        let found = planner.verify_table(&table, plan.certificate(), from).unwrap();
        assert_eq!(found.moved, other);
        assert!(found.minimum <= other, "{found:?} {instance:?} {soft:?}");
    }
    println!("{compared} plans move {moved}, {above} of them {fewer} more than another table");
    // As the documentation of `frozen_if_possible` says: 23 of 1,000, 32 of 14,266 replicas.
    assert!((1..=23).contains(&above) && fewer <= 32, "{above} {fewer}");
}

fn node(id: u64) -> Node<u64> {
    Node::new(id).domain("zone", &format!("z{}", id % 3))
}

fn moved(old: &PartitionTable, new: &PartitionTable) -> Vec<u32> {
    let moves = |p: &u32| new.row(*p).any(|node| !old.row(*p).any(|held| held == node));
    (0..new.partitions()).filter(moves).collect()
}

/// What moved lately stays, change after change: the recipe.
#[test]
fn partitions_that_moved_lately_stay() {
    let config = TableConfig::new(1024, 3).max_per_domain("zone", 1);
    let mut nodes = Topology::of((0..9).map(node)).unwrap();
    let mut table = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    let mut lately: Vec<u32> = Vec::new();
    let (mut frozen, mut thawed) = (0, 0);
    for step in 0..40_u64 {
        let next = match step % 4 {
            0 | 2 => nodes.with_node(node(9 + step)).unwrap().0,
            1 => nodes.reweighted(&(9 + step - 1), 2).unwrap().0,
            _ => nodes.without(&(9 + step - 1)).unwrap().0,
        };
        let planner = Planner::new(next.members(), &config).unwrap();
        let planner = planner.frozen_if_possible(lately.iter().copied()).unwrap();
        let mut plan = planner.rebalance(&table, nodes.members()).unwrap();
        planner.disperse(&mut plan).unwrap();
        let verified = planner.verify(&plan, Some((&table, nodes.members()))).unwrap();
        assert!(verified.optimal(), "{step}: {verified:?}");
        let now = moved(&table, plan.table());
        let broken: Vec<u32> = lately.iter().copied().filter(|p| now.contains(p)).collect();
        assert_eq!(plan.thawed(), broken, "{step}");
        frozen += lately.len();
        thawed += broken.len();
        // A node that left takes the replicas of frozen partitions with it; nothing else thaws.
        let gone = |p: &u32| {
            let there = |node| next.members().find(nodes.members().label(node).unwrap()).is_some();
            !table.row(*p).all(there)
        };
        assert!(step % 4 == 3 || broken.is_empty(), "{step}: {broken:?}");
        assert!(broken.iter().all(gone), "{step}");
        (lately, table, nodes) = (now, plan.into_table(), next);
    }
    assert!(frozen > 2000 && thawed > 100, "{frozen} {thawed}");
}

/// A node is drained while all partitions are being copied: only its replicas move.
#[test]
fn a_drain_during_copies() {
    let nodes = Topology::of((0..9).map(node)).unwrap();
    let config = TableConfig::new(258, 3).max_per_domain("zone", 1);
    let old = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    let (drained, _) = nodes.reweighted(&4, 0).unwrap();
    let planner = Planner::new(drained.members(), &config).unwrap();
    assert!(planner.clone().frozen(0..258).unwrap().rebalance(&old, nodes.members()).is_err());
    let planner = planner.frozen_if_possible(0..258).unwrap();
    let mut plan = planner.rebalance(&old, nodes.members()).unwrap();
    planner.disperse(&mut plan).unwrap();
    assert_eq!((plan.moved(), plan.thawed().len()), (86, 86));
    let held = |p: &u32| old.row(*p).any(|at| *nodes.get(at).unwrap() == 4);
    assert!(plan.thawed().iter().all(held));
    for p in 0..258 {
        let kept = old.row(p).filter(|at| plan.table().row(p).any(|new| new == *at)).count();
        assert_eq!(kept, 3 - usize::from(held(&p)));
    }
}

#[test]
fn more_and_fewer_replicas() {
    let nodes = Topology::of((0..9).map(node)).unwrap();
    let config = TableConfig::new(90, 2).max_per_domain("zone", 1);
    let old = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    for replicas in [1, 3] {
        let planner = Planner::new(nodes.members(), &config.sized(90, replicas)).unwrap();
        let planner = planner.frozen_if_possible(0..90).unwrap();
        let plan = planner.rebalance(&old, nodes.members()).unwrap();
        assert_eq!((plan.moved(), plan.thawed()), (0, &[][..]), "{replicas}");
    }
}
