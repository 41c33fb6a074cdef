//! Several tables together: what is refused, what is verified, and how a plan is carried out.
#![cfg(feature = "alloc")]

use apportion::diff::Extent;
use apportion::migration::Migration;
use apportion::partition::{Certificate, JointPlan, JointPlanner, TableConfig};
use apportion::topology::Members;
use apportion::{Error, ErrorKind, Node, NodeIdx, PartitionTable, Planner, Topology};

fn zoned(ids: impl IntoIterator<Item = u32>) -> Topology<u32> {
    let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
    Topology::of(ids.into_iter().map(node)).unwrap()
}

fn configs() -> [TableConfig; 3] {
    [
        TableConfig::new(64, 3).named("users").max_per_domain("zone", 1),
        TableConfig::new(10, 2).named("bills").max_per_domain("zone", 1),
        TableConfig::new(7, 1).named("audit"),
    ]
}

fn joint<'a>(nodes: &'a Topology<u32>, configs: &[TableConfig]) -> JointPlanner<'a> {
    let planners = configs.iter().map(|config| Planner::new(nodes.members(), config).unwrap());
    JointPlanner::new(planners).unwrap()
}

type Old<'t> = Vec<Option<(&'t PartitionTable, &'t Members)>>;

fn old<'t>(plan: &'t JointPlan, nodes: &'t Topology<u32>) -> Old<'t> {
    plan.tables().map(|table| Some((table, nodes.members()))).collect()
}

fn load(plan: &JointPlan, node: NodeIdx) -> u64 {
    plan.tables().map(|table| table.partitions_of(node).count() as u64).sum()
}

#[test]
fn what_cannot_be_planned_together_is_refused() {
    let nodes = zoned(0..6);
    let other = zoned(0..7);
    let planner = |nodes: &'static Topology<u32>, name: &str| {
        Planner::new(nodes.members(), &TableConfig::new(8, 2).named(name)).unwrap()
    };
    let (nodes, other): (&'static _, &'static _) =
        (Box::leak(Box::new(nodes)), Box::leak(Box::new(other)));
    let refused = |planners: Vec<Planner<'static>>| JointPlanner::new(planners).unwrap_err();
    let error = refused(Vec::new());
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("at least one planner"), "{error}");
    let error = refused(vec![planner(nodes, "a"), planner(nodes, "b"), planner(nodes, "a")]);
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert!(error.to_string().starts_with("two tables are named \"a\";"), "{error}");
    let error = refused(vec![planner(nodes, "a"), planner(other, "b")]);
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("table \"b\" has other nodes"), "{error}");
    // Equal nodes may be another value.
    let same = Box::leak(Box::new(zoned(0..6)));
    assert!(JointPlanner::new([planner(nodes, "a"), planner(same, "b")]).is_ok());
    let large = |name: &str| {
        Planner::new(nodes.members(), &TableConfig::new(1 << 24, 1).named(name)).unwrap()
    };
    let error = refused(vec![large("a"), large("b")]);
    assert!(error.to_string().contains("1..=16777216 partitions, got 33554432"), "{error}");

    let planner = JointPlanner::new([planner(nodes, "a"), planner(nodes, "b")]).unwrap();
    let error = planner.rebalance(&[None]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let says = "expected an old table or none for each of 2 tables, got 1";
    assert_eq!(error.to_string(), says);
}

