//! Partitions with different numbers of replicas, nodes with slots, and states of nodes.

use apportion::migration::{Migration, StepRules, Transition, Version};
use apportion::partition::TableConfig;
use apportion::{Error, ErrorKind, Locator, Node, NodeIdx, PartitionTable, Placement, Planner};
use apportion::{Topology, Xxh3};
use std::collections::BTreeMap;

fn word(seed: u64, i: u64) -> u64 {
    use apportion::hash::KeyHasher;
    Xxh3.hash_key(&(seed, i)).get()
}

fn names(n: usize) -> Topology<String> {
    Topology::new((0..n).map(|i| format!("n{i}"))).unwrap()
}

/// Copies by load: one for each share of the slots, 1 to 8, and no more than there are slots.
fn experts(loads: &[u64], slots: usize) -> Vec<(u32, u32)> {
    let all: u64 = loads.iter().sum();
    let mut copies: Vec<u32> =
        loads.iter().map(|load| ((load * slots as u64 / all) as u32).clamp(1, 8)).collect();
    while copies.iter().sum::<u32>() as usize > slots {
        let most = (0..copies.len()).max_by_key(|p| (copies[*p], *p)).unwrap();
        copies[most] -= 1;
    }
    (0..).zip(copies).collect()
}

/// 256 experts with 1 to 8 copies on 32 nodes of 12 slots, whose loads are drawn 100 times.
#[test]
fn experts_move_the_minimum() {
    let nodes = names(32);
    let slots: Vec<(NodeIdx, u64)> = nodes.iter().map(|(node, _)| (node, 12)).collect();
    let mut loads: Vec<u64> = (0..256).map(|p| 1 + word(0, p) % 1000).collect();
    let mut table: Option<PartitionTable> = None;
    let (mut moved, mut largest) = (0, 0);
    for turn in 1..=100 {
        // Some experts become hot, others cold.
        for p in 0..256 {
            if word(turn, p) % 4 == 0 {
                loads[p as usize] =
                    1 + word(turn, 1000 + p) % if p % 16 == 0 { 9000 } else { 1000 };
            }
        }
        let copies = experts(&loads, 380);
        largest = copies.iter().map(|(_, n)| *n).max().unwrap().max(largest);
        let config = TableConfig::new(256, 1).copies(copies.iter().copied());
        let planner = Planner::new(nodes.members(), &config).unwrap().slots(slots.clone()).unwrap();
        let old = table.as_ref().map(|table| (table, nodes.members()));
        let plan = match old {
            Some((table, members)) => planner.rebalance(table, members).unwrap(),
            None => planner.fresh().unwrap(),
        };
        let verified = planner.verify(&plan, old).unwrap();
        assert!(verified.optimal(), "{turn}: {verified:?}");
        moved += plan.moved();
        for (p, n) in &copies {
            assert_eq!(plan.table().row(*p).len(), *n as usize);
        }
        let again = planner.rebalance(plan.table(), nodes.members()).unwrap();
        assert_eq!((again.moved(), again.table()), (0, plan.table()));
        table = Some(plan.into_table());
    }
    println!("{moved} replicas moved in 99 changes");
    assert_eq!(largest, 8);
}

