//! Requests that cannot be: what the error claims is counted again, and contradicts itself as it should.

use apportion::error::{Infeasible, InfeasibleKind};
use apportion::partition::TableConfig;
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};
use apportion_properties::plan_oracle::{self, Instance};
use apportion_properties::request::topology;
use apportion_properties::support::Draws;
use std::collections::BTreeMap;

fn planned(instance: &Instance) -> Result<(), Error> {
    let (now, before) = (topology(instance, false), topology(instance, true));
    let config = TableConfig::new(instance.partitions as u32, instance.replicas as u32);
    let caps = instance.caps.iter().enumerate();
    let config = caps
        .filter_map(|(level, cap)| Some((level, (*cap)?)))
        .fold(config, |config, (level, cap)| {
            config.max_per_domain(&Instance::level(level), cap as u32)
        });
    let slot = |v: &usize| NodeIdx::new(*v as u32);
    let planner = Planner::new(now.members(), &config)?
        .pinned(instance.pins.iter().map(|(p, v)| (*p as u32, slot(v))))?
        .frozen(instance.frozen.iter().map(|p| *p as u32))?;
    let Some(old) = &instance.old else { return planner.fresh().map(drop) };
    let rows: Vec<NodeIdx> = old.iter().flatten().map(slot).collect();
    let (partitions, each) = (instance.partitions as u32, instance.old_replicas() as u32);
    let old = PartitionTable::from_rows(before.members(), partitions, each, &rows).unwrap();
    planner.rebalance(&old, before.members()).map(drop)
}

/// The nodes that a message names.
fn named(instance: &Instance, names: &str) -> Vec<usize> {
    let path = |v: usize| {
        let mut path: Vec<String> =
            instance.nodes[v].path.iter().map(|name| format!("d{name}")).collect();
        path.push(Instance::label(v));
        path.join("/")
    };
    let of = |name: &str| {
        let below = format!("{name}/");
        let found: Vec<usize> = (0..instance.nodes.len())
            .filter(|v| path(*v) == name || path(*v).starts_with(&below))
            .collect();
        assert!(!found.is_empty(), "{name:?} of {names:?}: {instance:?}");
        found
    };
    names.split(", ").flat_map(of).collect()
}

/// The fewest and the most replicas of a partition on these nodes.
fn of_partition(
    instance: &Instance,
    legal: &[Vec<usize>],
    p: usize,
    nodes: &[usize],
) -> (u64, u64) {
    let on = |set: &[usize]| set.iter().filter(|v| nodes.contains(v)).count() as u64;
    if instance.frozen.contains(&p) {
        let held = on(&instance.old.as_ref().unwrap()[p]);
        return (held, held);
    }
    let pinned = |set: &&Vec<usize>| {
        let pins = instance.pins.iter().filter(|(q, _)| *q == p);
        pins.into_iter().all(|(_, v)| set.contains(v))
    };
    let live = |set: &&Vec<usize>| set.iter().all(|v| instance.nodes[*v].weight > 0);
    let counts = || legal.iter().filter(live).filter(pinned).map(|set| on(set));
    (counts().min().unwrap_or(u64::MAX / 99), counts().max().unwrap_or(0))
}

/// The fewest and the most that these nodes may hold in a balanced table.
fn of_quota(instance: &Instance, nodes: &[usize]) -> (u64, u64) {
    let bounds = plan_oracle::bounds(instance).unwrap();
    let domains = instance.domains();
    let mut found: Option<(u64, u64)> = None;
    for rounding in 0..1_u32 << instance.nodes.len() {
        let count = |v: usize| {
            let (floor, ceil) = bounds.nodes[v];
            if rounding >> v & 1 == 0 { floor } else { ceil }
        };
        let sum = |nodes: &[usize]| nodes.iter().map(|v| count(*v)).sum::<u64>();
        let all: Vec<usize> = (0..instance.nodes.len()).collect();
        let within = domains.iter().zip(&bounds.domains);
        if sum(&all) == instance.total()
            && within
                .into_iter()
                .all(|(d, (floor, ceil))| (*floor..=*ceil).contains(&sum(&d.nodes)))
        {
            let held = sum(nodes);
            let (least, most) = found.unwrap_or((held, held));
            found = Some((least.min(held), most.max(held)));
        }
    }
    found.unwrap()
}