#[test]
fn errors_of_one_table_name_it() {
    let nodes = zoned(0..6);
    let [users, bills, _] = configs();
    let plan = joint(&nodes, &[users.clone(), bills.clone()]).fresh().unwrap();
    let planner = |config: &TableConfig| Planner::new(nodes.members(), config).unwrap();
    // A frozen partition needs an old table.
    let frozen = || planner(&bills).frozen([3]).unwrap();
    let planners = JointPlanner::new([planner(&users), frozen()]).unwrap();
    let users_only = [Some((plan.plans()[0].table(), nodes.members())), None];
    for error in [planners.fresh().unwrap_err(), planners.rebalance(&users_only).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().starts_with("table \"bills\": partition 3 is frozen"), "{error}");
    }
    let wrong = TableConfig::new(15, 2).named("bills");
    let planners = JointPlanner::new([planner(&users), planner(&wrong)]).unwrap();
    let error = planners.rebalance(&old(&plan, &nodes)).unwrap_err().to_string();
    assert!(error.starts_with("table \"bills\": 10 partitions can be split"), "{error}");
    // Pins of both tables: the error is about a node of one of them.
    let node = nodes.find(&0_u32).unwrap();
    let pinned = planner(&bills).pinned((0..10).map(|p| (p, node))).unwrap();
    let planners = JointPlanner::new([planner(&users), pinned]).unwrap();
    let error = planners.rebalance(&old(&plan, &nodes)).unwrap_err();
    let infeasible = error.infeasible().unwrap();
    assert_eq!((&*infeasible.domain, infeasible.quota, infeasible.limit), ("x/0/bills", 10, 4));
    let error = planners.fresh().unwrap_err();
    assert_eq!(error.infeasible().unwrap().quota, 10);
    assert!(error.to_string().starts_with("table \"bills\": "), "{error}");
}

#[test]
fn pins_of_several_tables_that_exceed_a_node_together_are_refused_with_the_node() {
    // Each table may have its replica on any node, but a node holds one or two of nine.
    let nodes = Topology::new(0..6_u32).unwrap();
    let node = nodes.find(&4_u32).unwrap();
    let configs: Vec<TableConfig> =
        (0..9).map(|i| TableConfig::new(1, 1).named(&format!("t{i}"))).collect();
    let planner = |config: &TableConfig| {
        Planner::new(nodes.members(), config).unwrap().pinned([(0, node)]).unwrap()
    };
    let error = JointPlanner::new(configs.iter().map(planner)).unwrap().fresh().unwrap_err();
    let infeasible = error.infeasible().unwrap();
    assert_eq!((&*infeasible.domain, infeasible.quota, infeasible.limit), ("4", 9, 2), "{error}");
}

#[test]
fn sums_and_tables_are_balanced_and_a_change_moves_the_minimum() {
    let nodes = zoned(0..9);
    let planner = joint(&nodes, &configs());
    let plan = planner.fresh().unwrap();
    planner.verify(&plan, &[None, None, None]).unwrap();
    // 219 replicas over nine nodes.
    for (node, _) in nodes.iter() {
        assert_eq!(planner.quota(node), Some((24, 25)));
        assert!((planner.exact_quota(node).unwrap() - 219.0 / 9.0).abs() < 1e-9);
        assert!((24..=25).contains(&load(&plan, node)));
    }
    assert_eq!(planner.quota(NodeIdx::new(99)), None);
    assert_eq!((plan.moved(), plan.lower_bound(), plan.missing_replicas()), (0, 0, 0));

    let (ten, _) = nodes.with_node(Node::new(9).domain("zone", "x")).unwrap();
    let planner = joint(&ten, &configs());
    let tables = old(&plan, &nodes);
    let mut change = planner.rebalance(&tables).unwrap();
    let verified = planner.verify(&change, &tables).unwrap();
    assert!(verified.optimal());
    assert_eq!(verified.moved, change.plans().iter().map(|plan| plan.moved()).sum::<u64>());
    let text = change.to_string();
    let all = format!("3 tables together: {} replicas to move", change.moved());
    assert!(text.lines().count() == 4 && text.contains(&all), "{text}");
    assert!(text.starts_with("table \"users\" of 64 partitions: "), "{text}");
    // Dispersed by the planner that made it, and by no other.
    planner.disperse(&mut change).unwrap();
    assert!(planner.verify(&change, &tables).unwrap().optimal());
    let error = joint(&nodes, &configs()).disperse(&mut change).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    // Again, without a change.
    let again = planner.rebalance(&old(&change, &ten)).unwrap();
    assert!(again.tables().eq(change.tables()) && again.moved() == 0);
}

