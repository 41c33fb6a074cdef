//! Dry runs: what they print, and their verdicts counted anew over random plans.

use apportion::hash::KeyHasher;
use apportion::migration::{Check, DryRun, Migration, StepRules, Verdict};
use apportion::partition::{Plan, TableConfig};
use apportion::{Locator, Node, PartitionTable, Planner, Topology, Xxh3};
use std::collections::BTreeMap;

fn topology(nodes: &[(&'static str, u64, &str)]) -> Topology<&'static str> {
    let node = |(name, weight, zone): &(&'static str, u64, &str)| {
        Node::new(*name).weight(*weight).domain("zone", zone)
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

fn before() -> Topology<&'static str> {
    topology(&[("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("d", 1, "y")])
}

fn table(nodes: &Topology<&'static str>, config: &TableConfig) -> PartitionTable {
    Planner::new(nodes.members(), config).unwrap().fresh().unwrap().into_table()
}

fn check(dry_run: &DryRun<'_>, name: &str) -> (Verdict, String) {
    let checks = dry_run.checks();
    let found: Vec<&Check> = checks.iter().filter(|check| check.name == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    (found[0].verdict, found[0].finding.clone())
}

#[test]
fn a_plan_prints_as_its_dry_run() {
    let config = TableConfig::new(12, 2).max_per_domain("zone", 1);
    let (old, new) = (before(), before().with_node(Node::new("e").domain("zone", "y")).unwrap().0);
    let table = table(&old, &config);
    let planner = Planner::new(new.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let wanted = "\
PASS  limits    no partition has more than 1 replica in a zone
PASS  quotas    every node and failure domain holds the floor or the ceiling of its quota
PASS  replicas  every partition has 2 replicas
PASS  pins      no partition is pinned
PASS  frozen    no partition is frozen
PASS  nodes     no node with replicas leaves or is lost
PASS  peak      no node exceeds 6 replicas, which node \"a\" reaches, even if all copies come at once
PASS  movement  4 replicas to move, and no balanced table moves fewer: it is proved
moved: 4 replicas, at least 4 by loads alone; 2 or more in 0 partitions
copied: 4 replicas; deleted: 4 replicas
worst node: \"c\", 6 before, 6 at the peak, 4 after";
    assert_eq!(plan.to_string(), wanted);
    assert_eq!(plan.dry_run().verdict(), Verdict::Pass);

    // With sizes and capacities.
    let sized = plan.dry_run().sized(|partition| u64::from(partition) + 1).by_size();
    let dry_run = sized.capacity(1000).node_capacity(&"e", 5);
    let text = dry_run.to_string();
    assert!(text.contains("FAIL  capacity  node \"e\" ends with a size of "), "{text}");
    assert!(text.contains(", and its capacity is 5\n"), "{text}");
    assert!(text.contains("WARN  peak      node \"e\" would reach a size of "), "{text}");
    assert!(text.contains("copied: 4 replicas of size "), "{text}");
    assert!(text.contains("\nworst node: \"e\", 0 before, 4 at the peak, 4 after; sizes 0, "));
    assert_eq!(dry_run.verdict(), Verdict::Fail);

    let fresh = Planner::new(new.members(), &config).unwrap().fresh().unwrap();
    let text = fresh.to_string();
    for line in [
        "PASS  nodes     the table is fresh, so nothing is copied\n",
        "PASS  movement  nothing moves for a fresh table\n",
        "copied: 0 replicas; deleted: 0 replicas\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn warnings_name_what_to_look_at() {
    let old = before();
    let config = TableConfig::new(12, 2).max_per_domain("zone", 1);
    let table = table(&old, &config);
    // Node b leaves.
    let (three, _) = old.without("b").unwrap();
    let planner = Planner::new(three.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let dry_run = plan.dry_run();
    let leaves =
        "node \"b\" leaves, which holds 6 replicas; other holders remain of every partition";
    assert_eq!(check(&dry_run, "nodes"), (Verdict::Warn, leaves.into()));
    let lost = "node \"b\" is lost, which held 6 replicas; other holders remain of every partition";
    assert_eq!(check(&plan.dry_run().lost(["b"]), "nodes"), (Verdict::Warn, lost.into()));
    // All holders of some partitions are lost.
    let (verdict, finding) = check(&plan.dry_run().lost(["b", "c", "d"]), "nodes");
    assert_eq!(verdict, Verdict::Fail);
    let b = old.find("b").unwrap();
    let first = table.partitions_of(b).next().unwrap();
    assert!(
        finding.starts_with(&format!("no holder is left of partitions {first}, ")),
        "{finding}"
    );
    assert!(finding.ends_with(" and 1 more: restore it"), "{finding}");
    let unknown = (Verdict::Fail, "node \"q\" is lost, but on neither side".into());
    assert_eq!(check(&plan.dry_run().lost(["q"]), "nodes"), unknown);
    let unknown = (Verdict::Fail, "node \"q\" has a capacity, but is on neither side".into());
    assert_eq!(check(&plan.dry_run().node_capacity(&"q", 1), "capacity"), unknown);
    // The new holder of everything that b had is full from the start.
    let full = "node \"a\" ends with 12 replicas, and its capacity is 5";
    let a = plan.dry_run().node_capacity(&"a", 5);
    assert_eq!(check(&a, "capacity"), (Verdict::Fail, full.into()));
    // Nobody who stays has a copy.
    let (one, _) = old.without("a").unwrap().0.without("c").unwrap();
    let planner = Planner::new(one.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let (verdict, finding) = check(&plan.dry_run(), "nodes");
    assert_eq!(verdict, Verdict::Warn);
    assert!(
        finding.contains("2 nodes leave or are lost with 12 replicas, \"a\" first"),
        "{finding}"
    );
    assert!(finding.contains("nodes that stay hold no copy of partition"), "{finding}");

    // Fewer replicas than wanted, and a partition that cannot stay frozen.
    let config = TableConfig::new(12, 3).max_per_domain("zone", 1).allow_under_replicated();
    let planner = Planner::new(three.members(), &config).unwrap();
    let moved = table.partitions_of(b).next().unwrap();
    let planner = planner.frozen_if_possible([moved]).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let missing = "every partition has 2 of 3 replicas, since the nodes and limits admit no more: 12 \
                   replicas missing";
    assert_eq!(check(&plan.dry_run(), "replicas"), (Verdict::Warn, missing.into()));
    let thawed = format!(
        "1 of 1 partition to be frozen if possible: partition {moved} moves \
                          nevertheless"
    );
    assert_eq!(check(&plan.dry_run(), "frozen"), (Verdict::Warn, thawed));
}

fn draw(case: u64, i: u64) -> u64 {
    Xxh3.hash_key(&(case, i)).get()
}

struct Case {
    before: Topology<u32>,
    after: Topology<u32>,
    old: PartitionTable,
    plan: Plan,
}

fn case(seed: u64) -> Option<Case> {
    let draw = |i| draw(seed, i);
    let zones = 1 + (draw(0) % 4) as u32;
    let mut nodes: BTreeMap<u32, u64> =
        (0..3 + (draw(1) % 8) as u32).map(|id| (id, 1 + draw(100 + u64::from(id)) % 3)).collect();
    let topology = |nodes: &BTreeMap<u32, u64>| {
        let node = |(id, weight): (&u32, &u64)| {
            Node::new(*id).weight(*weight).domain("zone", &format!("z{}", id % zones))
        };
        Topology::of(nodes.iter().map(node)).unwrap()
    };
    let before = topology(&nodes);
    let (partitions, replicas) = (1 << (draw(2) % 6), 1 + (draw(3) % 3) as u32);
    let config = TableConfig::new(partitions, replicas);
    let old = Planner::new(before.members(), &config).ok()?.fresh().ok()?.into_table();
    for change in 0..1 + draw(4) % 3 {
        let id = (draw(10 + change) % 12) as u32;
        match draw(20 + change) % 3 {
            0 => drop(nodes.remove(&id)),
            weight => drop(nodes.insert(id, weight * 2 - 2)),
        }
    }
    let after = topology(&nodes);
    let ways = 1 + (draw(5) % 4 / 3) as u32;
    let config = TableConfig::new(
        partitions * ways,
        [replicas, 1 + (draw(6) % 3) as u32][(draw(7) % 2) as usize],
    );
    let plan =
        Planner::new(after.members(), &config).ok()?.rebalance(&old, before.members()).ok()?;
    Some(Case { before, after, old, plan })
}

/// Replicas and sizes of each node before, and after, and what it takes.
type Loads = BTreeMap<u32, NodeLoads>;
type NodeLoads = [(u64, u128); 3];

impl Case {
    fn size(partition: u32) -> u64 {
        1 + u64::from(partition) * 7 % 5
    }

    fn loads(&self) -> Loads {
        let ways = self.plan.table().partitions() / self.old.partitions();
        let mut loads = Loads::new();
        for p in 0..self.plan.table().partitions() {
            let old: Vec<u32> =
                self.old.row(p / ways).map(|n| *self.before.get(n).unwrap()).collect();
            let new: Vec<u32> =
                self.plan.table().row(p).map(|n| *self.after.get(n).unwrap()).collect();
            let mut add = |id: u32, what: usize| {
                let load = &mut loads.entry(id).or_insert([(0, 0); 3])[what];
                *load = (load.0 + 1, load.1 + u128::from(Self::size(p)));
            };
            old.iter().for_each(|id| add(*id, 0));
            new.iter().for_each(|id| add(*id, 1));
            new.iter().filter(|id| !old.contains(id)).for_each(|id| add(*id, 2));
        }
        loads
    }
}

#[test]
fn verdicts_follow_from_the_loads() {
    let mut seen: BTreeMap<(&str, Verdict), u32> = BTreeMap::new();
    for seed in 0..2000 {
        let Some(case) = case(seed) else { continue };
        let loads = case.loads();
        let by_size = draw(seed, 30) % 2 == 0;
        let amount = |load: (u64, u128)| if by_size { load.1 } else { load.0.into() };
        let highest = loads.values().map(|load| amount(load[0]) + amount(load[2])).max().unwrap();
        let capacity = u64::try_from(highest).unwrap().saturating_sub(draw(seed, 31) % 4);
        let dry_run = || {
            let dry_run = case.plan.dry_run().sized(Case::size).capacity(capacity);
            if by_size { dry_run.by_size() } else { dry_run }
        };
        let capacity = u128::from(capacity);
        let any = |over: &dyn Fn(&NodeLoads) -> bool| loads.values().any(over);
        let after = any(&|load| amount(load[1]) > capacity);
        let wanted = if after { Verdict::Fail } else { Verdict::Pass };
        let (verdict, finding) = check(&dry_run(), "capacity");
        assert_eq!(verdict, wanted, "{seed}: {finding}");
        *seen.entry(("capacity", verdict)).or_insert(0) += 1;

        let peak = |load: &NodeLoads| amount(load[0]) + amount(load[2]);
        let over = any(&|load| peak(load) > capacity);
        let (verdict, finding) = check(&dry_run(), "peak");
        assert_eq!(verdict, if over { Verdict::Warn } else { Verdict::Pass }, "{seed}: {finding}");
        *seen.entry(("peak", verdict)).or_insert(0) += 1;
        let worst = loads.iter().map(|(id, load)| (peak(load), id)).max_by_key(|(peak, _)| *peak);
        let (worst, _) = worst.unwrap();
        let amount_is = if by_size { format!("a size of {worst}") } else { worst.to_string() };
        let starts = loads.values().any(|load| amount(load[0]) > capacity);
        assert!(starts || finding.contains(&amount_is), "{seed}: {finding}, {worst}");

        // In steps that keep the capacity, or are too small.
        let old = Locator::from_parts(case.before.clone(), case.old.clone(), Xxh3).unwrap();
        let new = case.plan.table().clone();
        let new = Locator::from_parts(case.after.clone(), new, Xxh3).unwrap();
        let replicas =
            old.placement().replication_factor().max(new.placement().replication_factor());
        let diff = old.diff_replicas(&new, replicas as usize).unwrap();
        let partition = |extent| match extent {
            apportion::diff::Extent::Partition(partition) => Case::size(partition),
            other => panic!("{other:?}"),
        };
        let migration = Migration::of(&diff).sized(partition);
        let Ok(steps) = migration.steps(&StepRules::new(3)) else { continue };
        let exceeded = steps.peaks().any(|(id, replicas, size)| {
            let start = amount(loads.get(id).map_or((0, 0), |load| load[0]));
            let peak = amount((replicas, size));
            peak > capacity && peak > start
        });
        let (verdict, finding) = check(&dry_run().steps(&steps), "peak");
        let wanted = match (exceeded, starts) {
            (true, _) => Verdict::Fail,
            (false, true) => Verdict::Warn,
            (false, false) => Verdict::Pass,
        };
        assert_eq!(verdict, wanted, "{seed}: {finding}");
        *seen.entry(("steps", verdict)).or_insert(0) += 1;

        let text = dry_run().to_string();
        let copies: u64 = loads.values().map(|load| load[2].0).sum();
        let size: u128 = loads.values().map(|load| load[2].1).sum();
        let copied = if copies == 1 { "1 replica".into() } else { format!("{copies} replicas") };
        assert!(text.contains(&format!("copied: {copied} of size {size}; ")), "{seed}: {text}");
    }
    println!("{seen:?}");
    assert!(seen.len() == 7 && seen.values().all(|count| *count >= 10), "{seen:?}");
}

const OTHER_STEPS: &str =
    "the steps are those of another migration, or of one with other sizes or other lost nodes";

#[test]
fn steps_of_other_sizes_or_lost_nodes_are_refused() {
    let config = TableConfig::new(12, 2);
    let old = before();
    let table = table(&old, &config);
    let (new, _) = old.with_node(Node::new("e").domain("zone", "y")).unwrap();
    let plan =
        Planner::new(new.members(), &config).unwrap().rebalance(&table, old.members()).unwrap();
    let migration = || Migration::of_plan(&plan, Some(&old), &new).unwrap();
    let refused = (Verdict::Fail, OTHER_STEPS.to_owned());

    let (unsized_units, sized) = (migration(), migration().sized(|_| 1000));
    let rules = StepRules::new(4);
    let (of_unsized, of_sized) = (unsized_units.steps(&rules), sized.steps(&rules));
    let (of_unsized, of_sized) = (of_unsized.unwrap(), of_sized.unwrap());
    let dry_run = || plan.dry_run().sized(|_| 1000).capacity(7000).by_size();
    assert_eq!(check(&dry_run().steps(&of_unsized), "peak"), refused);
    assert_eq!(check(&dry_run().steps(&of_sized), "peak").0, Verdict::Pass);
    // Sizes that are printed only, and sizes of 1.
    assert_eq!(check(&plan.dry_run().sized(|_| 1000).steps(&of_unsized), "peak"), refused);
    assert_eq!(check(&plan.dry_run().by_size().steps(&of_sized), "peak"), refused);
    assert_eq!(check(&plan.dry_run().by_size().steps(&of_unsized), "peak").0, Verdict::Pass);
    // Replicas are the same in both.
    assert_eq!(check(&plan.dry_run().steps(&of_sized), "peak").0, Verdict::Pass);

    let lost = migration().lost(["b"]).unwrap();
    let of_lost = lost.steps(&rules).unwrap();
    assert_eq!(check(&plan.dry_run().steps(&of_lost), "peak"), refused);
    assert_eq!(check(&plan.dry_run().lost(["b"]).steps(&of_unsized), "peak"), refused);
    assert_eq!(check(&plan.dry_run().lost(["b"]).steps(&of_lost), "peak").0, Verdict::Pass);

    // A node that is on neither side of the plan.
    let here = Locator::from_parts(new.clone(), plan.table().clone(), Xxh3).unwrap();
    let more = here.with_node(Node::new("f").domain("zone", "x")).unwrap();
    let other = Migration::of(&here.diff_replicas(&more, 2).unwrap());
    let other = other.steps(&rules).unwrap();
    assert_eq!(check(&plan.dry_run().steps(&other), "peak"), refused);
}

#[test]
fn lost_nodes_delete_nothing_and_come_back_empty() {
    let config = TableConfig::new(12, 3);
    let old = before();
    let table = table(&old, &config);
    // Every node holds 9 of 36 replicas, then 6 of 24.
    let config = TableConfig::new(12, 2);
    let planner = Planner::new(old.members(), &config).unwrap();
    let plan = planner.rebalance(&table, old.members()).unwrap();
    let text = plan.dry_run().to_string();
    assert!(text.contains("\ncopied: 0 replicas; deleted: 12 replicas\n"), "{text}");
    let dry_run = plan.dry_run().sized(|_| 10).lost(["b"]);
    let text = dry_run.to_string();
    let counted = "\ncopied: 6 replicas of size 60; deleted: 9 replicas of size 90; lost: 9 replicas \
                   of size 90\n";
    assert!(text.contains(counted), "{text}");
    let finding = "node \"b\" is lost, which held 9 replicas, of which 6 are copied to it again; \
                   other holders remain of every partition";
    assert_eq!(check(&dry_run, "nodes"), (Verdict::Warn, finding.into()));
    // It holds nothing before, and what it takes at the peak.
    let text = dry_run.node_capacity(&"b", 6).to_string();
    let worst = "\nworst node: \"b\", 0 before, 6 at the peak, 6 after; sizes 0, 60, 60";
    assert!(text.ends_with(worst), "{text}");
    let (_, finding) = check(&plan.dry_run().lost(["b", "c"]), "nodes");
    let part = "2 nodes leave or are lost with 18 replicas, \"b\" first, of which 12 are copied to \
                lost nodes again; ";
    assert!(finding.starts_with(part), "{finding}");
}

#[test]
fn lost_nodes_are_counted_as_a_migration_counts_them() {
    let (mut compared, mut stayed) = (0, 0);
    for seed in 0..1000 {
        let Some(case) = case(seed) else { continue };
        let lost = case.before.nodes().copied();
        let lost: Vec<u32> = lost.filter(|id| draw(seed, 200 + u64::from(*id)) % 3 == 0).collect();
        let migration = Migration::of_plan(&case.plan, Some(&case.before), &case.after).unwrap();
        let moved = migration.len();
        let size = |extent| match extent {
            apportion::diff::Extent::Partition(partition) => Case::size(partition),
            other => panic!("{other:?}"),
        };
        let migration = migration.sized(size).lost(&lost).unwrap();
        let dry_run = || case.plan.dry_run().sized(Case::size).lost(&lost);
        let text = dry_run().to_string();
        let replicas = |count: usize| match count {
            1 => "1 replica".to_owned(),
            more => format!("{more} replicas"),
        };
        let deleted: u128 = migration.deletions().map(|deletion| u128::from(deletion.size)).sum();
        let (copies, deletions) = (migration.len(), migration.deletions().count());
        let wanted = format!(
            "\ncopied: {} of size {}; deleted: {} of size {deleted}",
            replicas(copies),
            migration.total_size(),
            replicas(deletions)
        );
        assert!(text.contains(&wanted), "{seed}, lost {lost:?}: {text}\n{wanted}");
        stayed += u32::from(copies > moved);
        let Ok(steps) = migration.steps(&StepRules::new(3)) else { continue };
        let (_, finding) = check(&dry_run().steps(&steps), "peak");
        assert!(finding != OTHER_STEPS, "{seed}, lost {lost:?}");
        compared += 1;
    }
    assert!(compared > 300 && stayed > 100, "{compared} {stayed}");
}

#[test]
fn steps_of_another_migration_are_refused() {
    let config = TableConfig::new(12, 2);
    let old = before();
    let table = table(&old, &config);
    let (five, _) = old.with_node(Node::new("e").domain("zone", "y")).unwrap();
    let plan =
        Planner::new(five.members(), &config).unwrap().rebalance(&table, old.members()).unwrap();
    let here = Locator::from_parts(old.clone(), table, Xxh3).unwrap();
    let other = here.without("a").unwrap();
    let migration = Migration::of(&here.diff_replicas(&other, 2).unwrap());
    let steps = migration.steps(&StepRules::new(4)).unwrap();
    let found = check(&plan.dry_run().steps(&steps), "peak");
    assert_eq!(found, (Verdict::Fail, OTHER_STEPS.into()));
    // The steps of a fresh plan fill the nodes up to what they hold at the end.
    let fresh = Planner::new(old.members(), &config).unwrap().fresh().unwrap();
    let migration = Migration::of_plan(&fresh, None, &old).unwrap();
    let steps = migration.steps(&StepRules::new(4)).unwrap();
    let found = check(&fresh.dry_run().steps(&steps), "peak");
    let wanted = "no node exceeds 6 replicas, which node \"a\" reaches";
    assert_eq!(found, (Verdict::Pass, wanted.into()));
}