#[test]
fn a_table_with_copies_is_a_placement_like_others() {
    let nodes = names(6);
    let config = TableConfig::new(64, 2).copies([(3, 5), (9, 1), (40, 6)]);
    let table = Locator::table_of(nodes, config.clone()).unwrap();
    let placement = table.placement();
    assert_eq!((placement.replication_factor(), placement.guarantees().max_replicas), (6, 6));
    for key in 0..2000_u64 {
        let hash = table.hash(&key);
        let p = placement.partition(hash);
        let row: Vec<NodeIdx> = placement.row(p).collect();
        assert_eq!(row.len(), config.replicas_of(p) as usize);
        let mut out = [NodeIdx::NONE; 8];
        let found = placement.replicas(hash, &mut out);
        assert_eq!((&out[..found], placement.locate(hash)), (&row[..], row.first().copied()));
        // The holders come first, then all other nodes.
        let all: Vec<NodeIdx> = table.candidates(&key).map(|(node, _)| node).collect();
        assert!(all.len() == 6 && all.starts_with(&row));
    }
    // A change of nodes keeps the copies.
    let more = table.with("n6".to_owned()).unwrap();
    assert_eq!(more.placement().config(), &config);
    assert_eq!([3, 9, 40, 0].map(|p| more.placement().row(p).len()), [5, 1, 6, 2]);
    let split = placement.split(3).unwrap();
    assert_eq!([9, 10, 11, 27, 29, 30].map(|p| split.row(p).len()), [5, 5, 5, 1, 1, 2]);
    assert_eq!(split.config().replicas_of(11), 5);
    assert_ne!(table.fingerprint(), more.fingerprint());
    // The exact difference, and the migration that follows.
    let diff = table.diff_replicas(&more, 6).unwrap();
    let whole: u32 = 64 * 2 + 3 - 1 + 4;
    let (moved, all) = diff.moved().unwrap();
    let migration = Migration::of(&diff);
    assert_eq!(migration.len() as f64 / f64::from(whole), moved as f64 / all as f64);
    let (least, same) = diff.minimum().unwrap();
    assert!(least <= moved && same == all);
    let steps = migration.steps(&StepRules::new(3)).unwrap();
    let last: Vec<usize> = steps.after(steps.len()).rows().map(|(_, row)| row.len()).collect();
    assert_eq!(last.iter().sum::<usize>(), whole as usize);
    let mut transition = Transition::<_, _, 6>::new(Version::of(&table), 64).unwrap();
    transition.change_to(Version::of(&more)).unwrap();
    assert!(transition.remaining() > 0);
}

#[test]
fn rows_of_different_lengths_are_given() {
    let nodes = names(3);
    let slot = NodeIdx::new;
    let lists = [vec![slot(0), slot(2)], vec![slot(1)], vec![slot(2), slot(0), slot(1)]];
    let table = PartitionTable::from_lists(nodes.members(), &lists).unwrap();
    assert_eq!(table.config(), &TableConfig::new(3, 3).copies([(0, 2), (1, 1)]));
    assert!((0..3).all(|p| table.row(p).eq(lists[p as usize].iter().copied())));
    assert_eq!(table.partitions_of(slot(0)).collect::<Vec<_>>(), [0, 2]);
    let same = PartitionTable::from_lists(nodes.members(), &[lists[2].clone(), lists[2].clone()]);
    let rows = [2, 0, 1, 2, 0, 1].map(slot);
    assert_eq!(same.unwrap(), PartitionTable::from_rows(nodes.members(), 2, 3, &rows).unwrap());
    let says = |lists: &[Vec<NodeIdx>]| {
        PartitionTable::from_lists(nodes.members(), lists).unwrap_err().to_string()
    };
    assert_eq!(says(&[]), "a partition table has 1..=16777216 partitions, got 0");
    assert_eq!(says(&[vec![slot(0)], vec![]]), "partition 1: it has no holder");
    assert_eq!(says(&[vec![slot(0), slot(0)]]), "partition 0: it has two replicas on one node");
    assert_eq!(says(&[vec![slot(7)]]), "a partition's row: there is no node in slot 7");
    let config = TableConfig::new(3, 3).copies([(0, 2)]);
    let error = table.under(config, nodes.members()).unwrap_err();
    assert_eq!(error.to_string(), "partition 1 needs 3 replicas and got 1 node");
}

#[test]
fn wrong_copies_and_slots_are_refused_by_their_numbers() {
    let nodes = names(3);
    let says = |config: TableConfig| Planner::new(nodes.members(), &config).unwrap_err();
    let table = |copies: &[(u32, u32)]| TableConfig::new(4, 2).copies(copies.iter().copied());
    let error = says(table(&[(4, 1)]));
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let range = "copies: the partition 4 is out of range: there are 4 partitions, numbered from 0";
    assert_eq!(error.to_string(), range);
    assert_eq!(
        says(table(&[(1, 0)])).to_string(),
        "copies: partition 1 has 1..=64 replicas, got 0"
    );
    assert_eq!(
        says(table(&[(1, 2), (1, 3)])).to_string(),
        "copies: partition 1 is given twice; give it one number"
    );
    let error = says(table(&[(2, 4)]));
    assert_eq!(error.kind(), ErrorKind::Infeasible);
    let few = "each partition is to have 4 replicas, and there are 3 live nodes for one each";
    assert!(error.to_string().starts_with(few), "{error}");
    let allowed = table(&[(2, 4)]).allow_under_replicated();
    let planner = Planner::new(nodes.members(), &allowed).unwrap();
    let plan = planner.fresh().unwrap();
    assert_eq!((plan.missing_replicas(), plan.table().row(2).len()), (1, 3));

    let planner = || Planner::new(nodes.members(), &table(&[])).unwrap();
    let slots = |slots: [u64; 3]| {
        let slot = |(i, slots): (usize, &u64)| (NodeIdx::new(i as u32), *slots);
        planner().slots(slots.iter().enumerate().map(slot).collect::<Vec<_>>())
    };
    let error = slots([4, 2, 1]).unwrap_err();
    let wanted = "all partitions are to have 8 replicas together, and the nodes have slots for 7; add \
                  nodes or slots, or ask for 1 replica less";
    assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Infeasible, wanted));
    assert_eq!(error.infeasible().unwrap().kind.name(), "slots");
    let planner_of = slots([4, 3, 1]).unwrap();
    let quota = |i| planner_of.quota(NodeIdx::new(i)).unwrap();
    assert_eq!([0, 1, 2].map(quota), [(4, 4), (3, 3), (1, 1)]);
    let unknown = planner().slots([(NodeIdx::new(9), 1)]).unwrap_err();
    assert_eq!(unknown.to_string(), "slots: there is no node in slot 9");
}