#[test]
fn each_table_is_carried_out_by_its_own_plan() {
    let nodes = zoned(0..9);
    let plan = joint(&nodes, &configs()).fresh().unwrap();
    let (eight, _) = nodes.without(&4_u32).unwrap();
    let planner = joint(&eight, &configs());
    let change = planner.rebalance(&old(&plan, &nodes)).unwrap();
    let mut transfers = 0;
    for plan in change.plans() {
        let migration = Migration::of_plan(plan, Some(&nodes), &eight).unwrap();
        assert_eq!(migration.len() as u64, plan.moved());
        transfers += migration.len() as u64;
        // Nothing speaks against it but that its table alone could move less.
        let dry_run = plan.dry_run();
        for check in dry_run.checks() {
            assert_ne!(check.verdict, apportion::migration::Verdict::Fail, "{check:?}");
        }
        assert!(plan.explain(0).is_some());
    }
    assert_eq!(transfers, change.moved());
    // All tables at once: partitions are numbered through.
    let all = Migration::of_joint_plan(&change, Some(&nodes), &eight).unwrap();
    assert_eq!(all.len() as u64, transfers);
    let firsts = [0, 64, 74];
    let apart: Vec<(u32, u32)> = change
        .plans()
        .iter()
        .zip(firsts)
        .flat_map(|(plan, first)| {
            let migration = Migration::of_plan(plan, Some(&nodes), &eight).unwrap();
            let transfer = |t: apportion::migration::Transfer<'_, u32>| match t.extent {
                Extent::Partition(partition) => (first + partition, *t.to),
                other => panic!("{other:?}"),
            };
            migration.transfers().map(transfer).collect::<Vec<_>>()
        })
        .collect();
    let transfer = |t: apportion::migration::Transfer<'_, u32>| (t.extent, *t.to);
    let extents = apart.iter().map(|(partition, to)| (Extent::Partition(*partition), *to));
    assert!(all.transfers().map(transfer).eq(extents));
    assert!(Migration::of_joint_plan(&change, None, &eight).is_err());
    assert!(Migration::of_joint_plan(&change, Some(&nodes), &nodes).is_err());
}

#[test]
fn tables_come_and_go_split_and_change_their_replicas() {
    let nodes = zoned(0..9);
    let [users, bills, audit] = configs();
    let two = joint(&nodes, &[users.clone(), audit.clone()]);
    let plan = two.fresh().unwrap();
    // `bills` is new, `users` is split, `audit` gets another replica.
    let planner = joint(&nodes, &[users.sized(192, 3), bills.clone(), audit.sized(7, 2)]);
    let tables = [
        Some((plan.plans()[0].table(), nodes.members())),
        None,
        Some((plan.plans()[1].table(), nodes.members())),
    ];
    let change = planner.rebalance(&tables).unwrap();
    let verified = planner.verify(&change, &tables).unwrap();
    assert!(verified.optimal(), "{verified:?}");
    assert!(change.moved() >= change.lower_bound());
    assert_eq!(change.plans()[1].moved(), 0);
    assert_eq!(change.plans().iter().map(|plan| plan.table().partitions()).sum::<u32>(), 209);
    for (node, _) in nodes.iter() {
        let (floor, ceil) = planner.quota(node).unwrap();
        assert!((floor..=ceil).contains(&load(&change, node)));
    }
    // A table goes: the others stay if what is left is balanced.
    let rest = joint(&nodes, &[users.sized(192, 3), bills]);
    let left = old(&change, &nodes);
    let after = rest.rebalance(&left[..2]).unwrap();
    assert!(rest.verify(&after, &left[..2]).unwrap().optimal());
}

