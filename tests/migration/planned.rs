//! A plan's migration is that of the difference of both tables.

use apportion::migration::{Migration, StepRules};
use apportion::partition::TableConfig;
use apportion::{ErrorKind, Locator, Node, PartitionTable, Planner, Topology, Xxh3};

fn zoned(ids: impl IntoIterator<Item = u32>) -> Topology<u32> {
    Topology::of(
        ids.into_iter().map(|id| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3])),
    )
    .unwrap()
}

fn config(partitions: u32, replicas: u32) -> TableConfig {
    TableConfig::new(partitions, replicas).max_per_domain("zone", 1)
}

/// Unit, source and destination of each transfer; unit and node of each deletion.
type Listed = (Vec<(usize, Option<u32>, u32)>, Vec<(usize, u32)>);

fn listed(migration: &Migration<u32>) -> Listed {
    let transfers = migration.transfers().map(|t| (t.unit, t.from.copied(), *t.to)).collect();
    (transfers, migration.deletions().map(|d| (d.unit, *d.node)).collect())
}

fn fresh(nodes: &Topology<u32>, config: &TableConfig) -> PartitionTable {
    Planner::new(nodes.members(), config).unwrap().fresh().unwrap().into_table()
}

#[test]
fn as_the_difference_of_the_tables() {
    let nine = zoned(0..9);
    let old = fresh(&nine, &config(48, 2));
    for (nodes, config) in [
        (zoned(0..10), config(48, 2)),
        (zoned((0..12).rev().filter(|id| *id != 4)), config(48, 2)),
        (zoned(0..9), config(96, 2)),
        (zoned(3..12), config(48, 3)),
        (zoned(20..29), config(144, 1)),
    ] {
        let planner = Planner::new(nodes.members(), &config).unwrap();
        let plan = planner.rebalance(&old, nine.members()).unwrap();
        let migration = Migration::of_plan(&plan, Some(&nine), &nodes).unwrap();
        let replicas = config.replicas().max(2) as usize;
        let before = Locator::from_parts(nine.clone(), old.clone(), Xxh3).unwrap();
        let after = Locator::from_parts(nodes.clone(), plan.table().clone(), Xxh3).unwrap();
        let diff = before.diff_replicas(&after, replicas).unwrap();
        assert_eq!(listed(&migration), listed(&Migration::of(&diff)));
        let added = u64::from(config.replicas().saturating_sub(2) * config.partitions());
        assert_eq!(migration.len() as u64, plan.moved() + added);
        let steps = migration.steps(&StepRules::new(7).within(&planner)).unwrap();
        let last: Vec<Vec<u32>> = steps
            .after(steps.len())
            .rows()
            .map(|(_, row)| row.into_iter().copied().collect())
            .collect();
        for (partition, row) in (0..).zip(last) {
            let planned = plan.table().row(partition).map(|node| *nodes.get(node).unwrap());
            assert!(planned.eq(row), "partition {partition}");
        }
    }
}

#[test]
fn a_fresh_plan_has_no_sources() {
    let nodes = zoned(0..9);
    let planner_config = config(48, 2);
    let plan = Planner::new(nodes.members(), &planner_config).unwrap().fresh().unwrap();
    let migration = Migration::of_plan(&plan, None, &nodes).unwrap();
    assert_eq!((migration.len(), migration.without_source()), (96, 96));
    assert_eq!((migration.deletions().count(), migration.busiest_source()), (0, None));
    for (partition, row) in listed(&migration).0.chunk_by(|a, b| a.0 == b.0).enumerate() {
        let mut planned: Vec<u32> =
            plan.table().row(partition as u32).map(|node| *nodes.get(node).unwrap()).collect();
        planned.sort_unstable();
        assert!(row.iter().all(|(unit, from, _)| (*unit, *from) == (partition, None)));
        assert!(planned.into_iter().eq(row.iter().map(|(_, _, to)| *to)));
    }
}

#[test]
fn other_nodes_are_refused() {
    let (nine, three) = (zoned(0..9), zoned(0..3));
    let planner_config = config(48, 2);
    let old = fresh(&nine, &planner_config);
    let planner = Planner::new(nine.members(), &planner_config).unwrap();
    let (plan, fresh) =
        (planner.rebalance(&old, nine.members()).unwrap(), planner.fresh().unwrap());
    let before = "the nodes before the change are not those of the plan; give the nodes of the table \
                  from which the plan started, or none if it is fresh";
    let after = "the nodes after the change are not those of the plan; give the nodes that the planner \
                 was made with";
    let (heavier, _) = nine.reweighted(&3, 5).unwrap();
    for (plan, old, new, said) in [
        (&plan, Some(&three), &nine, before),
        (&plan, Some(&heavier), &nine, before),
        (&plan, None, &nine, before),
        (&fresh, Some(&nine), &nine, before),
        (&fresh, Some(&Topology::default()), &nine, before),
        (&plan, Some(&nine), &three, after),
        (&fresh, None, &heavier, after),
    ] {
        let error = Migration::of_plan(plan, old, new).unwrap_err();
        assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::InvalidArgument, said));
    }
    assert!(Migration::of_plan(&plan, Some(&zoned(0..9)), &nine).unwrap().is_empty());
}