/// One cordoned node, one in maintenance, while a node joins and another one is drained.
#[test]
fn states_of_nodes() -> Result<(), Error> {
    let zone = |id: u32| ["x", "y", "z"][id as usize % 3];
    let node = |id: u32| Node::new(id).domain("zone", zone(id));
    let before = Topology::of((0..9).map(node))?;
    let config = TableConfig::new(256, 3).max_per_domain("zone", 1);
    let old = Planner::new(before.members(), &config)?.fresh()?.into_table();
    let drained = |id: u32| if id == 2 { node(id).weight(0) } else { node(id) };
    let after = Topology::of((0..10).map(drained))?;
    let find = |id: u32| after.find(&id).unwrap();
    let planner = Planner::new(after.members(), &config)?;
    let planner = planner.cordoned([find(5)], &old, before.members())?;
    let planner = planner.in_maintenance([find(3)], &old, before.members())?;
    let plan = planner.rebalance(&old, before.members())?;
    let given = Some((&old, before.members()));
    assert!(planner.verify(&plan, given)?.optimal());
    let held = |table: &PartitionTable, topology: &Topology<u32>, id: u32| -> Vec<u32> {
        table.partitions_of(topology.find(&id).unwrap()).collect()
    };
    let (was, is) = (|id| held(&old, &before, id), |id| held(plan.table(), &after, id));
    assert_eq!(was(3), is(3), "in maintenance");
    assert_eq!(was(5), is(5), "cordoned, and its share would be larger");
    assert!(is(2).is_empty() && is(9).len() == 256 - was(3).len() - is(0).len() - is(6).len());
    // What is drained goes to the open node of its zone alone.
    assert_eq!(is(8).len(), 256 - is(5).len());
    // A saved plan is that of these states.
    let other = Planner::new(after.members(), &config)?;
    assert!(other.verify(&plan, given).is_err());
    let explained = plan.explain(0);
    assert!(explained.is_some());
    let mut dispersed = plan.clone();
    planner.disperse(&mut dispersed)?;
    assert!(planner.verify(&dispersed, given)?.optimal());

    // A zone that is filled later.
    let mut with_zone = after.clone();
    for id in 20..23 {
        with_zone = with_zone.with_node(Node::new(id).domain("zone", "w"))?.0;
    }
    let new: Vec<NodeIdx> = (20..23).map(|id| with_zone.find(&id).unwrap()).collect();
    let table = plan.table();
    let planner = Planner::new(with_zone.members(), &config)?;
    let later = planner.clone().cordoned(new.clone(), table, after.members())?;
    let later = later.rebalance(table, after.members())?;
    assert!(new.iter().all(|node| later.table().partitions_of(*node).next().is_none()));
    let filled = planner.rebalance(table, after.members())?;
    assert!(filled.moved() >= 192, "a quarter of all replicas, {}", filled.moved());

    let drained = Planner::new(after.members(), &config)?;
    let error = drained.in_maintenance([find(2)], &old, before.members()).unwrap_err();
    let wanted = "node 2 is in maintenance and has weight 0: give it a weight, or drain it";
    assert_eq!(error.to_string(), wanted);
    let loads: BTreeMap<u32, usize> = (0..10).map(|id| (id, is(id).len())).collect();
    println!("{loads:?}");
    Ok(())
}