#[test]
fn changed_tables_and_figures_are_refused() {
    let nodes = zoned(0..9);
    let planner = joint(&nodes, &configs());
    let plan = planner.fresh().unwrap();
    let tables: Vec<&PartitionTable> = plan.tables().collect();
    let none = [None, None, None];
    planner.verify_tables(&tables, &Certificate::default(), &none).unwrap();
    let changed = |table: usize, change: &dyn Fn(&mut Vec<NodeIdx>)| -> Error {
        let before = tables[table];
        let mut rows: Vec<NodeIdx> =
            (0..before.partitions()).flat_map(|p| before.row(p).collect::<Vec<_>>()).collect();
        change(&mut rows);
        let (partitions, replicas) = (before.partitions(), before.replication_factor());
        let wrong =
            PartitionTable::from_rows(nodes.members(), partitions, replicas, &rows).unwrap();
        let mut tables = tables.clone();
        tables[table] = &wrong;
        planner.verify_tables(&tables, &Certificate::default(), &none).unwrap_err()
    };
    // All replicas of the table without limits on one node.
    for (to, _) in nodes.iter() {
        let error = changed(2, &|rows| rows.fill(to));
        assert_eq!(error.kind(), ErrorKind::NotVerified, "{error}");
        assert!(error.to_string().contains(" holds "), "{error}");
    }
    // A limit of one table.
    let row: Vec<NodeIdx> = tables[1].row(0).collect();
    let zone = |node: NodeIdx| *nodes.get(node).unwrap() % 3;
    let mut other = nodes.iter().map(|(node, _)| node);
    let other = other.find(|node| *node != row[0] && zone(*node) == zone(row[0])).unwrap();
    let error = changed(1, &|rows| rows[1] = other).to_string();
    assert!(error.starts_with("table \"bills\": partition 0 has 2 replicas in"), "{error}");
    // Another number of tables, and a certificate of other nodes.
    let error = planner.verify(&plan, &none[..2]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let other = Certificate::from_potentials(vec![0; 7]);
    let error = planner.verify_tables(&tables, &other, &none).unwrap_err().to_string();
    assert!(error.contains("0 or 40 potentials"), "{error}");
}

#[test]
fn the_odd_replicas_of_many_small_tables_are_on_all_nodes() {
    let nodes = Topology::new(0..24_u32).unwrap();
    let configs: Vec<TableConfig> =
        (0..100).map(|i| TableConfig::new(12, 3).named(&format!("topic-{i}"))).collect();
    let planner = joint(&nodes, &configs);
    let plan = planner.fresh().unwrap();
    assert!(nodes.iter().all(|(node, _)| load(&plan, node) == 150));
    let alone: Vec<PartitionTable> = configs
        .iter()
        .map(|config| Planner::new(nodes.members(), config).unwrap().fresh().unwrap().into_table())
        .collect();
    let loads = |node: NodeIdx| alone.iter().map(|t| t.partitions_of(node).count()).sum::<usize>();
    assert!(nodes.iter().any(|(node, _)| loads(node) != 150));
    // To even tables that were planned alone, only what is above the ceiling moves.
    let old: Old<'_> = alone.iter().map(|table| Some((table, nodes.members()))).collect();
    let change = planner.rebalance(&old).unwrap();
    let over: usize = nodes.iter().map(|(node, _)| loads(node).saturating_sub(150)).sum();
    assert_eq!((change.moved(), change.lower_bound()), (over as u64, over as u64));
}

/// How many pairs of a table and a node or domain are off the quota that the table would have alone.
fn off_alone(plan: &JointPlan, nodes: &Topology<u32>, configs: &[TableConfig]) -> u64 {
    let planner = |config| Planner::new(nodes.members(), config).unwrap();
    let tables = configs.iter().zip(plan.tables());
    tables.map(|(config, table)| planner(config).report(table).outside_floor_ceil).sum()
}

#[test]
fn tables_are_balanced_in_failure_domains_where_that_takes_no_move_more() {
    for weights in [1, 2] {
        let node = |id: u32| {
            let weight = if id % 3 == 0 { weights } else { 1 };
            Node::new(id).weight(weight).domain("zone", &format!("z{}", id % 5))
        };
        let configs: Vec<TableConfig> =
            (0..12).map(|i| TableConfig::new(100 + i, 3).named(&format!("t{i}"))).collect();
        let nodes = Topology::of((0..30).map(node)).unwrap();
        let planner = joint(&nodes, &configs);
        let plan = planner.fresh().unwrap();
        assert_eq!(off_alone(&plan, &nodes, &configs), 0);
        for next in [(0..31), (1..30)] {
            let next = Topology::of(next.map(node)).unwrap();
            let planner = joint(&next, &configs);
            let change = planner.rebalance(&old(&plan, &nodes)).unwrap();
            assert!(planner.verify(&change, &old(&plan, &nodes)).unwrap().optimal());
            assert_eq!(off_alone(&change, &next, &configs), 0, "{weights}");
            let tables: Vec<&PartitionTable> = change.tables().collect();
            assert_eq!(planner.outside_floor_ceil(&tables), 0);
        }
    }
}
