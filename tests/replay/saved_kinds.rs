//! Valid values of the saved forms, and what holds of every value that is read.

use super::input::Input;
use super::saved_values::Form;
use apportion::analysis::{SavedMoveReport, count_moves};
use apportion::bounded::{BoundedLoads, LoadFactor, SavedLoads};
use apportion::migration::{
    Limits, Migration, PartitionState, Progress, Schedule, StepRules, Transition, Version,
};
use apportion::partition::{SavedPlan, TableConfig, TableReport};
use apportion::ring::RingConfig;
use apportion::{AnyPlacement, Locator, Node, Planner, Topology, Xxh3};
use std::collections::BTreeSet;

/// Ring points that a restore may ask for here; the default limit is too slow to fuzz.
const POINTS: u64 = 10_000;

/// Up to eight nodes in two zones.
fn nodes(input: &mut Input<'_>) -> Topology<String> {
    let count = 1 + input.below(8);
    let mut topology = Topology::default();
    for i in 0..count {
        let node = Node::new(format!("n{}", i + input.below(3)));
        let node = node.weight(1 + input.below(3) as u64).domain("zone", ["x", "y"][i % 2]);
        if let Ok((more, _)) = topology.with_node(node) {
            topology = more;
        }
    }
    topology
}

/// A few other nodes after that.
fn changed(topology: &Topology<String>, input: &mut Input<'_>) -> Topology<String> {
    let mut topology = topology.clone();
    for i in 0..1 + input.below(3) {
        let name = format!("n{}", input.below(12));
        let zone = ["x", "y"][i % 2];
        let next = match input.below(2) {
            0 if topology.len() > 1 => topology.without(&name),
            _ => topology.with_node(Node::new(name.clone()).domain("zone", zone)),
        };
        topology = next.map_or(topology, |(next, _)| next);
    }
    topology
}

fn ring(topology: Topology<String>) -> Locator<String> {
    Locator::ring_of(topology, RingConfig::default().points_per_node(4)).unwrap()
}

pub(super) fn topology(input: &mut Input<'_>) {
    let first = nodes(input);
    let value = changed(&first, input);
    let sound = |value: &Topology<String>| {
        let members = value.members();
        assert_eq!(value.iter().count(), value.len());
        for (node, _) in value {
            let label = members.label(node).unwrap();
            assert_eq!(members.find(label), Some(node));
        }
        let _ = value.with_node(Node::new("a name that was not there".into())).unwrap();
    };
    let form = Form { restore: &Ok, sound: &sound, same: PartialEq::eq };
    form.run(&value, input);
}

fn any_migration(input: &mut Input<'_>) -> Migration<String> {
    let before = nodes(input);
    let after = changed(&before, input);
    let migration = match input.below(4) {
        0 => {
            let partitions = 1 + input.below(12) as u32;
            let ways = 1 + input.below(2) as u32;
            let table = |nodes: Topology<String>, partitions| {
                let replicas = 1 + nodes.members().live().min(2) as u32 / 2;
                Locator::table_of(nodes, TableConfig::new(partitions, replicas)).unwrap()
            };
            let (old, new) = (table(before, partitions), table(after, partitions * ways));
            Migration::of(&old.diff_replicas(&new, 2).unwrap())
        }
        1 => {
            let of = |nodes| Locator::weighted_rendezvous_of(nodes).unwrap();
            Migration::of(&of(before).diff(&of(after)).unwrap())
        }
        _ => {
            let replicas = 1 + input.below(3);
            let (old, new) = (ring(before), ring(after));
            Migration::of(&old.diff_replicas(&new, replicas).unwrap())
        }
    };
    let equal = input.below(2) > 0;
    let bytes = input.below(5) as u64;
    let migration = migration.sized(|_| if equal { bytes } else { input.number() });
    let lost = format!("n{}", input.below(30));
    migration.clone().lost([lost]).unwrap_or(migration)
}

pub(super) fn migration(input: &mut Input<'_>) {
    let value = any_migration(input);
    let sound = |value: &Migration<String>| {
        let mut last = None;
        for transfer in value.transfers() {
            assert_ne!(transfer.from, Some(transfer.to));
            assert!(last <= Some(transfer.unit), "transfers by unit");
            last = Some(transfer.unit);
        }
        assert_eq!(value.transfers().count(), value.len());
        let given = value.busiest_source().map_or(0, |(_, given)| given);
        assert!(given <= value.total_size() && value.without_source() <= value.len());
        assert!(value.busiest_source_bound() <= given);
        let _ = value.deletions().count();
        let limits = Limits::each(1, 2);
        let schedule = value.schedule(&limits).unwrap();
        value.check_schedule(&schedule, &limits).unwrap();
        if value.len() <= 64 {
            if let Ok(steps) = value.steps(&StepRules::new(4)) {
                let copied: usize = steps.iter().map(|step| step.transfers().count()).sum();
                assert_eq!(copied, value.len());
            }
        }
    };
    Form { restore: &Ok, sound: &sound, same: PartialEq::eq }.run(&value, input);
}