/// Counts again what an error claims. Says if it names numbers.
fn recount(instance: &Instance, why: &Infeasible, message: &str) -> bool {
    let legal = plan_oracle::legal_sets(instance);
    let context = format!("{message}: {instance:?}");
    let p = why.partition.map(|p| p as usize);
    let says = |number: u64| {
        let digits = number.to_string();
        message.split(|c: char| !c.is_ascii_digit()).any(|word| word == digits)
    };
    let singular =
        [" 1 replicas", " 1 nodes", " 1 live nodes", " 1 domains", " 1 pins", " 1 holders"];
    assert!(!singular.iter().any(|wrong| message.contains(wrong)), "{context}");
    match why.kind {
        InfeasibleKind::NoLiveNode => {
            assert!(instance.nodes.iter().all(|node| node.weight == 0), "{context}");
            assert_eq!(why.quota, instance.total(), "{context}");
        }
        InfeasibleKind::Capacity => {
            let most = (0..=instance.replicas).rev().find(|replicas| {
                let fewer = Instance { replicas: *replicas, ..instance.clone() };
                let live = |set: &Vec<usize>| set.iter().all(|v| instance.nodes[*v].weight > 0);
                plan_oracle::legal_sets(&fewer).iter().any(live)
            });
            assert_eq!(Some(why.admitted as usize), most, "{context}");
            assert_eq!(why.replicas as usize, instance.replicas, "{context}");
            assert!(why.admitted < why.replicas, "{context}");
            let live = instance.nodes.iter().filter(|node| node.weight > 0);
            assert_eq!(why.nodes, live.clone().count() as u64, "{context}");
            for (level, count, limit) in &why.domains {
                let depth =
                    (0..instance.caps.len()).find(|d| Instance::level(*d) == *level).unwrap();
                assert_eq!(instance.caps[depth], Some(u64::from(*limit)), "{context}");
                let paths = live.clone().map(|node| &node.path[..=depth]);
                let paths: std::collections::BTreeSet<&[u32]> = paths.collect();
                assert_eq!(*count, paths.len() as u64, "{context}");
                assert!(says(*count) && says((*limit).into()), "{context}");
            }
            assert!(says(why.nodes) && says(why.admitted.into()) && says(why.replicas.into()));
        }
        InfeasibleKind::Bound | InfeasibleKind::NoRoom if why.quota <= why.limit => return false,
        InfeasibleKind::Bound | InfeasibleKind::NoRoom => {
            let nodes = named(instance, &why.domain);
            let parts = (0..instance.partitions).map(|p| of_partition(instance, &legal, p, &nodes));
            let (least, most) = parts.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
            let (floor, ceil) = of_quota(instance, &nodes);
            assert!(why.quota > why.limit && says(why.quota) && says(why.limit), "{context}");
            if why.kind == InfeasibleKind::Bound {
                assert!(least >= why.quota && ceil <= why.limit, "{least} {ceil} {context}");
            } else {
                assert!(most <= why.limit && floor >= why.quota, "{most} {floor} {context}");
            }
        }
        InfeasibleKind::Pinned => {
            let pins: Vec<usize> =
                instance.pins.iter().filter(|(q, _)| Some(*q) == p).map(|(_, v)| *v).collect();
            let nodes: Vec<usize> = match why.domain.as_str() {
                "" => (0..instance.nodes.len()).collect(),
                name => named(instance, name),
            };
            let on = pins.iter().filter(|v| nodes.contains(v)).count() as u64;
            assert_eq!(on, why.quota, "{context}");
            assert!(on > why.limit, "{context}");
        }
        InfeasibleKind::Frozen => {
            let row = &instance.old.as_ref().unwrap()[p.unwrap()];
            let there = row.iter().filter(|v| **v < instance.nodes.len()).count();
            if why.domain.is_empty() {
                assert_eq!(why.limit, there as u64, "{context}");
                assert_eq!(why.quota, instance.replicas as u64, "{context}");
                assert!(there != instance.replicas || row.len() != instance.replicas, "{context}");
            } else {
                let nodes = named(instance, &why.domain);
                let on = row.iter().filter(|v| nodes.contains(v)).count() as u64;
                assert_eq!(on, if why.limit == 0 { 0 } else { why.quota }, "{context}");
                assert!(on > why.limit || why.limit == 0, "{context}");
            }
        }
        other => panic!("{other:?}"),
    }
    true
}

/// More pins and frozen partitions than there may be, limits and weights that leave no room.
fn spoiled(mut instance: Instance, draws: &mut Draws) -> Instance {
    let nodes = instance.nodes.len() as u64;
    match draws.below(8) {
        0 => instance.nodes.iter_mut().for_each(|node| node.weight *= draws.below(2)),
        1 => instance.caps.iter_mut().for_each(|cap| *cap = Some(1)),
        2 => instance.replicas += 1 + draws.below(2) as usize,
        3 if instance.old.is_some() => instance.frozen = (0..instance.partitions).collect(),
        4 if instance.old.is_some() => {
            let at = draws.below(nodes) as usize;
            instance.nodes[at].weight = draws.below(9);
            instance.frozen = (0..instance.partitions).filter(|_| draws.below(4) > 0).collect();
        }
        5 => {
            let at = draws.below(nodes) as usize;
            instance.pins = (0..instance.partitions).map(|p| (p, at)).collect();
        }
        _ => {
            for p in 0..instance.partitions {
                let at = draws.below(nodes.min(3)) as usize;
                if draws.below(3) > 0 && !instance.pins.contains(&(p, at)) {
                    instance.pins.push((p, at));
                }
            }
        }
    }
    instance
}

#[test]
fn what_errors_claim_is_true() {
    let mut draws = Draws(16);
    let mut kinds: BTreeMap<&'static str, [usize; 3]> = BTreeMap::new();
    let mut errors = 0;
    while errors < 3000 {
        let instance = spoiled(plan_oracle::tiny_instance(&mut draws), &mut draws);
        let Err(error) = planned(&instance) else { continue };
        let Some(why) = error.infeasible() else { continue };
        errors += 1;
        let message = error.to_string();
        let numbers = recount(&instance, why, &message);
        let kind = kinds.entry(why.kind.name()).or_default();
        kind[0] += 1;
        kind[1] += usize::from(!numbers);
        kind[2] += usize::from(why.domain.contains(", "));
        if kind[0] < 3 {
            println!("{}: {message}", why.kind.name());
        }
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    let vague: usize = kinds.values().map(|kind| kind[1]).sum();
    assert!(vague == 0, "{vague} name no numbers");
}

#[test]
fn three_replicas_on_two_nodes() {
    let said = |nodes: &[(&str, u64)], zones: bool, replicas| {
        let node = |(name, weight): &(&str, u64)| {
            let node = Node::new(name.to_string()).weight(*weight);
            if zones { node.domain("zone", &name[..1]) } else { node }
        };
        let nodes = Topology::of(nodes.iter().map(node)).unwrap();
        let config = TableConfig::new(16, replicas);
        let config = if zones { config.max_per_domain("zone", 1) } else { config };
        Planner::new(nodes.members(), &config).map(drop).unwrap_err().to_string()
    };
    assert_eq!(
        said(&[("a", 1), ("b", 1)], false, 3),
        "each partition is to have 3 replicas, and there are 2 live nodes for one each; add nodes, ask \
         for 2 replicas, or allow under-replicated tables"
    );
    assert_eq!(
        said(&[("a", 1), ("b", 0)], false, 2),
        "each partition is to have 2 replicas, and there is 1 live node for one each; add nodes, ask \
         for 1 replica, or allow under-replicated tables"
    );
    assert_eq!(
        said(&[("a1", 1), ("a2", 1), ("b1", 1), ("b2", 0)], true, 3),
        "each partition is to have 3 replicas, and the limits admit 2: there are 3 live nodes, in 2 \
         domains of level \"zone\" with at most 1 replica each; add failure domains, raise the limits, \
         ask for 2 replicas, or allow under-replicated tables"
    );
    assert_eq!(
        said(&[("a", 0)], false, 3),
        "no node has a weight above 0 to hold 48 replicas; add a node or give one a weight"
    );
}