pub(super) fn schedule(input: &mut Input<'_>) {
    let migration = any_migration(input);
    let limits = match input.below(2) {
        0 => Limits::joint(1 + input.below(3) as u32),
        _ => Limits::each(1 + input.below(2) as u32, 1 + input.below(2) as u32),
    };
    let value = migration.schedule(&limits).unwrap();
    migration.check_schedule(&value, &limits).unwrap();
    let sound = |value: &Schedule| {
        assert!(value.bound() <= value.rounds());
        assert_eq!(value.extra(), value.rounds() - value.bound());
        assert!(value.extra() > 0 || value.extra_unit().is_none());
        let mut seen = BTreeSet::new();
        for (number, round) in (0..).zip(value.iter()) {
            assert!(!round.is_empty());
            for transfer in round {
                assert!(seen.insert(*transfer));
                assert_eq!(value.round_of(*transfer as usize), Some(number));
            }
        }
        assert_eq!(value.round_of(seen.len()), None);
        // Whichever it is, what it is checked against may refuse it.
        let _ = migration.check_schedule(value, &limits);
    };
    Form { restore: &Ok, sound: &sound, same: PartialEq::eq }.run(&value, input);
}

pub(super) fn progress(input: &mut Input<'_>) {
    type Move = Transition<String, Xxh3, 2>;
    let mut sets = vec![nodes(input)];
    for _ in 0..2 {
        let next = changed(&sets[sets.len() - 1], input);
        sets.push(next);
    }
    let versions: Vec<Version<String, Xxh3>> =
        sets.into_iter().map(|nodes| Version::of(&ring(nodes))).collect();
    let mut transition = Move::new(versions[0].clone(), 1 + input.below(6) as u32).unwrap();
    for _ in 0..input.below(24) {
        let partition = input.below(6) as u32;
        let _ = match input.below(8) {
            0 => transition.change_to(input.pick(&versions).clone()),
            1 => transition.lose(&format!("n{}", input.below(10))),
            2 => transition.step_back(partition),
            _ => match transition.state(partition) {
                Some(PartitionState::Waiting) => transition.begin(partition),
                Some(PartitionState::Copying) => transition.switch(partition),
                Some(PartitionState::Switched) => transition.complete(partition),
                _ => Ok(()),
            },
        };
    }
    let value = transition.progress();
    let resumed = Move::resume(&value, versions.iter().cloned()).unwrap();
    assert_eq!(resumed.progress(), value);
    let sound = |value: &Progress| {
        assert!(value.fingerprints().len() > 0);
        let Ok(resumed) = Move::resume(value, versions.iter().cloned()) else { return };
        let again = Move::resume(&resumed.progress(), versions.iter().cloned()).unwrap();
        assert_eq!(again.progress(), resumed.progress());
        assert!(value.fingerprints().eq(resumed.progress().fingerprints()));
        for key in 0..8_u64 {
            let (reads, writes) = (resumed.read_set(&key), resumed.write_set(&key));
            assert!(reads.iter().eq(&again.read_set(&key)));
            assert!(reads.iter().all(|node| writes.iter().any(|other| other == node)));
        }
    };
    Form { restore: &Ok, sound: &sound, same: PartialEq::eq }.run(&value, input);
}

pub(super) fn loads(input: &mut Input<'_>) {
    type Loads = BoundedLoads<String, AnyPlacement>;
    let topology = nodes(input);
    let algorithm = ["ring", "rendezvous", "weighted-rendezvous", "maglev:1021"];
    let algorithm = input.pick(&algorithm).parse().unwrap();
    // Rendezvous hashing has equal weights.
    let equal: Vec<String> = topology.nodes().cloned().collect();
    let locator = match Locator::any_of(topology, algorithm) {
        Ok(locator) => locator,
        Err(_) => {
            Locator::any_of(Topology::new(equal).unwrap(), "rendezvous".parse().unwrap()).unwrap()
        }
    };
    let factor = LoadFactor::new(4 + input.below(5) as u32, 4).unwrap();
    let mut value: Loads = match input.below(2) {
        0 => BoundedLoads::canonical(locator, factor),
        _ => BoundedLoads::online(locator, factor),
    };
    let keys = input.below(24) as u64;
    value.extend(0..keys).unwrap();
    for _ in 0..input.below(6) {
        let _ = value.remove(&(input.below(24) as u64)).unwrap();
    }
    if let Ok(locator) = value.locator().without("n1") {
        let _ = value.change(locator);
    }
    let restore = |saved: SavedLoads<String>| {
        saved.restore_within::<AnyPlacement, _>(Xxh3, POINTS).map_err(|error| error.to_string())
    };
    let sound = |value: &Loads| {
        let nodes = value.locator().topology();
        let mut sum = 0;
        for (node, _) in nodes {
            assert!(u64::from(value.load(node)) <= value.cap(node));
            sum += value.load(node) as usize;
        }
        assert_eq!(sum, value.len());
        for (key, node) in value.iter() {
            assert!(nodes.get(node).is_some());
            assert_eq!(value.holder(key), Some(node));
        }
        let mut next = value.clone();
        let before = next.len();
        if next.insert("a key that was not there").is_ok() {
            assert_eq!(next.len(), before + 1);
            let _ = next.remove("a key that was not there").unwrap();
            if value.mode() == apportion::bounded::Mode::Canonical {
                assert!(next == *value, "canonical mode keeps no history");
            }
        }
    };
    let form = Form { restore: &restore, sound: &sound, same: PartialEq::eq };
    form.run(&value, input);
}

pub(super) fn plan(input: &mut Input<'_>) {
    let before = nodes(input);
    let after = changed(&before, input);
    let config = TableConfig::new(1 + input.below(12) as u32, 1 + input.below(2) as u32);
    let config = config.allow_under_replicated();
    let old = Planner::new(before.members(), &config).unwrap().fresh().unwrap().into_table();
    let planner = Planner::new(after.members(), &config).unwrap();
    let soft: Vec<u32> = (0..config.partitions()).filter(|_| input.below(3) == 0).collect();
    let planner = planner.frozen_if_possible(soft).unwrap();
    let old = (input.below(4) > 0).then(|| (&old, before.members()));
    let mut value = match old {
        Some((table, members)) => planner.rebalance(table, members).unwrap(),
        None => planner.fresh().unwrap(),
    };
    if input.below(2) > 0 {
        planner.disperse(&mut value).unwrap();
    }
    let restore = |saved: SavedPlan| saved.restore(&planner, old).map_err(|e| e.to_string());
    let sound = |value: &apportion::partition::Plan| {
        let verified = planner.verify(value, old).unwrap();
        assert!(verified.optimal());
        assert_eq!(verified.moved, value.moved());
        planner.disperse(&mut value.clone()).unwrap();
    };
    Form { restore: &restore, sound: &sound, same: PartialEq::eq }.run(&value, input);
}

pub(super) fn table_report(input: &mut Input<'_>) {
    let (planned, measured) = (nodes(input), nodes(input));
    let config = TableConfig::new(1 + input.below(12) as u32, 1 + input.below(2) as u32);
    let config = config.allow_under_replicated();
    let table = Planner::new(planned.members(), &config).unwrap().fresh().unwrap().into_table();
    let value = Planner::new(measured.members(), &config).unwrap().report(&table);
    let sound = |value: &TableReport| {
        assert!(value.max_over_quota >= 0.0 && value.distinct_copysets > 0);
        assert!(value.min_over_quota <= value.max_over_quota || value.min_over_quota.is_infinite());
    };
    Form { restore: &Ok, sound: &sound, same: PartialEq::eq }.run(&value, input);
}

pub(super) fn move_report(input: &mut Input<'_>) {
    let before = nodes(input);
    let (old, new) = (ring(before.clone()), ring(changed(&before, input)));
    let (replicas, keys) = (1 + input.below(3), input.below(60) as u64);
    let report = count_moves(&old, &new, replicas, (0..keys).map(|key| (key, key))).unwrap();
    let text = serde_json::to_string(&report).unwrap();
    let value: SavedMoveReport<String> = serde_json::from_str(&text).unwrap();
    assert_eq!(value.report(), report);
    let sound = |value: &SavedMoveReport<String>| {
        let report = value.report();
        let moved: u64 = report.flows().iter().map(|flow| flow.keys).sum();
        assert_eq!(report.moved(), moved);
        assert!(report.moved_between_unchanged() <= moved && report.minimum() <= 1.0);
        let _ = (report.excess(), report.before().sum(), report.after().chi_squared());
        assert_eq!(report.before().keys(), report.keys());
    };
    // Nodes are listed as they are met: what was read in another order is the same report.
    let same = |a: &SavedMoveReport<String>, b: &SavedMoveReport<String>| a.report() == b.report();
    Form { restore: &Ok, sound: &sound, same }.run(&value, input);
}
